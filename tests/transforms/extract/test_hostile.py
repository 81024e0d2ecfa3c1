"""Hostile pages: a record or a reasoned outcome, in bounded time and memory, and no text that is not on the page."""

from __future__ import annotations

import gc
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.extract.made import BODY, PROSE, html, page, row
from tests.web import hostile
from transforms.extract import extract
from transforms.extract.markup import parse
from transforms.normalise import normalise

HEAD = (
    "<meta property='og:title' content='x'><script type='application/ld+json'>"
    '{"@type":"NewsArticle","headline":"x","author":[{"name":"Ada Wren"}],"datePublished":"2026-11-22"}</script>'
)
FAST = [kind for kind in hostile.KINDS if kind != "large"]
MOST_MB = 400  # of the whole process, with the page

read = cache(hostile.read)


@pytest.mark.slow
@pytest.mark.parametrize("kind", hostile.KINDS)
def test_a_hostile_page_ends_in_bounded_time_and_memory(kind: str) -> None:
    answers = read(*FAST) if kind in FAST else read(kind)
    found = {name: answers.get((kind, name)) for name in hostile.KINDS[kind]}
    assert not {name: answer for name, answer in found.items() if not _is_well(answer)}


def _is_well(answer: dict[str, Any] | None) -> bool:
    """Whether a page's reader lived, gave a record or a reason, and held no more than it may."""
    return (
        answer is not None
        and "outcome" in answer
        and (answer["outcome"] is None or bool(answer["reason"]))
        and answer["mb"] < MOST_MB
    )


@pytest.mark.parametrize("part", range(1, 51))
def test_a_page_cut_anywhere_is_read_or_refused(part: int) -> None:
    whole = html(BODY, HEAD).encode()
    found = record(whole[: len(whole) * part // 50])
    assert found["outcome"] is None or found["reason"]


@settings(max_examples=60)
@given(st.data())
def test_damaged_pages_never_raise(data: st.DataObject) -> None:
    body = bytearray(html(BODY, HEAD).encode())
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    found = record(bytes(body[: data.draw(st.integers(1, max(1, len(body))))]))
    assert found["outcome"] is None or found["reason"]


def test_a_reader_that_ends_is_seen() -> None:
    assert not _is_well(None)
    assert not _is_well({"kind": "deep", "name": "div"})


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("&lt;b&gt;Light&lt;/b&gt; out again", "<b>Light</b> out again"),
        ("&lt;script&gt;alert(1)&lt;/script&gt; is out", "<script>alert(1)</script> is out"),
        ("Light &amp;amp; lamp are both out", "Light & lamp are both out"),
        ("Light \u202eereht\u202c went out again", "Light ereht went out again"),
    ],
)
def test_markup_in_a_field_stays_text(written: str, read_as: str) -> None:
    head = f'<meta property="og:title" content="{written}">'
    found = record(html(BODY, head, title=written))
    assert found["title"] == read_as


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"The \ud83d light", "The \ufffd light"),
        (r"The \uDC00 light", "The \ufffd light"),
        (r"The \ud83d\ud83d\udea8 light", "The \ufffd\U0001f6a8 light"),
        (r"The \ud83d\udea8 light", "The \U0001f6a8 light"),
    ],
)
def test_half_a_character_in_data_is_one_character(written: str, read_as: str) -> None:
    data = f'{{"@type":"NewsArticle","headline":"{written}"}}'
    found = row(html(BODY, f'<script type="application/ld+json">{data}</script>'))
    assert {"field": "title", "source": "json-ld:headline", "value": read_as} in found["evidence"]


def test_a_large_page_is_read_as_far_as_it_may_be() -> None:
    page = parse(f"<body>{BODY}" + "<p>one more</p>" * 12_000)
    assert [block.text for block in page.blocks[: len(PROSE)]] == list(PROSE)
    assert len(page.blocks) == 10_000


def test_what_is_too_deep_is_not_read_and_the_rest_is() -> None:
    page = parse(f"<body>{'<div>' * 600}deep{'</div>' * 600}{BODY}")
    assert [block.text for block in page.blocks] == list(PROSE)


@pytest.mark.parametrize("tag", ["<script", "<style", "<script>x</script"])
def test_what_follows_a_tag_left_open_is_no_text(tag: str) -> None:
    page = parse(f"<body>{BODY}{tag} class='a' not text")
    assert [block.text for block in page.blocks] == list(PROSE)


def test_one_page_does_not_harm_the_next() -> None:
    good = page(html())
    bad = [page(make()) for make in hostile.BYTES.values()]
    rows = extract([good, *bad, good], {}).to_pylist()
    assert rows[0] == rows[-1] == row(html())


def test_a_field_that_cannot_be_read_costs_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(authors: list[str], outlet: str | None) -> list[str]:
        if authors:
            raise RecursionError("too many names")
        return []

    monkeypatch.setattr("transforms.normalise.corrections.people_in", refuse)
    bad, good = page(html(BODY, HEAD)), page(html())
    rows = normalise(extract([bad, good], {}), {}).to_pylist()
    assert [row["outcome"] for row in rows] == ["failed", None]
    assert rows[0]["detail"] == "RecursionError: too many names"


def record(body: bytes | str) -> dict[str, Any]:
    """The page's row after extract and normalise."""
    [found] = normalise(extract([page(body)], {}), {}).to_pylist()
    return dict(found)


@pytest.mark.parametrize("is_on", [True, False])
def test_collection_is_left_as_it_was_found(is_on: bool) -> None:
    pages = [page(html(BODY)), page("<html>" + "<div>" * 20_000)]  # one is read, one refused
    was_on = gc.isenabled()
    (gc.enable if is_on else gc.disable)()
    try:
        outcomes = extract(pages, {})["outcome"].to_pylist()
        assert gc.isenabled() is is_on
    finally:
        (gc.enable if was_on else gc.disable)()
    assert outcomes == [None, "failed"]

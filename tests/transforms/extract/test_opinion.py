"""A second opinion: when it is asked, what becomes of it, and that it harms nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from schemas.outlet import Layout
from tests.transforms.extract.made import PROSE, html, page, row, sources
from transforms.extract import opinion
from transforms.extract.article import read_page
from transforms.extract.chances import KEPT
from transforms.extract.forest import Floats
from transforms.extract.markup import parse

FIRST, SECOND, THIRD, FOURTH = PROSE
TEASER = "The ferry to the northern banks will be late again, and nobody at the pier can say for how long."
PAGE = parse(
    html(
        f'<div class="article-body"><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></div>'
        f'<div class="related-posts"><p>{TEASER}</p></div><footer><p>{FOURTH}</p></footer>'
    )
)
UNSURE = {FIRST: 0.7, SECOND: 0.7, THIRD: 0.3, TEASER: 0.65, FOURTH: 0.1}

Says = Callable[[str], None]


def chances(likely: dict[str, float]) -> Floats:
    return np.array([likely.get(block.text, 0) for block in PAGE.blocks], np.float32)


def kept(found: Floats) -> list[str]:
    return [block.text for block in PAGE.blocks if found[block.place] > KEPT]


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Says:
    """What the other reader gives back for any page."""

    def say(text: str) -> None:
        monkeypatch.setattr(opinion, "_trafilatura", lambda: lambda _source, **_how: text)

    return say


def test_what_both_readers_think_possible_is_text(says: Says) -> None:
    says("\n".join([FIRST, SECOND, THIRD, FOURTH]))
    found = opinion.second_opinion(PAGE, chances(UNSURE))
    assert found
    assert kept(found.chances) == [FIRST, SECOND, THIRD]
    assert [block.text for block in PAGE.blocks if found.moved[block.place]] == [THIRD, TEASER]
    assert found.said.startswith("heard: agrees by 0.")


@pytest.mark.parametrize("text", ["", TEASER, "A text of another page."])
def test_where_the_readers_disagree_ours_stands(says: Says, text: str) -> None:
    says(text)
    found = opinion.second_opinion(PAGE, chances(UNSURE))
    assert found
    assert kept(found.chances) == [FIRST, SECOND, TEASER]
    assert not found.moved.any()
    assert found.said.startswith("not heard")


def test_a_block_is_found_however_its_words_are_set(says: Says) -> None:
    says("\n".join([FIRST.upper().replace(" ", "\n"), f"- {SECOND}", THIRD.replace("“", '"')]))
    found = opinion.second_opinion(PAGE, chances(UNSURE))
    assert found
    assert kept(found.chances) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    "likely",
    [
        pytest.param(dict.fromkeys((FIRST, SECOND, THIRD), 0.97), id="sure of the page"),
        pytest.param(dict.fromkeys((FIRST, SECOND), 0.3), id="no text to agree with"),
    ],
)
def test_it_is_not_asked_without_need(likely: dict[str, float]) -> None:
    assert opinion.second_opinion(PAGE, chances(likely)) is None


@pytest.mark.parametrize("limit", ["_MOST_CHARACTERS", "_MOST_ELEMENTS"])
def test_it_is_not_asked_about_what_takes_long(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(opinion, limit, 5)
    assert opinion.second_opinion(PAGE, chances(UNSURE)) is None


def test_a_reader_that_fails_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_source: str, **_how: bool) -> str:
        raise RecursionError("too deep for it")

    monkeypatch.setattr(opinion, "_trafilatura", lambda: fail)
    found = opinion.second_opinion(PAGE, chances(UNSURE))
    assert found
    assert kept(found.chances) == [FIRST, SECOND, TEASER]


def test_trafilatura_itself_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    found = opinion.second_opinion(PAGE, chances(UNSURE))
    assert found
    assert kept(found.chances) == [FIRST, SECOND, THIRD]
    empty = parse("<body><p>One line.</p>")
    assert opinion.second_opinion(empty, np.array([0.7], np.float32))
    assert not caplog.records


def test_piles_of_marks_which_take_seconds_to_sort_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(opinion, "_trafilatura", lambda: lambda source, **_how: given.append(source))
    piled = parse(html(f"<p>Caf&#233; or cafe&#x301; {'&#x301;&#x316;' * 30_000}</p>"))
    assert opinion.second_opinion(piled, np.full(len(piled.blocks), 0.7, np.float32))
    assert "<p>Café or cafe\u0301  </p>" in given[0]


def test_the_row_says_that_it_was_asked(monkeypatch: pytest.MonkeyPatch, says: Says) -> None:
    assert "opinion:trafilatura" not in dict(sources(row(html()), "text"))
    monkeypatch.setattr(opinion, "_UNSURE", 2)
    says("\n".join(PROSE[:3]))
    found = row(html())
    assert found["text_raw"].splitlines() == list(PROSE[:3])
    assert dict(sources(found, "text"))["opinion:trafilatura"].startswith("heard: agrees by 0.8")


def test_where_a_layout_says_what_the_text_is_nobody_is_asked(
    monkeypatch: pytest.MonkeyPatch, says: Says
) -> None:
    monkeypatch.setattr(opinion, "_UNSURE", 2)
    says(FIRST)
    text = page(html()).body.decode()
    layout = Layout(text="article p")
    for layouts, is_asked in (([], True), ([layout], False)):
        read = read_page(text, "https://news.example/a", redirected=False, layouts=layouts)
        assert bool(read.body.opinion) is is_asked

"""Same URL, same text, another version: what link makes of a page."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.transforms.link.lake import lake_after
from tests.transforms.made_pages import NOON, made_page, made_pages
from transforms.link import Known, link


def linked(*rows: dict[str, Any], known: Known | None = None) -> dict[str, dict[str, Any]]:
    """What became of the pages, by path."""
    return by_path(link(made_pages(rows), known or Known()))


def by_path(pages: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["url"].rsplit("/", 1)[-1]: row for row in pages.to_pylist()}


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["outcome"], row["reason"], row["revision"]


def test_a_first_version_is_published_as_its_own_story() -> None:
    row = linked(made_page("a"))["a"]
    assert told(row) == ("published", None, 1)
    assert row["story_id"] == row["article_id"]
    assert row["first_seen_at"] == row["fetched_at"] == NOON
    assert row["duplicate_of"] is row["syndicated_from"] is None


def test_pages_with_an_outcome_pass_untouched_and_in_place() -> None:
    pages = made_pages(
        [made_page("wall", outcome="not_article", reason="consent_wall", detail="a dialog"), made_page("a")]
    )
    after = link(pages, Known())
    assert after.schema == pages.schema
    assert after.slice(0, 1) == pages.slice(0, 1)
    assert after["outcome"].to_pylist() == ["not_article", "published"]


def test_no_pages() -> None:
    assert link(made_pages([]), Known()).num_rows == 0


def test_of_two_pages_with_one_canonical_url_the_earliest_fetched_is_kept() -> None:
    url = "https://alpha.example/story"
    rows = linked(
        made_page("late", minutes=2, canonical_url=url, text="changed " * 60),
        made_page("early", minutes=1, canonical_url=url),
    )
    assert told(rows["early"]) == ("published", None, 1)
    assert told(rows["late"]) == ("duplicate", "same_url", 1)
    assert rows["late"]["article_id"] == rows["early"]["article_id"]


@pytest.mark.parametrize(
    ("known_as", "read_as", "outcome"),
    [("a", "a", "unchanged"), ("a", "b", "revised"), (None, None, "revised"), (None, "a", "revised")],
)
def test_what_memory_learned_since_is_no_revision(
    known_as: str | None, read_as: str | None, outcome: str
) -> None:
    known = lake_after(link(made_pages([made_page("x", stated_sha256=known_as)]), Known()))
    again = made_page("x", minutes=60, capture_id="again", text="without " * 60, stated_sha256=read_as)
    assert linked(again, known=known)["x"]["outcome"] == outcome


def test_a_second_url_with_the_same_text_is_a_duplicate_of_the_earliest_published() -> None:
    text = "the same words " * 20
    rows = linked(
        made_page("copy", text=text, published_at=NOON),
        made_page("undated", text=text, published_at=None),
        made_page("first", minutes=9, text=text, published_at=NOON - timedelta(hours=2)),
    )
    assert told(rows["first"]) == ("published", None, 1)
    for path in ("copy", "undated"):
        assert told(rows[path]) == ("duplicate", "same_text", 1)
        assert rows[path]["article_id"] == rows["first"]["article_id"]


def test_the_same_text_is_no_duplicate_when_short_or_of_another_outlet() -> None:
    short, long = "Alpha 2 Beta 1", "the same words " * 20
    rows = linked(
        made_page("a", text=short),
        made_page("b", text=short),
        made_page("c", text=long),
        made_page("d", outlet="beta", text=long),
    )
    assert {row["outcome"] for row in rows.values()} == {"published"}


def test_a_text_published_earlier_under_another_url_is_found() -> None:
    text = "the same words " * 20
    known = lake_after(link(made_pages([made_page("first", text=text)]), Known()))
    row = linked(made_page("copy", text=text, slot="later", capture_id="c2"), known=known)["copy"]
    assert told(row) == ("duplicate", "same_text", 1)
    assert row["article_id"] == known.recent["article_id"][0].as_py()


def version(minutes: int, text: str, **fields: Any) -> pa.Table:
    """The page `a` as fetched at some time, in a slot of its own."""
    return made_pages([made_page("a", minutes=minutes, text=text, capture_id=f"at-{minutes}", **fields)])


def test_versions_of_an_article_count_up_and_going_back_is_a_revision() -> None:
    one, two, three = "one " * 50, "two " * 50, "three " * 50
    history: list[pa.Table] = []
    for minutes, text, expected in [
        (10, one, ("published", None, 1)),
        (20, one, ("unchanged", None, 1)),
        (30, two, ("revised", None, 2)),
        (40, one, ("revised", None, 3)),
        (50, one, ("unchanged", None, 3)),
        (25, two, ("unchanged", None, 2)),
        (15, one, ("unchanged", None, 1)),
        (35, three, ("revised", "superseded", 4)),
        (60, three, ("revised", None, 5)),
    ]:
        slot = link(version(minutes, text), lake_after(*history))
        assert told(slot.to_pylist()[0]) == expected, minutes
        assert slot["first_seen_at"].to_pylist() == [NOON + timedelta(minutes=10)]
        history.append(slot)
    for slot, again in zip(
        history, [link(_undecided(s), lake_after(*history)) for s in history], strict=True
    ):
        assert again == slot


def _undecided(pages: pa.Table) -> pa.Table:
    """The pages as they were before link."""
    rows = pages.to_pylist()
    cleared = dict.fromkeys(
        ("outcome", "reason", "revision", "first_seen_at", "story_id", "duplicate_of"), None
    )
    return made_pages({**row, **cleared} for row in rows)


def test_a_revision_keeps_story_origin_and_credit_of_its_article() -> None:
    base = link(version(0, "one " * 50, syndicated_from="dpa"), Known())
    columns = {"story_id": "elsewhere", "duplicate_of": "that"}
    rows = [{**row, **columns} for row in base.to_pylist()]
    after = link(version(9, "two " * 50), lake_after(made_pages(rows))).to_pylist()[0]
    assert (after["story_id"], after["duplicate_of"], after["syndicated_from"]) == (
        "elsewhere",
        "that",
        "dpa",
    )


def test_linking_again_after_publishing_changes_nothing() -> None:
    text = "the same words " * 20
    url = "https://alpha.example/story"
    pages = made_pages(
        [
            made_page("a"),
            made_page("b", text=text),
            made_page("copy", text=text, published_at=NOON),
            made_page("amp", canonical_url=url, minutes=1),
            made_page("story", canonical_url=url, minutes=2),
            made_page("list", outcome="not_article", reason="list_page"),
        ]
    )
    once = link(pages, Known())
    assert link(pages, lake_after(once)) == once
    assert sorted(once["outcome"].to_pylist()) == sorted(
        ["published"] * 3 + ["duplicate"] * 2 + ["not_article"]
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_pages_does_not_matter(seed: int) -> None:
    text = "the same words " * 20
    rows = [made_page(f"{n}", text=text if n % 3 else f"own {n} " * 30, minutes=n % 2) for n in range(12)]
    expected = linked(*rows)
    random.Random(seed).shuffle(rows)
    assert linked(*rows) == expected

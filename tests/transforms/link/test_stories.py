"""Nearly the same text under several outlets: one story, copies named."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from tests.transforms.link.lake import lake_after
from tests.transforms.made_pages import NOON, made_page, made_pages
from transforms.link import Known, link
from transforms.normalise.words import minhash

WORDS = [f"w{n}" for n in range(2000)]


def text_of(seed: int, words: int = 300) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def edited(text: str, changes: int, seed: int = 0) -> str:
    """The text with so many of its words replaced."""
    words = text.split()
    for place in random.Random(seed).sample(range(len(words)), changes):
        words[place] = f"edited{place}"
    return " ".join(words)


def article(outlet: str, text: str, minutes: int = 0, **fields: Any) -> dict[str, Any]:
    return made_page("story", outlet, minutes, text=text, minhash=minhash(text.split()), **fields)


def by_outlet(*rows: dict[str, Any], known: Known | None = None) -> dict[str, dict[str, Any]]:
    return {row["outlet"]: row for row in link(made_pages(rows), known or Known()).to_pylist()}


def recent(*rows: dict[str, Any]) -> Known:
    """The lake after these were published, in their order a slot each."""
    return lake_after(*(link(made_pages([row]), Known()) for row in rows))


def test_a_wire_story_with_small_changes_is_one_story() -> None:
    wire = text_of(1)
    rows = by_outlet(
        article("gamma", edited(wire, 4, seed=2), minutes=2, syndicated_from="Northwire"),
        article("alpha", wire),
        article("beta", edited(wire, 4), minutes=1),
        article("delta", text_of(2)),
    )
    first = rows["alpha"]["article_id"]
    assert [rows[o]["story_id"] for o in ("alpha", "beta", "gamma")] == [first] * 3
    assert [rows[o]["duplicate_of"] for o in ("alpha", "beta", "gamma")] == [None, first, first]
    assert [rows[o]["syndicated_from"] for o in ("alpha", "beta", "gamma")] == [None, "alpha", "Northwire"]
    assert rows["delta"]["story_id"] == rows["delta"]["article_id"]


def test_a_shortened_copy_is_a_copy() -> None:
    long = text_of(3, 600)
    rows = by_outlet(article("alpha", long), article("beta", " ".join(long.split()[:300]), minutes=1))
    assert rows["beta"]["duplicate_of"] == rows["alpha"]["article_id"]


def test_half_rewritten_tells_the_same_story_but_is_no_copy() -> None:
    base = text_of(4)
    rows = by_outlet(article("alpha", base), article("beta", edited(base, 22), minutes=1))
    assert rows["beta"]["story_id"] == rows["alpha"]["article_id"]
    assert rows["beta"]["duplicate_of"] is None


def test_a_shared_paragraph_is_not_a_shared_story() -> None:
    boilerplate = text_of(5, 60)
    rows = by_outlet(*(article(f"o{n}", f"{text_of(10 + n)} {boilerplate}") for n in range(8)))
    assert all(row["story_id"] == row["article_id"] for row in rows.values())


def test_short_texts_are_not_compared() -> None:
    rows = by_outlet(article("alpha", text_of(6, 39)), article("beta", text_of(6, 39), minutes=1))
    assert rows["beta"]["story_id"] == rows["beta"]["article_id"]


def test_a_story_joins_the_one_published_before_and_only_within_three_days() -> None:
    wire = text_of(7)
    old = article("alpha", wire, capture_id="old")
    for hours, joins in ((71, True), (73, False)):
        later = article("beta", wire, fetched_at=NOON + timedelta(hours=hours), capture_id="new")
        row = by_outlet(later, known=recent(old))["beta"]
        assert (row["story_id"] == old["article_id"]) is joins
        assert (row["duplicate_of"] == old["article_id"]) is joins


def test_what_is_published_keeps_its_story_when_an_earlier_article_turns_up() -> None:
    wire = text_of(8)
    published = article("alpha", wire, minutes=60, capture_id="known")
    row = by_outlet(article("beta", wire), known=recent(published))["beta"]
    assert row["story_id"] == published["article_id"]
    assert row["duplicate_of"] is None


def test_two_articles_of_one_outlet_share_a_story_and_are_no_copies() -> None:
    wire = text_of(9)
    rows = link(
        made_pages(
            [
                made_page("one", text=wire, minhash=minhash(wire.split())),
                made_page("two", text=edited(wire, 2), minhash=minhash(edited(wire, 2).split()), minutes=1),
            ]
        ),
        Known(),
    ).to_pylist()
    assert rows[0]["story_id"] == rows[1]["story_id"] == rows[0]["article_id"]
    assert rows[0]["duplicate_of"] is rows[1]["duplicate_of"] is None


def test_a_hundred_carriers_are_one_story() -> None:
    wire = text_of(11)
    rows = by_outlet(
        *(article(f"o{n:03}", edited(wire, 3, seed=n), minutes=n) for n in range(100)),
    )
    assert {row["story_id"] for row in rows.values()} == {rows["o000"]["article_id"]}
    assert {row["duplicate_of"] for row in rows.values()} == {None, rows["o000"]["article_id"]}

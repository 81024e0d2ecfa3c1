"""The newsroom's stories: the same for the same world, and never two alike by chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import get_args

import pytest

from presslake.demo.papers import PAPERS, Kind, Paper
from presslake.demo.stories import (
    World,
    appears,
    article,
    count,
    edits,
    headline,
    kind_of,
    last_change,
    named_path,
    number_at,
    path_of,
)
from presslake.demo.truth import truth

WORLD = World(datetime(2026, 11, 22, 12, tzinfo=UTC))
LARGE = World(WORLD.epoch, scale=1000)
SECOND = timedelta(seconds=1)
by_slug = pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.slug)


def shingles(text: str, language: str) -> set[tuple[str, ...]]:
    """Runs of four words; of ten characters where words are not parted."""
    tokens, size = (list(text), 10) if language == "ja" else (text.split(), 4)
    return {tuple(tokens[i : i + size]) for i in range(len(tokens) - size + 1)}


def likeness(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    return len(one & other) / len(one | other)


def test_one_world_has_one_truth_and_another_seed_another() -> None:
    at = WORLD.epoch + timedelta(hours=5)
    assert truth(WORLD, at) == truth(World(WORLD.epoch), at)
    assert {page.text for page in truth(WORLD, at)}.isdisjoint(
        page.text for page in truth(World(WORLD.epoch, seed=2), at) if page.text
    )


def test_every_kind_of_page_is_there_from_the_start() -> None:
    kinds = {kind_of(paper, number) for paper in PAPERS if not paper.fault for number in range(WORLD.backlog)}
    assert kinds == set(get_args(Kind))


def test_enough_outlets_languages_layouts_and_sources() -> None:
    assert len(PAPERS) >= 8
    assert {paper.language for paper in PAPERS} == {"en", "de", "es", "ru", "ar", "ja"}
    assert len({paper.layout for paper in PAPERS}) == 5
    assert len({form for paper in PAPERS for form, _ in paper.sources}) == 9


@by_slug
def test_pages_appear_in_order_for_ever(paper: Paper) -> None:
    times = [appears(WORLD, paper, number) for number in range(200)]
    assert times == sorted(times)
    assert times[0] > WORLD.epoch - timedelta(days=1)
    assert times[WORLD.backlog - 1] < WORLD.epoch < times[WORLD.backlog]
    for number, time in enumerate(times):
        assert count(WORLD, paper, time) == number + 1
        assert count(WORLD, paper, time - SECOND) == number


@by_slug
def test_an_address_leads_to_its_page_once_it_has_appeared(paper: Paper) -> None:
    for number in range(WORLD.backlog + 2):
        time = appears(WORLD, paper, number)
        for path in (path_of(WORLD, paper, number), named_path(WORLD, paper, number)):
            assert number_at(WORLD, paper, path, time) == number
            assert number_at(WORLD, paper, path, time - SECOND) is None
            assert number_at(WORLD, paper, path + "x", time) is None


@pytest.mark.parametrize("language", ["en", "de", "es", "ru", "ar", "ja"])
def test_two_stories_of_a_language_share_next_to_nothing(language: str) -> None:
    papers = [paper for paper in PAPERS if paper.language == language]
    stories = [
        article(LARGE, paper, number, LARGE.epoch)
        for paper in papers
        for number in range(90 // len(papers))
        if kind_of(paper, number) == "article"
    ]
    assert all(len(story.text) >= 20 and "{" not in story.title + story.text for story in stories)
    sets = [shingles(story.text, language) for story in stories]
    assert max(likeness(one, other) for one, other in combinations(sets, 2)) < 0.25


def test_titles_are_unique() -> None:
    titles = [
        headline(LARGE, paper, number)
        for paper in PAPERS
        for number in range(2000)
        if kind_of(paper, number) not in {"wire", "copy"}
    ]
    assert len(set(titles)) == len(titles)


def test_a_wire_story_is_nearly_the_same_in_three_papers() -> None:
    wire = [page for page in truth(WORLD, WORLD.epoch) if page.story.startswith("wire-")]
    assert len(wire) == len({page.outlet for page in wire}) == len({page.text for page in wire}) == 3
    sets = [shingles(page.text, "en") for page in wire]
    assert min(likeness(one, other) for one, other in combinations(sets, 2)) > 0.7


def test_a_copy_repeats_the_page_before_it() -> None:
    (copy,) = [page for page in truth(WORLD, WORLD.epoch) if page.expected == "duplicate"]
    (original,) = [
        page for page in truth(WORLD, WORLD.epoch) if page.story == copy.story and page.url != copy.url
    ]
    assert (copy.title, copy.text, copy.authors) == (original.title, original.text, original.authors)
    assert copy.published_at
    assert original.published_at
    assert copy.published_at > original.published_at
    assert copy.canonical_url != original.canonical_url


@by_slug
def test_edits_change_the_text_or_only_the_stamp(paper: Paper) -> None:
    seen = set()
    for number in range(40):
        before = article(WORLD, paper, number, appears(WORLD, paper, number))
        assert (before.revision, before.modified) == (1, before.published)
        for when, is_text in edits(WORLD, paper, number):
            assert article(WORLD, paper, number, when - SECOND) == before
            after = article(WORLD, paper, number, when)
            assert after.modified == when
            assert last_change(WORLD, paper, when) == when
            assert (after.text != before.text) == is_text
            assert after.revision - before.revision == is_text
            before = after
            seen.add(is_text)
    assert seen == {True, False}


def test_a_large_world_is_as_quick_to_make_as_a_small_one() -> None:
    paper = PAPERS[0]
    assert count(LARGE, paper, LARGE.epoch) == 12_000
    shown = article(LARGE, paper, 11_999, LARGE.epoch)
    assert LARGE.epoch - timedelta(seconds=8) < shown.published < LARGE.epoch

"""Scores on newsrooms that no other test uses; `tests/floors.json` holds the least, and only rises."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from presslake.demo.papers import PAPERS, outlet_facts
from presslake.demo.stories import World
from presslake.demo.truth import Truth, truth
from schemas.outlet import Outlet
from tests.bench.newsroom import EPOCH, NOW, fetched
from transforms.extract import extract
from transforms.normalise import normalise

FLOORS: dict[str, dict[str, float]] = json.loads((Path(__file__).parents[1] / "floors.json").read_text())
FIELDS = ("title", "description", "text", "published_at", "published_on", "language", "canonical_url")


def newsroom_scores(world: World) -> tuple[dict[str, float], list[str]]:
    """(share of pages that are right per field, a line for each that is not)."""
    outlets = {
        paper.slug: Outlet(slug=paper.slug, country=paper.country, **outlet_facts(paper, world.port))
        for paper in PAPERS
    }
    pairs = [(page, told) for told in truth(world, NOW) if (page := fetched(world, told))]
    rows = normalise(extract([page for page, _ in pairs], outlets), outlets).to_pylist()
    right: dict[str, list[bool]] = defaultdict(list)
    wrong: list[str] = []

    def judge(field: str, told: Truth, found: object, expected: object) -> None:
        right[field].append(found == expected)
        if found != expected:
            wrong.append(f"{told.canonical_url} {field}: {found!r} is not {expected!r}")

    for (_, told), row in zip(pairs, rows, strict=True):
        if told.expected == "not_article":
            judge("others_found", told, (row["outcome"], row["reason"]), ("not_article", told.reason))
            continue
        judge("articles_found", told, row["outcome"], None)
        for field in FIELDS:
            judge(field, told, row[field], getattr(told, field))
        judge("authors", told, row["authors"], list(told.authors))
        judge("promos_left_out", told, [line for line in told.promos if line in (row["text"] or "")], [])
    return {field: sum(values) / len(values) for field, values in right.items()}, wrong


@pytest.mark.slow
def test_newsroom_scores_stay_above_their_floors() -> None:
    scores, wrong = newsroom_scores(World(EPOCH, seed=20260328, scale=1))
    assert scores.keys() == FLOORS["newsroom"].keys()
    below = {field: score for field, score in scores.items() if score < FLOORS["newsroom"][field]}
    assert not below, "\n".join([str(below), *wrong[:20]])

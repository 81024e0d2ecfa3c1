"""Memory on a newsroom that no other test uses; `tests/floors.json` holds the least, and only rises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from presslake.demo.stories import World
from tests.bench.boilerplate import Tally, newsroom
from tests.bench.newsroom import EPOCH

FLOORS: dict[str, float] = json.loads((Path(__file__).parents[1] / "floors.json").read_text())["boilerplate"]


@pytest.mark.slow
def test_what_memory_leaves_out_and_keeps_stays_above_its_floors() -> None:
    by_itself, texts = newsroom(World(EPOCH, seed=20260329, scale=3))
    assert all(tally.promos > 20 and tally.prose > 100 for tally in by_itself.values())
    alone, together = (sum(tallies.values(), Tally()) for tallies in (by_itself, texts))
    scores = {
        "memory_removed": alone.removed,
        "memory_kept": alone.kept,
        "text_removed": together.removed,
        "text_kept": together.kept,
    }
    assert scores.keys() == FLOORS.keys()
    below = {name: score for name, score in scores.items() if score < FLOORS[name]}
    assert not below, "\n".join([str(below), *(f"{paper} {tally}" for paper, tally in texts.items())])

"""Documents without markup on a newsroom that no other test uses; `tests/floors.json` holds the least."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from presslake.demo.stories import World
from tests.bench.newsroom import EPOCH
from tests.bench.plain import newsroom_scores

FLOORS: dict[str, float] = json.loads((Path(__file__).parents[1] / "floors.json").read_text())["documents"]


@pytest.mark.slow
def test_what_is_read_of_documents_stays_above_its_floors() -> None:
    scores = newsroom_scores(World(EPOCH, seed=20260330, scale=1))
    assert scores.keys() == FLOORS.keys()
    below = {name: score for name, score in scores.items() if score < FLOORS[name]}
    assert not below, f"{below} of {scores}"

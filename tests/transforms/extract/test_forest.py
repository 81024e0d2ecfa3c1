"""A forest of two small trees, by hand."""

from __future__ import annotations

import math

import numpy as np

from transforms.extract.forest import Forest

# Tree one: size <= 2 → -1, else linked <= .5 → 3, else 1. Tree two: a leaf of .5.
FOREST = Forest.of(
    {
        "names": ["size", "linked"],
        "feature": np.array([0, 0, 1, 0, 0, 0], np.int32),
        "threshold": np.array([2.0, 0, 0.5, 0, 0, 0]),
        "left": np.array([1, 1, 3, 3, 4, 5], np.int32),
        "right": np.array([2, 1, 4, 3, 4, 5], np.int32),
        "value": np.array([0.5, -1, 2, 3, 1, 0.5]),
        "roots": np.array([0, 5], np.int32),
        "depth": 2,
    }
)


def test_a_row_goes_left_up_to_the_threshold() -> None:
    rows = np.array([[2, 0], [2.1, 0.5], [9, 0.6]], np.float32)
    odds = [-0.5, 3.5, 1.5]
    assert np.allclose(FOREST.chances(rows), [1 / (1 + math.exp(-one)) for one in odds])


def test_reasons_are_the_changes_on_the_way() -> None:
    assert FOREST.reasons(np.array([3, 0], np.float32)) == [("size", 1.5), ("linked", 1.0)]

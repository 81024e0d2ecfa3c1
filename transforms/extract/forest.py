"""A small forest of decision trees, evaluated for many rows at once.

Each is learned by a `tests/bench/train_*.py` and kept beside this module as one file of arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees in one row. From node `n` a row goes on to `below[2 * n]`, or to the one behind it where its
    feature is above the threshold; a leaf leads to itself. `value` is in log odds, for leaves and for the mean of
    what is below other nodes; `roots` has the first node of each tree.
    """

    names: tuple[str, ...]
    feature: Places
    threshold: npt.NDArray[np.float64]
    below: Places
    value: npt.NDArray[np.float64]
    roots: Places
    depth: int

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> Self:
        """The forest in the arrays of a file; indices as numpy would make them of others at every step."""
        return cls(
            names=tuple(map(str, arrays["names"])),
            feature=arrays["feature"].astype(np.intp),
            threshold=arrays["threshold"],
            below=np.stack([arrays["left"], arrays["right"]], axis=1).ravel().astype(np.intp),
            value=arrays["value"],
            roots=arrays["roots"].astype(np.intp),
            depth=int(arrays["depth"]),
        )

    def chances(self, rows: Floats) -> Floats:
        """The probability of each row, between 0 and 1."""
        cells, starts = rows.ravel(), np.arange(len(rows))[:, None] * rows.shape[1]
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            goes_right = cells.take(starts + self.feature.take(nodes)) > self.threshold.take(nodes)
            nodes = self.below.take(2 * nodes + goes_right)
        odds = self.value.take(nodes).sum(axis=1)
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def reasons(self, row: Floats, most: int = 3) -> list[tuple[str, float]]:
        """What moved one row's log odds most: names of features with the change on the way down the trees."""
        moved = dict.fromkeys(self.names, 0.0)
        nodes = self.roots
        for _ in range(self.depth):
            asked = self.feature[nodes]
            below = self.below[2 * nodes + (row[asked] > self.threshold[nodes])]
            for name, change in zip(asked, self.value[below] - self.value[nodes], strict=True):
                moved[self.names[name]] += float(change)
            nodes = below
        return sorted(moved.items(), key=lambda item: -abs(item[1]))[:most]


def block_forest() -> Forest:
    """The forest that tells blocks of the body from others; its columns are `features.NAMES`."""
    return stored("blocks")


def company_forest() -> Forest:
    """The forest that looks again, at each block among the others; its columns are `company.NAMES`."""
    return stored("company")


@lru_cache
def stored(name: str) -> Forest:
    """A forest of the package, by the name of its file."""
    return read_forest(files("transforms.extract") / f"{name}.npz")


def read_forest(path: Traversable) -> Forest:
    """A forest from its file."""
    with path.open("rb") as file, np.load(file) as arrays:
        return Forest.of(arrays)

"""A small forest of decision trees, evaluated for many rows at once.

Each is learned by a `tests/bench/train_*.py` and kept beside this module as one file of arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees in one row: a leaf leads to itself. `value` is in log odds, for leaves and for the
    mean of what is below other nodes; `roots` has the first node of each tree.
    """

    names: tuple[str, ...]
    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]
    roots: npt.NDArray[np.int32]
    depth: int

    def chances(self, rows: Floats) -> Floats:
        """The probability of each row, between 0 and 1."""
        cells, starts = rows.ravel(), np.arange(len(rows))[:, None] * rows.shape[1]
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            stays_left = cells.take(starts + self.feature.take(nodes)) <= self.threshold.take(nodes)
            nodes = np.where(stays_left, self.left.take(nodes), self.right.take(nodes))
        odds = self.value.take(nodes).sum(axis=1)
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def reasons(self, row: Floats, most: int = 3) -> list[tuple[str, float]]:
        """What moved one row's log odds most: names of features with the change on the way down the trees."""
        moved = dict.fromkeys(self.names, 0.0)
        nodes = self.roots
        for _ in range(self.depth):
            asked = self.feature[nodes]
            below = np.where(row[asked] <= self.threshold[nodes], self.left[nodes], self.right[nodes])
            for name, change in zip(asked, self.value[below] - self.value[nodes], strict=True):
                moved[self.names[name]] += float(change)
            nodes = below
        return sorted(moved.items(), key=lambda item: -abs(item[1]))[:most]


def block_forest() -> Forest:
    """The forest that tells blocks of the body from others; its columns are `features.NAMES`."""
    return stored("blocks")


@lru_cache
def stored(name: str) -> Forest:
    """A forest of the package, by the name of its file."""
    return read_forest(files("transforms.extract") / f"{name}.npz")


def read_forest(path: Traversable) -> Forest:
    """A forest from its file."""
    with path.open("rb") as file, np.load(file) as arrays:
        return Forest(
            names=tuple(str(name) for name in arrays["names"]),
            feature=arrays["feature"],
            threshold=arrays["threshold"],
            left=arrays["left"],
            right=arrays["right"],
            value=arrays["value"],
            roots=arrays["roots"],
            depth=int(arrays["depth"]),
        )

"""A small forest of decision trees, evaluated for many rows at once.

It is learned by `tests/bench/train_blocks.py` and kept beside this module as one file of arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

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
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        every = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            stays_left = rows[every, self.feature[nodes]] <= self.threshold[nodes]
            nodes = np.where(stays_left, self.left[nodes], self.right[nodes])
        odds = self.value[nodes].sum(axis=1)
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


@lru_cache(maxsize=1)
def block_forest() -> Forest:
    """The forest that tells blocks of the body from others; its columns are `features.NAMES`."""
    with (files("transforms.extract") / "blocks.npz").open("rb") as file, np.load(file) as arrays:
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

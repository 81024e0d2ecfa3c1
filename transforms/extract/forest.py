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
    """Trees of one height, all of them level by level from their roots down. From place `p` of a level a row goes on to
    place `2 * p` of the level below, or to the one behind it where its feature is above the threshold. `values` are in
    log odds, the mean of what is below, and have one level more: the leaves.
    """

    names: tuple[str, ...]
    features: tuple[Places, ...]
    thresholds: tuple[Floats, ...]
    values: tuple[npt.NDArray[np.float64], ...]

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> Self:
        """The forest in the arrays of a file, in which a leaf leads to itself: where a tree is lower than others, both
        ways lead to the same.
        """
        ways = np.stack([arrays["left"], arrays["right"]], axis=1)
        nodes = [arrays["roots"]]
        for _ in range(int(arrays["depth"])):
            nodes.append(ways[nodes[-1]].ravel())
        feature, threshold, value = arrays["feature"].astype(np.intp), arrays["threshold"], arrays["value"]
        # Rounded down, a threshold tells the same numbers of 32 bits apart.
        rounded = threshold.astype(np.float32)
        rounded = np.where(rounded > threshold, np.nextafter(rounded, np.float32(-np.inf)), rounded)
        return cls(
            names=tuple(map(str, arrays["names"])),
            features=tuple(feature[level] for level in nodes[:-1]),
            thresholds=tuple(rounded[level] for level in nodes[:-1]),
            values=tuple(value[level] for level in nodes),
        )

    def chances(self, rows: Floats) -> Floats:
        """The probability of each row, between 0 and 1."""
        cells, starts = rows.ravel(), np.arange(len(rows))[:, None] * rows.shape[1]
        places: Places = np.broadcast_to(np.arange(len(self.values[0])), (len(rows), len(self.values[0])))
        for feature, threshold in zip(self.features, self.thresholds, strict=True):
            is_above = cells.take(starts + feature.take(places)) > threshold.take(places)
            places = 2 * places + is_above
        odds = self.values[-1].take(places).sum(axis=1)
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def reasons(self, row: Floats, most: int = 3) -> list[tuple[str, float]]:
        """What moved one row's log odds most: names of features with the change on the way down the trees."""
        moved = dict.fromkeys(self.names, 0.0)
        places = np.arange(len(self.values[0]))
        for feature, threshold, value, below in zip(
            self.features, self.thresholds, self.values, self.values[1:], strict=False
        ):
            asked, before = feature[places], value[places]
            places = 2 * places + (row[asked] > threshold[places])
            for name, change in zip(asked, below[places] - before, strict=True):
                moved[self.names[name]] += float(change)
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

"""What incoming rows mean for the rows of one existing data file. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lake.contract import row_keys
from schemas.tables import Table

Mask: TypeAlias = npt.NDArray[np.bool_]
Indices: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Overlay:
    """The file's rows after the merge (None: nothing changes), and what was done.

    `known` holds the positions of the incoming rows whose key is in the file.
    """

    known: Indices
    merged: pa.Table | None
    replaced: int
    removed: int


def overlay(spec: Table, old: pa.Table, rows: pa.Table, whole_slot: str | None = None) -> Overlay:
    """Lays `rows` over `old`, both of the table's schema: equal keys are replaced where the rows differ.

    With `whole_slot`, old rows of that slot whose key does not come in are removed.
    """
    position = match(spec, old, rows)
    found = position >= 0
    differs = np.zeros(len(old), dtype=bool)
    differs[found] = _differ(old.filter(found), rows.take(position[found]))
    stale = ~found & of_slot(old, whole_slot)
    merged = None
    if differs.any() or stale.any():
        merged = pa.concat_tables([old.filter(~(differs | stale)), rows.take(position[differs])])
    return Overlay(position[found], merged, int(differs.sum()), int(stale.sum()))


def match(spec: Table, old: pa.Table, rows: pa.Table) -> Indices:
    """For each old row the position of the incoming row with its key, or -1; key columns are enough."""
    position: pa.Array[pa.Int32Scalar] = pc.index_in(row_keys(spec, old), row_keys(spec, rows))
    indices: Indices = position.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return indices


def of_slot(rows: pa.Table, slot: str | None) -> Mask:
    """Which rows belong to the slot; none when it is None."""
    if slot is None:
        return np.zeros(len(rows), dtype=bool)
    mask: Mask = pc.equal(rows["slot"], pa.scalar(slot)).to_numpy()
    return mask


def _differ(old: pa.Table, new: pa.Table) -> Mask:
    """Which rows of two aligned tables of one schema differ; nested columns compare by value."""
    differs = np.zeros(len(old), dtype=bool)
    for a, b in zip(old.columns, new.columns, strict=True):
        if not a.equals(b):
            differs |= np.array([x != y for x, y in zip(a.to_pylist(), b.to_pylist(), strict=True)])
    return differs

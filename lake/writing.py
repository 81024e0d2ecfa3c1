"""One write to a table: find what the rows change, write the files, commit them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import AlwaysFalse, AlwaysTrue, And, BooleanExpression, Or
from pyiceberg.io.pyarrow import ArrowScan, _dataframe_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.table import FileScanTask
from pyiceberg.table import Table as IcebergTable

from lake.filters import expression
from lake.merge import match, of_slot, overlay
from schemas.tables import Table

_FEW = 10  # files that are not worth threads: what Arrow allocated in one is kept for it, some 10 MB each


@dataclass(frozen=True)
class Commit:
    """One commit to a table: its snapshot and how many rows it touched."""

    table: str
    snapshot_id: int
    added: int
    replaced: int
    removed: int


@dataclass
class Change:
    """Files that go, files that come (written already), and the rows this touches."""

    gone: list[DataFile] = field(default_factory=list)
    come: list[DataFile] = field(default_factory=list)
    added: int = 0
    replaced: int = 0
    removed: int = 0


def write_change(table: IcebergTable, spec: Table, rows: pa.Table, whole_slot: str | None) -> Change:
    """Writes the data files that make the table hold `rows`; nothing is visible before `commit`.

    A file with rows of the same key that differ is written anew with them replaced; rows of new keys go
    into files of their own; rows that are there already cost nothing. `whole_slot`: see `overlay`.
    Memory: the incoming rows and one data file.
    """
    change = Change()
    new = np.ones(len(rows), dtype=bool)
    for task in _touched(table, spec, rows, whole_slot):
        result = overlay(spec, read_file(table, spec, task), rows, whole_slot)
        new[result.known] = False
        if result.merged is not None:
            change.gone.append(task.file)
            change.come += write_files(table, spec, result.merged)
            change.replaced += result.replaced
            change.removed += result.removed
    change.come += write_files(table, spec, rows.filter(new))
    change.added = int(new.sum())
    return change


def commit(table: IcebergTable, change: Change, note: Mapping[str, str]) -> int:
    """Makes the change visible as one snapshot and returns its id.

    Raises pyiceberg's `CommitFailedException`, with the written files deleted, when the table is no
    longer as it was loaded: its requirement is the branch head of that moment, checked again by the
    catalog's compare-and-set of the metadata location.
    """
    try:
        with table.transaction() as transaction:
            update = transaction.update_snapshot({f"presslake.{k}": v for k, v in note.items()})
            with update.overwrite() if change.gone else update.merge_append() as snapshot:
                for file in change.gone:
                    snapshot.delete_data_file(file)
                for file in change.come:
                    snapshot.append_data_file(file)
    except CommitFailedException:
        for file in change.come:
            table.io.delete(file.file_path)
        raise
    return int(snapshot.snapshot_id)


def read_file(
    table: IcebergTable, spec: Table, task: FileScanTask, columns: Sequence[str] | None = None
) -> pa.Table:
    """Rows of one data file, of the declared schema or of some of its columns."""
    names = list(columns or spec.schema.names)
    scan = ArrowScan(table.metadata, table.io, table.schema().select(*names), AlwaysTrue())
    return declared(spec, scan.to_table([task]), names)


def declared(spec: Table, rows: pa.Table, names: Sequence[str] | None = None) -> pa.Table:
    """What pyiceberg read, with the declared order and types."""
    schema = pa.schema([spec.schema.field(name) for name in names]) if names else spec.schema
    return rows.select(schema.names).cast(schema)


def write_files(table: IcebergTable, spec: Table, rows: pa.Table) -> list[DataFile]:
    """Writes rows as data files, in the table's order, apart by partition; none for no rows."""
    if not len(rows):
        return []
    ordered = rows.sort_by([(name, "ascending") for name in dict.fromkeys((*spec.sort, *spec.key))])
    return list(_dataframe_to_data_files(table.metadata, ordered, table.io))


def _touched(
    table: IcebergTable, spec: Table, rows: pa.Table, whole_slot: str | None
) -> Iterable[FileScanTask]:
    """Files with a row of an incoming key or of the whole slot; reads the columns that tell."""
    names = list(dict.fromkeys((*spec.key, *(["slot"] if whole_slot else []))))
    where = _where_known(spec, rows)
    if whole_slot:
        where = Or(where, expression({"slot": whole_slot}))

    def touched(task: FileScanTask) -> bool:
        keys = read_file(table, spec, task, names)
        return bool((match(spec, keys, rows) >= 0).any() or of_slot(keys, whole_slot).any())

    tasks = list(table.scan(row_filter=where).plan_files())
    if len(tasks) <= _FEW:
        return list(filter(touched, tasks))
    with ThreadPoolExecutor(8) as pool:  # not pyiceberg's own: its scans wait for that one
        return [task for task, flag in zip(tasks, pool.map(touched, tasks), strict=True) if flag]


def _where_known(spec: Table, rows: pa.Table) -> BooleanExpression:
    """Where rows of these keys can be: a key's partition day and slot (if it has one) never change."""
    where: BooleanExpression = AlwaysTrue()
    if {"slot", "capture_id"} & set(spec.key):  # a capture id is made from its slot
        where = expression({"slot": rows["slot"].unique().to_pylist()})
    if spec.partition_by_day:
        instants: pa.ChunkedArray[Any] = pc.floor_temporal(rows[spec.partition_by_day], unit="day")
        days: list[Any] = instants.unique().to_pylist()
        spans = [expression({spec.partition_by_day: slice(day, day + timedelta(days=1))}) for day in days]
        where = And(where, Or(AlwaysFalse(), AlwaysFalse(), *spans))
    return where

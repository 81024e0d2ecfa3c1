"""The lake opened with one settings object: objects, archived pages, staged files, tables."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import EllipsisType, MappingProxyType, TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io.pyarrow import ArrowScan
from pyiceberg.table import DataScan, FileScanTask
from pyiceberg.table import Table as IcebergTable

from lake import upkeep
from lake.bucket import Bucket
from lake.contract import conform
from lake.definitions import open_catalog, open_table
from lake.failures import Conflict, naming_failures
from lake.filters import Where, expression
from lake.pages import read_pages
from lake.writing import Commit, commit, declared, write_change
from schemas.errors import Halt, TryLater
from schemas.page import Page
from schemas.tables import EXTRACTIONS, LAKE_TABLES, MEMORY, PAGES, Table
from schemas.vocabulary import Stage

COMMIT_TRIES = 40
_ROWS_AT_ONCE = 100_000
SHAPE_OF_STAGE = {
    Stage.EXTRACT: EXTRACTIONS,
    Stage.NORMALISE: PAGES,
    Stage.LINK: PAGES,
    Stage.GATE: PAGES,
}
SWEEP_AFTER = timedelta(days=1)  # longer than any write takes: younger files may be about to be committed


class Lake(Bucket):
    """The bucket with its archived pages, staged files and tables. Connects on first use.

    Every method raises `TryLater` when storage or catalog do not answer and `Halt` when they refuse us.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; the next use opens them again."""
        super().close()
        if catalog := self.__dict__.pop("_catalog", None):
            catalog.close()

    # Archived pages

    def warc_key(self, slot: str, part: str) -> str:
        """Where the WARC file of one part of a slot lies."""
        return f"warc/{slot}/{part}.warc.gz"

    def put_warc(self, slot: str, part: str, path: Path) -> str:
        """Uploads a WARC file as it is and returns its key."""
        key = self.warc_key(slot, part)
        self.put(key, path, "application/warc")
        return key

    def read_pages(self, warc_key: str, captures: pa.Table) -> Iterator[Page]:
        """The pages of these CAPTURES rows of one WARC object; see `lake.pages.read_pages`."""
        return read_pages(self, warc_key, captures, self.settings.page_bytes)

    # Staged files

    def stage(self, slot: str, stage: str, part: str, rows: pa.Table) -> str:
        """Writes one staged file, of exactly the stage's schema, and returns its key."""
        key = _staged_key(slot, stage, part)
        self._put_rows(key, SHAPE_OF_STAGE[Stage(stage)], rows)
        return key

    def staged(self, slot: str, stage: str, part: str | None = None) -> pa.Table:
        """Rows of one staged part, or of all parts of the stage in order of name (none: no rows).

        Raises `Reject` without that part and `Halt` when a file has another schema.
        """
        spec = SHAPE_OF_STAGE[Stage(stage)]
        parts = self.staged_parts(slot, stage) if part is None else [part]
        files = [self._get_rows(_staged_key(slot, stage, name), spec) for name in parts]
        return pa.concat_tables([spec.schema.empty_table(), *files])

    def staged_parts(self, slot: str, stage: str) -> list[str]:
        """Names of the parts staged so far."""
        return [
            key.rpartition("/")[2].removesuffix(".parquet") for key in self.list(f"staged/{slot}/{stage}/")
        ]

    def staged_slots(self, before: datetime) -> list[str]:
        """Slots with staged files, all of which were written before this instant."""
        written: dict[str, datetime] = {}
        for file in self.stored("staged/"):
            slot = file.key.split("/")[1]
            written[slot] = max(file.modified_at, written.get(slot, file.modified_at))
        return sorted(slot for slot, at in written.items() if at < before)

    def clear_staged(self, slot: str) -> None:
        """Deletes all staged files of the slot."""
        self.delete(*self.list(f"staged/{slot}/"))

    # What was known of the outlets

    def keep_memory(self, slot: str, part: str, rows: pa.Table) -> None:
        """Keeps the rows of MEMORY that a part was read with, in place of those kept before."""
        self._put_rows(_memory_key(slot, part), MEMORY, rows)

    def memory(self, slot: str, part: str) -> pa.Table | None:
        """The rows of MEMORY that a part was read with; None if it has not been read."""
        key = _memory_key(slot, part)
        return self._get_rows(key, MEMORY) if self.exists(key) else None

    # Tables, read

    def read(
        self,
        spec: Table,
        where: Where | None = None,
        columns: Sequence[str] | None = None,
        snapshot: int | None = None,
    ) -> pa.Table:
        """Rows of the current snapshot, or of a given one, in the declared types; in no order."""
        with naming_failures(self.settings):
            return declared(spec, self._scan(spec, where, columns, snapshot).to_arrow(), columns)

    def scan_batches(
        self,
        spec: Table,
        where: Where | None = None,
        columns: Sequence[str] | None = None,
        snapshot: int | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Like `read`, batch by batch, for what does not fit into memory: some files at a time."""
        with naming_failures(self.settings):
            scan = self._scan(spec, where, columns, snapshot)
            reader = ArrowScan(scan.table_metadata, scan.io, scan.projection(), scan.row_filter)
            for tasks in _portions(scan.plan_files()):
                for batch in reader.to_record_batches(tasks):
                    yield from declared(spec, pa.Table.from_batches([batch]), columns).to_batches()

    def snapshot_id(self, spec: Table) -> int | None:
        """The current snapshot; None while nothing has been committed."""
        return _head(self.table(spec))

    def notes_since(self, spec: Table, snapshot: int | None) -> list[dict[str, str]] | None:
        """The notes of all commits after a snapshot (None: before the first), the newest first.

        None when nobody can tell, because the snapshot has expired.
        """
        table, notes = self.table(spec), []
        head = _head(table)
        while head != snapshot:
            commit = table.snapshot_by_id(head) if head else None
            if commit is None:
                return None
            said = commit.summary.additional_properties if commit.summary else {}
            notes.append({key.removeprefix("presslake."): value for key, value in said.items()})
            head = commit.parent_snapshot_id
        return notes

    def table(self, spec: Table) -> IcebergTable:
        """The pyiceberg table as it is now, created if missing."""
        with naming_failures(self.settings):
            location = f"{self.uri}/tables/{spec.name}"
            return open_table(self._catalog, self.settings.namespace, spec, location)

    # Tables, written

    def upsert(
        self,
        spec: Table,
        rows: pa.Table,
        *,
        whole_slot: str | None = None,
        expected_snapshot: int | EllipsisType | None = ...,
        note: Mapping[str, str] = MappingProxyType({}),
    ) -> Commit | None:
        """Makes the table hold exactly these rows for their keys, in one commit; None if it did already.

        With `whole_slot` no other row of that slot is left. `note` goes into the snapshot's summary.
        With `expected_snapshot` (None: the table is empty) it raises `Conflict` if the table has moved on
        since; without, it decides anew until it wins.
        Raises `Halt` when the rows break the table's contract. The partition day and the slot of a key
        must never change: existing rows are looked for only there, and in the whole slot.
        """
        return self._write(spec, rows, note, expected_snapshot, whole_slot)

    def replace_slot(
        self, spec: Table, slot: str, rows: pa.Table, *, note: Mapping[str, str] = MappingProxyType({})
    ) -> Commit | None:
        """Makes the rows of the slot exactly these, in one commit; None if they were already."""
        if "slot" not in spec.key or set(rows["slot"].to_pylist()) - {slot}:
            raise Halt(f"{spec.name}: rows of another slot cannot replace those of {slot}")
        return self._write(spec, rows, note, ..., whole_slot=slot)

    # Upkeep

    def compact(self, spec: Table) -> int:
        """Merges small files; see `lake.upkeep.compact`."""
        with naming_failures(self.settings):
            return upkeep.compact(self.table(spec), spec)

    def prune(self, spec: Table, days: float) -> int:
        """Drops the partitions of days older than this; see `lake.upkeep.prune`."""
        with naming_failures(self.settings):
            return upkeep.prune(self.table(spec), spec, datetime.now(UTC) - timedelta(days=days))

    def expire_snapshots(self, days: float) -> dict[str, int]:
        """Forgets snapshots older than this and deletes what no snapshot needs: objects by table."""
        now = datetime.now(UTC)
        with naming_failures(self.settings):
            swept = {}
            for spec in LAKE_TABLES:
                upkeep.expire_snapshots(self.table(spec), now - timedelta(days=days))
                swept[spec.name] = upkeep.sweep(self.table(spec), self, now - SWEEP_AFTER)
            return swept

    def _put_rows(self, key: str, spec: Table, rows: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        pq.write_table(conform(spec, rows), sink, compression="zstd")
        self.put(key, sink.getvalue().to_pybytes(), "application/vnd.apache.parquet")

    def _get_rows(self, key: str, spec: Table) -> pa.Table:
        return conform(spec, pq.read_table(pa.BufferReader(self.get(key))))

    @cached_property
    def _catalog(self) -> Catalog:
        return open_catalog(self.settings)

    def _scan(
        self, spec: Table, where: Where | None, columns: Sequence[str] | None, snapshot: int | None
    ) -> DataScan:
        table = self.table(spec)
        if snapshot is not None and table.snapshot_by_id(snapshot) is None:
            raise TryLater(f"snapshot {snapshot} of {spec.name} has expired; read the current one")
        return table.scan(
            row_filter=expression(where or {}),
            selected_fields=tuple(columns or spec.schema.names),
            snapshot_id=snapshot,
        )

    def _write(
        self,
        spec: Table,
        rows: pa.Table,
        note: Mapping[str, str],
        expected_snapshot: int | EllipsisType | None,
        whole_slot: str | None = None,
    ) -> Commit | None:
        rows = conform(spec, rows)
        for attempt in range(COMMIT_TRIES):
            table = self.table(spec)
            if expected_snapshot is not ... and _head(table) != expected_snapshot:
                break
            try:
                with naming_failures(self.settings):
                    change = write_change(table, spec, rows, whole_slot)
                    if not (change.gone or change.come):
                        return None
                    snapshot_id = commit(table, change, note)
                return Commit(spec.name, snapshot_id, change.added, change.replaced, change.removed)
            except CommitFailedException:
                if expected_snapshot is not ...:
                    break
                time.sleep(random.uniform(0, min(2.0, 0.05 * 2**attempt)))  # noqa: S311
        raise Conflict(f"another writer was quicker on {spec.name}; read it again and decide again")


def _staged_key(slot: str, stage: str, part: str) -> str:
    return f"staged/{slot}/{Stage(stage)}/{part}.parquet"


def _memory_key(slot: str, part: str) -> str:
    return f"memory/{slot}/{part}.parquet"


def _portions(tasks: Iterable[FileScanTask]) -> Iterator[list[FileScanTask]]:
    """Files to read at once: as many as have some rows, for a reader takes all it is given into memory."""
    portion: list[FileScanTask] = []
    for task in tasks:
        portion.append(task)
        if sum(it.file.record_count for it in portion) >= _ROWS_AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _head(table: IcebergTable) -> int | None:
    snapshot = table.current_snapshot()
    return snapshot.snapshot_id if snapshot else None

"""What keeps the lake small and quick: merging small files, forgetting old snapshots, sweeping."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import ManifestFile
from pyiceberg.table import FileScanTask
from pyiceberg.table import Table as IcebergTable

from lake.bucket import Bucket
from lake.filters import expression
from lake.writing import Change, commit, read_file, write_files
from schemas.tables import Table

SMALL_BYTES = 8 * 2**20
MERGED_BYTES = 64 * 2**20  # bounds the memory of one merge; Parquet bytes


def compact(table: IcebergTable, spec: Table, fewest: int = 4) -> int:
    """Merges the small files of each partition that has at least `fewest`; returns how many it merged.

    One commit a partition. A partition is left for the next time when another writer commits meanwhile.
    """
    partitions: dict[object, list[FileScanTask]] = defaultdict(list)
    sizes: dict[object, int] = defaultdict(int)
    for task in table.scan().plan_files():
        size, partition = task.file.file_size_in_bytes, task.file.partition
        if size < SMALL_BYTES and sizes[partition] + size <= MERGED_BYTES:
            partitions[partition].append(task)
            sizes[partition] += size
    merged = 0
    for tasks in partitions.values():
        if len(tasks) >= fewest:
            merged += _merge(table.refresh(), spec, tasks)
    return merged


def prune(table: IcebergTable, spec: Table, before: datetime) -> int:
    """Drops the partitions of whole days before this one; returns how many files that were."""
    day = datetime.combine(before, time(), UTC)
    old = table.scan(row_filter=expression({str(spec.partition_by_day): slice(None, day)})).plan_files()
    gone = [task.file for task in old]
    if not gone:
        return 0
    try:
        commit(table, Change(gone=gone), {"step": "prune"})
    except CommitFailedException:
        return 0  # another writer was quicker: the next upkeep does it
    return len(gone)


def expire_snapshots(table: IcebergTable, before: datetime) -> None:
    """Forgets the snapshots made before this instant, never the current one; their files stay."""
    try:
        table.maintenance.expire_snapshots().older_than(before).commit()
    except CommitFailedException:
        return  # another writer was quicker: the next upkeep does it


def sweep(table: IcebergTable, bucket: Bucket, before: datetime) -> int:
    """Deletes objects of the table, written before this instant, that no snapshot refers to; how many."""
    folder = table.location().removeprefix(f"{bucket.uri}/")
    old = {s.key for s in bucket.stored(f"{folder}/") if s.modified_at < before}
    needed = {uri.removeprefix(f"{bucket.uri}/") for uri in _references(table.refresh())}
    bucket.delete(*(old - needed))
    return len(old - needed)


def _merge(table: IcebergTable, spec: Table, tasks: list[FileScanTask]) -> int:
    rows = pa.concat_tables([read_file(table, spec, task) for task in tasks])
    change = Change(gone=[task.file for task in tasks], come=write_files(table, spec, rows))
    try:
        commit(table, change, {"step": "compact"})
    except CommitFailedException:
        return 0
    return len(tasks)


def _references(table: IcebergTable) -> set[str]:
    """Every object the table's metadata leads to."""
    found = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
    manifests: dict[str, ManifestFile] = {}
    for snapshot in table.snapshots():
        found.add(snapshot.manifest_list)
        manifests |= {manifest.manifest_path: manifest for manifest in snapshot.manifests(table.io)}
    for path, manifest in manifests.items():
        found.add(path)
        found |= {entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io)}
    return found

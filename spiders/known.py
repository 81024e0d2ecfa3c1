"""What is known of URLs: one file a shard, renewed by what captures tell, asked by the crawl.

A row a URL, in no order. Only URLs that are due now are read whole; of the others a crawl needs what says
that they are not, about 50 bytes each.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.tables import CAPTURES, KNOWN
from schemas.urls import key_of_normal
from schemas.vocabulary import CaptureOutcome
from spiders.revisits import GRID, ages, next_look, place

#: Columns of CAPTURES that tell something of a URL, and the outcomes of rows that do.
TELLING_COLUMNS = (
    "slot", "outlet", "url", "url_key", "found_in", "found_at", "outcome", "fetched_at",
    "etag", "last_modified", "body_sha256",
)  # fmt: skip
TELLING = frozenset(CaptureOutcome) - {CaptureOutcome.NOT_DUE}
_SUCCESS = frozenset({CaptureOutcome.FETCHED, CaptureOutcome.UNCHANGED})
# Time before a URL that gave nothing is tried again; doubled with every further try, up to a week.
_WAIT = {
    CaptureOutcome.LEFT: timedelta(0),
    CaptureOutcome.FAILED: timedelta(minutes=10),
    CaptureOutcome.BLOCKED: timedelta(hours=1),
    CaptureOutcome.GONE: timedelta(hours=24),
    CaptureOutcome.DISALLOWED: timedelta(hours=24),
}
_LONGEST_WAIT = timedelta(days=7)
# Outcomes worth another try even when no source names the URL any more, and for how long.
_OWED = frozenset({CaptureOutcome.LEFT, CaptureOutcome.FAILED, CaptureOutcome.BLOCKED})
_OWED_FOR = timedelta(days=2)
_BODY = ("etag", "last_modified", "body_sha256")
_WHILE_DUE = ("url", "found_in", "etag", "last_modified")
_SLIM = ("known_id", "tried_at", "due_at", "body_sha256")
_SHORT_DIGEST = 16
_BATCH = 1 << 16  # rows
_WORDS = ["outlet", "outcome", "found_in.list.element", "last_modified"]  # few different ones

Row = dict[str, Any]


@dataclass(frozen=True)
class KnownUrl:
    """What earlier slots say of a URL; without `url` it is not due by itself."""

    tried_at: datetime
    due_at: datetime | None
    body_sha256: str | None = None  # or its beginning
    url: str | None = None
    found_in: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    is_fetched: bool = True  # once at least


def is_due(known: KnownUrl | None, now: datetime, changed_at: datetime | None = None) -> bool:
    """Whether a URL that a source names now is to be fetched; `changed_at` is the source's word on that."""
    if known is None:
        return True
    changed = changed_at is not None and known.tried_at < changed_at <= now
    return changed or (known.due_at is not None and known.due_at <= now)


def known_id(outlet: str, key: str) -> int:
    """Identity of an outlet's URL key: 64 bits, so that one of ten years' URLs may be taken for another."""
    digest = hashlib.sha256(f"{outlet}\x1f{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


# --- asked by a crawl ----------------------------------------------------------------------------


class Known:
    """The URLs of all outlets of a shard."""

    def __init__(self, slim: pa.Table, due: pa.Table) -> None:
        """`slim` has the columns that every URL needs, `due` whole rows of those due soon."""
        self._slim = slim.select(list(_SLIM))
        ids = self._slim["known_id"].to_numpy()
        self._order = np.argsort(ids)
        self._ids = ids[self._order]
        self._due = due
        self._due_at = {number: place for place, number in enumerate(due["known_id"].to_pylist())}
        self._due_of = defaultdict[str, list[int]](list)
        for row, outlet in enumerate(due["outlet"].to_pylist()):
            self._due_of[str(outlet)].append(row)

    @classmethod
    def read(cls, path: Path, until: datetime) -> Known:
        """A file of KNOWN rows, of those due until then the whole; nothing is known where there is no file."""
        slim, due = [KNOWN.schema.empty_table().select(list(_SLIM))], [KNOWN.schema.empty_table()]
        for batch in _batches(path if path.exists() else None):
            rows = pa.Table.from_batches([batch])
            slim.append(rows.select(list(_SLIM)))
            due.append(rows.filter(pc.field("due_at") <= until))
        return cls(pa.concat_tables(slim), pa.concat_tables(due))

    def of(self, outlet: str) -> KnownOf:
        """What is known of one outlet."""
        return KnownOf(self, outlet)

    def get(self, outlet: str, key: str) -> KnownUrl | None:
        """What is known of a URL key."""
        number = known_id(outlet, key)
        if (due := self._due_at.get(number)) is not None:
            return _known_url(_row(self._due, due))
        at = int(np.searchsorted(self._ids, number))
        if at == len(self._ids) or self._ids[at] != number:
            return None
        row = _row(self._slim, int(self._order[at]))
        return KnownUrl(row["tried_at"], row["due_at"], row["body_sha256"])

    def owed(self, outlet: str, now: datetime) -> Iterator[tuple[str, KnownUrl]]:
        """(URL key, what is known) of what is to be fetched though no source names it: a look, or a fetch owed."""
        for number in self._due_of.get(outlet, ()):
            row = _row(self._due, number)
            outcome = CaptureOutcome(row["outcome"])
            is_late = row["fetched_at"] is None and now > row["first_seen_at"] + _OWED_FOR
            if row["due_at"] <= now and outcome in _SUCCESS | _OWED and not (outcome in _OWED and is_late):
                yield key_of_normal(row["url"]), _known_url(row)


class KnownOf:
    """The URLs of one outlet by URL key."""

    def __init__(self, known: Known, outlet: str) -> None:
        self._known = known
        self._outlet = outlet

    def get(self, key: str) -> KnownUrl | None:
        """What is known of it."""
        return self._known.get(self._outlet, key)

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def owed(self, now: datetime) -> Iterator[tuple[str, KnownUrl]]:
        """See `Known.owed`."""
        return self._known.owed(self._outlet, now)


@cache
def nothing_known() -> KnownOf:
    """For an outlet without history."""
    empty = KNOWN.schema.empty_table()
    return Known(empty, empty).of("")


def _known_url(row: Row) -> KnownUrl:
    names = ("tried_at", "due_at", "url", *_BODY)
    return KnownUrl(
        **{name: row[name] for name in names},
        found_in=tuple(row["found_in"]),
        is_fetched=row["fetched_at"] is not None,
    )


def _row(table: pa.Table, number: int) -> Row:
    (row,) = table.slice(number, 1).to_pylist()
    return row


# --- renewed from captures -----------------------------------------------------------------------


def renew(
    old: Path | None,
    new: Path,
    captures: pa.Table,
    *,
    outlets: Collection[str],
    since: datetime,
    usual_ages: Sequence[float],
    note: Mapping[str, str] | None = None,
) -> None:
    """Write what is known after some CAPTURES rows (`TELLING` ones, in any order) as a file of KNOWN rows.

    What `old` knows already changes nothing. URLs last tried before `since`, and those of
    other outlets, are forgotten. `note` goes into the file's metadata. Memory: the captures, and a batch.
    """
    told = captures.sort_by("found_at").to_pylist()
    ids = [known_id(row["outlet"], row["url_key"]) for row in told]
    wanted, touched = pa.array(sorted(outlets), pa.string()), pa.array(set(ids), pa.int64())
    chosen = _ages(old, {row["outlet"] for row in told}, usual_ages)
    before: dict[int, Row] = {}
    schema = KNOWN.schema.with_metadata(dict(note or {}))
    with pq.ParquetWriter(
        new,
        schema,
        compression="zstd",
        use_dictionary=_WORDS,  # type: ignore[arg-type]
        write_statistics=False,
    ) as out:
        for batch in _batches(old):
            rows = pa.Table.from_batches([batch])
            is_told = pc.is_in(rows["known_id"], touched)
            before |= {row["known_id"]: row for row in rows.filter(is_told).to_pylist()}
            kept = pc.and_(pc.invert(is_told), pc.is_in(rows["outlet"], wanted))
            kept = pc.and_(kept, pc.greater_equal(rows["tried_at"], pa.scalar(since, rows["tried_at"].type)))
            out.write_table(rows.filter(kept).replace_schema_metadata(schema.metadata))
        for number, row in zip(ids, told, strict=True):
            before[number] = _told(number, before.get(number), row, chosen[row["outlet"]])
        out.write_table(pa.Table.from_pylist(list(before.values()), schema), row_group_size=_BATCH)


def know_as_owed(path: Path, outlet: str, urls: Iterable[str], now: datetime) -> None:
    """Write a file of URLs (normal ones) that are to be fetched though no source names them."""
    row = {"outlet": outlet, "found_in": ["asked for"], "found_at": now, "outcome": CaptureOutcome.LEFT}
    rows = [row | {"url": url, "url_key": key_of_normal(url)} for url in urls]
    captures = pa.Table.from_pylist(
        rows, pa.schema([CAPTURES.schema.field(name) for name in TELLING_COLUMNS])
    )
    renew(None, path, captures, outlets=[outlet], since=now, usual_ages=())


def note_of(path: Path) -> dict[str, str]:
    """What `renew` noted in a file; empty for a file of another shape."""
    schema = pq.read_schema(path)
    if not schema.equals(KNOWN.schema):
        return {}
    return {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}


def _told(number: int, before: Row | None, capture: Row, chosen: dict[float, int]) -> Row:
    """The row of a URL after a capture; the same as before if the capture is not newer."""
    outcome = CaptureOutcome(capture["outcome"])
    at = capture["fetched_at"] or capture["found_at"]
    if before and at <= before["tried_at"]:
        return before
    success = outcome in _SUCCESS
    good = capture if success else before or {}
    fetched_before = before["fetched_at"] if before else None
    if before and (fetched_before or not success):
        first_seen_at = before["first_seen_at"]  # looks count from what we have
    else:
        first_seen_at = at if success else capture["found_at"]
    looked, changed = (before["looked"], before["changed"]) if before else (0, 0)
    if success and fetched_before:
        age = 1 << place(at - first_seen_at)
        looked |= age
        changed |= age if outcome is CaptureOutcome.FETCHED else 0
    tries = 0 if success else (before["tries"] if before else 0) + 1
    if success:
        due_at = next_look(first_seen_at, at, chosen, number)
    else:
        due_at = at + min(_WAIT[outcome] * (1 << min(tries - 1, 20)), _LONGEST_WAIT)
    return {
        "known_id": number,
        "outlet": capture["outlet"],
        "first_seen_at": first_seen_at,
        "tried_at": at,
        "fetched_at": at if success else fetched_before,
        "due_at": due_at,
        "outcome": outcome,
        "tries": tries,
        "looked": looked,
        "changed": changed,
        "body_sha256": (good.get("body_sha256") or "")[: None if due_at else _SHORT_DIGEST] or None,
        **dict.fromkeys(_WHILE_DUE),
        **({"url": capture["url"], "found_in": capture["found_in"]} if due_at else {}),
        **({name: good.get(name) for name in ("etag", "last_modified")} if due_at else {}),
    }


def _ages(old: Path | None, outlets: Iterable[str], usual: Sequence[float]) -> dict[str, dict[float, int]]:
    """Outlet → the ages at which its articles are looked at, from the looks so far."""
    looked = {outlet: np.zeros(len(GRID), np.int64) for outlet in outlets}
    changed = {outlet: np.zeros(len(GRID), np.int64) for outlet in outlets}
    wanted = pa.array(sorted(looked), pa.string())
    for batch in _batches(old, ["outlet", "looked", "changed"]):
        rows = batch.filter(pc.is_in(batch["outlet"], wanted))
        names = rows["outlet"].dictionary_encode()
        for column, sums in (("looked", looked), ("changed", changed)):
            bits: npt.NDArray[np.int16] = rows[column].to_numpy()
            for age in range(len(GRID)):
                counts = np.bincount(names.indices.to_numpy(), weights=bits >> age & 1)
                for name, count in zip(names.dictionary.to_pylist(), counts, strict=True):
                    sums[str(name)][age] += int(count)
    return {name: ages(usual, looked[name].tolist(), changed[name].tolist()) for name in looked}


def _batches(path: Path | None, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    if path:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH, columns=columns, use_threads=False)

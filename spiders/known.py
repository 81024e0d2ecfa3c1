"""What is known of URLs: one file a shard, renewed by what captures tell, asked by the crawl.

A row a URL, in no order. Only URLs that are due now are read whole; of the others a crawl needs what says
that they are not, about 50 bytes each.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
_WHILE_DUE = ("url", "found_in", *_BODY)
_SLIM = ("known_id", "tried_at", "due_at", "body_id")
_NONE = np.iinfo(np.int64).min  # a null among these
_BATCH = 1 << 16  # rows, of a file's row groups as well
_WORDS = ["outlet", "outcome", "found_in.list.element", "last_modified"]  # few different ones

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = dict[str, Any]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class KnownUrl:
    """What earlier slots say of a URL; without `url` it is not due by itself."""

    tried_at: datetime
    due_at: datetime | None
    body_id: int | None = None
    body_sha256: str | None = None
    url: str | None = None
    found_in: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: str | None = None
    is_fetched: bool = True  # once at least

    def has_body(self, sha256: str) -> bool:
        """Whether the last body was the one with this SHA-256 (hex)."""
        return self.body_id == body_id(sha256)


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


def body_id(sha256: str) -> int:
    """Identity of a body by its SHA-256 (hex): 64 bits."""
    return int(sha256[:16], 16) - (1 << 63)


# --- asked by a crawl ----------------------------------------------------------------------------


class Known:
    """The URLs of all outlets of a shard."""

    def __init__(self, slim: Mapping[str, Numbers], due: pa.Table) -> None:
        """`slim` has the columns that every URL needs, `due` whole rows of those due soon."""
        order = np.argsort(slim["known_id"])
        # A memoryview gives `bisect` single numbers several times as fast as numpy does.
        self._ids, self._tried_at, self._due_at, self._bodies = (slim[name][order].data for name in _SLIM)
        self._due = due
        self._due_row = {number: place for place, number in enumerate(due["known_id"].to_pylist())}
        self._due_of = defaultdict[str, list[int]](list)
        for row, outlet in enumerate(due["outlet"].to_pylist()):
            self._due_of[str(outlet)].append(row)

    @classmethod
    def read(cls, path: Path, until: datetime) -> Known:
        """A file of KNOWN rows, of those due until then the whole; nothing is known where there is no file."""
        due = [KNOWN.schema.empty_table()]
        slim: dict[str, list[Numbers]] = {name: [np.empty(0, np.int64)] for name in _SLIM}
        if path.exists():
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    rows = file.read_row_group(group, list(_SLIM), use_threads=False)
                    for name, parts in slim.items():
                        parts.append(_numbers(rows[name]))
                    if pc.any(pc.less_equal(rows["due_at"], pa.scalar(until, rows["due_at"].type))).as_py():
                        rows = file.read_row_group(group, use_threads=False)
                        due.append(rows.filter(pc.field("due_at") <= until))
        return cls({name: np.concatenate(parts) for name, parts in slim.items()}, pa.concat_tables(due))

    def of(self, outlet: str) -> KnownOf:
        """What is known of one outlet."""
        return KnownOf(self, outlet)

    def get(self, outlet: str, key: str) -> KnownUrl | None:
        """What is known of a URL key."""
        number = known_id(outlet, key)
        if (due := self._due_row.get(number)) is not None:
            return _known_url(_row(self._due, due))
        at = bisect_left(self._ids, number)
        if at == len(self._ids) or self._ids[at] != number:
            return None
        tried_at, due_at, body = self._tried_at[at], self._due_at[at], self._bodies[at]
        return KnownUrl(
            _instant(tried_at), None if due_at == _NONE else _instant(due_at), None if body == _NONE else body
        )

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
    return Known(dict.fromkeys(_SLIM, np.empty(0, np.int64)), KNOWN.schema.empty_table()).of("")


def _numbers(column: pa.ChunkedArray[Any]) -> Numbers:
    filled: Any = pc.fill_null(column.cast(pa.int64()), pa.scalar(_NONE, pa.int64()))
    numbers: Numbers = filled.to_numpy()
    return numbers


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _known_url(row: Row) -> KnownUrl:
    names = ("tried_at", "due_at", "body_id", "url", *_BODY)
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
    looks: list[pa.Table] = []
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
            looks.append(rows.group_by(["outlet", "looked", "changed"]).aggregate([([], "count_all")]))
            is_told = pc.is_in(rows["known_id"], touched)
            before |= {row["known_id"]: row for row in rows.filter(is_told).to_pylist()}
            kept = pc.and_(pc.invert(is_told), pc.is_in(rows["outlet"], wanted))
            kept = pc.and_(kept, pc.greater_equal(rows["tried_at"], pa.scalar(since, rows["tried_at"].type)))
            out.write_table(rows.filter(kept).replace_schema_metadata(schema.metadata))
        chosen = _ages(looks, {row["outlet"] for row in told}, usual_ages)
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
        "body_id": _body_of(good),
        **dict.fromkeys(_WHILE_DUE),
        **({"url": capture["url"], "found_in": capture["found_in"]} if due_at else {}),
        **({name: good.get(name) for name in _BODY} if due_at else {}),
    }


def _body_of(good: Row) -> int | None:
    """Of a capture, or of a row kept before."""
    return body_id(digest) if (digest := good.get("body_sha256")) else good.get("body_id")


def _ages(
    looks: Sequence[pa.Table], outlets: Iterable[str], usual: Sequence[float]
) -> dict[str, dict[float, int]]:
    """Outlet → the ages at which its articles are looked at, from counts of the looks so far."""
    looked = {outlet: [0] * len(GRID) for outlet in outlets}
    changed = {outlet: [0] * len(GRID) for outlet in outlets}
    if looks:
        counts = pa.concat_tables(looks).group_by(["outlet", "looked", "changed"])
        for row in counts.aggregate([("count_all", "sum")]).to_pylist():
            if row["outlet"] in looked:
                for bits, sums in ((row["looked"], looked), (row["changed"], changed)):
                    for age in range(len(GRID)):
                        sums[row["outlet"]][age] += row["count_all_sum"] * (bits >> age & 1)
    return {name: ages(usual, looked[name], changed[name]) for name in looked}


def _batches(path: Path | None) -> Iterator[pa.RecordBatch]:
    if path:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH, use_threads=False)

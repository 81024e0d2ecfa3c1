"""What is known of URLs: two files a shard, renewed by what captures tell, asked by the crawl.

A row a URL, in no order. The *base* holds nearly all of them and is written once a day; the *news* is what was told
since, written anew in every slot, and goes before the base. What a crawl asks of the base is an index of it, sorted,
40 bytes a URL, that is mapped into memory; whole rows are read only of URLs that are due.
"""

from __future__ import annotations

import hashlib
import json
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
NEWS_NAME, BASE_NAME, INDEX_NAME = "known.parquet", "known-base.parquet", "known-base.npy"
_INDEXED = ("known_id", "tried_at", "due_at", "body_id")  # lines of an index; then the place of the row
_ID, _TRIED_AT, _DUE_AT, _BODY_ID, _PLACE = range(5)
_NONE = np.iinfo(np.int64).min  # a null among these
_BATCH = 1 << 14  # rows, of a file's row groups as well
# Rows of a new base that are due within this time stand together, so that a slot of that day reads few row groups.
_SOON = timedelta(days=1)
_HELD = 1 << 17
_LOOKS = ["outlet", "looked", "changed"]
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

    def __init__(self, indexes: Sequence[Numbers], due: pa.Table) -> None:
        """`indexes` have every URL, the newest first; `due` whole rows of those due soon."""
        # A memoryview gives `bisect` single numbers several times as fast as numpy does.
        self._indexes = [[line.data for line in index] for index in indexes]
        self._due: Any = due.to_struct_array().combine_chunks()
        self._due_row = {number: row for row, number in enumerate(due["known_id"].to_pylist())}
        self._due_of = defaultdict[str, list[int]](list)
        for row, outlet in enumerate(due["outlet"].to_pylist()):
            self._due_of[str(outlet)].append(row)

    @classmethod
    def read(cls, folder: Path, until: datetime) -> Known:
        """The files of a folder, of what is due until then the whole; nothing is known where there is no file."""
        indexes: list[Numbers] = []
        due = [KNOWN.schema.empty_table()]
        if (news := folder / NEWS_NAME).exists():
            indexes.append(make_index(news))
            due.append(_due(news, indexes[0], until))
        if (base := folder / BASE_NAME).exists():
            indexes.append(np.load(folder / INDEX_NAME, mmap_mode="r"))
            due.append(_due(base, indexes[-1], until, *indexes[:-1]))
        return cls(indexes, pa.concat_tables(due))

    def of(self, outlet: str) -> KnownOf:
        """What is known of one outlet."""
        return KnownOf(self, outlet)

    def get(self, outlet: str, key: str) -> KnownUrl | None:
        """What is known of a URL key."""
        number = known_id(outlet, key)
        if (due := self._due_row.get(number)) is not None:
            return _known_url(self._due[due].as_py())
        for ids, tried_at, due_at, bodies, _ in self._indexes:
            at = bisect_left(ids, number)
            if at < len(ids) and ids[at] == number:
                return KnownUrl(
                    _instant(tried_at[at]),
                    None if due_at[at] == _NONE else _instant(due_at[at]),
                    None if bodies[at] == _NONE else bodies[at],
                )
        return None

    def owed(self, outlet: str, now: datetime) -> Iterator[tuple[str, KnownUrl]]:
        """(URL key, what is known) of what is to be fetched though no source names it: a look, or a fetch owed."""
        for number in self._due_of.get(outlet, ()):
            row = self._due[number].as_py()
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
    return Known((), KNOWN.schema.empty_table()).of("")


def make_index(path: Path) -> Numbers:
    """What a crawl must know of each URL of a file: lines of `_INDEXED`, and the place of its row; in order of id."""
    with pq.ParquetFile(path) as file:
        index = np.empty((_PLACE + 1, file.metadata.num_rows), np.int64)
        end = 0
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, list(_INDEXED), use_threads=False)
            start, end = end, end + len(rows)
            for line, name in enumerate(_INDEXED):
                index[line, start:end] = _numbers(rows[name])
    order = np.argsort(index[_ID])
    index[_PLACE] = order
    for line in index[:_PLACE]:
        line[:] = line[order]
    return index


def _due(path: Path, index: Numbers, until: datetime, *newer: Numbers) -> pa.Table:
    """Rows due until then, without those that a newer index has too."""
    due_at = index[_DUE_AT]
    due = np.flatnonzero((due_at != _NONE) & (due_at <= (until - _EPOCH) // timedelta(microseconds=1)))
    for other in newer:
        due = due[~np.isin(index[_ID, due], other[_ID])]
    return _rows(path, index[_PLACE, due])


def _rows(path: Path, places: Numbers) -> pa.Table:
    """The rows at some places of a file."""
    places = np.sort(places)
    found = [KNOWN.schema.empty_table()]
    with pq.ParquetFile(path) as file:
        end = 0
        for group in range(file.num_row_groups):
            start, end = end, end + file.metadata.row_group(group).num_rows
            inside = places[np.searchsorted(places, start) : np.searchsorted(places, end)]
            if len(inside):
                rows = file.read_row_group(group, use_threads=False)
                found.append(rows.take(inside - start).replace_schema_metadata())
    return pa.concat_tables(found)


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


# --- renewed from captures -----------------------------------------------------------------------


def renew(
    old: Path | None,
    new: Path,
    captures: pa.Table,
    *,
    usual_ages: Sequence[float],
    note: Mapping[str, str] | None = None,
) -> None:
    """Write what is known after some CAPTURES rows (`TELLING` ones, in any order) as the news of a folder.

    What `old`, the news before, or the base beside `new` knows already changes nothing. `note` goes into the file's
    metadata. Memory: the captures, and a batch.
    """
    told = captures.sort_by("found_at").to_pylist()
    ids = [known_id(row["outlet"], row["url_key"]) for row in told]
    base = new.with_name(BASE_NAME)
    looks = _looks(old or (base if base.exists() else None))
    before = _of_base(new.parent, ids) if ids and base.exists() else {}
    touched = pa.array(set(ids), pa.int64())
    with _writer(new) as out:
        for rows in _batches(old):
            is_told = pc.is_in(rows["known_id"], touched)
            before |= {row["known_id"]: row for row in rows.filter(is_told).to_pylist()}
            out.write_table(rows.filter(pc.invert(is_told)))
        chosen = {name: ages(usual_ages, *looks[name]) for name in {row["outlet"] for row in told}}
        counted = [(row["outlet"], row, -1) for row in before.values()]
        for number, row in zip(ids, told, strict=True):
            before[number] = _told(number, before.get(number), row, chosen[row["outlet"]])
        counted += [(row["outlet"], row, 1) for row in before.values()]
        for outlet, row, times in counted:
            _count(looks[outlet], row["looked"], row["changed"], times)
        out.write_table(pa.Table.from_pylist(list(before.values()), KNOWN.schema), row_group_size=_BATCH)
        out.add_key_value_metadata({**(note or {}), "looks": json.dumps(looks)})


def fold(folder: Path, new: Path, *, outlets: Collection[str], since: datetime, now: datetime) -> None:
    """Write news and base of a folder as one file, the next base.

    URLs last tried before `since`, and those of other outlets, are forgotten. Memory: the ids of the news, and a batch.
    """
    wanted = pa.array(sorted(outlets), pa.string())
    soon = pc.field("due_at") <= now + _SOON
    held = [KNOWN.schema.empty_table()]
    newer: Any = pa.array([], pa.int64())
    counts = [held[0].group_by(_LOOKS).aggregate([([], "count_all")])]
    with _writer(new) as out:
        for path in (folder / NEWS_NAME, folder / BASE_NAME):
            for rows in _batches(path if path.exists() else None):
                kept = pc.invert(pc.is_in(rows["known_id"], newer))
                kept = pc.and_(kept, pc.is_in(rows["outlet"], wanted))
                kept = pc.and_(
                    kept, pc.greater_equal(rows["tried_at"], pa.scalar(since, rows["tried_at"].type))
                )
                latest = rows.filter(kept)
                out.write_table(latest.filter(~soon | pc.is_null(pc.field("due_at"))))
                held.append(latest.filter(soon))
                if sum(map(len, held)) >= _HELD:
                    out.write_table(pa.concat_tables(held).sort_by("due_at"), row_group_size=_BATCH)
                    held = held[:1]
                counts.append(latest.group_by(_LOOKS).aggregate([([], "count_all")]))
            if path.exists():
                newer = pq.read_table(path, columns=["known_id"])["known_id"].combine_chunks()
        out.write_table(pa.concat_tables(held).sort_by("due_at"), row_group_size=_BATCH)
        looks = _no_looks()
        for row in pa.concat_tables(counts).group_by(_LOOKS).aggregate([("count_all", "sum")]).to_pylist():
            _count(looks[row["outlet"]], row["looked"], row["changed"], row["count_all_sum"])
        out.add_key_value_metadata({"looks": json.dumps(looks)})


def know_as_owed(folder: Path, outlet: str, urls: Iterable[str], now: datetime) -> None:
    """Write the news of a folder: URLs (normal ones) that are to be fetched though no source names them."""
    row = {"outlet": outlet, "found_in": ["asked for"], "found_at": now, "outcome": CaptureOutcome.LEFT}
    rows = [row | {"url": url, "url_key": key_of_normal(url)} for url in urls]
    captures = pa.Table.from_pylist(
        rows, pa.schema([CAPTURES.schema.field(name) for name in TELLING_COLUMNS])
    )
    renew(None, folder / NEWS_NAME, captures, usual_ages=())


def note_of(path: Path) -> dict[str, str]:
    """What `renew` noted in a file; empty for a file of another shape."""
    if not pq.read_schema(path).equals(KNOWN.schema):
        return {}
    noted = pq.read_metadata(path).metadata or {}
    return {key.decode(): value.decode() for key, value in noted.items() if not key.startswith(b"ARROW:")}


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


# Outlet → how many looks there were at each place of `GRID`, and how many found another body.
_Looks = defaultdict[str, list[list[int]]]


def _no_looks() -> _Looks:
    return defaultdict(lambda: [[0] * len(GRID), [0] * len(GRID)])


def _looks(path: Path | None) -> _Looks:
    """Those counted in a file."""
    looks = _no_looks()
    looks.update(json.loads(note_of(path)["looks"]) if path else {})
    return looks


def _count(sums: list[list[int]], looked: int, changed: int, times: int) -> None:
    """Add the looks at a URL, a bit each, so many times."""
    for counts, bits in zip(sums, (looked, changed), strict=True):
        for age in range(bits.bit_length()):
            counts[age] += times * (bits >> age & 1)


def _of_base(folder: Path, ids: Sequence[int]) -> dict[int, Row]:
    """Rows of the base by id, of those of these ids that it has."""
    index = np.load(folder / INDEX_NAME, mmap_mode="r")
    wanted = np.unique(np.array(ids, np.int64))
    at = np.searchsorted(index[_ID], wanted)
    at = at[at < index.shape[1]]
    places = index[_PLACE, at[index[_ID, at] == wanted[: len(at)]]]
    return {row["known_id"]: row for row in _rows(folder / BASE_NAME, places).to_pylist()}


def _batches(path: Path | None) -> Iterator[pa.Table]:
    if path:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH, use_threads=False):
                yield pa.Table.from_batches([batch]).replace_schema_metadata()


def _writer(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        KNOWN.schema,
        compression="zstd",
        use_dictionary=_WORDS,  # type: ignore[arg-type]
        write_statistics=False,
    )

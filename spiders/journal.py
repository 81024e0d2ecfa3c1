"""What a crawl has done so far, safe against `kill -9` at any byte.

A folder with two files that only grow: `pages.warc.gz`, one gzip member a page, and `journal.jsonl`, one
line an event, e.g. `{"capture": {…, "warc_offset": 512, "warc_bytes": 9876}}`. A page's member is written
before its line, so a line never points at what is not there. Whatever is torn at the end of either file is
cut off when the journal is opened or read again, and counted.
"""

from __future__ import annotations

import fcntl
import json
import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import pyarrow as pa
from pydantic_core import PydanticSerializationError, from_json, to_json

from schemas import urls
from schemas.errors import TryLater
from schemas.page import Statement
from schemas.tables import CAPTURES, INSTANT, VISITS
from schemas.vocabulary import CaptureOutcome
from spiders.warc import info_record

WARC_NAME = "pages.warc.gz"
INDEX_NAME = "journal.jsonl"
_BATCH = 10_000  # URLs as Python objects at a time
_LINE_BYTES = 2_048  # most lines are shorter
_CLAIMS = 100  # of a URL, whatever the number of its sources


@dataclass(frozen=True)
class Found:
    """A URL was named: by sources of this slot, or earlier and it is owed a fetch. May be repeated."""

    outlet: str
    url: str
    url_key: str
    found_in: list[str]
    found_at: str
    changed_at: str | None = None
    claims: Sequence[Statement] = ()


@dataclass(frozen=True)
class Capture:
    """A URL reached its outcome; the names are those of table `captures`, instants in ISO 8601."""

    outlet: str
    url_key: str
    outcome: str
    reason: str | None = None
    detail: str | None = None
    status: int | None = None
    final_url: str | None = None
    fetched_at: str | None = None
    duration_ms: int | None = None
    bytes: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    warc_offset: int | None = None
    warc_bytes: int | None = None
    rights: list[str] | None = None
    requests: int | None = None
    received_bytes: int | None = None
    rests_until: str | None = None


@dataclass(frozen=True)
class Visit:
    """A source was looked at and all it names has been written; names as in table `visits`."""

    outlet: str
    source_url: str
    kind: str
    outcome: str
    visited_at: str
    reason: str | None = None
    detail: str | None = None
    status: int | None = None
    found: int = 0
    new: int = 0
    duration_ms: int | None = None
    bytes: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    interval_seconds: int | None = None
    next_visit_at: str | None = None
    rhythm: list[float] | None = None
    silence: float | None = None
    failures: int = 0
    hint_seconds: int | None = None
    newest_at: str | None = None
    is_liar: bool = False
    requests: int | None = None
    received_bytes: int | None = None
    rests_until: str | None = None


@dataclass(frozen=True)
class Probe:
    """A host was asked for an address that nobody has.

    If a page came, `final_url` is where it stands, and there are digests of its title and of some of its words.
    """

    outlet: str
    host: str
    url: str
    asked_at: str
    final_url: str | None = None
    title: int | None = None
    words: Sequence[int] = ()


@dataclass(frozen=True)
class Stop:
    """An outlet, or (`outlet` null) the whole crawl, has ended; `reason` is what its URLs left over get."""

    outlet: str | None
    reason: str


Event = Found | Capture | Visit | Probe | Stop
_EVENTS: dict[str, type[Event]] = {
    "found": Found,
    "capture": Capture,
    "visit": Visit,
    "probe": Probe,
    "stop": Stop,
}
_NAMES = {cls: name for name, cls in _EVENTS.items()}


@dataclass(frozen=True)
class Landing:
    """A journal as rows. `warc_key` is null: the step knows it. `discovered` counts URLs per outlet."""

    batches: Callable[[], Iterator[pa.Table]]
    """Gives the rows of CAPTURES, read anew each time, 10,000 at once."""
    visits: pa.Table
    probes: list[Probe]
    warc_path: Path
    archived: int  # pages in the WARC file
    discovered: dict[str, int]
    torn: int

    @property
    def captures(self) -> pa.Table:
        """All rows of CAPTURES."""
        return pa.concat_tables([CAPTURES.schema.empty_table(), *self.batches()])


class Journal:
    """A journal open for writing; `ended` is why the crawl has ended, if it has."""

    def __init__(self, folder: Path, warc: int, index: int, ended: str | None) -> None:
        self.folder = folder
        self.ended = ended
        self._warc = warc
        self._index = index
        self._index_size = os.fstat(index).st_size
        self._warc_size = os.fstat(warc).st_size
        if not self._warc_size:
            self._append(info_record("Presslake"))

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator[Self]:
        """Resume the journal in `folder`, or begin one. Raises `TryLater` while another process writes it."""
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder) as (warc, index):
            ended, _ = _mend(warc, index)
            yield cls(folder, warc, index, ended)

    def events(self) -> Iterator[tuple[int, Event]]:
        """(offset, event) of all the journal holds, in order."""
        return _read(self.folder)

    def event(self, offset: int) -> Event:
        """The event at an offset that `write` or `events` gave."""
        return _event_at(self._index, offset)

    def write(self, event: Event) -> int:
        """Append one event; returns its offset."""
        self.ended = _end_of_crawl(event) or self.ended
        data = _line(event)
        _write(self._index, data)
        offset, self._index_size = self._index_size, self._index_size + len(data)
        return offset

    def archive(self, record: bytes) -> tuple[int, int]:
        """Append one WARC record; returns (offset, length) for the capture that is to be written next."""
        offset = self._warc_size
        self._append(record)
        return offset, len(record)

    def _append(self, record: bytes) -> None:
        _write(self._warc, record)
        self._warc_size += len(record)


def read_journal(folder: Path, slot: str) -> Landing:
    """The journal of a crawl that has ended, in whatever way, as rows of CAPTURES and VISITS.

    URLs without an outcome become `left`, with the limit that ended the crawl as reason, or `crash`.
    Raises `TryLater` while a crawl is still writing. Memory: some 50 bytes an event, and a batch of rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    urls_of = _Urls()
    visits: dict[tuple[str, str], Visit] = {}
    probes: list[Probe] = []
    stops: dict[str | None, str] = {}

    def note(event: Event, offset: int) -> None:
        match event:
            case Found():
                urls_of.named(event, offset)
            case Capture():
                urls_of.captured(event, offset)
            case Visit(outlet=outlet, source_url=url):
                visits[outlet, url] = event
            case Probe():
                probes.append(event)
            case Stop(outlet=stopped, reason=reason):
                stops[stopped] = reason

    with _locked(folder) as (warc, index):
        _, torn = _mend(warc, index, note)

    def row(index: int, named: Sequence[int], captured: int | None) -> dict[str, object]:
        found = [cast("Found", _event_at(index, offset)) for offset in named]
        outlet, key = found[0].outlet, found[0].url_key
        if captured is not None:
            capture = cast("Capture", _event_at(index, captured))
        else:
            reason = stops.get(outlet, stops.get(None, "crash"))
            capture = Capture(outlet, key, CaptureOutcome.LEFT, reason)
        return vars(capture) | {
            "capture_id": urls.capture_id(slot, outlet, key),
            "slot": slot,
            "url": found[0].url,
            "found_in": sorted({source for it in found for source in it.found_in}),
            "found_at": found[0].found_at,
            "claims": None if capture.outcome == CaptureOutcome.NOT_DUE else _claims(found),
        }

    def batches() -> Iterator[pa.Table]:
        with _locked(folder) as (_, index):
            lines = urls_of.lines()
            while some := list(islice(lines, _BATCH)):
                yield _table([row(index, *of_url) for of_url in some], CAPTURES.schema)

    return Landing(
        batches=batches,
        visits=_table([vars(visits[key]) | {"slot": slot} for key in sorted(visits)], VISITS.schema),
        probes=probes,
        warc_path=folder / WARC_NAME,
        archived=urls_of.archived,
        discovered=urls_of.discovered(),
        torn=torn,
    )


class _Urls:
    """Which lines of a journal speak of which URL: hashes (of this process) and offsets."""

    def __init__(self) -> None:
        self.archived = 0
        self._outlets: dict[str, int] = {}
        self._named, self._named_at, self._named_by = array("q"), array("q"), array("q")
        self._captured, self._captured_at = array("q"), array("q")

    def named(self, event: Found, offset: int) -> None:
        """A URL was named."""
        self._named.append(hash((event.outlet, event.url_key)))
        self._named_at.append(offset)
        self._named_by.append(self._outlets.setdefault(event.outlet, len(self._outlets)))

    def captured(self, event: Capture, offset: int) -> None:
        """A URL reached its outcome."""
        self._captured.append(hash((event.outlet, event.url_key)))
        self._captured_at.append(offset)
        self.archived += event.warc_offset is not None

    def discovered(self) -> dict[str, int]:
        """URLs by outlet."""
        _, first = np.unique(self._named, return_index=True)
        counts = np.bincount(np.asarray(self._named_by)[first], minlength=len(self._outlets))
        return dict(zip(self._outlets, counts.tolist(), strict=True))

    def lines(self) -> Iterator[tuple[Sequence[int], int | None]]:
        """Of each URL, in the order they were first named: where it was named, and where captured, if it was."""
        known, first, url = np.unique(self._named, return_index=True, return_inverse=True)
        at = np.full(len(known), -1)
        captured = np.asarray(self._captured)
        is_named = np.isin(captured, known)
        at[np.searchsorted(known, captured[is_named])] = np.asarray(self._captured_at)[is_named]
        order = np.argsort(url, kind="stable")
        begin = np.searchsorted(url[order], np.arange(len(known) + 1))
        named_at = np.asarray(self._named_at)[order]
        for each in np.argsort(first):
            yield named_at[begin[each] : begin[each + 1]].tolist(), int(at[each]) if at[each] >= 0 else None


def _claims(found: list[Found]) -> list[dict[str, str]]:
    """What the sources of a URL say of it, each claim once."""
    said = dict.fromkeys(Statement(*claim) for it in found for claim in it.claims)
    return [claim._asdict() for claim in islice(said, _CLAIMS)]


def _end_of_crawl(event: Event) -> str | None:
    """Why the crawl as a whole ended by itself, if this event says so: finished or a limit."""
    return event.reason if isinstance(event, Stop) and event.outlet is None else None


def _table(rows: list[dict[str, object]], schema: pa.Schema) -> pa.Table:
    """Rows as a table; ISO strings become instants, missing keys null."""
    columns = []
    for column in schema:
        values = [row.get(column.name) for row in rows]
        if column.type == INSTANT:
            values = [datetime.fromisoformat(v) if isinstance(v, str) else v for v in values]
        columns.append(pa.array(values, column.type))
    return pa.Table.from_arrays(columns, schema=schema)


@contextmanager
def _locked(folder: Path) -> Iterator[tuple[int, int]]:
    """File descriptors of (WARC, index), append only, held exclusively."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    index = os.open(folder / INDEX_NAME, flags, 0o644)
    warc = os.open(folder / WARC_NAME, flags, 0o644)
    try:
        try:
            fcntl.flock(index, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TryLater(f"another crawl is writing {folder}; wait until it has ended") from error
        yield warc, index
    finally:
        os.close(index)
        os.close(warc)


def _mend(
    warc: int, index: int, note: Callable[[Event, int], None] = lambda _event, _offset: None
) -> tuple[str | None, int]:
    """Cut both files back to their last whole record; returns why the crawl has ended and the number cut off.

    What is kept is told to `note`, with its offset.
    """
    ended: str | None = None
    kept, archived, torn = 0, 0, 0
    warc_size = os.fstat(warc).st_size
    with os.fdopen(os.dup(index), "rb") as file:
        file.seek(0)
        for line in file:
            event = parse_event(line)
            if event is None or (isinstance(event, Capture) and _end(event) > warc_size):
                torn = 1 + sum(1 for _ in file)
                break
            note(event, kept)
            kept += len(line)
            ended = _end_of_crawl(event) or ended
            if isinstance(event, Capture):
                archived = max(archived, _end(event))
    os.ftruncate(index, kept)
    if archived < warc_size:
        # Without a page the file is either empty or the warcinfo record, whole or not: begin it anew.
        torn += archived > 0
        os.ftruncate(warc, archived)
    return ended, torn


def _read(folder: Path) -> Iterator[tuple[int, Event]]:
    """(offset, event) of a mended index."""
    offset = 0
    with (folder / INDEX_NAME).open("rb") as file:
        for line in file:
            yield offset, _whole(line)
            offset += len(line)


def _event_at(index: int, offset: int) -> Event:
    line = b""
    while b"\n" not in line:
        line += os.pread(index, _LINE_BYTES, offset + len(line))
    return _whole(line[: line.index(b"\n") + 1])


def _whole(line: bytes) -> Event:
    event = parse_event(line)
    if event is None:
        raise ValueError(f"no event of a journal: {line[:100]!r}")
    return event


def _end(capture: Capture) -> int:
    return (capture.warc_offset or 0) + (capture.warc_bytes or 0)


def parse_event(line: bytes) -> Event | None:
    """The event of one line; None when the line is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        ((name, values),) = _told(line).items()
        return _EVENTS[name](**values)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


# pydantic's JSON takes a tenth of the time, but refuses half a surrogate pair, which sources can spell.
def _line(event: Event) -> bytes:
    told = {_NAMES[type(event)]: vars(event)}
    try:
        return to_json(told) + b"\n"
    except PydanticSerializationError:
        return json.dumps(told).encode() + b"\n"


def _told(line: bytes) -> Any:
    try:
        return from_json(line, cache_strings="keys")
    except ValueError:
        return json.loads(line)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]

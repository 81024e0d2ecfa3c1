"""The records of an archive, or documents as records: pages with their bodies decoded, and what is no page.

An archive is read as a stream. What is damaged is passed over: reading goes on at the next record that is whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from selectolax.lexbor import LexborHTMLParser

from presslake.inputs import Input, Source
from schemas.errors import Reject
from schemas.urls import normal_url
from spiders.decode import decode
from spiders.fetch import MOVED
from spiders.refused import Refused, failed

_TYPES = {
    "html": "text/html",
    "htm": "text/html",
    "xhtml": "application/xhtml+xml",
    "txt": "text/plain",
}
_PAGES = int(WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion)
_GZIP = b"\x1f\x8b\x08"
_BLOCK = 1 << 20
# Places at which a whole record is looked for after damage, before the rest is given up.
_TRIALS = 10_000
# Some crawlers put the URL into angle brackets, as a draft of WARC 1.0 had it.
_BRACKETS = "<>"
_CANONICAL = 'link[rel~="canonical" i][href], meta[property="og:url" i][content]'
_HEAD_BYTES = 1 << 18
_CUT_OFF = frozenset({"time", "disconnect"})  # unlike `length`: a page that was too long for its crawler


@dataclass(frozen=True)
class Place:
    """Where a record starts: its offset in the file (compressed), its number from 0 on, and its id."""

    offset: int = 0
    number: int = 0
    record_id: str | None = None


@dataclass(frozen=True)
class Record:
    """One page; `refused` says why it has no body, `moved_to` where its URL leads instead, `is_torn` that the archive
    ends within it.
    """

    url: str
    at: datetime
    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    refused: Refused | None = None
    moved_to: str | None = None
    is_torn: bool = False


@dataclass(frozen=True)
class NoPage:
    """A record that is none: a WARC type, `no_url`, or `damaged`, with the error as detail."""

    kind: str
    detail: str = ""


def read_records(
    source: Source, limit: int, place: Place, *, url: str | None = None, homepage: str | None = None
) -> Iterator[tuple[Place, Record | NoPage]]:
    """The records of a source from a place on, each with its own; bodies of at most `limit` bytes once decoded.

    `url` is that of a single document, `homepage` that of the outlet of documents that do not name their
    own. Raises `Reject` for a document without a URL and for a file that holds no record.
    """
    if not source.inputs[0].is_archive:
        for number, document in enumerate(source.inputs[place.number :], start=place.number):
            yield Place(number=number), _document(document, url, homepage, limit)
        return
    with source.inputs[0].open() as stream:
        yield from _archive(stream, source.label, limit, place)


# --- archives ------------------------------------------------------------------------------------


def _archive(
    stream: BinaryIO, label: str, limit: int, place: Place
) -> Iterator[tuple[Place, Record | NoPage]]:
    number, passed = _sought(stream, place)
    start = stream.tell()
    stream.seek(0)
    needle = _GZIP if stream.read(3) == _GZIP else b"WARC/1."
    error: Exception | None = None
    for _ in range(_TRIALS):
        stream.seek(start)
        at, is_torn = start, False
        try:
            for record in ArchiveIterator(stream, parse_http=False):
                at, error = record.stream_pos, None
                here = Place(at, number, record.headers.get("WARC-Record-ID"))
                read = _read(record, limit) if number >= passed else None
                number += 1
                if read is None:
                    continue
                yield here, read
                # Its stated length may be wrong: what it has swallowed is looked at again.
                if is_torn := isinstance(read, Record) and read.is_torn:
                    break
        except (OSError, ValueError) as damage:
            if error is None and (number > passed or passed == 0):
                yield Place(at, number), NoPage("damaged", f"behind byte {at}: {damage}")
            error = damage
        if error is None and not is_torn:
            break
        if (found := _find(stream, needle, at + 1)) is None:
            break
        start = found
    if number == 0:
        raise Reject(f"{label} is no WARC file: {error or 'it holds no record'}")


def _sought(stream: BinaryIO, place: Place) -> tuple[int, int]:
    """(number of the record the stream stands at, number of the first that is asked for).

    Offsets are those of gzip members, and a member may hold many records: only one that begins with the very
    record is sought, else the file is read from its start.
    """
    if place.offset and place.record_id:
        stream.seek(place.offset)
        try:
            first = next(iter(ArchiveIterator(stream, parse_http=False)), None)
        except (OSError, ValueError):
            first = None
        if first is not None and first.headers.get("WARC-Record-ID") == place.record_id:
            stream.seek(place.offset)
            return place.number, place.number
    stream.seek(0)
    return 0, place.number


def _find(stream: BinaryIO, needle: bytes, offset: int) -> int | None:
    """Where the needle first stands from an offset on."""
    stream.seek(offset)
    window = b""
    while block := stream.read(_BLOCK):
        window += block
        if (found := window.find(needle)) >= 0:
            return offset + found
        keep = len(needle) - 1
        offset += len(window) - keep
        window = window[-keep:]
    return None


def _read(record: WarcRecord, limit: int) -> Record | NoPage:
    """A record of any type. Raises ValueError when its head is cut off."""
    if "Content-Length" not in record.headers:
        raise ValueError("a record's head is cut off")
    if not int(record.record_type) & _PAGES:
        return NoPage(str(record.record_type))
    try:
        url = normal_url((record.headers.get("WARC-Target-URI") or "").strip(_BRACKETS))
    except Reject:
        return NoPage("no_url")  # such as the dns: records of crawlers
    at = record.record_date or datetime.fromtimestamp(0, UTC)
    kind = record.headers.get("Content-Type") or "text/plain"
    if record.record_type != WarcRecordType.response:
        return _page(record, Record(url, at, 200, [("Content-Type", kind)]), limit)
    return _response(record, url, at, limit)


def _response(record: WarcRecord, url: str, at: datetime, limit: int) -> Record | NoPage:
    """What the record of an HTTP response holds: a page, or where its URL leads."""
    try:
        record.parse_http(auto_decode="none")
        # A head without fields is falsy in FastWARC 2.0.
        status = record.http_headers.status_code if record.http_headers is not None else None
        if not status:
            raise ValueError("no status")
    except (OSError, ValueError) as error:
        return Record(url, at, 0, [], refused=failed("bad_encoding", f"HTTP head: {error}"))
    headers = [(str(name), str(value)) for name, value in record.http_headers or []]
    page = Record(url, at, status, headers)
    location = next((value for name, value in headers if name.lower() == "location"), None)
    if status not in MOVED or location is None:
        return NoPage("revisit") if status == 304 else _page(record, page, limit)
    try:
        return replace(page, moved_to=normal_url(location, url))
    except Reject:
        return replace(page, refused=failed("bad_url", location))


def _page(record: WarcRecord, page: Record, limit: int) -> Record:
    """The page with its body, or with why it has none."""
    body, there = _payload(record, limit)
    if (why := record.headers.get("WARC-Truncated")) in _CUT_OFF:
        return replace(page, refused=failed("truncated", f"WARC-Truncated: {why}"))
    if there < record.content_length:
        torn = failed("truncated", f"{there} of {record.content_length} bytes are in the archive")
        return replace(page, refused=torn, is_torn=True)
    if there > limit:
        return replace(page, refused=failed("too_large", f"{there} bytes"))
    try:
        return replace(page, body=_decoded(body, page.headers, limit))
    except Refused as refused:
        return replace(page, refused=refused)


def _payload(record: WarcRecord, limit: int) -> tuple[bytes, int]:
    """The payload's first bytes up to a limit, and how many there are of it."""
    stated = record.content_length
    body = bytes(record.reader.read(min(stated, limit)))
    there = len(body)
    while there < stated and (more := len(record.reader.read(min(_BLOCK, stated - there)))):
        there += more
    return body, there


def _decoded(body: bytes, headers: list[tuple[str, str]], limit: int) -> bytes:
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        body = _dechunked(body)
    encodings = [value for name, value in headers if name.lower() == "content-encoding"]
    try:
        return decode(body, encodings, limit)
    except Refused as refused:
        if refused.reason != "bad_encoding":
            raise
        # Many archives keep the wire's Content-Encoding header of a body they have decoded.
        return body


def _dechunked(body: bytes) -> bytes:
    """The body without chunk sizes; as it is when they are not there (many archives drop them)."""
    chunks: list[bytes] = []
    at = 0
    while (end := body.find(b"\r\n", at, at + 4096)) >= 0:
        size = body[at:end].partition(b";")[0]
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8} *", size):
            return body
        length = int(size, 16)
        if length == 0:
            return b"".join(chunks)
        chunks.append(body[end + 2 : end + 2 + length])
        at = end + 2 + length + 2
    return body


# --- documents -----------------------------------------------------------------------------------


def _document(document: Input, url: str | None, homepage: str | None, limit: int) -> Record:
    suffix = document.name.rpartition(".")[2].lower()
    refused = failed("too_large", f"more than {limit} bytes") if document.size > limit else None
    body = b""
    if refused is None:
        with document.open() as stream:
            body = stream.read()
    stem = document.name.rpartition(".")[0]
    where = url or _own_url(body, suffix) or (f"{homepage.rstrip('/')}/{stem}" if homepage else None)
    if where is None:
        raise Reject(
            f"{document.path}: say where the page comes from with --url (or --outlet, one of the list); "
            "it has no canonical link"
        )
    headers = [("Content-Type", _TYPES[suffix])]
    return Record(normal_url(where), document.modified_at, 200, headers, body, refused)


def _own_url(body: bytes, suffix: str) -> str | None:
    """The address an HTML page gives as its own, if that is a whole URL."""
    if suffix == "txt":
        return None
    for found in LexborHTMLParser(body[:_HEAD_BYTES]).css(_CANONICAL):
        stated = found.attributes.get("href") or found.attributes.get("content") or ""
        try:
            return normal_url(stated)
        except Reject:
            continue
    return None

"""Pages that come as files: WARC and WET archives, HTML and text documents, landed like a crawl's.

A file becomes a slot of its own, named by its contents, so that ingesting it again changes nothing.
A URL is one capture a slot: where an archive holds a URL several times, its second record goes to a
second slot (`…-2`), and so on; as versions of an article they are told apart by their dates.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from presslake.pipeline import Pipeline
from presslake.steps import Progress, has_landed, land
from schemas.errors import Reject
from schemas.urls import host_of, normal_url, url_key
from schemas.vocabulary import CaptureOutcome
from spiders.causes import of_status
from spiders.decode import decode
from spiders.journal import Capture, Found, Journal, Visit, read_journal
from spiders.refused import Refused, failed
from spiders.warc import response_record

log = logging.getLogger("presslake")

#: Records of one WARC object: what one `extract` task works on.
PART_RECORDS = 2000
_WARC = re.compile(r"\.(warc|wet|wat)(\.gz)?$", re.IGNORECASE)
_TYPES = {".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".txt": "text/plain"}


@dataclass(frozen=True)
class Record:
    """One page of a file; `refused` says why it has no body."""

    url: str
    at: datetime
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    refused: Refused | None = None


def land_file(
    p: Pipeline, path: Path, *, url: str | None, outlet: str | None, progress: Progress
) -> list[str]:
    """Land the pages of a file; returns its slots. Raises `Reject` when the file is nothing we read.

    Of an archive that is damaged what comes before is landed, and its `visits` row says so.
    Memory holds one page and the keys of the URLs met.
    """
    if not path.is_file():
        raise Reject(f"no file {path}")
    records = _records(p, path, url, outlet)
    name = _slot_name(path, url, outlet)
    hosts = {host_of(o.homepage): slug for slug, o in p.outlets.items()}
    met: Counter[tuple[str, str]] = Counter()
    passes: list[_Pass] = []
    homeless = 0
    size = path.stat().st_size
    with ExitStack() as stack:
        try:
            for record, position in records:
                try:
                    page_url = normal_url(record.url)
                except Reject:
                    homeless += 1  # such as the dns: records of crawlers
                    continue
                slug = outlet or hosts.get(host_of(page_url)) or _slug_of(page_url)
                key = url_key(page_url)
                met[slug, key] += 1
                if met[slug, key] > len(passes):
                    slot = name if not passes else f"{name}-{len(passes) + 1}"
                    passes.append(stack.enter_context(_Pass(p, slot, path.name)))
                passes[met[slug, key] - 1].add(record, slug, page_url, key)
                progress(f"land {path.name}", position, size)
        except _Damaged as damaged:
            if not passes:
                raise
            log.warning("%s; what comes before is landed", damaged)
            for each in passes:
                each.damage = str(damaged)
        if homeless:
            log.warning("%s: %d records have no web address and are left out", path.name, homeless)
        if not passes:
            raise Reject(f"{path} holds no page: expected response, resource or conversion records")
    return [each.slot for each in passes]


class _Damaged(Reject):
    """From here on the archive cannot be read."""


class _Pass:
    """One slot of a file, written part by part; parts that have landed are only counted."""

    def __init__(self, p: Pipeline, slot: str, source: str) -> None:
        self.p = p
        self.slot = slot
        self.source = source
        self.number = -1
        self.records = PART_RECORDS
        self.journal: Journal | None = None
        self.open = ExitStack()
        self.damage: str | None = None
        self.by_outlet: Counter[str] = Counter()

    def __enter__(self) -> _Pass:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._land()
        else:
            self.open.close()

    @property
    def part(self) -> str:
        return f"part-{self.number:05}"

    def add(self, record: Record, outlet: str, url: str, key: str) -> None:
        if self.records == PART_RECORDS:
            self._begin()
        self.records += 1
        if self.journal is None:
            return
        self.by_outlet[outlet] += 1
        at = record.at.isoformat()
        self.journal.write(Found(outlet, url, key, [f"archive {self.source}"], at))
        self.journal.write(self._capture(self.journal, record, outlet, url, key))

    def _capture(self, journal: Journal, record: Record, outlet: str, url: str, key: str) -> Capture:
        headers = {name.lower(): value for name, value in record.headers}
        refused = record.refused or _refused_by_status(record.status)
        if refused:
            return Capture(
                outlet,
                key,
                refused.outcome,
                refused.reason,
                refused.detail or None,
                status=record.status,
                fetched_at=record.at.isoformat(),
            )
        digest = hashlib.sha256(record.body)
        raw_headers = [
            (n.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for n, v in record.headers
        ]
        offset, length = journal.archive(
            response_record(
                url,
                at=record.at,
                status=record.status,
                headers=raw_headers,
                body=record.body,
                sha256=digest.digest(),
            )
        )
        return Capture(
            outlet,
            key,
            CaptureOutcome.FETCHED,
            status=record.status,
            fetched_at=record.at.isoformat(),
            bytes=len(record.body),
            content_type=headers.get("content-type"),
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            body_sha256=digest.hexdigest(),
            warc_offset=offset,
            warc_bytes=length,
            rights=None,
        )

    def _begin(self) -> None:
        self._land()
        self.number += 1
        self.records = 0
        self.by_outlet.clear()
        if not has_landed(self.p, self.slot, self.part):
            folder = self.p.journal_dir(self.slot, self.part)
            shutil.rmtree(folder, ignore_errors=True)
            self.journal = self.open.enter_context(Journal.open(folder))

    def _land(self) -> None:
        if self.journal is None:
            return
        source = f"{self.source}#{self.part}"
        for outlet, found in sorted(self.by_outlet.items()):
            now = datetime.now(UTC).isoformat()
            self.journal.write(
                Visit(
                    outlet,
                    source,
                    "archive",
                    CaptureOutcome.FETCHED,
                    now,
                    reason="archive_damaged" if self.damage else None,
                    detail=self.damage,
                    found=found,
                    new=found,
                )
            )
        self.journal = None
        self.open.close()
        folder = self.p.journal_dir(self.slot, self.part)
        land(self.p, self.slot, self.part, read_journal(folder, self.slot))
        shutil.rmtree(folder.parent)


def _records(p: Pipeline, path: Path, url: str | None, outlet: str | None) -> Iterator[tuple[Record, int]]:
    """(record, position in the file in bytes) of every page."""
    if _WARC.search(path.name):
        return _warc_records(path, p.settings.page_bytes)
    content_type = _TYPES.get(path.suffix.lower())
    if content_type is None:
        raise Reject(f"{path}: expected a name that ends in .warc, .wet (.gz or not), .html or .txt")
    if url is None:
        if outlet is None or outlet not in p.outlets:
            raise Reject(f"{path}: say where the page comes from with --url (or --outlet, one of the list)")
        url = f"{p.outlets[outlet].homepage.rstrip('/')}/{path.stem}"
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return iter(
        [(_document(path, normal_url(url), at, content_type, p.settings.page_bytes), path.stat().st_size)]
    )


def _document(path: Path, url: str, at: datetime, content_type: str, limit: int) -> Record:
    headers = [("Content-Type", content_type)]
    if path.stat().st_size > limit:
        return Record(url, at, 200, headers, b"", failed("too_large", f"more than {limit} bytes"))
    return Record(url, at, 200, headers, path.read_bytes())


def _warc_records(path: Path, limit: int) -> Iterator[tuple[Record, int]]:
    kinds = WarcRecordType.response | WarcRecordType.conversion | WarcRecordType.resource
    with path.open("rb") as stream:
        try:
            for record in ArchiveIterator(stream, record_types=kinds, parse_http=False):
                if "Content-Length" not in record.headers:
                    raise ValueError("a record's head is cut off")
                page_url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
                yield _warc_record(record, page_url, limit), stream.tell()
        except (OSError, ValueError) as error:
            at = f"before byte {stream.tell()}"
            raise _Damaged(f"{path.name} is no WARC file, or is damaged {at}: {error}") from error


def _warc_record(record: WarcRecord, url: str, limit: int) -> Record:
    at = record.record_date or datetime.fromtimestamp(0, UTC)
    if record.record_type == WarcRecordType.response:
        try:
            record.parse_http(auto_decode="none")
        except (OSError, ValueError) as error:
            return Record(url, at, 0, [], b"", failed("bad_encoding", f"HTTP head: {error}"))
        headers = [(str(name), str(value)) for name, value in record.http_headers or []]
        # A head without fields is falsy in FastWARC 2.0.
        status = (record.http_headers.status_code if record.http_headers is not None else None) or 0
    else:
        kind = record.headers.get("Content-Type") or "text/plain"
        headers, status = [("Content-Type", kind)], 200
    if record.content_length > limit:
        return Record(url, at, status, headers, b"", failed("too_large", f"{record.content_length} bytes"))
    body = bytes(record.reader.read(record.content_length))
    try:
        if len(body) < record.content_length:
            raise failed("truncated", f"{len(body)} of {record.content_length} bytes are in the archive")
        encodings = [value for name, value in headers if name.lower() == "content-encoding"]
        if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
            body = _dechunked(body)
        return Record(url, at, status, headers, decode(body, encodings, limit) if encodings else body)
    except Refused as refused:
        if refused.reason == "bad_encoding":
            # Many archives keep the wire's Content-Encoding header of a body they have decoded.
            return Record(url, at, status, headers, body)
        return Record(url, at, status, headers, b"", refused)


def _dechunked(body: bytes) -> bytes:
    """The body without chunk sizes; as it is when they are not there (many archives drop them)."""
    chunks: list[bytes] = []
    rest = body
    while True:
        size, line, rest = rest.partition(b"\r\n")
        if not line or not re.fullmatch(rb"[0-9A-Fa-f]{1,8}(;.*)?", size):
            return body
        length = int(size.split(b";")[0], 16)
        if length == 0:
            return b"".join(chunks)
        chunks.append(rest[:length])
        rest = rest[length + 2 :]


def _refused_by_status(status: int) -> Refused | None:
    if 200 <= status < 300:
        return None
    outcome, reason, detail = of_status(status)
    return Refused(outcome, reason or "", detail or "", status)


def _slot_name(path: Path, url: str | None, outlet: str | None) -> str:
    digest = hashlib.sha256(f"{url}\x1f{outlet}\x1f".encode())
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", path.name.split(".")[0]).strip("-")[:40] or "file"
    return f"ingest-{stem}-{digest.hexdigest()[:8]}"


def _slug_of(url: str) -> str:
    """A slug for an outlet that has no file, from the host: `nytimes-com`."""
    return re.sub(r"[^a-z0-9]+", "-", host_of(url)).strip("-")[:64] or "unknown"

"""Pages out of a WARC object, by the offsets in `captures`."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Literal

import pyarrow as pa
from fastwarc.warc import WarcRecord, WarcRecordType

from lake.bucket import Bucket
from schemas.page import Page, Statement

SPAN_BYTES = 4 * 2**20  # neighbouring records are fetched together up to this much
GAP_BYTES = 64 * 2**10  # a gap up to this is read over rather than skipped by another request
_HEAD_BYTES = 2**16  # room for a record's WARC and HTTP headers
_COLUMNS = ("capture_id", "slot", "outlet", "url", "url_key", "final_url", "found_at", "fetched_at", "status")


def read_pages(bucket: Bucket, warc_key: str, captures: pa.Table, page_bytes: int) -> Iterator[Page]:
    """The pages of these CAPTURES rows, in order of their offset in the object `warc_key`.

    Holds one span of some MiB and one page at a time. A record that is torn, corrupt or larger than
    `page_bytes` once decoded is a page with an `error` and no body. Raises `Reject` without the object.
    """
    rows = captures.sort_by("warc_offset").to_pylist()
    for span in _spans(rows):
        start = span[0]["warc_offset"]
        stop = max(row["warc_offset"] + row["warc_bytes"] for row in span)
        data = memoryview(bucket.open_range(warc_key, start, stop - start))
        for row in span:
            offset = row["warc_offset"] - start
            body, error = read_member(data[offset : offset + row["warc_bytes"]], page_bytes)
            yield Page(
                **{name: row[name] for name in _COLUMNS},
                content_type=row["content_type"],
                body=body,
                error=error,
                claims=tuple(Statement(**claim) for claim in row["claims"] or ()),
            )


def read_member(member: bytes | memoryview, page_bytes: int) -> tuple[bytes, str | None]:
    """Body of the one record in a gzip member, decoded; or nothing and why not."""
    too_large = b"", f"larger than {page_bytes} bytes"
    gunzip = zlib.decompressobj(wbits=31)
    try:
        record = gunzip.decompress(member, page_bytes + _HEAD_BYTES)
        if not gunzip.eof:
            return too_large if gunzip.unconsumed_tail else (b"", "the archived record is cut off")
        body = _body(record, page_bytes + 1)
    except (zlib.error, OSError, ValueError) as error:
        return b"", f"the archived record is damaged: {error}"
    return too_large if len(body) > page_bytes else (body, None)


def _body(data: bytes, limit: int) -> bytes:
    try:
        return _payload(data, "all", limit)
    except OSError:  # archives keep Content-Encoding headers of bodies they have decoded
        return _payload(data, "none", limit)


def _payload(data: bytes, decode: Literal["all", "none"], limit: int) -> bytes:
    record = WarcRecord.from_bytes(data)
    if record.record_type == WarcRecordType.response:
        record.parse_http(auto_decode=decode)
    return bytes(record.reader.read(limit))


def _spans(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    if not rows:
        return
    span = [rows[0]]
    for before, row in pairwise(rows):
        end = row["warc_offset"] + row["warc_bytes"]
        gap = row["warc_offset"] - before["warc_offset"] - before["warc_bytes"]
        if gap > GAP_BYTES or end - span[0]["warc_offset"] > SPAN_BYTES:
            yield span
            span = []
        span.append(row)
    yield span

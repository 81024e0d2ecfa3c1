"""Pages come out of an archive as they went in; damage stays with the page it hit."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pyarrow as pa
import pytest

from lake import Lake
from lake.pages import GAP_BYTES, SPAN_BYTES, read_member
from schemas.errors import Reject
from schemas.tables import CAPTURES
from tests.lake.rows import made_up

LIMIT = 100_000


def member(body: bytes, headers: bytes = b"", kind: bytes = b"response") -> bytes:
    """One WARC record as its own gzip member."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + headers + b"\r\n"
    block = http + body if kind == b"response" else body
    record = (
        b"WARC/1.1\r\nWARC-Type: "
        + kind
        + b"\r\nWARC-Record-ID: <urn:uuid:9c6c1f3a-0000-4000-8000-000000000000>\r\n"
        b"WARC-Date: 2026-11-22T12:15:00Z\r\nWARC-Target-URI: http://example.org/\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(block)
    )
    return gzip.compress(record + block + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (member(b"<p>\xff\x00 bytes"), b"<p>\xff\x00 bytes"),
        (member(b""), b""),
        (member(b"plain text", kind=b"conversion"), b"plain text"),
        (member(gzip.compress(b"packed"), b"Content-Encoding: gzip\r\n"), b"packed"),
        (member(b"<p>unpacked before", b"Content-Encoding: gzip\r\n"), b"<p>unpacked before"),
        (member(b"<p>unpacked before", b"Transfer-Encoding: chunked\r\n"), b"<p>unpacked before"),
        (member(b"x" * LIMIT), b"x" * LIMIT),
    ],
    ids=["bytes", "empty", "conversion", "gzip", "gzip gone", "chunks gone", "largest"],
)
def test_body(data: bytes, body: bytes) -> None:
    assert read_member(data, LIMIT) == (body, None)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (member(b"x" * (LIMIT + 1)), "larger than 100000 bytes"),
        (member(gzip.compress(bytes(50_000_000)), b"Content-Encoding: gzip\r\n"), "larger than 100000 bytes"),
        (member(bytes(50_000_000)), "larger than 100000 bytes"),
        (b"", "the archived record is cut off"),
        (b"not gzip", "the archived record is damaged"),
        (gzip.compress(b"not a record"), "the archived record is damaged"),
    ],
    ids=["large", "bomb in HTTP", "bomb", "nothing", "no gzip", "no record"],
)
def test_no_body(data: bytes, error: str) -> None:
    body, said = read_member(data, LIMIT)
    assert body == b""
    assert said is not None
    assert error in said


def test_a_record_cut_anywhere_is_an_error_and_no_body() -> None:
    whole = member(b"<p>some text")
    assert read_member(whole, LIMIT)[1] is None
    for length in range(len(whole)):
        body, error = read_member(whole[:length], LIMIT)
        assert (body, bool(error)) == (b"", True), length


def test_a_flipped_byte_never_gives_other_text() -> None:
    whole = member(b"<p>some text")
    for place in range(len(whole)):
        flipped = whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
        body, error = read_member(flipped, LIMIT)
        assert body == b"<p>some text" if error is None else body == b"", place


def _archive(bodies: list[bytes], gaps: dict[int, int]) -> tuple[bytes, pa.Table]:
    """A WARC of these bodies, with so many other bytes before some of them, and its captures."""
    data, at = b"", []
    for number, body in enumerate(bodies):
        record = member(body)
        data += b"\0" * gaps.get(number, 0)
        at.append((len(data), len(record)))
        data += record
    rows = made_up(
        CAPTURES,
        len(bodies),
        warc_offset=lambda n: at[n][0],
        warc_bytes=lambda n: at[n][1],
        outcome="fetched",
    )
    return data, rows


def test_pages_of_an_object_in_few_requests(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [b"page %d" % n for n in range(40)]
    data, rows = _archive(bodies, {20: GAP_BYTES + 1, 30: GAP_BYTES - 1, 35: SPAN_BYTES})
    lake.put("warc/s/0.warc.gz", data)
    requests = []
    ranged = lake.open_range
    monkeypatch.setattr(lake, "open_range", lambda *at: requests.append(at) or ranged(*at))

    pages = lake.read_pages("warc/s/0.warc.gz", rows.take(list(range(39, -1, -1))))

    assert isinstance(pages, Iterator)
    got = list(pages)
    assert [page.body for page in got] == bodies
    assert len(requests) == 3
    first = rows.slice(0, 1).to_pylist()[0]
    for name in ("capture_id", "slot", "url_key", "found_at", "fetched_at", "status", "content_type"):
        assert getattr(got[0], name) == first[name]
    assert {page.error for page in got} == {None}


def test_a_warc_cut_in_the_middle_loses_only_what_was_cut(lake: Lake) -> None:
    data, rows = _archive([b"page %d" % n for n in range(6)], {})
    lake.put("warc/s/cut.warc.gz", data[: rows["warc_offset"][4].as_py() + 10])
    pages = list(lake.read_pages("warc/s/cut.warc.gz", rows))
    assert [page.body for page in pages] == [b"page 0", b"page 1", b"page 2", b"page 3", b"", b""]
    assert [bool(page.error) for page in pages] == [False] * 4 + [True] * 2


def test_no_pages_and_no_object(lake: Lake) -> None:
    assert list(lake.read_pages("warc/none", CAPTURES.schema.empty_table())) == []
    with pytest.raises(Reject, match="no object 'warc/none'"):
        list(lake.read_pages("warc/none", _archive([b"x"], {})[1]))

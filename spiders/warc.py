"""WARC 1.1 records, one gzip member each, so that every page can be read by offset alone."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256 as digest_of

from isal import isal_zlib

from spiders.decode import Encoded

# Measured on 240 real pages of 350 kB on average: level 2 takes 0.7 ms and gives 73 kB, level 3 takes 2.1 ms and
# gives 71 kB; zlib's level 2 takes 3.2 ms for the same 72 kB and its level 6 7.5 ms for 62 kB.
_LEVEL = 2
# FastWARC 2.0 reads no record whose HTTP head exceeds 32 KiB, and then nothing after it: the rest is left out.
_HEAD_BYTES = 16_000
# What described the wire is kept under another name.
_WIRE = frozenset({b"content-encoding", b"transfer-encoding", b"content-length"})


def info_record(software: str) -> bytes:
    """The `warcinfo` record a file starts with."""
    body = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    return _member("warcinfo", datetime.now(UTC), "application/warc-fields", [], body)


def response_record(
    url: str,
    *,
    at: datetime,
    status: int,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
    sha256: bytes,
    ip: str | None = None,
    sent: Encoded | None = None,
) -> bytes:
    """A `response` record: the HTTP head, its wire headers renamed X-Crawler-…, and the decoded body, or the one that
    was sent.

    `sha256` is the digest of `body` (32 bytes); `at` when the response was complete, in UTC.
    """
    payload, digest = (sent.body, digest_of(sent.body).digest()) if sent else (body, sha256)
    lines = [f"HTTP/1.1 {status} ".encode()]
    room = _HEAD_BYTES
    for name, value in sorted(headers, key=lambda header: header[0].lower() != b"content-type"):
        room -= len(name) + len(value)
        if room > 0:
            prefix = b"X-Crawler-" if name.lower() in _WIRE else b""
            lines.append(prefix + name + b": " + value.replace(b"\n", b" "))
    if sent:
        lines.append(b"Content-Encoding: " + sent.coding.encode())
    lines += [b"Content-Length: %d" % len(payload), b"", b""]
    named = [
        f"WARC-Target-URI: {url}",
        f"WARC-Payload-Digest: sha256:{base64.b32encode(digest).decode()}",
    ]
    if ip:
        named.append(f"WARC-IP-Address: {ip}")
    return _member("response", at, "application/http;msgtype=response", named, b"\r\n".join(lines), payload)


def _member(kind: str, at: datetime, content_type: str, named: list[str], *block: bytes) -> bytes:
    """A record; its block may come in pieces, so that a long body need not be copied."""
    head = [
        "WARC/1.1",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>",
        f"WARC-Date: {at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        *named,
        f"Content-Type: {content_type}",
        f"Content-Length: {sum(map(len, block))}",
        "",
        "",
    ]
    stream = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, isal_zlib.MAX_WBITS | 16)
    pieces = ("\r\n".join(head).encode(), *block, b"\r\n\r\n")
    return b"".join((*map(stream.compress, pieces), stream.flush()))

"""Content-Encoding undone, strictly: a cut or broken stream is an error, never half a page.

Scrapy's own decompression returns what it could read of a truncated stream without saying so (2.19).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import brotli
from isal import igzip_lib, isal_zlib

from spiders.refused import failed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: What we say we understand.
ACCEPTED = "gzip, deflate, br, zstd"
_CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
_COMMON = frozenset({"gzip", "br"})
#: RFC 9659: no larger window than 8 MiB for content of HTTP; a stream may ask for 2 GiB.
_ZSTD: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class Encoded(NamedTuple):
    """A body as it was sent, in one Content-Encoding that readers of WARC files decode to all of the body."""

    coding: str
    body: bytes


def decode(body: bytes, content_encodings: Iterable[str], limit: int) -> bytes:
    """The body without its Content-Encodings, at most `limit` bytes.

    Names that are no compression (`identity`, `utf-8`) are ignored, as browsers do. Raises `Refused`
    failed: too_large, truncated or bad_encoding.
    """
    for name in reversed(_names(content_encodings)):
        if body:
            body = _decode(body, name, limit)
    return body


def encoded(sent: bytes, content_encodings: Iterable[str], body: bytes) -> Encoded | None:
    """What `decode` gave the body of, if others can read it like that; None if they may not."""
    names = _names(content_encodings)
    if not body or len(names) != 1 or names[0] not in _COMMON:
        return None
    # The size at its end is the body's unless more than one member was sent, or anything behind it.
    is_whole = names[0] != "gzip" or sent.endswith((len(body) & 0xFFFFFFFF).to_bytes(4, "little"))
    return Encoded(names[0], sent) if is_whole else None


def _names(content_encodings: Iterable[str]) -> list[str]:
    """The compressions that are named, in the order they were applied."""
    stated = (name.strip().lower() for value in content_encodings for name in value.split(","))
    return [name for name in stated if name in _CHUNKS]


def gunzip(body: bytes, limit: int) -> bytes:
    """The content of a gzip file; raises as `decode`."""
    return _decode(body, "gzip", limit)


def _decode(body: bytes, name: str, limit: int) -> bytes:
    out: list[bytes] = []
    size = 0
    try:
        for chunk in _CHUNKS[name](body):
            size += len(chunk)
            if size > limit:
                raise failed("too_large", f"{name}: {len(body)} bytes inflate to more than {limit}")
            out.append(chunk)
    except EOFError as error:
        raise failed("truncated", f"{name}: the stream ends early, after {size} bytes") from error
    except (igzip_lib.IsalError, brotli.error, zstd.ZstdError) as error:  # type: ignore[misc]
        raise failed("bad_encoding", f"{name}: {error}") from error
    return b"".join(out)


def _gzip(body: bytes) -> Iterator[bytes]:
    if not body.startswith(_GZIP[: len(body)]):  # ISA-L waits for the rest of a header before it looks at it
        raise failed("bad_encoding", f"gzip: begins with {body[:8]!r}")
    while body:  # members may follow each other; zero bytes may follow the last
        stream = isal_zlib.decompressobj(isal_zlib.MAX_WBITS | 16)
        yield from _zlib(stream, body)
        body = stream.unused_data.lstrip(b"\0")
        if not body.startswith(_GZIP):
            return


def _deflate(body: bytes) -> Iterator[bytes]:
    """RFC 9110 says zlib; some servers send the raw stream, which lacks zlib's two-byte header."""
    wrapped = body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    yield from _zlib(isal_zlib.decompressobj(isal_zlib.MAX_WBITS if wrapped else -isal_zlib.MAX_WBITS), body)


def _zlib(stream: isal_zlib.Decompress, body: bytes) -> Iterator[bytes]:
    while not stream.eof:
        chunk = stream.decompress(body, _CHUNK)
        body = stream.unconsumed_tail
        if not chunk and not body and not stream.eof:
            raise EOFError
        yield chunk


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    while not stream.is_finished():
        chunk = stream.process(body, output_buffer_limit=_CHUNK)
        if not chunk and stream.can_accept_more_data() and not body:
            raise EOFError
        body = b""
        yield chunk


def _zstd(body: bytes) -> Iterator[bytes]:
    while body:
        stream = zstd.ZstdDecompressor(options=_ZSTD)
        while not stream.eof:
            chunk = stream.decompress(body, _CHUNK)
            body = b""
            if not chunk and stream.needs_input:
                raise EOFError
            yield chunk
        body = stream.unused_data


_CHUNKS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}

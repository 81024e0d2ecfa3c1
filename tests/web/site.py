"""A site that misbehaves, byte by byte, for fault tests.

`with Site(listed=[…]) as site:` serves on loopback until the block ends; `site.url("/gzip-bomb")` is an address.
Any `*.localhost` host reaches it. Every path in `PATHS` is one fault; `/good` is a plain article and
`/feed.xml` lists the addresses given. One request a connection.
"""

from __future__ import annotations

import gzip
import socket
import socketserver
import struct
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

MB = 1_000_000
HUGE_PAGE_BYTES = 50 * MB
BOMB_BYTES = 2_000 * MB
ARTICLE = (
    "<!DOCTYPE html><html lang='en'><head><title>The pump on the green</title></head><body><article>"
    "<h1>The pump on the green</h1>"
    + "".join(
        f"<p>On day {day} the pump on the village green ran dry, and nobody can say with any certainty why.</p>"
        for day in range(12)
    )
    + "</article></body></html>"
).encode()


class Reset(Exception):
    """Raised by a path to end its connection with RST."""


class Site:
    """The site; `requests` keeps (host, target) in the order they came."""

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self.listed = list(listed)
        self.requests: list[tuple[str, str]] = []
        self.closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "bad.localhost") -> str:
        """The address of a path on a host."""
        return f"http://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 64
    site: Site


class _Handler(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        self.request.settimeout(60)
        try:
            head = self._head()
            if not head:
                return
            target = head.split(" ")[1]
            hosts = [line[5:].strip() for line in head.split("\r\n") if line.lower().startswith("host:")]
            self.server.site.requests.append(("".join(hosts), target))
            answer = PATHS.get(target.partition("?")[0], not_found)
            for piece in answer(self.server.site, target):
                self.request.sendall(piece)
        except Reset:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.close()
        except OSError:  # the client had enough
            return

    def _head(self) -> str:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.request.recv(65536)
            if not piece:
                return ""
            data += piece
        return data.decode("latin-1")


Path = Callable[[Site, str], Iterator[bytes]]


def head(
    length: int | None, *more: str, status: str = "200 OK", content_type: str = "text/html; charset=utf-8"
) -> bytes:
    """A response head; no Content-Length if `length` is None."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", "Connection: close", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def plain(
    body: bytes, *more: str, status: str = "200 OK", content_type: str = "text/html; charset=utf-8"
) -> Path:
    """A path that answers with a body, as it should."""

    def answer(site: Site, target: str) -> Iterator[bytes]:
        yield head(len(body), *more, status=status, content_type=content_type)
        yield body

    return answer


def not_found(site: Site, target: str) -> Iterator[bytes]:
    """404."""
    yield head(0, status="404 Not Found")


def feed(site: Site, target: str) -> Iterator[bytes]:
    """RSS that lists the addresses the site was given."""
    items = "".join(
        f"<item><title>{escape(url)}</title><link>{escape(url)}</link></item>" for url in site.listed
    )
    body = (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
    )
    yield head(len(body), content_type="application/rss+xml") + body


def truncated_gzip(site: Site, target: str) -> Iterator[bytes]:
    """A gzip stream that ends in its middle, with a Content-Length that agrees."""
    body = gzip.compress(ARTICLE + bytes(range(256)) * 40, mtime=0)
    body = body[: len(body) // 2]
    yield head(len(body), "Content-Encoding: gzip") + body


def huge_page(site: Site, target: str) -> Iterator[bytes]:
    """50 MB of well-formed paragraphs."""
    piece = b"<p>" + b"word " * 199_998 + b"x" * 3 + b"</p>"
    yield head(HUGE_PAGE_BYTES)
    for _ in range(HUGE_PAGE_BYTES // len(piece)):
        yield piece


def gzip_bomb(site: Site, target: str) -> Iterator[bytes]:
    """About 2 MB of gzip that inflate to 2 GB."""
    body = bomb()
    yield head(len(body), "Content-Encoding: gzip") + body


@cache
def bomb() -> bytes:
    """One gzip member of `BOMB_BYTES` spaces: a deflate block made once (it ends in a full flush, so it can stand
    anywhere) and repeated, with the right checksum."""
    block = b" " * MB
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(BOMB_BYTES // MB):
        checksum = zlib.crc32(block, checksum)
    header = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
    return header + packed * (BOMB_BYTES // MB) + b"\x03\0" + struct.pack("<II", checksum, BOMB_BYTES)


def drip(site: Site, target: str) -> Iterator[bytes]:
    """A byte a second, for ever."""
    yield head(None)
    while not site.closing.wait(1):
        yield b"a"


def hang(site: Site, target: str) -> Iterator[bytes]:
    """A request that is read and never answered."""
    site.closing.wait()
    return
    yield


def redirect_loop(site: Site, target: str) -> Iterator[bytes]:
    """Always on to a new address."""
    step = int(target.partition("?n=")[2] or 0) + 1
    yield head(0, f"Location: /redirect-loop?n={step}", status="302 Found")


def reset(site: Site, target: str) -> Iterator[bytes]:
    """Half a body, then RST."""
    yield head(len(ARTICLE)) + ARTICLE[: len(ARTICLE) // 2]
    site.closing.wait(0.1)  # so that the client reads the half before the RST discards it
    raise Reset


def short_body(site: Site, target: str) -> Iterator[bytes]:
    """A Content-Length larger than the body."""
    yield head(len(ARTICLE) + 1000) + ARTICLE


def long_body(site: Site, target: str) -> Iterator[bytes]:
    """A Content-Length smaller than the body."""
    yield head(len(ARTICLE) // 2) + ARTICLE


def huge_headers(site: Site, target: str) -> Iterator[bytes]:
    """A megabyte of headers."""
    yield head(len(ARTICLE), *(f"X-Filler-{i}: {'x' * 1000}" for i in range(1000))) + ARTICLE


_ENTITIES = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
_LAUGHS = f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>{_ENTITIES}]>" + (
    "<rss version='2.0'><channel><title>&l9;</title><item><title>&l9;</title><link>/good</link></item></channel></rss>"
)

PATHS: dict[str, Path] = {
    "/robots.txt": plain(b"User-agent: *\nDisallow: /private/\n", content_type="text/plain"),
    "/feed.xml": feed,
    "/good": plain(ARTICLE),
    "/truncated-gzip": truncated_gzip,
    "/huge-page": huge_page,
    "/gzip-bomb": gzip_bomb,
    "/invalid-utf8": plain(ARTICLE.replace(b"certainty", b"certainty \xff\xfe\xc3\x28 \xed\xa0\x80")),
    "/feed-is-html": plain(ARTICLE, content_type="application/rss+xml"),
    "/feed-entity-bomb": plain(_LAUGHS.encode(), content_type="application/rss+xml"),
    "/empty": plain(b""),
    "/drip": drip,
    "/hang": hang,
    "/redirect-loop": redirect_loop,
    "/redirect-to-metadata": plain(
        b"", "Location: http://169.254.169.254/latest/meta-data/", status="302 Found"
    ),
    "/redirect-to-private": plain(b"", "Location: http://10.0.0.1/", status="302 Found"),
    "/reset": reset,
    "/short-body": short_body,
    "/long-body": long_body,
    "/huge-headers": huge_headers,
    "/unavailable": plain(b"", "Retry-After: 120", status="503 Service Unavailable"),
}

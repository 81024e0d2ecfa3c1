"""The demo newsroom as a server: HTTP/1.1 on one port, every outlet a host of its own.

`Newsroom` runs it in a thread for tests; `python -m presslake.demo` runs it as a process.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha1
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from presslake.demo import trouble
from presslake.demo.papers import BY_HOST, PAPERS, Fault, write_outlets
from presslake.demo.site import Response, find
from presslake.demo.stories import World
from presslake.demo.truth import Truth, truth

_CACHE_BYTES = 256_000_000
_HEAD_BYTES = 65_536
_TLS_HELLO = b"\x16\x03"  # what a client sends that takes this for https


@dataclass(frozen=True)
class Request:
    """A request as it was answered; `at` is the real time in seconds since 1970."""

    at: float
    host: str
    path: str
    user_agent: str
    status: int


@dataclass(frozen=True)
class _Rendered:
    """A response with what all its requests share."""

    response: Response
    etag: str
    zipped: bytes


class Newsroom:
    """A newsroom on loopback: `with Newsroom(epoch=…) as room:` serves until the block ends.

    `port=0` takes a free one. The clock is the real one unless `set_clock` stops it at a time.
    """

    def __init__(
        self,
        epoch: datetime | None = None,
        *,
        port: int = 0,
        seed: int = 1,
        scale: int = 1,
        page_kb: int | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        epoch = epoch or datetime.now(UTC).replace(second=0, microsecond=0)
        self.world = World(epoch, seed, scale, page_kb, port)
        self.requests: deque[Request] = deque(maxlen=200_000)
        self._bind = host
        self._clock: datetime | None = None
        self._faults: dict[str, tuple[Fault, str]] = {p.host: (p.fault, "") for p in PAPERS if p.fault}
        self._faults |= trouble.FAULTS
        self._cache: OrderedDict[Hashable, _Rendered] = OrderedDict()
        self._cached_bytes = 0
        self._connections: set[asyncio.Transport] = set()
        self._loop: asyncio.AbstractEventLoop
        self._server: asyncio.Server
        self._thread: threading.Thread

    @property
    def port(self) -> int:
        """The port it listens on, once it does."""
        return self.world.port

    @property
    def now(self) -> datetime:
        """The newsroom's time, UTC."""
        return self._clock or datetime.now(UTC)

    def set_clock(self, now: datetime | None) -> None:
        """Stop the clock at a time, or (None) let it follow the real one again."""
        self._clock = now

    def truth(self, at: datetime | None = None) -> list[Truth]:
        """Every page that exists at that time, by default now, of every paper that is not down altogether."""
        up = [paper for paper in PAPERS if self._fault(paper.host, "/") is None]
        return truth(self.world, at or self.now, up)

    def write_outlets(self, folder: Path) -> None:
        """Write the outlet files as `<country>/<slug>.yml`."""
        write_outlets(folder, self.port)

    def fail(self, host: str, fault: Fault, path: str = "") -> None:
        """Let a host (`<slug>.localhost`, or the slug) misbehave on paths that start with `path`."""
        self._faults[_full(host)] = (fault, path)

    def heal(self, host: str) -> None:
        """Let a host behave."""
        self._faults.pop(_full(host), None)

    async def open(self) -> asyncio.Server:
        """Listen; OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self), self._bind, self.world.port)
        self.world = replace(self.world, port=server.sockets[0].getsockname()[1])
        return server

    async def close(self, server: asyncio.Server) -> None:
        """Listen no more and end what is connected."""
        server.close()
        for connection in self._connections:
            connection.abort()
        await asyncio.sleep(0)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        try:
            self._server = self._loop.run_until_complete(self.open())
        except OSError:
            self._loop.close()
            raise
        self._thread = threading.Thread(target=self._loop.run_forever, name="newsroom", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self.close(self._server))
        self._loop.close()

    def _fault(self, host: str, target: str) -> Fault | None:
        fault, prefix = self._faults.get(host, (None, ""))
        return fault if target.startswith(prefix) else None

    def _answer(self, host: str, target: str) -> _Rendered:
        """The answer to a target, from the cache when its version is there."""
        resource = find(self.world, host, target, self.now)
        path = target.partition("?")[0]
        key = (host, path, resource.version)
        if rendered := self._cache.get(key):
            self._cache.move_to_end(key)
            return rendered
        response = resource.render()
        zipped = gzip.compress(response.body, 1, mtime=0) if response.content_type.startswith(_TEXT) else b""
        rendered = _Rendered(
            response, f'"{sha1(response.body, usedforsecurity=False).hexdigest()[:20]}"', zipped
        )
        if path != "/_newsroom/health":
            self._keep(key, rendered)
        return rendered

    def _keep(self, key: Hashable, rendered: _Rendered) -> None:
        self._cache[key] = rendered
        self._cached_bytes += len(rendered.response.body) + len(rendered.zipped)
        while self._cached_bytes > _CACHE_BYTES:
            _, old = self._cache.popitem(last=False)
            self._cached_bytes -= len(old.response.body) + len(old.zipped)


_TEXT = ("text/", "application/rss", "application/atom", "application/xml", "image/svg")


class _Connection(asyncio.Protocol):
    """One client: requests are answered in order as they come."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._room._connections.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._room._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._buffer.startswith(_TLS_HELLO):
            self._transport.write(_message(400, b"", "Connection: close\r\n"))
            self._transport.close()
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            self._handle(head.decode("latin-1"))
        if len(self._buffer) > _HEAD_BYTES:
            self._transport.abort()

    def _handle(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines)}
        try:
            method, target, _ = first.split(" ")
        except ValueError:
            self._transport.abort()
            return
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        if host in {"", "localhost", "127.0.0.1"} or target.startswith("/_newsroom/"):
            fault = None
        else:
            fault = self._room._fault(host, target)
        status, answer = self._reply(method, host, target, headers, fault)
        self._room.requests.append(Request(time.time(), host, target, headers.get("user-agent", ""), status))
        self._send(answer, fault)
        if headers.get("connection", "").lower() == "close":
            self._transport.close()

    def _reply(
        self, method: str, host: str, target: str, headers: dict[str, str], fault: Fault | None
    ) -> tuple[int, bytes]:
        if fault in {"403", "429", "503"}:
            retry = "" if fault == "403" else "Retry-After: 120\r\n"
            return int(fault), _message(int(fault), b"", f"Content-Type: text/plain\r\n{retry}")
        if method not in {"GET", "HEAD"}:
            return 405, _message(405, b"", "Allow: GET, HEAD\r\n")
        rendered = self._room._answer(host, target)
        response = rendered.response
        extra = f"Content-Type: {response.content_type}\r\nVary: Accept-Encoding\r\n"
        extra += "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
        if response.status == HTTPStatus.OK:
            extra += f"ETag: {rendered.etag}\r\nCache-Control: max-age=0\r\n"
            if response.last_modified:
                extra += f"Last-Modified: {format_datetime(response.last_modified, usegmt=True)}\r\n"
            if _is_known(rendered, headers):
                return 304, _message(304, b"", extra)
        body = response.body
        if rendered.zipped and "gzip" in headers.get("accept-encoding", ""):
            body, extra = rendered.zipped, extra + "Content-Encoding: gzip\r\n"
        return response.status, _message(response.status, body, extra, is_head=method == "HEAD")

    def _send(self, answer: bytes, fault: Fault | None) -> None:
        match fault:
            case "close":
                self._transport.abort()
            case "hang":
                self._transport.pause_reading()
            case "cut":
                self._transport.write(answer[: len(answer) * 2 // 3])
                self._transport.close()
            case "drip":
                self._drip(answer)
            case _:
                self._transport.write(answer)

    def _drip(self, answer: bytes) -> None:
        """A byte a second."""
        if answer and not self._transport.is_closing():
            self._transport.write(answer[:1])
            asyncio.get_running_loop().call_later(1, self._drip, answer[1:])


def _message(status: int, body: bytes, extra: str, *, is_head: bool = False) -> bytes:
    length = "" if status == HTTPStatus.NOT_MODIFIED else f"Content-Length: {len(body)}\r\n"
    date = format_datetime(datetime.now(UTC), usegmt=True)
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nDate: {date}\r\nServer: newsroom\r\n{extra}{length}\r\n"
    return head.encode("latin-1") + (b"" if is_head else body)


def _is_known(rendered: _Rendered, headers: dict[str, str]) -> bool:
    """Whether the client has this very answer (RFC 9110 §13.2.2)."""
    if tags := headers.get("if-none-match"):
        return rendered.etag in tags or tags == "*"
    since, modified = headers.get("if-modified-since"), rendered.response.last_modified
    if not since or not modified:
        return False
    try:
        return modified <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _full(host: str) -> str:
    return BY_HOST[host if host.endswith(".localhost") else f"{host}.localhost"].host

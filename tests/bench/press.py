"""Many hosts in one process: `python -m tests.bench.press HOSTS PAGES` prints its port and serves until it is ended.

Every host has one feed that names its pages, and no robots.txt. The pages are the demo newsroom's, of 50 to 300 kB,
compressed beforehand as a cache in front of a real site would have them: serving costs next to nothing.
"""

from __future__ import annotations

import asyncio
import gzip
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import yaml

from presslake.demo.stories import World
from presslake.demo.truth import truth
from schemas.settings import REPO
from tests.bench.newsroom import EPOCH, NOW, fetched

PAGE_KB = (50, 100, 150, 200, 300)
_OF_EACH = 12


@contextmanager
def press(folder: Path, hosts: int, pages: int) -> Iterator[Path]:
    """Such a process for the length of a `with` block; gives the folder of its outlets, one a host, without pace."""
    command = [sys.executable, "-m", "tests.bench.press", str(hosts), str(pages)]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            if not port:
                raise RuntimeError("the press did not start")
            outlets = folder / "press-outlets"
            (outlets / "gb").mkdir(parents=True)
            for number in range(hosts):
                home = f"http://{host(number)}:{port}"
                facts = {
                    "name": host(number),
                    "language": "en",
                    "homepage": f"{home}/",
                    "feeds": [f"{home}/feed"],
                }
                path = outlets / "gb" / f"paper{number}.yml"
                path.write_text(yaml.safe_dump(facts | {"pace_seconds": 0}), "utf-8")
            yield outlets
        finally:
            process.terminate()


def bodies() -> Iterator[bytes]:
    """Articles of the newsroom, the sizes mixed."""
    worlds = [World(EPOCH, page_kb=size) for size in PAGE_KB]
    told = [one for one in truth(worlds[0], NOW) if one.expected == "published"]
    for number, one in enumerate(told[: _OF_EACH * len(worlds)]):
        page = fetched(worlds[number % len(worlds)], one)
        if page is not None:
            yield page.body


def host(number: int) -> str:
    """The name of a host."""
    return f"paper{number}.localhost"


def _reply(status: str, content_type: str, body: bytes) -> bytes:
    zipped = gzip.compress(body, 6, mtime=0)
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Encoding: gzip\r\n"
        f"Content-Length: {len(zipped)}\r\n\r\n"
    )
    return head.encode() + zipped


class _Connection(asyncio.Protocol):
    """One client: requests are answered in order as they come."""

    def __init__(self, pages: list[bytes], feeds: dict[str, bytes]) -> None:
        self._pages = pages
        self._feeds = feeds
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end].decode("latin-1"), self._buffer[end + 4 :]
            path = head.split(" ", 2)[1]
            at = head.lower().index("\r\nhost: ") + 8
            self._transport.write(self._answer(head[at:].split(":", 1)[0], path))

    def _answer(self, asked: str, path: str) -> bytes:
        if path == "/feed":
            return self._feeds[asked]
        number = path.removeprefix("/story-")
        return self._pages[int(number) % len(self._pages)] if number.isdigit() else _NOTHING


_NOTHING = _reply("404 Not Found", "text/plain", b"no such page")


async def _serve(hosts: int, pages: int) -> None:
    replies = [_reply("200 OK", "text/html", body) for body in bodies()]
    feeds: dict[str, bytes] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(replies, feeds), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for number in range(hosts):
        name = host(number)
        links = "".join(
            f"<item><title>t</title><link>http://{name}:{port}/story-{number * pages + n}</link></item>"
            for n in range(pages)
        )
        feed = f'<rss version="2.0"><channel><title>{name}</title>{links}</channel></rss>'
        feeds[name] = _reply("200 OK", "application/rss+xml", feed.encode())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(_serve(*map(int, sys.argv[1:])))

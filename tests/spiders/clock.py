"""Crawls within this process by a clock of their own: what waits costs no time, and lasts as long as it says."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

from scrapy import Request

from spiders.addresses import Addresses
from spiders.collect import Collector
from spiders.download import Sent
from spiders.fetch import Fetcher
from spiders.journal import Journal, Landing, read_journal
from spiders.plan import Plan
from tests.spiders.tiny import Headers, Reply, rss

T = TypeVar("T")
Clock = Callable[[], float]
"""Seconds since the start."""


class _Clock(selectors.DefaultSelector):
    """Instead of waiting it is later."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0
        return super().select(None if timeout is None else 0)


def run(work: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
    """What the work gives; it is handed the clock."""
    clock = _Clock()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now  # type: ignore[method-assign]
    with (
        patch("spiders.manners.monotonic", loop.time),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        return runner.run(work(loop.time))


@dataclass
class Web:
    """As `tiny.Tiny`, without sockets: `pages` maps "host/path" to a reply or what awaits one; the rest is `other`."""

    pages: dict[str, bytes | Reply | Callable[[], Awaitable[Reply]]] = field(default_factory=dict)
    other: bytes | Reply = (404, {}, b"no such page")
    asked: list[tuple[float, str]] = field(default_factory=list)  # when, and "host/path"

    def rss(self, *where: str) -> bytes:
        """An RSS feed naming these."""
        return rss(f"http://{one}" for one in where)

    def times(self, host: str) -> list[float]:
        """When a host was asked."""
        return [at for at, where in self.asked if where.startswith(f"{host}/")]

    def crawl(self, folder: Path, plan: Plan) -> tuple[str | None, Landing]:
        """Why a crawl of it ended, and what it lands."""

        async def inline(read: Callable[[], T], _seconds: float) -> T:
            return read()

        async def work(clock: Clock) -> str | None:
            async def download(request: Request) -> Sent:
                parts = urlsplit(request.url)
                where = f"{parts.hostname}{parts.path}"
                self.asked.append((clock(), where))
                page = self.pages.get(where, self.other)
                reply = await page() if callable(page) else page
                status, headers, body = (200, {}, reply) if isinstance(reply, bytes) else reply
                sent = [(name.encode(), value.encode()) for name, value in headers.items()]
                return Sent(request.url, status, sent, body)

            with Journal.open(folder) as journal:
                fetcher = Fetcher(download, Addresses(plan.limits.allow_hosts), plan)
                await Collector(plan, journal, fetcher).run()
                return journal.ended

        with patch("spiders.collect.aside", inline):
            ended = run(work)
        return ended, read_journal(folder, plan.slot)


def late(seconds: float) -> Callable[[], Awaitable[Reply]]:
    """A page that comes late."""

    async def answer() -> Reply:
        await asyncio.sleep(seconds)
        return 200, Headers(), b"<p>late</p>"

    return answer

"""A crawl's memory does not grow with its pages: the journal is its queue."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spiders.collect import Collector
from spiders.fetch import Answer
from spiders.journal import Capture, Found, Journal, read_journal
from tests.spiders.crawling import SETTINGS, outlet, plan_for

PAGES = 1_000


def _in_use() -> int:
    gc.collect()  # CPython keeps up to 2,000 tuples of a size that it may need again
    return tracemalloc.get_traced_memory()[0]


class Pages:
    """Answers at once: one feed that names all pages, and the pages."""

    def __init__(self) -> None:
        self.traced: list[int] = []

    async def get(self, url: str, pace: float, headers: Any = None, **_: bool) -> Answer:
        """The feed, or that nobody has this address."""
        links = "".join(f"<item><link>http://a.localhost/news/{n}</link></item>" for n in range(PAGES))
        body = f'<rss version="2.0"><channel>{links}</channel></rss>'.encode()
        return Answer(url, 200 if url.endswith("/feed") else 404, [], body, None, datetime.now(UTC), 1)

    async def page(self, url: str, pace: float, headers: Any = None, **_: bool) -> Answer:
        """A page; notes how much memory is in use before the first and the last."""
        self.traced.append(_in_use() if len(self.traced) in {0, PAGES - 1} else 0)
        return Answer(url, 200, [], f"<p>{url}</p>".encode(), None, datetime.now(UTC), 1)


def test_of_a_url_a_few_numbers_are_kept_and_of_a_page_that_is_done_fewer(tmp_path: Path) -> None:
    # Tracing makes the reading of the feed slow.
    settings = SETTINGS.model_copy(update={"outlet_pages": PAGES, "page_seconds": 120})
    plan = plan_for(outlet("a", feeds=["http://a.localhost/feed"]), settings=settings)
    pages: Any = Pages()
    with Journal.open(tmp_path) as journal:
        tracemalloc.start()
        asyncio.run(Collector(plan, journal, pages).run())
        tracemalloc.stop()
    first, last = pages.traced[0], pages.traced[-1]
    assert len(pages.traced) == PAGES
    assert first / PAGES < 800
    assert (last - first) / PAGES < 200
    assert read_journal(tmp_path, "s").captures["outcome"].to_pylist() == ["fetched"] * PAGES


def test_of_an_event_that_lands_a_few_numbers_are_kept(tmp_path: Path) -> None:
    at = datetime.now(UTC).isoformat()
    with Journal.open(tmp_path) as journal:
        for n in range(PAGES):
            journal.write(Found("a", f"https://a.localhost/{n}", f"a.localhost/{n}", ["feed f"], at))
            journal.write(Capture("a", f"a.localhost/{n}", "fetched"))
    tracemalloc.start()
    landing = read_journal(tmp_path, "s")
    kept = _in_use()
    tracemalloc.stop()
    assert kept / PAGES < 100
    assert sum(map(len, landing.batches())) == PAGES

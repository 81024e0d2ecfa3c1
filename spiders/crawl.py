"""The crawl process: `python -m spiders.crawl JOURNAL_DIR [PARENT_PID]`. The only place where Scrapy runs.

Exit code 0 when the crawl ended by itself (a limit included), 1 when it did not.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import scrapy
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from spiders.addresses import Addresses
from spiders.collect import Collector
from spiders.decode import ACCEPTED
from spiders.download import DownloadHandler
from spiders.fetch import Download, Fetcher
from spiders.journal import Journal
from spiders.plan import Limits, Plan
from spiders.rendered import Rendering

_PR_SET_PDEATHSIG = 1
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class NewsSpider(scrapy.Spider):
    """All outlets of a plan. What to fetch and when is `Collector`'s; Scrapy downloads."""

    name = "news"

    def __init__(self, plan: Plan, journal: Journal, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._plan = plan
        self._journal = journal

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Crawls as a whole and yields nothing to Scrapy's own queue, which knows no hosts' pace or limits."""
        await collect(self.crawler, self._plan, self._journal)
        nothing: tuple[scrapy.Request, ...] = ()
        for request in nothing:
            yield request


async def collect(crawler: Crawler, plan: Plan, journal: Journal) -> None:
    """Carry out a plan with a crawler's download handlers, which find `addresses` at the crawler's spider."""
    spider: Any = crawler.spider
    spider.addresses = Addresses(plan.limits.allow_hosts)
    # Past the engine's queues and the middlewares, none of which are ours: they took a sixth of a crawl's CPU.
    download = cast("Download", crawler.engine.downloader.handlers.download_request_async)
    async with Rendering(download, plan.limits) as browser:
        await Collector(plan, journal, Fetcher(download, spider.addresses, plan, browser.render)).run()


def scrapy_settings(limits: Limits) -> dict[str, Any]:
    """Scrapy's engine and nothing else: `fetch` does what the middlewares would, over all outlets."""
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
        "ADDONS": {},
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "CONCURRENT_REQUESTS": 0,
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), DownloadHandler),
        "DOWNLOAD_MAXSIZE": limits.page_bytes,
        "DOWNLOAD_TIMEOUT": limits.page_seconds,
        "USER_AGENT": limits.user_agent,
        "DEFAULT_REQUEST_HEADERS": {"Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
        "LOG_LEVEL": "INFO",
        "STATS_DUMP": False,
    }


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent, or the thread that started it, is gone (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the process that started this crawl is gone")


def main(journal_dir: str, parent: str | None = None) -> int:
    """Run the plan of a folder to its end, or as far as a signal lets it; ends with the process `parent`, if given."""
    if parent:
        die_with(int(parent))
    plan = Plan.read(Path(journal_dir))
    gc.freeze()  # modules and plan stay: the collector need not walk through them again and again
    process = AsyncCrawlerProcess(scrapy_settings(plan.limits))
    with Journal.open(Path(journal_dir)) as journal:
        process.crawl(NewsSpider, plan=plan, journal=journal)
        process.start()
        return 0 if journal.ended else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

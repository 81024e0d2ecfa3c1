"""Scrapy with its defaults that fetches a list of URLs and throws the pages away.

    python -m tests.bench.bare_scrapy URLS.json CONCURRENT CONCURRENT_PER_HOST

Prints how many of them were answered.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer


class Loopback(CachingThreadedResolver):
    """`*.localhost` is loopback (RFC 6761), which not every machine's resolver knows."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> defer.Deferred[str]:  # noqa: N802
        """The address of a host."""
        return defer.succeed("127.0.0.1")


class BareSpider(scrapy.Spider):
    """Every URL once; nothing is done with the answers."""

    name = "bare"
    handle_httpstatus_list = (404, 410)

    def __init__(self, urls: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.urls = urls
        self.answered = 0

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """The requests."""
        for url in self.urls:
            yield scrapy.Request(url)

    def parse(self, response: scrapy.http.Response) -> None:
        """Throw it away."""
        self.answered += 1

    def closed(self, reason: str) -> None:
        """Say how it went."""
        print(json.dumps({"answered": self.answered}), flush=True)


def main(urls_path: str, concurrent: str, concurrent_per_host: str) -> None:
    """Run it."""
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": int(concurrent),
            "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrent_per_host),
            "LOG_LEVEL": "INFO",
            "TELNETCONSOLE_ENABLED": False,
            "TWISTED_DNS_RESOLVER": Loopback,
        }
    )
    process.crawl(BareSpider, urls=json.loads(Path(urls_path).read_text()))
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Scrapy with its defaults that fetches a list of URLs and throws the pages away.

    python -m tests.bench.bare_scrapy URLS.json CONCURRENT CONCURRENT_PER_HOST

Prints how many of them were answered.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess


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


def main(urls_path: str, concurrent: str, concurrent_per_host: str) -> None:
    """Run it."""
    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": int(concurrent),
            "CONCURRENT_REQUESTS_PER_DOMAIN": int(concurrent_per_host),
            "LOG_LEVEL": "INFO",
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, urls=json.loads(Path(urls_path).read_text()))
    process.start()
    print(json.dumps({"answered": crawler.spider.answered}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""How crawlers download, as their own code does it, in their own environment: `crawlers.py NAME URLS.json`.

The pages are thrown away. Prints how many were answered.
"""

# mypy: disable-error-code="import-not-found, import-untyped, misc"
from __future__ import annotations

import json
import socket
import sys
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_AT_ONCE = 64


def fundus(urls: list[str]) -> int:
    """Its `WebSource`, robots.txt apart: a thread a publisher, each with a session of its own."""
    from fundus.scraping.html import WebSource

    class Paper:
        name = "paper"
        request_header = {"user-agent": "Fundus/2.0"}  # noqa: RUF012
        impersonate = None

    of_host: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        of_host[urlsplit(url).netloc].append(url)

    def fetch(of_one: list[str]) -> int:
        source = WebSource(of_one, Paper(), ignore_robots=True)
        return sum(bool(page.content) for page in source.fetch())

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return sum(threads.map(fetch, of_host.values()))


def news_please(urls: list[str]) -> int:
    """Its `SimpleCrawler`: a thread a URL, here so many at a time."""
    from newsplease.crawler.simple_crawler import SimpleCrawler

    answered = 0
    for start in range(0, len(urls), _AT_ONCE):
        answered += sum(map(bool, SimpleCrawler.fetch_urls(urls[start : start + _AT_ONCE]).values()))
    return answered


CRAWLERS: dict[str, Callable[[list[str]], int]] = {"fundus": fundus, "news_please": news_please}


def _loopback(resolve: Callable[..., Any]) -> Callable[..., Any]:
    """`*.localhost` is loopback (RFC 6761), which not every machine's resolver knows."""

    def resolved(host: str, *args: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if host.endswith(".localhost") else host, *args, **options)

    return resolved


if __name__ == "__main__":
    socket.getaddrinfo = _loopback(socket.getaddrinfo)
    answered = CRAWLERS[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
    print(json.dumps({"answered": answered}))

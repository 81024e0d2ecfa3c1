"""Hosts and pages that never end cost their own budget only."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from spiders import discover
from spiders.addresses import Addresses
from spiders.aside import aside
from spiders.collect import Collector
from spiders.fetch import Fetcher
from spiders.journal import Journal, read_journal
from spiders.refused import Refused
from tests.spiders.crawling import SETTINGS, crawl, outlet, plan_for
from tests.spiders.tiny import PAGE, Asked, Raw, Reply, Tiny

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS: dict[str, Raw] = {
    "hang": Raw((b"",), 60),
    "drip": Raw((HEAD + b"\r\n", *[b"a"] * 60), 1),
    "drip-headers": Raw((HEAD, *[b"X"] * 60), 1),
    "headers": Raw((HEAD, *[b"X-Filler: x\r\n" * 100] * 10_000)),
    "long-header": Raw((HEAD + b"X-Filler: ", *[b"x" * 1000] * 10_000)),
    "chunks": Raw((CHUNKED, *[b"4000\r\n" + b"x" * 0x4000 + b"\r\n"] * 10_000)),
    "chunk-size": Raw((CHUNKED, *[b"0" * 1000] * 10_000)),
    "trailers": Raw((CHUNKED + b"1\r\na\r\n0\r\n", *[b"X-Filler: x\r\n" * 100] * 10_000)),
}


@pytest.mark.slow
def test_hosts_that_never_end_hold_up_no_other(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"page_seconds": 1.5, "outlet_seconds": 12})
    steps = count()

    def onward(_: Asked) -> Reply:
        return 302, {"Location": f"/on/{next(steps)}"}, b""

    with Tiny() as site:
        good = [f"good{n}" for n in range(6)]
        for slug in good:
            names = [f"{slug}.localhost/{n}" for n in range(6)]
            site.pages |= dict.fromkeys(names, PAGE) | {f"{slug}.localhost/feed": site.rss(*names)}
        for slug, raw in ENDLESS.items():
            host = f"{slug}.localhost"
            names = [f"{host}/{n}" for n in range(3)]
            site.pages |= dict.fromkeys(names, raw) | {f"{host}/feed": site.rss(*names), f"{host}/other": raw}
        site.pages["onward.localhost/feed"] = onward
        site.pages |= {f"onward.localhost/on/{n}": onward for n in range(100)}
        feeds = {
            slug: ["feed", "other"] if slug in ENDLESS else ["feed"] for slug in (*good, *ENDLESS, "onward")
        }
        report, landing = crawl(
            tmp_path,
            *(
                outlet(slug, feeds=[site.url(f"{slug}.localhost/{path}") for path in paths])
                for slug, paths in feeds.items()
            ),
            settings=settings,
        )
    rows = landing.captures.to_pylist()
    visits = landing.visits.to_pylist()
    assert report.reason == "finished"
    assert [row["outcome"] for row in rows if row["outlet"] in good] == ["fetched"] * 36
    began: datetime = min(visit["visited_at"] for visit in visits)
    last: datetime = max(row["fetched_at"] for row in rows if row["outlet"] in good)
    assert (last - began).total_seconds() < 10 < report.seconds < 60
    seen: dict[str, set[str]] = {slug: set() for slug in ENDLESS}
    for row in (*rows, *visits):
        if row["outlet"] in ENDLESS and row["outcome"] != "fetched":
            seen[row["outlet"]].add(row["reason"])
    slow, large = {"timeout", "time_limit"}, {"too_large"}
    expected = {
        "hang": slow, "drip": slow, "drip-headers": slow, "headers": large, "long-header": large,
        "chunks": large, "chunk-size": {"truncated", "time_limit"}, "trailers": {"truncated", "too_large"},
    }  # fmt: skip
    assert not {slug: seen[slug] for slug in ENDLESS if not seen[slug] or not seen[slug] <= expected[slug]}
    assert [v["reason"] for v in visits if v["outlet"] == "onward"] == ["redirect_loop"]
    assert next(steps) < 10


def test_a_source_that_cannot_be_read_to_its_end_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than `asyncio.to_thread` has threads; leaving them behind, the crawl ends."""
    feeds = {f"stuck{n}": b"stuck" for n in range(9)} | {"good": b'<rss version="2.0"><channel/></rss>'}

    def read(kind: Any, body: bytes, url: str, **options: Any) -> discover.Discovery:
        if body == b"stuck":
            time.sleep(30)
        return discover.read_source(kind, body, url, **options)

    async def download(request: Any) -> Any:
        from scrapy.http import Response

        slug = request.url.partition("//")[2].partition(".")[0]
        return Response(request.url, body=feeds[slug] if request.url.endswith("/feed") else b"")

    async def run() -> None:
        fetcher = Fetcher(download, Addresses(("localhost",)), plan)
        with Journal.open(tmp_path) as journal:
            await Collector(plan, journal, fetcher).run()

    monkeypatch.setattr("spiders.collect.read_source", read)
    settings = SETTINGS.model_copy(update={"page_seconds": 0.3})
    plan = plan_for(
        *(outlet(slug, feeds=[f"http://{slug}.localhost/feed"]) for slug in feeds), settings=settings
    )
    began = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - began < 10
    reasons = {visit["outlet"]: visit["reason"] for visit in read_journal(tmp_path, "s").visits.to_pylist()}
    assert reasons == dict.fromkeys(feeds, "timeout") | {"good": "feed_empty"}


def test_aside_gives_what_the_work_gives_or_raises() -> None:
    def fails() -> int:
        raise ZeroDivisionError

    assert asyncio.run(aside(lambda: 7, 5)) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(aside(fails, 5))
    with pytest.raises(Refused, match=r"timeout not read after 0\.05 s"):
        asyncio.run(aside(lambda: time.sleep(1), 0.05))

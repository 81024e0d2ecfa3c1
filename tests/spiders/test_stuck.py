"""Hosts and pages that never end cost their own budget only."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import pytest

from schemas.outlet import Outlet
from spiders import discover
from spiders.addresses import Addresses
from spiders.aside import aside
from spiders.collect import Collector
from spiders.fetch import Fetcher
from spiders.journal import Journal, read_journal
from spiders.refused import Refused
from tests.spiders.crawling import SETTINGS, crawl, outlet, plan_for
from tests.spiders.tiny import PAGE, Asked, Handler, Raw, Reply, Tiny

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
FILLER = b"X-Filler: x\r\n" * 100
#: What is sent first, what is sent after it for ever, and the reasons that may end it.
FLOODS = {
    "headers": (HEAD, FILLER, {"too_large"}),
    "long-header": (HEAD + b"X-Filler: ", b"x" * 1000, {"too_large"}),
    "chunks": (CHUNKED, b"4000\r\n" + b"x" * 0x4000 + b"\r\n", {"too_large"}),
    "trailers": (CHUNKED + b"1\r\na\r\n0\r\n", FILLER, {"truncated", "too_large"}),
}
#: What is sent first, what is sent again and again, and what ends it.
DRIPS = {
    "hang": (b"", b"", HEAD + b"\r\n"),
    "drip": (HEAD + b"\r\n", b"a", b""),
    "drip-headers": (HEAD, b"X", b": x\r\n\r\n"),
    "chunk-size": (CHUNKED, b"0" * 1000, b"\r\n\r\n"),
}
#: Far more than any of it takes: a limit that is met says that something was held up.
PATIENT = SETTINGS.model_copy(update={"outlet_seconds": 200, "run_seconds": 250})


def good(site: Tiny, count: int) -> list[Outlet]:
    """Outlets of a feed and three pages each, nothing wrong with them."""
    outlets = []
    for slug in (f"good{n}" for n in range(count)):
        names = [f"{slug}.localhost/{n}" for n in range(3)]
        feed = f"{slug}.localhost/feed"
        site.pages |= dict.fromkeys(names, PAGE) | {feed: site.rss(*names)}
        outlets.append(outlet(slug, feeds=[site.url(feed)]))
    return outlets


def bad(site: Tiny, slug: str, page: Handler) -> Outlet:
    """An outlet whose two feeds are like that."""
    names = [f"{slug}.localhost/{name}" for name in ("feed", "other")]
    site.pages |= dict.fromkeys(names, page)
    return outlet(slug, feeds=[site.url(name) for name in names])


@pytest.mark.slow
def test_hosts_that_hang_hold_up_no_other(tmp_path: Path) -> None:
    """They hang until all others were served: were one waited for, its page would meet the limit of time."""
    served = threading.Event()

    def hangs(first: bytes, then: bytes, end: bytes) -> Handler:
        def parts() -> Iterator[bytes]:
            yield first
            while not served.wait(0.05):
                yield then
            yield end

        return lambda _: Raw(parts())

    with Tiny() as site:
        outlets = good(site, 6)

        def last(_: Asked) -> Reply:
            if sum(asked.path in {"/0", "/1", "/2"} for asked in site.asked) == 18:
                served.set()
            return 200, {}, PAGE

        site.pages |= {f"{it.slug}.localhost/{n}": last for it in outlets for n in range(3)}
        outlets += [bad(site, slug, hangs(*parts)) for slug, parts in DRIPS.items()]
        report, landing = crawl(tmp_path, *outlets, settings=PATIENT)
    assert report.reason == "finished"
    assert landing.captures["outcome"].to_pylist() == ["fetched"] * 18
    assert not {"timeout", "time_limit"} & set(landing.visits["reason"].to_pylist())


@pytest.mark.slow
def test_pages_that_never_end_meet_the_limit_of_time(tmp_path: Path) -> None:
    def drips(first: bytes, then: bytes, _: bytes) -> Raw:
        return Raw((first, *[then] * 3000), seconds=0.2)

    settings = PATIENT.model_copy(update={"page_seconds": 4})
    with Tiny() as site:
        outlets = []
        for slug, parts in DRIPS.items():
            page = f"{slug}.localhost/page"
            site.pages |= {page: drips(*parts), "feeds.localhost/" + slug: site.rss(page)}
            outlets.append(outlet(slug, feeds=[site.url("feeds.localhost/" + slug)]))
        _, landing = crawl(tmp_path, *outlets, settings=settings)
    ended = {row["outlet"]: (row["outcome"], row["reason"]) for row in landing.captures.to_pylist()}
    assert ended == dict.fromkeys(DRIPS, ("failed", "timeout"))


@pytest.mark.slow
def test_hosts_that_send_without_end_meet_a_limit_of_size_and_hold_up_no_other(tmp_path: Path) -> None:
    steps = count()

    def onward(_: Asked) -> Reply:
        return 302, {"Location": f"/on/{next(steps)}"}, b""

    def floods(first: bytes, then: bytes) -> Handler:
        return lambda _: Raw(chain((first,), repeat(then)))

    with Tiny() as site:
        site.pages |= {f"onward.localhost/on/{n}": onward for n in range(100)}
        outlets = [*good(site, 6), bad(site, "onward", onward)]
        outlets += [bad(site, slug, floods(first, then)) for slug, (first, then, _) in FLOODS.items()]
        report, landing = crawl(tmp_path, *outlets, settings=PATIENT)
    assert report.reason == "finished"
    assert landing.captures["outcome"].to_pylist() == ["fetched"] * 18
    ended = {v["outlet"]: v["reason"] for v in landing.visits.to_pylist() if v["outcome"] != "fetched"}
    expected = {slug: reasons for slug, (_, _, reasons) in FLOODS.items()} | {"onward": {"redirect_loop"}}
    assert ended.keys() == expected.keys()
    assert not {slug: reason for slug, reason in ended.items() if reason not in expected[slug]}
    assert next(steps) < 20


def test_a_source_that_cannot_be_read_to_its_end_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than `asyncio.to_thread` has threads; leaving them behind, the crawl ends."""
    over, read_to_its_end = threading.Event(), []
    feeds = {f"stuck{n}": b"stuck" for n in range(9)} | {"good": b'<rss version="2.0"><channel/></rss>'}

    def read(kind: Any, body: bytes, url: str, **options: Any) -> discover.Discovery:
        if body == b"stuck":
            over.wait(200)
            read_to_its_end.append(url)
        return discover.read_source(kind, body, url, **options)

    async def download(request: Any) -> Any:
        from spiders.download import Sent

        slug = request.url.partition("//")[2].partition(".")[0]
        return Sent(request.url, 200, [], feeds[slug] if request.url.endswith("/feed") else b"")

    async def run() -> None:
        fetcher = Fetcher(download, Addresses(("localhost",)), plan)
        with Journal.open(tmp_path) as journal:
            await Collector(plan, journal, fetcher).run()

    monkeypatch.setattr("spiders.collect.read_source", read)
    monkeypatch.setattr("spiders.collect._READERS", len(feeds))
    settings = SETTINGS.model_copy(update={"page_seconds": 4})
    plan = plan_for(
        *(outlet(slug, feeds=[f"http://{slug}.localhost/feed"]) for slug in feeds), settings=settings
    )
    asyncio.run(run())
    assert not read_to_its_end
    over.set()
    reasons = {visit["outlet"]: visit["reason"] for visit in read_journal(tmp_path, "s").visits.to_pylist()}
    assert reasons == dict.fromkeys(feeds, "timeout") | {"good": "feed_empty"}


def test_aside_gives_what_the_work_gives_or_raises() -> None:
    over = threading.Event()

    def fails() -> int:
        raise ZeroDivisionError

    assert asyncio.run(aside(lambda: 7, 200)) == 7
    with pytest.raises(ZeroDivisionError):
        asyncio.run(aside(fails, 200))
    with pytest.raises(Refused, match=r"timeout not read after 0\.05 s"):
        asyncio.run(aside(lambda: over.wait(200), 0.05))
    over.set()

"""Whole crawls: manners, memory, limits."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.outlet import Outlet
from schemas.tables import CAPTURES
from schemas.urls import url_key
from schemas.vocabulary import Reason
from tests.spiders.clock import Web, late
from tests.spiders.crawling import SETTINGS, by_path, crawl, outlet, plan_for, verdicts
from tests.spiders.tiny import PAGE, Asked, Reply, Tiny


def test_pace_crawl_delay_and_retry_after_are_kept_per_host(tmp_path: Path) -> None:
    web = Web()
    hosts = ("paced.localhost", "delayed.localhost")
    web.pages["delayed.localhost/robots.txt"] = b"User-agent: presslake\nCrawl-delay: 6\n"
    for host in hosts:
        names = [f"{host}/{n}" for n in range(4)]
        web.pages |= dict.fromkeys(names, PAGE) | {f"{host}/feed": web.rss(*names)}
    answers: list[Reply] = [(200, {}, PAGE), (503, {"Retry-After": "30"}, b"")]

    async def busy_once() -> Reply:
        return answers.pop() if len(answers) > 1 else answers[0]

    web.pages["paced.localhost/0"] = busy_once
    outlets = [
        outlet(host.partition(".")[0], feeds=[f"http://{host}/feed"], pace_seconds=2) for host in hosts
    ]
    _, landing = web.crawl(tmp_path, plan_for(*outlets))
    assert landing.captures["outcome"].to_pylist() == ["fetched"] * 8
    waits = {host: [later - earlier for earlier, later in pairwise(web.times(host))] for host in hosts}
    assert sorted(waits["paced.localhost"]) == [2] * 7 + [30]
    assert waits["delayed.localhost"] == [2] + [6] * 6  # robots.txt must be read first


@pytest.mark.slow
def test_a_slot_later_what_did_not_change_is_unchanged(tmp_path: Path) -> None:
    def conditional(asked: Asked) -> Reply:
        if asked.headers.get("If-None-Match") == '"7"':
            return 304, {"ETag": '"7"'}, b""
        return 200, {"ETag": '"7"'}, PAGE

    settings = SETTINGS.model_copy(update={"recheck_hours": (0.000_000_1,)})
    with Tiny() as site:
        site.pages |= {
            "a.localhost/tagged": conditional,
            "a.localhost/plain": PAGE,
            "a.localhost/edited": b"1",
        }
        site.pages["a.localhost/feed"] = site.rss(
            "a.localhost/tagged", "a.localhost/plain", "a.localhost/edited"
        )
        it = outlet("a", feeds=[site.url("a.localhost/feed")])
        _, first = crawl(tmp_path / "1", it, settings=settings)
        assert set(first.captures["outcome"].to_pylist()) == {"fetched"}
        site.pages |= {"a.localhost/edited": b"2", "a.localhost/new": PAGE}
        site.pages["a.localhost/feed"] = site.rss(
            "a.localhost/tagged", "a.localhost/plain", "a.localhost/new"
        )
        _, second = crawl(
            tmp_path / "2", it, slot="s2", settings=settings, captures=first.captures, visits=first.visits
        )
        assert verdicts(second) == {
            "tagged": ("unchanged", None),
            "plain": ("unchanged", None),
            "edited": ("fetched", None),  # a recheck, although no source names it any more
            "new": ("fetched", None),
        }
        assert by_path(second)["tagged"]["body_sha256"] == by_path(first)["tagged"]["body_sha256"]
        assert by_path(second)["edited"]["found_in"] == by_path(first)["edited"]["found_in"]
        (visit,) = second.visits.to_pylist()
        assert (visit["found"], visit["new"]) == (3, 1)
        history = pa.concat_tables([first.captures, second.captures])
        _, third = crawl(tmp_path / "3", it, slot="s3", captures=history, visits=second.visits)
        assert (third.captures.num_rows, third.visits["outcome"].to_pylist()) == (0, ["unchanged"])
        _, fourth = crawl(tmp_path / "4", it, slot="s4", captures=history)
        assert set(fourth.captures["outcome"].to_pylist()) == {"not_due"}


def test_an_index_is_followed_to_its_newest_sitemaps(tmp_path: Path) -> None:
    now = datetime.now(UTC).isoformat()
    urls = "<urlset>" + "<url><loc>http://a.localhost/{}</loc></url>" * 2 + "</urlset>"
    web = Web(
        {
            "a.localhost/old.xml": urls.format("never", "ever").encode(),
            "a.localhost/new.xml": gzip.compress(urls.format("1", "2").encode()),
            "a.localhost/index.xml": f"""<sitemapindex>
            <sitemap><loc>/old.xml</loc><lastmod>2020-01-01T00:00:00Z</lastmod></sitemap>
            <sitemap><loc>/new.xml</loc><lastmod>{now}</lastmod></sitemap>
            <sitemap><loc>/lost.xml</loc></sitemap></sitemapindex>""".encode(),
        }
    )
    it = outlet("a", sitemaps=["http://a.localhost/index.xml"])
    _, landing = web.crawl(tmp_path, plan_for(it))
    assert {row["url_key"].rpartition("/")[2] for row in landing.captures.to_pylist()} == {"1", "2"}
    (visit,) = landing.visits.to_pylist()
    assert (visit["outcome"], visit["reason"], visit["found"]) == ("fetched", "http_4xx", 2)


def papers(web: Web, pages: dict[str, Any]) -> list[Outlet]:
    """Outlets by slug, of a feed and six pages like that."""
    outlets = []
    for slug, page in pages.items():
        names = [f"{slug}.localhost/{slug}{n}" for n in range(6)]
        web.pages |= dict.fromkeys(names, page) | {f"{slug}.localhost/feed": web.rss(*names)}
        outlets.append(outlet(slug, feeds=[f"http://{slug}.localhost/feed"]))
    return outlets


def test_limits_leave_the_rest_with_the_limit_as_reason(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"outlet_pages": 3, "outlet_bytes": 1000, "outlet_seconds": 60})
    web = Web()
    outlets = papers(web, {"pages": b"x", "bytes": b"x" * 1000, "stuck": late(3600)})
    ended, landing = web.crawl(tmp_path, plan_for(*outlets, settings=settings))
    rows = landing.captures.to_pylist()
    left = {
        slug: [r["reason"] for r in rows if r["outlet"] == slug and r["outcome"] == "left"]
        for slug in ("pages", "bytes", "stuck")
    }
    assert left["pages"] == ["page_limit"] * 3
    assert set(left["bytes"]) == {"byte_limit"}
    assert 4 <= len(left["bytes"]) <= 5
    assert left["stuck"] == ["time_limit"] * 6
    assert ended == "finished"
    assert landing.discovered == {"pages": 6, "bytes": 6, "stuck": 6}


@pytest.mark.parametrize(
    ("limit", "reason", "fetched"),
    [({"run_pages": 5}, "page_limit", {5}), ({"run_bytes": 5000}, "byte_limit", {5, 6, 7, 8})],
)
def test_the_shards_limits_count_over_all_outlets(
    tmp_path: Path, limit: dict[str, int], reason: str, fetched: set[int]
) -> None:
    web = Web()
    outlets = papers(web, dict.fromkeys("ab", b"x" * 1000))
    _, landing = web.crawl(tmp_path, plan_for(*outlets, settings=SETTINGS.model_copy(update=limit)))
    outcomes = landing.captures["outcome"].to_pylist()
    assert outcomes.count("fetched") in fetched
    assert outcomes.count("fetched") + outcomes.count("left") == 12
    assert set(landing.captures["reason"].to_pylist()) == {None, reason}


def test_the_crawls_own_limit_ends_it_and_sources_not_reached_say_so(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"run_seconds": 60})
    web = Web({"a.localhost/slow": late(3600), "b.localhost/feed": late(3600)})
    web.pages["a.localhost/feed"] = web.rss("a.localhost/slow")
    outlets = [outlet(slug, feeds=[f"http://{slug}.localhost/feed"]) for slug in "ab"]
    ended, landing = web.crawl(tmp_path, plan_for(*outlets, settings=settings))
    assert ended == "time_limit"
    assert [(row["outcome"], row["reason"]) for row in landing.captures.to_pylist()] == [
        ("left", "time_limit")
    ]
    assert landing.visits["outcome"].to_pylist() == ["fetched", "left"]


@pytest.mark.slow
def test_known_pages_get_their_share_of_the_requests_and_new_ones_come_first(tmp_path: Path) -> None:
    names = [f"a.localhost/{name}" for name in ("new", "old1", "old2", "old3")]
    settings = SETTINGS.model_copy(update={"outlet_pages": 4, "recheck_share": 0.5})
    with Tiny() as site:
        site.pages |= dict.fromkeys(names, PAGE) | {"a.localhost/feed": site.rss(*names)}
        at = datetime.now(UTC) - timedelta(hours=30)
        known = [
            {"capture_id": name, "slot": "s0", "outlet": "a", "url": site.url(name), "url_key": url_key(site.url(name)),
             "found_in": ["feed f"], "found_at": at, "outcome": "fetched", "fetched_at": at, "body_sha256": "ab" * 32}
            for name in names[1:]
        ]  # fmt: skip
        captures = pa.Table.from_pylist(known, CAPTURES.schema)
        it = outlet("a", feeds=[site.url("a.localhost/feed")])
        _, landing = crawl(tmp_path, it, settings=settings, captures=captures)
    told = Counter(verdicts(landing).values())
    assert told == {("fetched", None): 3, ("not_due", "recheck_limit"): 1}
    assert verdicts(landing)["new"] == ("fetched", None)
    assert {reason for _, reason in told if reason} <= set(Reason)

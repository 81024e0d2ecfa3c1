"""What one site is asked for in a day, over slots, outlets and shards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spiders.budgets import resting, spent
from spiders.journal import Landing
from tests.spiders.clock import Web
from tests.spiders.crawling import SETTINGS, crawl, outlet, plan_for, verdicts
from tests.spiders.tiny import PAGE, Reply, Tiny


@pytest.mark.slow
def test_what_is_over_the_budget_of_a_day_waits_for_the_next(tmp_path: Path) -> None:
    names = [f"paper.localhost/{n}" for n in range(6)]
    settings = SETTINGS.model_copy(update={"host_day_requests": 7})
    with Tiny() as site:
        site.pages |= dict.fromkeys(names, PAGE) | {"paper.localhost/feed": site.rss(*names)}
        it = outlet("paper", feeds=[site.url("paper.localhost/feed")])
        _, first = crawl(tmp_path / "1", it, settings=settings)
        outcomes = list(verdicts(first).values())
        assert len(site.asked) == 7  # robots.txt, the feed, tdmrep.json, three pages and one that nobody has
        assert (outcomes.count(("fetched", None)), outcomes.count(("left", "host_budget"))) == (3, 3)
        history = {"captures": first.captures, "visits": first.visits}
        before = spent(first.captures, first.visits)
        _, second = crawl(tmp_path / "2", it, slot="s2", settings=settings, spent=before, **history)
        assert before == {"paper.localhost": (7, before["paper.localhost"][1])}
        assert len(site.asked) == 7
        assert [(it["outcome"], it["reason"]) for it in second.visits.to_pylist()] == [
            ("left", "host_budget")
        ]
        assert set(verdicts(second).values()) == {("left", "host_budget")}
        _, third = crawl(tmp_path / "3", it, slot="s3", settings=settings, **history)  # another day
        assert list(verdicts(third).values()) == [("fetched", None)] * 3


def test_every_request_counts_for_the_next_slots(tmp_path: Path) -> None:
    host = "http://paper.localhost"
    answers = iter([(503, {}, b""), (200, {}, PAGE)])

    async def second_time() -> Reply:
        return next(answers)

    def sitemap(kind: str, name: str, path: str) -> bytes:
        return f"<{kind}><{name}><loc>{host}{path}</loc></{name}></{kind}>".encode()

    web = Web({"paper.localhost/1": second_time, "paper.localhost/to": (302, {"Location": "/index"}, b"")})
    web.pages["paper.localhost/index"] = sitemap("sitemapindex", "sitemap", "/child")
    web.pages["paper.localhost/child"] = sitemap("urlset", "url", "/1")
    web.pages["paper.localhost/robots.txt"] = b"User-agent: *\nDisallow: /private\n"
    web.pages["paper.localhost/.well-known/tdmrep.json"] = b"[]"
    _, landing = web.crawl(tmp_path, plan_for(outlet("paper", sitemaps=[f"{host}/to"])))
    # robots.txt, the redirect, the index and its sitemap; then tdmrep.json, the page twice, and one that nobody has
    assert landing.visits["requests"].to_pylist() == [4]
    assert landing.captures["requests"].to_pylist() == [4]
    size = {
        where.removeprefix("paper.localhost/"): len(page)
        for where, page in web.pages.items()
        if isinstance(page, bytes)
    }
    read = size["robots.txt"] + size["index"] + size["child"]
    page = len("[]") + len(PAGE) + len("no such page")
    assert landing.visits["received_bytes"].to_pylist() == [read]
    assert landing.captures["received_bytes"].to_pylist() == [page]
    assert spent(landing.captures, landing.visits) == {"paper.localhost": (len(web.asked), read + page)}
    assert len(web.asked) == 8


def test_a_site_of_no_outlet_is_asked_as_slowly_and_as_little_as_all_shards_share_it(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"shards": 2, "pace_seconds": 3, "host_day_requests": 6})
    web = Web()
    web.pages |= {f"shared.localhost/{n}": web.rss() for n in range(4)}
    it = outlet("paper", feeds=[f"http://{where}" for where in web.pages])
    _, landing = web.crawl(tmp_path, plan_for(it, settings=settings))
    assert sorted(row["outcome"] for row in landing.visits.to_pylist()) == ["fetched"] * 2 + ["left"] * 2
    assert web.times("shared.localhost") == [0, 6, 12]


def test_who_asks_for_a_long_rest_is_left_alone_for_the_slot(tmp_path: Path) -> None:
    names = [f"paper.localhost/{n}" for n in range(4)]
    web = Web(dict.fromkeys(names, (429, {"Retry-After": "3600"}, b"")))
    web.pages["paper.localhost/feed"] = web.rss(*names)
    _, landing = web.crawl(tmp_path, plan_for(outlet("paper", feeds=["http://paper.localhost/feed"])))
    assert len([where for _, where in web.asked if where in names]) <= 2
    found = {(row["outcome"], row["reason"]) for row in landing.captures.to_pylist()}
    assert found == {("blocked", "http_4xx"), ("left", "retry_after")}
    assert max(web.times("paper.localhost")) < 60


@pytest.mark.parametrize(
    ("asked", "hours"), [("3600", 1), ("9" * 300, 48)], ids=["an hour", "for ever: two days at most"]
)
@pytest.mark.parametrize("path", ["1", "feed"])
def test_a_rest_is_kept_over_slots_on_all_hosts_of_the_site(
    tmp_path: Path, path: str, asked: str, hours: int
) -> None:
    web = Web({"www.paper.localhost/1": PAGE, "paper.localhost/2": PAGE})
    web.pages["elsewhere.localhost/feed"] = web.rss("www.paper.localhost/1", "paper.localhost/2")
    web.pages |= {
        "www.paper.localhost/feed": web.rss(),
        f"www.paper.localhost/{path}": (503, {"Retry-After": asked}, b""),
    }
    feeds = ["http://elsewhere.localhost/feed", "http://www.paper.localhost/feed"]
    paper = outlet("paper", homepage="http://paper.localhost/", feeds=feeds)

    def look(number: int, rests: dict[str, datetime]) -> Landing:
        return web.crawl(tmp_path / str(number), plan_for(paper, slot=f"s{number}", resting=rests))[1]

    began = datetime.now(UTC)
    first = look(1, {})
    until = resting(first.captures, first.visits)
    assert until.keys() == {"paper.localhost"}
    assert began < until["paper.localhost"] - timedelta(hours=hours) < datetime.now(UTC)
    web.asked.clear()
    assert set(verdicts(look(2, until)).values()) == {("left", "retry_after")}
    assert {where.partition("/")[0] for _, where in web.asked} == {"elsewhere.localhost"}
    over = {site: at - timedelta(hours=hours) for site, at in until.items()}
    look(3, over)
    assert "www.paper.localhost/feed" in {where for _, where in web.asked}

"""Whole crawls in their own process against real servers on loopback: outcomes, manners, limits, crashes."""

from __future__ import annotations

import gzip
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from fastwarc.warc import ArchiveIterator

from schemas.errors import TryLater
from schemas.outlet import Outlet
from schemas.settings import REPO, Settings
from schemas.tables import CAPTURES, VISITS
from spiders.child import PLAN_NAME, CrawlReport, run_crawl
from spiders.journal import INDEX_NAME, Landing, read_journal
from spiders.plan import Plan, make_plan

from .tiny import Asked, Raw, Reply, Tiny

SETTINGS = Settings(pace_seconds=0, page_seconds=3, page_bytes=300_000, contact="https://example.org/bot")
NO_CAPTURES, NO_VISITS = CAPTURES.schema.empty_table(), VISITS.schema.empty_table()


def outlet(slug: str, **facts: Any) -> Outlet:
    facts = {"homepage": f"http://{slug}.localhost/"} | facts
    return Outlet(slug=slug, name=slug, country="de", language="de", **facts)


def plan_for(
    *outlets: Outlet,
    slot: str = "s1",
    settings: Settings = SETTINGS,
    captures: pa.Table = NO_CAPTURES,
    visits: pa.Table = NO_VISITS,
) -> Plan:
    return make_plan(slot, 0, {it.slug: it for it in outlets}, captures, visits, settings)


def crawl(
    folder: Path, *outlets: Outlet, settings: Settings = SETTINGS, **more: Any
) -> tuple[CrawlReport, Landing]:
    plan = plan_for(*outlets, settings=settings, **more)
    report = run_crawl(plan, folder, settings)
    return report, read_journal(folder, plan.slot)


def by_path(landing: Landing) -> dict[str, dict[str, Any]]:
    return {re.sub(r"^.*?:\d+/", "", row["url"]): row for row in landing.captures.to_pylist()}


def verdicts(landing: Landing) -> dict[str, tuple[str, str | None]]:
    return {path: (row["outcome"], row["reason"]) for path, row in by_path(landing).items()}


def busy(seconds: float) -> Callable[[Asked], Reply]:
    def answer(_: Asked) -> Reply:
        time.sleep(seconds)
        return 200, {}, b"<p>late</p>"

    return answer


# --- one crawl of a site that does everything wrong ----------------------------------------------

PAGE = b"<html><head><meta name='robots' content='noai, noarchive'></head>" + b"<p>Text</p>" * 50
ZIPPED = gzip.compress(PAGE)
GZIP = {"Content-Encoding": "gzip"}

PAGES: dict[str, Any] = {
    "ok": (200, {"X-Robots-Tag": "noarchive", "tdm-reservation": "1", "Set-Cookie": "a=b"}, PAGE),
    "zipped": (200, GZIP, ZIPPED),
    "empty": b"",
    "not-utf-8": b"\xff\xfe\x80 caf\xe9",
    "moved": (301, {"Location": "/ok?utm_source=x"}, b""),
    "cut-gzip": (200, GZIP, ZIPPED[:-20]),
    "broken-gzip": (200, GZIP, b"no gzip at all"),
    "bomb": (200, GZIP, gzip.compress(b"\0" * 50_000_000)),
    "large": b"x" * 300_001,
    "endless": Raw((b"HTTP/1.1 200 OK\r\n\r\n", *[b"y" * 100_000] * 40)),
    "drip": Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"z"] * 100), seconds=0.5),
    "short": Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",)),
    "reset": Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly",), reset=True),
    "no-http": Raw((b"220 mail.example ESMTP\r\n",)),
    "silence": Raw(()),
    "many-headers": Raw((b"HTTP/1.1 200 OK\r\n", b"X-Pad: " + b"h" * 200_000 + b"\r\n", b"\r\nx")),
    "loop": (302, {"Location": "/loop2"}, b""),
    "loop2": (302, {"Location": "/loop"}, b""),
    "deeper": lambda asked: (302, {"Location": asked.path + "r"}, b""),
    "to-metadata": (302, {"Location": "http://169.254.169.254/latest/"}, b""),
    "to-private": (302, {"Location": "http://10.0.0.1/"}, b""),
    "to-loopback": (302, {"Location": "http://127.0.0.1/"}, b""),
    "to-file": (302, {"Location": "file:///etc/passwd"}, b""),
    "to-forbidden": (302, {"Location": "/private/there"}, b""),
    "nowhere": (302, {}, b""),
    "gone": (410, {}, b""),
    "paywall": (402, {}, b""),
    "wall": (403, {}, b"no"),
    "wait-an-hour": (503, {"Retry-After": "3600"}, b""),
    "private/a": PAGE,
    "denied/a": PAGE,
}  # fmt: skip
PAGES |= {f"deeper{'r' * n}": PAGES["deeper"] for n in range(1, 9)}

EXPECTED = {
    "ok": ("fetched", None),
    "zipped": ("fetched", None),
    "empty": ("fetched", None),
    "not-utf-8": ("fetched", None),
    "moved": ("fetched", None),
    "cut-gzip": ("failed", "truncated"),
    "broken-gzip": ("failed", "bad_encoding"),
    "bomb": ("failed", "too_large"),
    "large": ("failed", "too_large"),
    "endless": ("failed", "too_large"),
    "drip": ("failed", "timeout"),
    "short": ("failed", "truncated"),
    "reset": ("failed", "connection_lost"),
    "no-http": ("failed", "connection_lost"),
    "silence": ("failed", "connection_lost"),
    "many-headers": ("failed", "connection_lost"),
    "loop": ("failed", "redirect_loop"),
    "deeper": ("failed", "redirect_loop"),
    "to-metadata": ("disallowed", "private_address"),
    "to-private": ("disallowed", "private_address"),
    "to-loopback": ("disallowed", "private_address"),
    "to-file": ("failed", "bad_url"),
    "to-forbidden": ("disallowed", "robots"),
    "nowhere": ("failed", "http_302"),
    "gone": ("gone", "http_410"),
    "paywall": ("blocked", "http_402"),
    "wall": ("blocked", "http_403"),
    "never": ("gone", "http_404"),
    "private/a": ("disallowed", "robots"),
    "denied/a": ("disallowed", "denied"),
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tiny, Landing]]:
    """Hosts of their own for each page, so that one that is slow holds up no other."""
    with Tiny() as site:
        outlets = []
        for path in EXPECTED:
            host = f"{path.replace('/', '-')}.localhost"
            site.pages[f"{host}/robots.txt"] = b"User-agent: *\nDisallow: /private/\nDisallow: /never-asked\n"
            site.pages |= {f"{host}/{name}": page for name, page in PAGES.items()}
            site.pages[f"{host}/feed"] = site.rss(f"{host}/{path}")
            slug = path.replace("/", "-")
            outlets.append(outlet(slug, feeds=[site.url(f"{host}/feed")], deny=["/denied/"]))
        html = b"<!doctype html><html><title>Feed</title></html>"
        laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss>&b;</rss>'
        site.pages |= {"sources.localhost/html": html, "sources.localhost/laughs": laughs}
        site.pages["sources.localhost/empty"] = b""
        site.pages["sources.localhost/cut"] = (200, GZIP, ZIPPED[:40])
        site.pages["down.localhost/robots.txt"] = (503, {"Retry-After": "90"}, b"")
        feeds = [site.url(f"sources.localhost/{name}") for name in ("html", "laughs", "empty", "cut", "none")]
        down = [site.url("down.localhost/feed"), "http://127.0.0.1:9/feed", "http://nowhere.invalid/feed"]
        outlets += [outlet("sources", feeds=feeds), outlet("down", feeds=down)]
        _, landing = crawl(tmp_path_factory.mktemp("bad"), *outlets)
        yield site, landing


def test_everything_bad_has_a_reason(bad: tuple[Tiny, Landing]) -> None:
    assert verdicts(bad[1]) == EXPECTED


def test_failures_say_what_was_seen(bad: tuple[Tiny, Landing]) -> None:
    rows = by_path(bad[1])
    assert all(
        rows[path]["detail"]
        for path, (outcome, _) in EXPECTED.items()
        if outcome == "failed" and path != "nowhere"
    )
    assert "169.254.169.254" in rows["to-metadata"]["detail"]
    assert rows["gone"]["status"] == 410


def test_sources_that_give_nothing_have_a_reason(bad: tuple[Tiny, Landing]) -> None:
    seen = {
        row["source_url"].rpartition("/")[2]: (row["outcome"], row["reason"])
        for row in bad[1].visits.to_pylist()
        if row["outlet"] == "sources"
    }
    assert seen == {
        "html": ("failed", "not_a_feed"),
        "laughs": ("failed", "entity_expansion"),
        "empty": ("failed", "empty_body"),
        "cut": ("failed", "truncated"),
        "none": ("gone", "http_404"),
    }


def test_hosts_that_are_down_say_how(bad: tuple[Tiny, Landing]) -> None:
    visits = [row for row in bad[1].visits.to_pylist() if row["outlet"] == "down"]
    assert sorted((row["outcome"], row["reason"]) for row in visits) == [
        ("disallowed", "private_address"),
        ("failed", "dns"),
        ("failed", "robots_http_503"),
    ]


def test_what_was_fetched_is_kept_decoded_and_whole(bad: tuple[Tiny, Landing]) -> None:
    rows = by_path(bad[1])
    bodies: dict[str, bytes] = {}
    with bad[1].warc_path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.http_headers is not None:
                bodies[record.headers["WARC-Target-URI"]] = record.reader.read()
    assert len(bodies) == 5
    for path, body in (
        ("ok", PAGE),
        ("zipped", PAGE),
        ("empty", b""),
        ("not-utf-8", b"\xff\xfe\x80 caf\xe9"),
    ):
        assert bodies[rows[path]["url"]] == body
        assert rows[path]["bytes"] == len(body)
    assert bodies[rows["moved"]["final_url"]] == PAGE


def test_rights_are_recorded_as_found(bad: tuple[Tiny, Landing]) -> None:
    assert by_path(bad[1])["ok"]["rights"] == [
        "x-robots-tag: noarchive",
        "tdm-reservation: 1",
        "meta robots: noai, noarchive",
    ]
    assert by_path(bad[1])["not-utf-8"]["rights"] is None


def test_robots_is_asked_first_once_and_obeyed(bad: tuple[Tiny, Landing]) -> None:
    site = bad[0]
    for host in {asked.host for asked in site.asked} - {"down.localhost"}:
        assert site.paths(host)[0] == "/robots.txt"
        assert site.paths(host).count("/robots.txt") == 1
    assert not any("private" in asked.path or "denied" in asked.path for asked in site.asked)
    assert site.paths("down.localhost") == ["/robots.txt"]


def test_requests_are_honest_and_carry_no_cookies(bad: tuple[Tiny, Landing]) -> None:
    assert {asked.headers["User-Agent"] for asked in bad[0].asked} == {
        "Presslake/0.1 (+https://example.org/bot)"
    }
    assert not any({"Cookie", "Referer"} & asked.headers.keys() for asked in bad[0].asked)


# --- manners -------------------------------------------------------------------------------------


def test_pace_crawl_delay_and_retry_after_are_kept_per_host(tmp_path: Path) -> None:
    with Tiny() as site:
        hosts = {"paced.localhost": 0.1, "delayed.localhost": 0.3}
        site.pages["delayed.localhost/robots.txt"] = b"User-agent: presslake\nCrawl-delay: 0.3\n"
        for host in hosts:
            site.pages |= {f"{host}/{n}": PAGE for n in range(4)}
            site.pages[f"{host}/feed"] = site.rss(*(f"{host}/{n}" for n in range(4)))
        answers = [(503, {"Retry-After": "1"}, b""), (200, {}, PAGE)]
        site.pages["paced.localhost/0"] = lambda _: answers.pop(0) if len(answers) > 1 else answers[0]
        _, landing = crawl(
            tmp_path,
            *(
                outlet(host.partition(".")[0], feeds=[site.url(f"{host}/feed")], pace_seconds=0.1)
                for host in hosts
            ),
        )
        assert landing.captures["outcome"].to_pylist() == ["fetched"] * 8
        for host, pace in hosts.items():
            times = [asked.at for asked in site.asked if asked.host == host]
            gaps = [later - earlier for earlier, later in pairwise(times)]
            # robots.txt itself is asked before its delay is known
            assert min(gaps[1:]) > pace * 0.8
        paced = [asked for asked in site.asked if asked.host == "paced.localhost"]
        first = next(i for i, asked in enumerate(paced) if asked.path == "/0")
        again = max(i for i, asked in enumerate(paced) if asked.path == "/0")
        assert paced[again].at - paced[first].at >= 0.95


def test_a_slot_later_what_did_not_change_is_unchanged(tmp_path: Path) -> None:
    def conditional(asked: Asked) -> Reply:
        if asked.headers.get("If-None-Match") == '"7"':
            return 304, {"ETag": '"7"'}, b""
        return 200, {"ETag": '"7"'}, PAGE

    settings = SETTINGS.model_copy(update={"recheck_hours": (0.0000001,)})
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
        site.pages["a.localhost/edited"] = b"2"
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
    with Tiny() as site:

        def urls(*names: str) -> bytes:
            return "".join(f"<url><loc>{site.url('a.localhost/' + n)}</loc></url>" for n in names).encode()

        site.pages["a.localhost/old.xml"] = b"<urlset>" + urls("never") + b"</urlset>"
        site.pages["a.localhost/new.xml"] = (
            200,
            {},
            gzip.compress(b"<urlset>" + urls("1", "2") + b"</urlset>"),
        )
        site.pages["a.localhost/index.xml"] = f"""<sitemapindex>
            <sitemap><loc>/old.xml</loc><lastmod>2020-01-01T00:00:00Z</lastmod></sitemap>
            <sitemap><loc>/new.xml</loc><lastmod>{now}</lastmod></sitemap>
            <sitemap><loc>/lost.xml</loc></sitemap></sitemapindex>""".encode()
        _, landing = crawl(tmp_path, outlet("a", sitemaps=[site.url("a.localhost/index.xml")]))
        assert set(by_path(landing)) == {"1", "2"}
        (visit,) = landing.visits.to_pylist()
        assert (visit["outcome"], visit["reason"], visit["found"]) == ("fetched", "child_http_404", 2)


# --- limits --------------------------------------------------------------------------------------


def test_limits_leave_the_rest_with_the_limit_as_reason(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(
        update={
            "outlet_pages": 3,
            "outlet_bytes": 2000,
            "outlet_seconds": 2.5,
            "run_seconds": 20,
            "page_seconds": 30,
        }
    )
    with Tiny() as site:
        outlets = []
        for slug, page in {"pages": b"x", "bytes": b"x" * 1500, "stuck": busy(6)}.items():
            names = [f"{slug}.localhost/{slug}{n}" for n in range(6)]
            site.pages |= dict.fromkeys(names, page) | {f"{slug}.localhost/feed": site.rss(*names)}
            feeds = [site.url(f"{slug}.localhost/feed")]
            outlets.append(outlet(slug, feeds=feeds))
        report, landing = crawl(tmp_path, *outlets, settings=settings)
        rows = landing.captures.to_pylist()
        left = {
            slug: [r["reason"] for r in rows if r["outlet"] == slug and r["outcome"] == "left"]
            for slug in ("pages", "bytes", "stuck")
        }
        assert left["pages"] == ["page_limit"] * 3
        assert set(left["bytes"]) == {"byte_limit"}
        assert 2 <= len(left["bytes"]) <= 4
        assert left["stuck"] == ["time_limit"] * 6
        assert report.reason == "finished"
        assert landing.discovered == {"pages": 6, "bytes": 6, "stuck": 6}


def test_the_crawls_own_limit_ends_it_and_sources_not_reached_say_so(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"run_seconds": 1.5, "page_seconds": 30})
    with Tiny() as site:
        site.pages["a.localhost/slow"] = busy(5)
        site.pages["a.localhost/feed"] = site.rss("a.localhost/slow")
        site.pages["b.localhost/feed"] = busy(5)
        report, landing = crawl(
            tmp_path,
            outlet("a", feeds=[site.url("a.localhost/feed")]),
            outlet("b", feeds=[site.url("b.localhost/feed")]),
            settings=settings,
        )
        assert report.reason == "time_limit"
        assert verdicts(landing) == {"slow": ("left", "time_limit")}
        assert landing.visits["outcome"].to_pylist() == ["fetched", "left"]


# --- crashes -------------------------------------------------------------------------------------

TIMES = ["found_at", "fetched_at", "duration_ms", "warc_offset", "warc_bytes"]


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if "spiders.crawl" in " ".join(p.cmdline())]


def slow_site(site: Tiny, pages: int) -> Outlet:
    names = [f"a.localhost/{n}" for n in range(pages)]
    site.pages |= {name: PAGE + name.encode() for name in names} | {"a.localhost/feed": site.rss(*names)}
    return outlet("a", feeds=[site.url("a.localhost/feed")], pace_seconds=0.02)


def test_killed_midway_and_run_again_equals_a_crawl_undisturbed(tmp_path: Path) -> None:
    with Tiny() as site:
        it = slow_site(site, 60)
        _, calm = crawl(tmp_path / "calm", it)
        site.asked.clear()

        def kill(_what: str, done: int, _total: int | None) -> None:
            if 5 <= done < 55:
                for child in children():
                    child.send_signal(signal.SIGKILL)

        with pytest.raises(TryLater, match=r"SIGKILL(?s:.*)Spider opened"):
            run_crawl(plan_for(it), tmp_path / "killed", SETTINGS, kill)
        report, landing = crawl(tmp_path / "killed", it)
        assert report.reason == "finished"
        assert landing.captures.drop_columns(TIMES).equals(calm.captures.drop_columns(TIMES))
        assert landing.discovered == calm.discovered
        asked = [path for path in site.paths("a.localhost") if path not in {"/feed", "/robots.txt"}]
        assert len(asked) <= 60 + 2  # only what was in flight is asked again
        assert site.paths("a.localhost").count("/feed") == 1
        bodies = {}
        with landing.warc_path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.http_headers is not None:
                    bodies[record.stream_pos] = record.reader.read()
        for row in landing.captures.to_pylist():
            name = "a.localhost/" + row["url_key"].rpartition("/")[2]
            assert bodies[row["warc_offset"]] == PAGE + name.encode()
        assert not children()


def test_a_finished_journal_is_not_crawled_again(tmp_path: Path) -> None:
    with Tiny() as site:
        it = slow_site(site, 3)
        first, landing = crawl(tmp_path, it)
        asked = len(site.asked)
        again, same = crawl(tmp_path, it)
        assert len(site.asked) == asked
        assert (again.reason, again.captures, again.found) == (first.reason, first.captures, first.found)
        assert same.captures.equals(landing.captures)


def test_a_crawl_that_cannot_start_is_a_clear_error(tmp_path: Path) -> None:
    it = outlet("a", feeds=["http://a.localhost:9/feed"])
    (tmp_path / INDEX_NAME).mkdir()
    with pytest.raises(TryLater, match=r"exit code 1(?s:.*)IsADirectoryError"):
        run_crawl(plan_for(it), tmp_path, SETTINGS)


def test_the_crawl_dies_with_its_parent(tmp_path: Path) -> None:
    with Tiny() as site:
        site.pages["a.localhost/robots.txt"] = busy(30)
        (tmp_path / PLAN_NAME).write_text(
            plan_for(outlet("a", feeds=[site.url("a.localhost/feed")])).model_dump_json()
        )
        code = f"""
            from pathlib import Path
            from schemas.settings import Settings
            from spiders.child import run_crawl
            from spiders.plan import Plan
            folder = Path({str(tmp_path)!r})
            run_crawl(Plan.model_validate_json((folder / "plan.json").read_text()), folder, Settings())
        """
        parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=REPO)
        try:
            while not site.asked:
                assert parent.poll() is None
                time.sleep(0.05)
            (child,) = psutil.Process(parent.pid).children()
        finally:
            parent.kill()
            parent.wait()
        psutil.wait_procs([child], timeout=5)
        assert not child.is_running()


def test_a_crawl_that_hangs_is_ended_and_its_journal_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.child._GRACE_SECONDS", 0.5)
    settings = SETTINGS.model_copy(update={"run_seconds": 2.5})
    with Tiny() as site:
        it = slow_site(site, 500)

        def stop(_what: str, done: int, _total: int | None) -> None:
            if done > 3:
                for child in children():
                    child.send_signal(signal.SIGSTOP)

        report = run_crawl(plan_for(it, settings=settings), tmp_path, settings, stop)
        landing = read_journal(tmp_path, "s1")
        assert report.reason == "time_limit"
        assert report.captures["fetched"] > 3
        assert {"fetched", "left"} == set(landing.captures["outcome"].to_pylist())
        assert set(landing.captures["reason"].to_pylist()) == {None, "time_limit"}
        assert not children()

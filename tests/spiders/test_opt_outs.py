"""Crawls of sites that opt out: what they say is kept with the capture, or obeyed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.outlet import Outlet
from tests.spiders.crawling import SETTINGS, by_path, crawl, outlet, verdicts
from tests.spiders.tiny import Tiny

pytestmark = pytest.mark.slow

PLAIN = b"<p>Text</p>" * 50


def serve(site: Tiny) -> None:
    """A host without AI crawlers, one with a tdmrep.json, one whose pages speak for themselves."""
    site.pages |= {
        "robots.localhost/robots.txt": b"User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /news/\n",
        "tdm.localhost/.well-known/tdmrep.json": json.dumps(
            [{"location": "/reserved/", "tdm-reservation": 1, "tdm-policy": "https://tdm.example/policy"}]
        ).encode(),
        "none.localhost/.well-known/tdmrep.json": (500, {}, b"broken"),
        "page.localhost/header": (200, {"X-Robots-Tag": "noarchive"}, PLAIN),
        "page.localhost/meta": b"<meta name=tdm-reservation content=1>" + PLAIN,
        "page.localhost/moved": (302, {"Location": site.url("tdm.localhost/reserved/b")}, b""),
        "page.localhost/gone": (410, {"X-Robots-Tag": "noai"}, b""),
    }
    plain = ("robots.localhost/news/a", "robots.localhost/free", "tdm.localhost/reserved/a")
    plain += ("tdm.localhost/reserved/b", "tdm.localhost/open", "none.localhost/plain")
    site.pages |= dict.fromkeys(plain, PLAIN)
    listed = [*plain, *(f"page.localhost/{name}" for name in ("header", "meta", "moved", "gone"))]
    site.pages["feeds.localhost/feed"] = site.rss(*listed)


def paper(site: Tiny) -> Outlet:
    """The outlet at home where its moved page leads."""
    return outlet("a", homepage="http://tdm.localhost/", feeds=[site.url("feeds.localhost/feed")])


def test_what_is_said_is_kept_with_the_capture(tmp_path: Path) -> None:
    with Tiny() as site:
        serve(site)
        _, landing = crawl(tmp_path, paper(site))
        asked = [(it.host, it.path) for it in site.asked]
    assert set(verdicts(landing).values()) == {("fetched", None), ("gone", "http_4xx")}
    reserved = ["tdmrep.json tdm-reservation: 1", "tdmrep.json tdm-policy: https://tdm.example/policy"]
    assert {path: row["rights"] for path, row in by_path(landing).items()} == {
        "news/a": ["robots.txt training: CCBot, GPTBot"],
        "free": None,
        "reserved/a": reserved,
        "reserved/b": reserved,
        "open": None,
        "plain": None,
        "header": ["x-robots-tag: noarchive"],
        "meta": ["meta tdm-reservation: 1"],
        "moved": reserved,  # that of where it led
        "gone": None,
    }
    tdmrep = [host for host, path in asked if path == "/.well-known/tdmrep.json" and host != "none.localhost"]
    assert sorted(tdmrep) == ["page.localhost", "robots.localhost", "tdm.localhost"]  # once, where pages are


def test_obeyed_opt_outs_are_not_fetched_or_not_archived(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"opt_outs": "obey"})
    with Tiny() as site:
        serve(site)
        _, landing = crawl(tmp_path, paper(site), settings=settings)
        asked = {it.path for it in site.asked}
    opted_out = ("disallowed", "opt_out")
    expected = dict.fromkeys(("news/a", "reserved/a", "reserved/b", "header", "meta", "moved"), opted_out)
    expected |= dict.fromkeys(("free", "open", "plain"), ("fetched", None)) | {"gone": ("gone", "http_4xx")}
    assert verdicts(landing) == expected
    rows = by_path(landing)
    assert {path: row["detail"] for path, row in rows.items() if row["reason"] == "opt_out"} == {
        "news/a": "robots.txt training: CCBot, GPTBot",
        "reserved/a": "tdmrep.json tdm-reservation: 1",
        "reserved/b": "tdmrep.json tdm-reservation: 1",
        "moved": "tdmrep.json tdm-reservation: 1",
        "header": "x-robots-tag: noarchive",
        "meta": "meta tdm-reservation: 1",
    }
    assert not {"/news/a", "/reserved/a", "/reserved/b"} & asked
    assert {path for path, row in rows.items() if row["warc_offset"] is not None} == {"free", "open", "plain"}
    assert rows["header"]["status"] == 200

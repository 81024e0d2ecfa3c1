"""One crawl of sites that do everything wrong: every page ends with a reason, and nothing else is lost."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator

from spiders.journal import Landing
from tests.spiders.crawling import by_path, crawl, outlet, verdicts
from tests.spiders.tiny import PAGE, Raw, Tiny, self_signed
from tests.web.site import ARTICLE, Site, bomb

pytestmark = pytest.mark.slow


ZIPPED = gzip.compress(PAGE)
GZIP = {"Content-Encoding": "gzip"}

PAGES: dict[str, Any] = {
    "ok": (200, {"X-Robots-Tag": "noarchive", "tdm-reservation": "1", "Set-Cookie": "a=b"}, PAGE),
    "zipped": (200, GZIP, ZIPPED),
    "moved": (301, {"Location": "/ok?utm_source=x"}, b""),
    "broken-gzip": (200, GZIP, b"no gzip at all"),
    "endless": Raw((b"HTTP/1.1 200 OK\r\n\r\n", *[b"y" * 100_000] * 40)),
    "no-http": Raw((b"220 mail.example ESMTP\r\n",)),
    "silence": Raw(()),
    "long-header": Raw((b"HTTP/1.1 200 OK\r\n", b"X-Pad: " + b"h" * 200_000 + b"\r\n", b"\r\nx")),
    "loop": (302, {"Location": "/loop2"}, b""),
    "loop2": (302, {"Location": "/loop"}, b""),
    "to-loopback": (302, {"Location": "http://127.0.0.1/"}, b""),
    "to-file": (302, {"Location": "file:///etc/passwd"}, b""),
    "to-forbidden": (302, {"Location": "/private/there"}, b""),
    "nowhere": (302, {}, b""),
    "gone": (410, {}, b""),
    "paywall": (402, {}, b""),
    "wall": (403, {}, b"no"),
    "wall-of-zeros": (403, GZIP, gzip.compress(bytes(2_000_000))),
    "private/a": PAGE,
    "denied/a": PAGE,
}

EXPECTED = {
    "ok": ("fetched", None),
    "zipped": ("fetched", None),
    "moved": ("fetched", None),
    "broken-gzip": ("failed", "bad_encoding"),
    "endless": ("failed", "too_large"),
    "no-http": ("failed", "connection_lost"),
    "silence": ("failed", "connection_lost"),
    "long-header": ("failed", "too_large"),
    "loop": ("failed", "redirect_loop"),
    "to-loopback": ("disallowed", "private_address"),
    "to-file": ("failed", "bad_url"),
    "to-forbidden": ("disallowed", "robots"),
    "nowhere": ("failed", "http_other"),
    "gone": ("gone", "http_4xx"),
    "paywall": ("blocked", "login_wall"),
    "wall": ("blocked", "http_4xx"),
    "wall-of-zeros": ("blocked", "http_4xx"),
    "never": ("gone", "http_4xx"),
    "private/a": ("disallowed", "robots"),
    "denied/a": ("disallowed", "denied"),
}
#: The same for the paths of `tests.web.site`.
EXPECTED_OF_SITE = {
    "good": ("fetched", None),
    "invalid-utf8": ("fetched", None),
    "empty": ("fetched", None),
    "long-body": ("failed", "connection_lost"),
    "huge-headers": ("failed", "too_large"),
    "truncated-gzip": ("failed", "truncated"),
    "short-body": ("failed", "truncated"),
    "reset": ("failed", "truncated"),
    "huge-page": ("failed", "too_large"),
    "gzip-bomb": ("failed", "too_large"),
    "redirect-loop": ("failed", "redirect_loop"),
    "redirect-to-metadata": ("disallowed", "private_address"),
    "redirect-to-private": ("disallowed", "private_address"),
    "unavailable": ("failed", "http_5xx"),
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tiny, Landing]]:
    """A host of its own for each page, so that one that is slow holds up no other."""
    bomb()
    folder = tmp_path_factory.mktemp("bad")
    with Tiny() as tiny, Tiny(tls=self_signed(folder)) as tls, Site() as site:
        hosts = {path: f"{path.replace('/', '-')}.localhost" for path in EXPECTED | EXPECTED_OF_SITE}
        outlets = []
        for path, host in hosts.items():
            tiny.pages |= {f"{host}/{name}": page for name, page in PAGES.items()}
            tiny.pages[f"{host}/robots.txt"] = b"User-agent: *\nDisallow: /private/\nDisallow: /never-asked\n"
            url = tiny.url(f"{host}/{path}") if path in EXPECTED else site.url(f"/{path}", host)
            tiny.pages[f"{host}/feed"] = tiny.rss(url)
            slug = path.replace("/", "-")
            outlets.append(outlet(slug, feeds=[tiny.url(f"{host}/feed")], deny=["/denied/"]))
        tiny.pages["sources.localhost/cut"] = (200, GZIP, ZIPPED[:40])
        tiny.pages["zipped.localhost/robots.txt"] = (404, {}, b"User-agent: *\nDisallow: /\n")  # says nothing
        tiny.pages["down.localhost/robots.txt"] = (503, {"Retry-After": "90"}, b"")
        feeds = [
            site.url("/feed-is-html", "sources.localhost"),
            site.url("/feed-entity-bomb", "sources.localhost"),
            site.url("/empty", "sources.localhost"),
            *(tiny.url(f"sources.localhost/{name}") for name in ("cut", "none")),
        ]
        down = [
            tiny.url("down.localhost/feed"),
            tls.url("tls.localhost/feed"),
            "http://closed.localhost:9/feed",
            "http://127.0.0.1:9/feed",
            "http://nowhere.invalid/feed",
        ]
        outlets += [outlet("sources", feeds=feeds), outlet("down", feeds=down)]
        _, landing = crawl(folder, *outlets)
        yield tiny, landing


def test_everything_bad_has_a_reason(bad: tuple[Tiny, Landing]) -> None:
    assert verdicts(bad[1]) == EXPECTED | EXPECTED_OF_SITE


def test_failures_say_what_was_seen(bad: tuple[Tiny, Landing]) -> None:
    rows = by_path(bad[1])
    assert all(
        rows[path]["detail"]
        for path, (outcome, reason) in (EXPECTED | EXPECTED_OF_SITE).items()
        if outcome == "failed" and not str(reason).startswith("http_")
    )
    assert "169.254.169.254" in rows["redirect-to-metadata"]["detail"]
    assert rows["gone"]["status"] == 410


def test_sources_that_give_nothing_have_a_reason(bad: tuple[Tiny, Landing]) -> None:
    seen = {
        row["source_url"].rpartition("/")[2]: (row["outcome"], row["reason"])
        for row in bad[1].visits.to_pylist()
        if row["outlet"] == "sources"
    }
    assert seen == {
        "feed-is-html": ("failed", "feed_unparseable"),
        "feed-entity-bomb": ("failed", "feed_unparseable"),
        "empty": ("failed", "empty_body"),
        "cut": ("failed", "truncated"),
        "none": ("gone", "feed_gone"),
    }


def test_hosts_that_are_down_say_how(bad: tuple[Tiny, Landing]) -> None:
    visits = [row for row in bad[1].visits.to_pylist() if row["outlet"] == "down"]
    assert sorted((row["outcome"], row["reason"]) for row in visits) == [
        ("disallowed", "private_address"),
        ("failed", "connect"),
        ("failed", "dns"),
        ("failed", "robots_unreachable"),
        ("failed", "tls"),
    ]


def test_what_was_fetched_is_kept_whole(bad: tuple[Tiny, Landing]) -> None:
    rows = by_path(bad[1])
    bodies: dict[str, bytes] = {}
    with bad[1].warc_path.open("rb") as file:
        for record in ArchiveIterator(file, auto_decode="all"):
            if record.http_headers is not None:
                bodies[record.headers["WARC-Target-URI"]] = record.reader.read()
    assert len(bodies) == 6
    for path, body in (("ok", PAGE), ("zipped", PAGE), ("empty", b""), ("good", ARTICLE)):
        assert bodies[rows[path]["url"]] == body
        assert rows[path]["bytes"] == len(body)
    assert bodies[rows["moved"]["final_url"]] == PAGE


def test_rights_are_recorded_as_found(bad: tuple[Tiny, Landing]) -> None:
    assert by_path(bad[1])["ok"]["rights"] == [
        "x-robots-tag: noarchive",
        "tdm-reservation: 1",
        "meta robots: noai, noarchive",
    ]
    assert by_path(bad[1])["good"]["rights"] is None


def test_robots_is_asked_first_once_and_obeyed(bad: tuple[Tiny, Landing]) -> None:
    site = bad[0]
    for host in {asked.host for asked in site.asked} - {"down.localhost"}:
        assert site.paths(host)[0] == "/robots.txt"
        assert site.paths(host).count("/robots.txt") == 1
    assert not any(asked.path.startswith(("/private", "/denied")) for asked in site.asked)
    assert site.paths("down.localhost") == ["/robots.txt"]


def test_requests_are_honest_and_carry_no_cookies(bad: tuple[Tiny, Landing]) -> None:
    assert {asked.headers["User-Agent"] for asked in bad[0].asked} == {
        "Presslake/0.1 (+https://example.org/bot)"
    }
    assert not any({"Cookie", "Referer"} & asked.headers.keys() for asked in bad[0].asked)

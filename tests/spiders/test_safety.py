"""Crawls of sites that would lead us astray or hold us up, robots.txt in all its states, over real sockets."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import brotli
import pytest
from backports import zstd

from schemas.settings import REPO
from spiders.child import run_crawl
from spiders.journal import Landing, read_journal
from tests.spiders.crawling import SETTINGS, by_path, crawl, outlet, plan_for, verdicts
from tests.spiders.tiny import PAGE, Raw, Tiny, signed

pytestmark = pytest.mark.slow

SHUT = b"User-agent: *\nDisallow: /\n"
BOMB = b"\0" * 5_000_000
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = b"".join(b"X-Pad-%d: %s\r\n" % (n, b"h" * 1000) for n in range(100))


def to(location: str) -> tuple[int, dict[str, str], bytes]:
    return 302, {"Location": location}, b""


#: Pages by name; `HERE` is the server's port.
PAGES: dict[str, Any] = {
    "decimal": to("http://2130706433:HERE/secret"),
    "hexadecimal": to("http://0x7f.1:HERE/secret"),
    "octal": to("http://0177.0.0.1:HERE/secret"),
    "last-dot": to("http://127.0.0.1.:HERE/secret"),
    "loopback-6": to("http://[::1]:HERE/secret"),
    "mapped-6": to("http://[::ffff:127.0.0.1]:HERE/secret"),
    "unspecified": to("http://0.0.0.0:HERE/secret"),
    "user": to("http://user:word@127.0.0.1:HERE/secret"),
    "user-is-a-host": to("http://127.0.0.1:HERE@paper.example/secret"),
    "backslash": to("http://127.0.0.1:HERE\\@paper.example/secret"),
    "ssh": to("http://1.1.1.1:22/"),
    "mail": to("https://[2606:4700::1111]:25/"),
    "long": to("/" + "x" * 5000),
    "cookie-wall": (302, {"Location": "/cookie-wall", "Set-Cookie": "seen=1"}, b""),
    "br-bomb": (200, {"Content-Encoding": "br"}, brotli.compress(BOMB, quality=1)),
    "zstd-bomb": (200, {"Content-Encoding": "zstd"}, zstd.compress(BOMB)),
    "deflate-bomb": (200, {"Content-Encoding": "deflate"}, zlib.compress(BOMB)),
    "endless-head": Raw((b"HTTP/1.1 200 OK\r\n", *[ENDLESS] * 500)),
    "tiny-pieces": Raw((CHUNKED, b"1\r\nx\r\n" * 10_000, b"0\r\n\r\n")),
    "small-pieces": Raw((CHUNKED, b"10\r\n<p>Text and</p> \r\n" * 1_000, b"0\r\n\r\n")),
}
EXPECTED = {
    "decimal": ("disallowed", "private_address"),
    "hexadecimal": ("disallowed", "private_address"),
    "octal": ("disallowed", "private_address"),
    "last-dot": ("disallowed", "private_address"),
    "loopback-6": ("disallowed", "private_address"),
    "mapped-6": ("disallowed", "private_address"),
    "unspecified": ("disallowed", "private_address"),
    "user": ("failed", "bad_url"),
    "user-is-a-host": ("failed", "bad_url"),
    "backslash": ("disallowed", "private_address"),
    "ssh": ("disallowed", "port"),
    "mail": ("disallowed", "port"),
    "long": ("failed", "bad_url"),
    "cookie-wall": ("failed", "redirect_loop"),
    "br-bomb": ("failed", "too_large"),
    "zstd-bomb": ("failed", "too_large"),
    "deflate-bomb": ("failed", "too_large"),
    "endless-head": ("failed", "too_large"),
    "tiny-pieces": ("failed", "too_large"),
    "small-pieces": ("fetched", None),
}


@pytest.fixture(scope="module")
def astray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tiny, Landing]]:
    with Tiny() as site:
        site.pages["127.0.0.1/secret"] = PAGE
        for name, page in PAGES.items():
            if isinstance(page, tuple) and "Location" in page[1]:
                page[1]["Location"] = page[1]["Location"].replace("HERE", str(site.port))
            site.pages[f"{name}.localhost/{name}"] = page
        feed = site.url("feeds.localhost/feed")
        site.pages["feeds.localhost/feed"] = site.rss(*(f"{name}.localhost/{name}" for name in PAGES))
        yield site, crawl(tmp_path_factory.mktemp("astray"), outlet("a", feeds=[feed]))[1]


def test_every_way_astray_ends_with_its_reason(astray: tuple[Tiny, Landing]) -> None:
    assert verdicts(astray[1]) == EXPECTED


def test_nothing_was_asked_of_an_address_that_is_not_public(astray: tuple[Tiny, Landing]) -> None:
    site, landing = astray
    assert {asked.host for asked in site.asked} == {
        "feeds.localhost",
        *(f"{name}.localhost" for name in PAGES),
    }
    archived = {name for name, row in by_path(landing).items() if row["warc_offset"] is not None}
    assert archived == {"small-pieces"}


def test_cookies_are_never_sent_back(astray: tuple[Tiny, Landing]) -> None:
    asked = [it for it in astray[0].asked if it.path == "/cookie-wall"]
    assert len(asked) == 1
    assert not any("Cookie" in it.headers for it in astray[0].asked)


# --- robots.txt ----------------------------------------------------------------------------------

ROBOTS: dict[str, Any] = {
    "not-found": (404, {}, SHUT),
    "forbidden": (403, {}, SHUT),
    "too-many": (429, {}, b""),
    "broken": (500, {}, b""),
    "cut": Raw((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser-agent: *",)),
    "five-hops": to("/hop1"),
    "six-hops": to("/hop0"),
    "elsewhere": to("http://rules.localhost:HERE/robots.txt"),
    "inside": to("http://10.0.0.1/robots.txt"),
    "large": b"# a long preamble\n" * 27_000 + SHUT,
    "beyond": b"# a long preamble\n" * 29_000 + SHUT,
    "page": (200, {"Content-Type": "text/html"}, b"<html><body>Not here</body></html>"),
    "a-day": b"User-agent: *\nCrawl-delay: 86400\n",
    "by-name": b"User-agent: *\nAllow: /\n\nUser-agent: presslake\nDisallow: /by-name\n",
}
EXPECTED_OF_ROBOTS = {
    "not-found": ("fetched", None),
    "forbidden": ("fetched", None),
    "too-many": ("failed", "robots_unreachable"),
    "broken": ("failed", "robots_unreachable"),
    "cut": ("failed", "truncated"),
    "five-hops": ("disallowed", "robots"),
    "six-hops": ("fetched", None),
    "elsewhere": ("disallowed", "robots"),
    "inside": ("disallowed", "private_address"),
    "large": ("disallowed", "robots"),
    "beyond": ("fetched", None),
    "page": ("fetched", None),
    "a-day": ("disallowed", "crawl_delay"),
    "by-name": ("disallowed", "robots"),
}


def test_robots_txt_in_all_its_states(tmp_path: Path) -> None:
    with Tiny() as site:
        site.pages["rules.localhost/robots.txt"] = SHUT
        for name, reply in ROBOTS.items():
            host = f"{name}.localhost"
            if isinstance(reply, tuple) and "Location" in reply[1]:
                reply[1]["Location"] = reply[1]["Location"].replace("HERE", str(site.port))
            site.pages |= {f"{host}/hop{n}": to(f"/hop{n + 1}") for n in range(5)}
            site.pages |= {f"{host}/robots.txt": reply, f"{host}/hop5": SHUT, f"{host}/{name}": PAGE}
        site.pages["feeds.localhost/feed"] = site.rss(*(f"{name}.localhost/{name}" for name in ROBOTS))
        it = outlet("a", feeds=[site.url("feeds.localhost/feed")])
        settings = SETTINGS.model_copy(update={"page_bytes": 1_000_000})
        _, landing = crawl(tmp_path, it, settings=settings)
        assert verdicts(landing) == EXPECTED_OF_ROBOTS  # a delay of a day holds up nothing
        assert by_path(landing)["a-day"]["detail"] == "86400 s in robots.txt"
        fetched = {asked.path for asked in site.asked}
        assert (
            not {f"/{name}" for name, (outcome, _) in EXPECTED_OF_ROBOTS.items() if outcome != "fetched"}
            & fetched
        )


# --- names ---------------------------------------------------------------------------------------


def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(tmp_path: Path) -> None:
    """127.0.0.2 stands for a public address; the name is at 127.0.0.1 from the second question on."""
    with Tiny() as inside, Tiny(address="127.0.0.2", port=inside.port) as outside:
        names = [f"rebinding.example/{n}" for n in range(3)]
        outside.pages |= dict.fromkeys(names, PAGE) | {"rebinding.example/feed": outside.rss(*names)}
        inside.pages |= dict.fromkeys(names, PAGE)
        it = outlet(
            "a", homepage=outside.url("rebinding.example/"), feeds=[outside.url("rebinding.example/feed")]
        )
        plan_for(it).write(tmp_path)
        code = """
            import asyncio, socket, sys
            from spiders import addresses, crawl
            answers = ["127.0.0.2"]
            def lookup(host, *_, **__):
                found = answers.pop() if answers else "127.0.0.1"
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, 0))]
            socket.getaddrinfo = lookup
            known = addresses.is_public
            addresses.is_public = lambda address: address == "127.0.0.2" or known(address)
            sys.exit(crawl.main(*sys.argv[1:]))
        """
        command = [sys.executable, "-c", dedent(code), str(tmp_path)]
        subprocess.run(command, cwd=REPO, check=True, stderr=subprocess.DEVNULL)
        assert set(verdicts(read_journal(tmp_path, "s1")).values()) == {("fetched", None)}
        assert not inside.asked
        assert {asked.path for asked in outside.asked} >= {"/0", "/1", "/2", "/feed", "/robots.txt"}


def test_a_certificate_must_be_trusted_and_name_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = signed(tmp_path, "right.localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with Tiny() as site, Tiny(tls=context) as tls:
        tls.pages |= {"right.localhost/right": PAGE, "wrong.localhost/wrong": PAGE}
        site.pages["feeds.localhost/feed"] = site.rss(
            tls.url("right.localhost/right"), tls.url("wrong.localhost/wrong")
        )
        plan = plan_for(outlet("a", feeds=[site.url("feeds.localhost/feed")]))
        run_crawl(plan, tmp_path / "journal", SETTINGS)
        landing = read_journal(tmp_path / "journal", plan.slot)
        assert verdicts(landing) == {"right": ("fetched", None), "wrong": ("failed", "tls")}
        assert {asked.host for asked in tls.asked} == {"right.localhost"}

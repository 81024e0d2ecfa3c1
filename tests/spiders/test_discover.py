"""Feeds, sitemaps and list pages: what they name, and why they name nothing."""

from __future__ import annotations

import gzip
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.outlet import SourceKind
from spiders.discover import Discovery, read_source
from spiders.refused import Refused

BASE = "https://example.com/feed"
LIMIT = 1_000_000
SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>
<item><title>A &amp; B</title><link>https://example.com/a?utm_source=rss</link>
  <pubDate>Sun, 22 Nov 2026 12:00:00 +0100</pubDate></item>
<item><title>no link</title></item>
<item><guid isPermaLink="true">https://example.com/b</guid></item>
<item><link>/relative</link></item>
<item><link>https://example.com/a</link></item>
<item><link>javascript:alert(1)</link></item>
</channel></rss>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>t</title><link href="https://example.com/c"/>
<published>2026-11-20T08:00:00Z</published><updated>2026-11-22T08:00:00Z</updated></entry></feed>"""

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<rss version="2.0"><channel><item><link>https://example.com/&lol2;</link></item></channel></rss>"""


def read(kind: SourceKind, body: bytes, **more: object) -> Discovery:
    return read_source(kind, body, BASE, limit=LIMIT, **more)  # type: ignore[arg-type]


def urls(found: Discovery) -> list[str]:
    return [item.url for item in found.items]


def test_rss_gives_absolute_urls_once_each_with_what_is_stated() -> None:
    found = read("feed", RSS)
    assert urls(found) == ["https://example.com/a", "https://example.com/b", "https://example.com/relative"]
    first = found.items[0]
    assert (first.title, first.published_raw) == ("A & B", "Sun, 22 Nov 2026 12:00:00 +0100")
    assert first.changed_at == datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert found.reason is None


def test_atom_changes_when_it_says_updated() -> None:
    assert read("feed", ATOM).items[0].changed_at == datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_json_feed() -> None:
    found = read("feed", b'{"items": [{"url": "https://example.com/j", "title": "J"}, {"id": "x:1"}, 7]}')
    assert urls(found) == ["https://example.com/j"]


def test_a_damaged_feed_gives_what_can_be_read_and_says_so() -> None:
    found = read(
        "feed", RSS.replace(b"<item><link>/relative", b"<item><title>&nbsp; & <b></title><link>/relative")
    )
    assert "https://example.com/a" in urls(found)
    assert found.reason == "feed_damaged"
    assert found.detail


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("feed", b"<!DOCTYPE html><html><body><a href='/x'>x</a></body></html>", "not_a_feed"),
        ("feed", b'{"items": 3}', "not_a_feed"),
        ("feed", b"[" * 100_000, "not_a_feed"),
        ("feed", b"/etc/hostname", "not_a_feed"),
        ("feed", b" \n", "empty_body"),
        ("feed", LAUGHS, "entity_expansion"),
        ("feed", LAUGHS.decode().encode("utf-16"), "entity_expansion"),
        ("sitemap", LAUGHS, "entity_expansion"),
        ("sitemap", b"<!doctype html><html></html>", "not_a_sitemap"),
        ("sitemap", gzip.compress(b"<urlset/>" * 9, mtime=0)[:-9], "truncated"),
        ("sitemap", gzip.compress(b" " * (LIMIT + 1), mtime=0), "too_large"),
        ("section", b"", "empty_body"),
    ],
)
def test_what_names_nothing_has_a_reason(kind: SourceKind, body: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        read(kind, body)
    assert caught.value.reason == reason


def test_a_file_named_by_a_feed_is_never_read() -> None:
    """feedparser takes bytes for a file name if there is such a file."""
    with pytest.raises(Refused) as caught:
        read("feed", b"pyproject.toml")
    assert caught.value.reason == "not_a_feed"


def test_entities_of_an_article_on_xml_are_no_expansion() -> None:
    body = RSS.replace(b"A &amp; B", b"<![CDATA[On <!ENTITY declarations]]>")
    assert read("feed", body).items[0].title == "On <!ENTITY declarations"


def test_news_sitemap_in_gzip() -> None:
    body = gzip.compress(
        f"""<urlset {SITEMAPS} {NEWS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><image:image><image:loc>https://example.com/i.jpg</image:loc></image:image>
        <loc> https://example.com/n1 </loc><lastmod>2026-11-22</lastmod><news:news>
        <news:publication_date>2026-11-22T10:00:00+01:00</news:publication_date><news:title>N</news:title>
        </news:news></url></urlset>""".encode()
    )
    (item,) = read("news_sitemap", body).items
    assert (item.url, item.title) == ("https://example.com/n1", "N")
    assert item.changed_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_sitemap_leaves_out_what_is_old_and_survives_a_bare_ampersand() -> None:
    body = f"""<urlset {SITEMAPS}><url><loc>https://example.com/old</loc><lastmod>2020-01-01T00:00:00Z</lastmod></url>
        <url><loc>https://example.com/q?a=1&b=2</loc></url><url><loc>https://example.com/new</loc></url>"""
    found = read("sitemap", body.encode(), since=datetime(2026, 1, 1, tzinfo=UTC))
    assert "https://example.com/new" in urls(found)
    assert "https://example.com/old" not in urls(found)
    assert found.reason == "feed_damaged"


def test_sitemap_index_names_sitemaps() -> None:
    body = f"""<sitemapindex {SITEMAPS}><sitemap><loc>/s1.xml</loc><lastmod>2026-11-22T00:00:00Z</lastmod></sitemap>
        <sitemap><loc>/s2.xml.gz</loc></sitemap></sitemapindex>""".encode()
    found = read("sitemap", body)
    assert [c.url for c in found.children] == ["https://example.com/s1.xml", "https://example.com/s2.xml.gz"]
    assert (found.items, found.reason) == ([], None)


def test_an_empty_sitemap_says_so() -> None:
    assert read("sitemap", f"<urlset {SITEMAPS}/>".encode()).reason == "empty"


SECTION = b"""<html><body><a href="/politik/">Politik</a> <a href="/2026/11/22/mauer">M</a> <a>no</a>
<a href="/ein-langer-titel-hier">L</a> <a href="https://other.example/2026/11/1">O</a> <a href="">self</a>
<a href="mailto:x@example.com">mail</a> <a href="/thema/x">T</a></body></html>"""


def test_section_links_that_look_like_articles_of_the_site() -> None:
    assert urls(read("section", SECTION)) == [
        "https://example.com/2026/11/22/mauer",
        "https://example.com/ein-langer-titel-hier",
    ]


def test_section_links_by_the_outlets_patterns() -> None:
    assert urls(read("section", SECTION, allow=(r"/thema/",))) == ["https://example.com/thema/x"]


@settings(max_examples=150)
@given(
    st.sampled_from(["feed", "sitemap", "section"]),
    st.sampled_from(
        [RSS, ATOM, SECTION, LAUGHS, f"<urlset {SITEMAPS}><url><loc>/a</loc></url></urlset>".encode()]
    ),
    st.integers(0, 700),
    st.binary(max_size=8),
    st.integers(0, 60),
)
def test_no_mutilated_source_raises_anything_but_a_reason(
    kind: SourceKind, body: bytes, at: int, noise: bytes, skip: int
) -> None:
    with suppress(Refused):
        assert all(
            item.url.startswith("http") for item in read(kind, body[:at] + noise + body[at + skip :]).items
        )

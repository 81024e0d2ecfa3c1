"""Feeds, sitemaps and list pages: what they name, and why they name nothing."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.outlet import SourceKind
from spiders import markup
from spiders.discover import Discovery, Item, read_source
from spiders.refused import Refused
from spiders.sections import looks_like_article

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


def said(item: Item, field: str) -> list[str]:
    return [claim.value for claim in item.claims if claim.field == field]


def test_how_often_a_feed_asks_to_be_looked_at_is_read_before_and_after_its_items() -> None:
    sy = b'<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
    period = b"<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
    item = b"<item><link>https://example.com/a</link><ttl>9</ttl></item>"
    assert read("feed", sy + period + item + b"</channel></rss>").hint_seconds == 900
    late = read("feed", b"<rss><channel>" + item + b"<ttl>30</ttl></channel></rss>")
    assert (late.hint_seconds, len(late.items)) == (1800, 1)
    assert read("feed", RSS).hint_seconds is None


def test_rss_gives_absolute_urls_once_each_with_what_is_stated() -> None:
    found = read("feed", RSS)
    assert urls(found) == ["https://example.com/a", "https://example.com/b", "https://example.com/relative"]
    first = found.items[0]
    assert first.claims == (
        ("title", "feed:title", "A & B"),
        ("published_at", "feed:published", "Sun, 22 Nov 2026 12:00:00 +0100"),
    )
    assert first.changed_at == datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert found.reason is None


def test_atom_changes_when_it_says_updated() -> None:
    assert read("feed", ATOM).items[0].changed_at == datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_links_of_an_entry_by_what_they_are_for() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.com/blog/">
    <link rel="self" href="/feed"/><link rel="hub" href="https://hub.example/"/>
    <entry><link rel="edit" href="/edit/1"/><link rel="enclosure" href="/1.mp3"/>
      <link rel="alternate" type="application/json" href="/1.json"/>
      <link type="text/html" href="1?a=1&amp;b=2"/></entry>
    <entry><link rel="replies" href="/2#comments"/><id>https://example.com/2</id></entry>
    <entry><link rel="self" href="/feed/3"/><id>tag:example.com,3</id></entry>
    <entry xml:base="https://example.com/deep/"><link href="4"/></entry>
    <entry><link rel="enclosure">https://example.com/5.mp3</link></entry></feed>"""
    assert urls(read("feed", body)) == [
        "https://example.com/blog/1?a=1&b=2",
        "https://example.com/2",
        "https://example.com/deep/4",
    ]


def test_links_of_rss() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><link>https://example.com/</link></channel>
    <item rdf:about="https://example.com/about"><title>x</title></item>
    <item><link>https://proxy.example/~3/x</link><feedburner:origLink>https://example.com/own</feedburner:origLink></item>
    <item><link><![CDATA[ https://example.com/q?a=1&b=2 ]]></link></item>
    <item><link>https://example.com/twice?a=1&amp;amp;b=2</link></item>
    <item><guid isPermaLink="false">https://example.com/guid</guid></item>
    <item><link>not yet known</link></item></rdf:RDF>"""
    assert urls(read("feed", body)) == [
        "https://example.com/about",
        "https://example.com/own",
        "https://example.com/q?a=1&b=2",
        "https://example.com/twice?a=1&b=2",
    ]


def test_what_an_item_states_is_kept_as_evidence() -> None:
    body = f"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
    xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><link>/a</link>
    <media:group><media:title>a caption</media:title></media:group><media:title>a caption</media:title>
    <title>Caf&eacute; &amp;amp; &lt;b&gt;bar&lt;/b&gt; a &lt; b</title><dc:creator>Ada  Lind</dc:creator>
    <author>desk@example.com (Bo)</author><category>News</category><category>News</category><category>City</category>
    <dc:date>2026-11-22 09:00:00 +0100</dc:date><dc:language>en</dc:language>
    <description>&lt;p&gt;Short.&lt;/p&gt;&lt;p&gt;And clear.&lt;/p&gt;&lt;img src="/x"/&gt;</description>
    <content:encoded><![CDATA[<p>{"word " * 200}</p>]]></content:encoded></item></channel></rss>"""
    (item,) = read("feed", body.encode()).items
    assert item.claims == (
        ("title", "feed:title", "Café & bar a < b"),
        ("description", "feed:summary", "Short. And clear."),
        ("authors", "feed:author", "Bo"),
        ("authors", "feed:author", "Ada Lind"),
        ("tags", "feed:category", "News"),
        ("tags", "feed:category", "City"),
        ("published_at", "feed:published", "2026-11-22 09:00:00 +0100"),
        ("language", "feed:language", "en"),
        ("text", "feed:content", "999 characters"),
    )
    assert item.changed_at == datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("desk@example.com (Bo Ray)", ["Bo Ray"]),
        ("Ada Lind &lt;ada@example.com&gt;", ["Ada Lind"]),
        ("desk@example.com", []),
        ("Ada Lind, Bo Ray", ["Ada Lind, Bo Ray"]),
        ("@" * 400, []),
    ],
)
def test_no_mail_address_is_kept_of_an_author(stated: str, name: list[str]) -> None:
    body = f"<rss><channel><item><link>/a</link><author>{stated}</author></item></channel></rss>"
    (item,) = read("feed", body.encode()).items
    assert said(item, "authors") == name


#: What a hostile item may be made of: markup, what no row can hold, sheer size.
_HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "<b>" * 3_000,
            "x" * 1_000_000,
            "\ud800\x00\x1b[31m\ufffe",
            "<a " * 2_000,
            "&amp;" * 900,
        ]
    ),
)


@settings(max_examples=15, deadline=None)
@given(
    st.fixed_dictionaries(
        {"title": _HOSTILE, "summary": _HOSTILE, "date_published": _HOSTILE, "language": _HOSTILE}
    ),
    st.lists(_HOSTILE, max_size=12),
    _HOSTILE,
)
def test_no_item_makes_a_row_grow(words: dict[str, str], names: list[str], body: str) -> None:
    many = [*names, *(f"tag {n}" for n in range(1_000))]
    entry = words | {
        "url": "https://example.com/a",
        "authors": [{"name": name} for name in many],
        "tags": many,
        "content_html": body,
    }
    (item,) = read_source("feed", json.dumps({"items": [entry]}).encode(), BASE, limit=LIMIT).items
    assert sum(len(claim.value) for claim in item.claims) < 5_000
    assert len(said(item, "authors")) == 10
    assert len(said(item, "tags")) == 20
    for claim in item.claims:
        assert claim.value.strip() == claim.value != ""
        assert all(ord(char) >= 32 for char in claim.value)
        claim.value.encode()  # what no row can hold raises


def test_of_ten_thousand_categories_and_a_title_of_a_megabyte_little_is_kept() -> None:
    many = "".join(f"<category>tag {n}</category>" for n in range(10_000))
    body = f"<rss><channel><item><link>/a</link><title>{'x' * 1_000_000}</title>{many}</item></channel></rss>"
    (item,) = read("feed", body.encode()).items
    assert [claim.value for claim in item.claims] == [f"tag {n}" for n in range(20)]


def test_what_a_json_feed_states() -> None:
    body = """{"items": [{"id": "1", "external_url": "/e", "title": "Ünder", "authors": [{"name": "Ada"}, 3],
    "tags": ["x", 5], "content_html": "<p>12345</p>", "date_published": "2026-11-22T09:00:00Z"},
    {"url": 1.5, "title": ["x"], "authors": "y", "tags": {}, "date_modified": {}}]}"""
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"):
        (item,) = read("feed", body.encode(encoding)).items
        assert item.url == "https://example.com/e"
        assert item.claims == (
            ("title", "feed:title", "Ünder"),
            ("authors", "feed:author", "Ada"),
            ("tags", "feed:category", "x"),
            ("published_at", "feed:published", "2026-11-22T09:00:00Z"),
        )


ENCODED = "<rss><channel><item><link>/a</link><title>Жёлтый</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ENCODED.encode(), ""),
        (ENCODED.encode(), "text/xml; charset=iso-8859-1"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?>' + ENCODED.encode(), ""),
        (b'<?xml version="1.0" encoding="utf-16"?>' + ENCODED.encode(), ""),
        (
            b'<?xml version="1.0" encoding="no-such"?>' + ENCODED.encode("cp1251"),
            "text/xml; charset=windows-1251",
        ),
        (b'<?xml version="1.0" encoding="koi8-r"?>' + ENCODED.encode("koi8-r"), "text/xml"),
        (b'<?xml version="1.0" encoding="base64"?>' + ENCODED.encode(), ""),
        (ENCODED.encode("cp1251"), "application/rss+xml; charset=cp1251"),
        (ENCODED.encode("utf-8-sig"), ""),
        (ENCODED.encode("utf-16"), ""),
        (ENCODED.encode("utf-16-be"), "text/xml; charset=utf-8"),
        (ENCODED.encode("utf-32"), ""),
        (b"Notice: undefined index\n  " + ENCODED.encode(), ""),
        (b"\0" + ENCODED.encode() + b"\0\0", ""),
    ],
)
def test_the_bytes_decide_which_encoding_is_meant(body: bytes, content_type: str) -> None:
    assert [said(it, "title") for it in read("feed", body, content_type=content_type).items] == [["Жёлтый"]]


@pytest.mark.parametrize("size", range(65_500, 65_540, 3))
def test_a_reference_at_the_seam_of_two_pieces_is_one(size: int) -> None:
    head, end = "<rss><channel><item><link>/a</link><x>", "</x><title>"
    filler = "x" * (size - len(head) - len(end))
    body = f"{head}{filler}{end}&eacute;&amp;&frac12;&#233; & z</title></item></channel></rss>"
    (item,) = read("feed", body.encode()).items
    assert said(item, "title") == ["é&½é & z"]


@pytest.mark.parametrize(
    ("kind", "body", "reason", "items"),
    [
        ("feed", b"<rss><channel>" + b"<" * 1_000_000, "feed_damaged", 0),
        ("feed", b"<rss><channel>" + b"&" * 3_000_000, "item_limit", 0),
        ("feed", b"<rss><channel>" + b"\0" * 1_000_000, "feed_damaged", 0),
        ("feed", b"<rss><item><link>/a</link></item>" + b"<b>" * 10_000, "feed_damaged", 1),
        ("feed", b"<rss>" + b"<item/>" * 100_000, "item_limit", 0),
        ("feed", b'<rss a="' + b"x" * 1_000_000, "feed_damaged", 0),
        ("sitemap", b"<urlset>" + b"<url><loc>/a</loc></url>" * 60_000, "item_limit", 1),
        ("section", b"<div>" * 20_000 + b"<a href='/2026/11/a'>a</a>", "feed_empty", 0),
    ],
    ids=["lt", "amp", "nul", "deep", "items", "attribute", "sitemap", "divs"],
)
def test_hostile_sources_end_soon_with_a_reason(
    kind: SourceKind, body: bytes, reason: str, items: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, "MAX_ITEMS", 1_000)
    monkeypatch.setattr(markup, "_MAX_EVENTS", 100_000)
    found = read(kind, body)
    assert (found.reason, len(found.items)) == (reason, items)


def test_memory_is_flat_whatever_stands_between_the_entries() -> None:
    """Measured where the parser allocates: in a process of its own."""
    code = (
        "from spiders.discover import read_source\n"
        # Not ru_maxrss, which a process inherits from the one that starts it.
        "peak = lambda: int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0])\n"
        "body = b'<urlset>' + b'<x/>' * 300_000 + b'<url><loc>https://a.example/1</loc></url></urlset>'\n"
        "before = peak()\n"
        "assert len(read_source('sitemap', body, 'https://a.example/', limit=1).items) == 1\n"
        "print(peak() - before)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 10_000, "kB"


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
        ("feed", b"<!DOCTYPE html><html><body><a href='/x'>x</a></body></html>", "feed_unparseable"),
        ("feed", b'{"items": 3}', "feed_unparseable"),
        ("feed", b"[" * 100_000, "feed_unparseable"),
        ("feed", b"/etc/hostname", "feed_unparseable"),
        ("feed", b" \n", "empty_body"),
        ("feed", LAUGHS, "feed_unparseable"),
        ("feed", LAUGHS.decode().encode("utf-16"), "feed_unparseable"),
        ("sitemap", LAUGHS, "feed_unparseable"),
        (
            "feed",
            b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hosts">]><rss>&x;</rss>',
            "feed_unparseable",
        ),
        ("sitemap", b"<!doctype html><html></html>", "feed_unparseable"),
        ("sitemap", gzip.compress(b"<urlset/>" * 9, mtime=0)[:-9], "truncated"),
        ("sitemap", gzip.compress(b" " * (LIMIT + 1), mtime=0), "too_large"),
        ("section", b"", "empty_body"),
        ("feed", b'{"items": [' + b"{}," * 500_000 + b"{}]}", "too_large"),
    ],
)
def test_what_names_nothing_has_a_reason(kind: SourceKind, body: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        read(kind, body)
    assert caught.value.reason == reason


def test_a_tag_left_open_ends_with_its_item_and_a_link_that_is_cut_is_none() -> None:
    body = (
        b"<rss><channel><item><link>https://a.example/1</link><description>Fish<br>Chips</description></item>"
        b"<item><link>https://a.example/2</link></item><item><title>Late</title><link>https://a.exam"
    )
    found = read("feed", body)
    assert [item.url for item in found.items] == ["https://a.example/1", "https://a.example/2"]
    assert found.reason == "feed_damaged"


def test_a_file_named_by_a_feed_is_never_read() -> None:
    """Some parsers take bytes for a file name if there is such a file."""
    with pytest.raises(Refused) as caught:
        read("feed", b"pyproject.toml")
    assert caught.value.reason == "feed_unparseable"


def test_entities_of_an_article_on_xml_are_no_expansion() -> None:
    body = RSS.replace(b"A &amp; B", b"<![CDATA[On <!ENTITY declarations]]>")
    assert said(read("feed", body).items[0], "title") == ["On <!ENTITY declarations"]


def test_news_sitemap_in_gzip() -> None:
    body = gzip.compress(
        f"""<urlset {SITEMAPS} {NEWS} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><image:image><image:loc>https://example.com/i.jpg</image:loc></image:image>
        <loc> https://example.com/n1 </loc><lastmod>2026-11-22</lastmod><news:news>
        <news:publication><news:name>The Pier</news:name><news:language>en</news:language></news:publication>
        <news:publication_date>2026-11-22T10:00:00+01:00</news:publication_date><news:title>N</news:title>
        <news:keywords>harbour, storm, harbour</news:keywords></news:news></url></urlset>""".encode()
    )
    (item,) = read("news_sitemap", body).items
    assert item.url == "https://example.com/n1"
    assert item.claims == (
        ("title", "news_sitemap:title", "N"),
        ("tags", "news_sitemap:category", "harbour"),
        ("tags", "news_sitemap:category", "storm"),
        ("published_at", "news_sitemap:published", "2026-11-22T10:00:00+01:00"),
        ("language", "news_sitemap:language", "en"),
        ("site", "news_sitemap:publication", "The Pier"),
    )
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
    assert read("sitemap", f"<urlset {SITEMAPS}/>".encode()).reason == "feed_empty"


def test_a_mere_day_is_old_only_when_it_is_over_everywhere() -> None:
    since = datetime(2026, 11, 22, 6, tzinfo=UTC)
    body = f"""<urlset {SITEMAPS}><url><loc>/a</loc><lastmod>2026-11-20</lastmod></url>
        <url><loc>/b</loc><lastmod>2026-11-21</lastmod></url><url><loc>/c</loc></url></urlset>"""
    assert urls(read("sitemap", body.encode(), since=since)) == [
        "https://example.com/b",
        "https://example.com/c",
    ]


def test_the_sitemaps_of_an_index_come_newest_first() -> None:
    names = ["2024-11.xml", "pages.xml", "2026-11.xml", "2026-9.xml", "news.xml"]
    body = "".join(f"<sitemap><loc>/{name}</loc></sitemap>" for name in names)
    body += "<sitemap><loc>/old.xml</loc><lastmod>2026-11-21</lastmod></sitemap>"
    body += "<sitemap><loc>/new.xml</loc><lastmod>2026-11-22</lastmod></sitemap>"
    found = read("sitemap", f"<sitemapindex {SITEMAPS}>{body}</sitemapindex>".encode())
    assert [c.url.rpartition("/")[2] for c in found.children] == [
        "new.xml", "old.xml", "news.xml", "2026-11.xml", "2026-9.xml", "2024-11.xml", "pages.xml",
    ]  # fmt: skip


def test_a_source_is_read_as_what_it_is() -> None:
    assert len(read("sitemap", RSS).items) == 3
    assert urls(read("feed", f"<urlset {SITEMAPS}><url><loc>/a</loc></url></urlset>".encode())) == [
        "https://example.com/a"
    ]
    assert urls(read("sitemap", b"https://example.com/a\nhttps://example.com/b\n")) == [
        "https://example.com/a",
        "https://example.com/b",
    ]


SECTION = b"""<html><body><a href="/politik/">Politik</a> <a href="/2026/11/22/mauer">M</a> <a>no</a>
<a href="/ein-langer-titel-hier">L</a> <a href="https://other.example/2026/11/1">O</a> <a href="">self</a>
<a href="mailto:x@example.com">mail</a> <a href="/thema/x">T</a></body></html>"""


def test_section_links_that_look_like_articles_of_the_site() -> None:
    assert urls(read("section", SECTION)) == [
        "https://example.com/2026/11/22/mauer",
        "https://example.com/ein-langer-titel-hier",
    ]


@pytest.mark.parametrize(
    ("path", "is_article"),
    [
        ("/2026/11/22/x", True),
        ("/politik/a2231", True),
        ("/stadt/neue-bruecke-ueber-den-fluss", True),
        ("/story.php?id=20261", True),
        (
            "/%D0%BD%D0%BE%D0%B2%D1%8B%D0%B9_%D0%BC%D0%BE%D1%81%D1%82_%D1%87%D0%B5%D1%80%D0%B5%D0%B7_%D1%80%D0%B5%D0%BA%D1%83",
            True,
        ),
        ("/city/council-budget.html", True),
        ("/politik/", False),
        ("/tag/the-new-city-bridge", False),
        ("/author/ada-b-c-lind", False),
        ("/news/page/20261", False),
        ("/img/the-new-city-bridge-2026.jpg", False),
        ("/about-us", False),
        ("/?page=2", False),
    ],
)
def test_the_form_of_an_articles_url(path: str, is_article: bool) -> None:
    assert looks_like_article(f"https://example.com{path}") is is_article


def test_section_links_to_subdomains_stay_in_the_site() -> None:
    body = b"""<a href="https://sport.example.com/2026/11/1">S</a><a href="https://notexample.com/2026/11/1">N</a>"""
    assert urls(read("section", body)) == ["https://sport.example.com/2026/11/1"]


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

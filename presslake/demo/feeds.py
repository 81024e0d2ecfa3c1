"""Where a paper names its pages: RSS, Atom, news sitemaps, sitemap indexes, robots.txt."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date, datetime
from email.utils import format_datetime
from html import escape

from presslake.demo.pages import front_page, section_page
from presslake.demo.papers import Paper, SourceForm
from presslake.demo.stories import (
    Article,
    World,
    appears,
    article,
    headline,
    last_change,
    modified,
    named_path,
    stated,
    window,
)

TRACKING = "?utm_source=rss&utm_medium=feed"
_RSS_FORMS: frozenset[SourceForm] = frozenset({"rss", "rss_tracked", "rss_full", "rss_broken"})
_DETAILED = 100  # items beyond these name title, address and date alone: writing them is 20 times as quick
_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'


def source(world: World, paper: Paper, form: SourceForm, now: datetime) -> tuple[str, bytes]:
    """(content type, body) of one of the paper's sources."""
    if form in _RSS_FORMS:
        return "application/rss+xml; charset=utf-8", _rss(world, paper, form, now).encode()
    match form:
        case "atom":
            return "application/atom+xml; charset=utf-8", _atom(world, paper, now).encode()
        case "news_sitemap":
            return "application/gzip", gzip.compress(_news_sitemap(world, paper, now).encode(), 6, mtime=0)
        case "sitemap_index":
            return "application/xml; charset=utf-8", _sitemap_index(world, paper, now).encode()
        case "rss_html":
            return "text/html; charset=utf-8", front_page(world, paper, now).encode()
        case _:
            return "text/html; charset=utf-8", section_page(world, paper, now).encode()


def named_url(world: World, paper: Paper, form: SourceForm, number: int) -> str:
    """The address a source of that form names the page by."""
    url = paper.home(world.port) + named_path(world, paper, number)
    return url + TRACKING if form == "rss_tracked" else url


def child_sitemap(world: World, paper: Paper, day: date, now: datetime) -> bytes:
    """The sitemap of one day (UTC)."""
    entries = (
        f"<url><loc>{escape(named_url(world, paper, 'sitemap_index', number))}</loc>"
        f"<lastmod>{_lastmod(world, paper, number, now)}</lastmod></url>\n"
        for number in window(world, paper, now)
        if appears(world, paper, number).date() == day
    )
    return f'{_HEADER}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(entries)}</urlset>'.encode()


def robots(world: World, paper: Paper) -> bytes:
    """The paper's robots.txt: /private/ is closed on every host."""
    delay = f"Crawl-delay: {paper.crawl_delay}\n" if paper.crawl_delay else ""
    maps = "".join(
        f"Sitemap: {paper.home(world.port)}{path}\n"
        for form, path in paper.sources
        if form.endswith(("sitemap", "index"))
    )
    return f"User-agent: *\nDisallow: /private/\n{delay}\n{maps}".encode()


def _lastmod(world: World, paper: Paper, number: int, now: datetime) -> str:
    return modified(world, paper, number, now).isoformat()


def _newest(world: World, paper: Paper, now: datetime) -> Iterator[tuple[int, Article | None]]:
    """The numbers in the window, newest first; the first of them with their articles."""
    for place, number in enumerate(reversed(window(world, paper, now))):
        yield number, article(world, paper, number, now) if place < _DETAILED else None


def _rss(world: World, paper: Paper, form: SourceForm, now: datetime) -> str:
    write = _broken_item if form == "rss_broken" else _item
    items = [write(world, paper, form, number, shown) for number, shown in _newest(world, paper, now)]
    end = "</channel></rss>"
    if form == "rss_broken":  # cut off in the middle of an item that stands whole further up
        end = items[0][: len(items[0]) // 3]
    return (
        f'{_HEADER}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(paper.name)}</title><link>{paper.home(world.port)}/</link><description>{escape(paper.name)}"
        f"</description><language>{paper.language}</language><ttl>5</ttl>\n{''.join(items)}{end}"
    )


def _item(world: World, paper: Paper, form: SourceForm, number: int, shown: Article | None) -> str:
    details = ""
    if shown:
        details = "".join(f"<dc:creator><![CDATA[{name}]]></dc:creator>" for name in shown.authors)
        details += f"<category>{escape(shown.section)}</category>"
        details += f"<description><![CDATA[<p>{escape(shown.description)}</p>]]></description>"
    if shown and form == "rss_full":
        body = "".join(f"<p>{escape(block.text)}</p>" for block in shown.blocks)
        details += f"<content:encoded><![CDATA[{body}]]></content:encoded>"
    return (
        f"<item><title><![CDATA[{headline(world, paper, number)}]]></title>"
        f"<link>{escape(named_url(world, paper, form, number))}</link>"
        f'<guid isPermaLink="false">{paper.slug}-{number}</guid>'
        f"<pubDate>{_rfc822(world, paper, number)}</pubDate>{details}</item>\n"
    )


def _broken_item(world: World, paper: Paper, form: SourceForm, number: int, shown: Article | None) -> str:
    """As templates without escaping write it: a bare ampersand, an entity XML does not know, a tag left open."""
    return (
        f"<item><title>{headline(world, paper, number)}</title><link>{named_url(world, paper, form, number)}</link>"
        f"<pubDate>{_rfc822(world, paper, number)}</pubDate>"
        f"<description>{shown.description if shown else ''}&nbsp;<br> Lesen & hören</description></item>\n"
    )


def _rfc822(world: World, paper: Paper, number: int) -> str:
    return format_datetime(stated(paper, appears(world, paper, number)))


def _atom(world: World, paper: Paper, now: datetime) -> str:
    home = paper.home(world.port)
    entries = "".join(
        _entry(world, paper, number, shown, now) for number, shown in _newest(world, paper, now)
    )
    return (
        f'{_HEADER}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{paper.language}"><id>{home}/</id>'
        f'<title>{escape(paper.name)}</title><link href="{home}/"/>'
        f"<updated>{last_change(world, paper, now).isoformat()}</updated>\n{entries}</feed>"
    )


def _entry(world: World, paper: Paper, number: int, shown: Article | None, now: datetime) -> str:
    details = ""
    if shown:
        details = "".join(f"<author><name>{escape(name)}</name></author>" for name in shown.authors)
        details += f'<category term="{escape(shown.section)}"/><summary>{escape(shown.description)}</summary>'
    return (
        f"<entry><id>tag:{paper.host},2026:{number}</id><title>{escape(headline(world, paper, number))}</title>"
        f'<link rel="alternate" href="{escape(named_url(world, paper, "atom", number))}"/>'
        f"<published>{stated(paper, appears(world, paper, number)).isoformat()}</published>"
        f"<updated>{stated(paper, modified(world, paper, number, now)).isoformat()}</updated>{details}</entry>\n"
    )


def _news_sitemap(world: World, paper: Paper, now: datetime) -> str:
    entries = "".join(
        f"<url><loc>{escape(named_url(world, paper, 'news_sitemap', number))}</loc>"
        f"<lastmod>{_lastmod(world, paper, number, now)}</lastmod><news:news>"
        f"<news:publication><news:name>{escape(paper.name)}</news:name><news:language>{paper.language}</news:language>"
        f"</news:publication><news:publication_date>{stated(paper, appears(world, paper, number)).isoformat()}"
        f"</news:publication_date><news:title>{escape(headline(world, paper, number))}</news:title></news:news></url>\n"
        for number in reversed(window(world, paper, now))
    )
    return (
        f'{_HEADER}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{entries}</urlset>'
    )


def _sitemap_index(world: World, paper: Paper, now: datetime) -> str:
    days = sorted(
        {appears(world, paper, number).date() for number in window(world, paper, now)}, reverse=True
    )
    entries = "".join(
        f"<sitemap><loc>{paper.home(world.port)}/sitemaps/{day}.xml</loc></sitemap>\n" for day in days
    )
    return (
        f'{_HEADER}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'
    )

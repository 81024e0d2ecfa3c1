"""Where a paper names its pages: RSS, Atom, news sitemaps, sitemap indexes, robots.txt."""

from __future__ import annotations

import gzip
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
    edits,
    headline,
    last_change,
    named_path,
    stated,
    window,
)

TRACKING = "?utm_source=rss&utm_medium=feed"
_RSS_FORMS: frozenset[SourceForm] = frozenset({"rss", "rss_tracked", "rss_full", "rss_broken"})
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


def _newest(world: World, paper: Paper, now: datetime) -> list[Article]:
    return [article(world, paper, number, now) for number in reversed(window(world, paper, now))]


def _lastmod(world: World, paper: Paper, number: int, now: datetime) -> str:
    changes = [when for when, _ in edits(world, paper, number) if when <= now]
    return max([appears(world, paper, number), *changes]).isoformat()


def _rss(world: World, paper: Paper, form: SourceForm, now: datetime) -> str:
    write = _broken_item if form == "rss_broken" else _item
    items = [write(world, paper, form, shown) for shown in _newest(world, paper, now)]
    end = "</channel></rss>"
    if form == "rss_broken":  # cut off in the middle of an item that stands whole further up
        end = items[0][: len(items[0]) // 3]
    return (
        f'{_HEADER}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(paper.name)}</title><link>{paper.home(world.port)}/</link><description>{escape(paper.name)}"
        f"</description><language>{paper.language}</language><ttl>5</ttl>\n{''.join(items)}{end}"
    )


def _item(world: World, paper: Paper, form: SourceForm, shown: Article) -> str:
    url = named_url(world, paper, form, shown.number)
    whole = ""
    if form == "rss_full":
        body = "".join(f"<p>{escape(block.text)}</p>" for block in shown.blocks)
        whole = f"<content:encoded><![CDATA[{body}]]></content:encoded>"
    creators = "".join(f"<dc:creator><![CDATA[{name}]]></dc:creator>" for name in shown.authors)
    return (
        f"<item><title><![CDATA[{shown.title}]]></title><link>{escape(url)}</link>"
        f'<guid isPermaLink="false">{paper.slug}-{shown.number}</guid><pubDate>{_rfc822(paper, shown)}</pubDate>'
        f"{creators}<category>{escape(shown.section)}</category>"
        f"<description><![CDATA[<p>{escape(shown.description)}</p>]]></description>{whole}</item>\n"
    )


def _broken_item(world: World, paper: Paper, form: SourceForm, shown: Article) -> str:
    """As templates without escaping write it: a bare ampersand, an entity XML does not know, a tag left open."""
    url = named_url(world, paper, form, shown.number)
    return (
        f"<item><title>{shown.title}</title><link>{url}</link><pubDate>{_rfc822(paper, shown)}</pubDate>"
        f"<description>{shown.description}&nbsp;<br> Lesen & hören</description></item>\n"
    )


def _rfc822(paper: Paper, shown: Article) -> str:
    return format_datetime(stated(paper, shown.published))


def _atom(world: World, paper: Paper, now: datetime) -> str:
    home = paper.home(world.port)
    entries = "".join(
        f"<entry><id>tag:{paper.host},2026:{shown.number}</id><title>{escape(shown.title)}</title>"
        f'<link rel="alternate" href="{escape(named_url(world, paper, "atom", shown.number))}"/>'
        f"<published>{stated(paper, shown.published).isoformat()}</published>"
        f"<updated>{stated(paper, shown.modified).isoformat()}</updated>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in shown.authors)
        + f'<category term="{escape(shown.section)}"/><summary>{escape(shown.description)}</summary></entry>\n'
        for shown in _newest(world, paper, now)
    )
    return (
        f'{_HEADER}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{paper.language}"><id>{home}/</id>'
        f'<title>{escape(paper.name)}</title><link href="{home}/"/>'
        f"<updated>{last_change(world, paper, now).isoformat()}</updated>\n{entries}</feed>"
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

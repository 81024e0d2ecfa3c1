"""Article pages in five layouts, each with its own mark-up, promos and evidence of who, when and what.

A layout is a function from a View to HTML. What is not the body (newsletter boxes, related links, share bars,
captions, comments, cookie banners, footers) is written the way sites of that kind write it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any

from presslake.demo import padding
from presslake.demo.grammar import grammar
from presslake.demo.papers import Layout, Paper
from presslake.demo.stories import Article, Block, World, path_of, readable, stamp, stated

RTL = frozenset({"ar"})


def label(paper: Paper, rule: str, index: int = 0) -> str:
    """A fixed word of the paper's language."""
    return grammar(paper.language)[f"ui_{rule}"].options[index][0]


def labels(paper: Paper, rule: str) -> list[str]:
    """All fixed words of a rule."""
    return [forms[0] for forms in grammar(paper.language)[f"ui_{rule}"].options]


def link_items(links: Iterable[tuple[str, str]]) -> str:
    """List items that link to (title, path)."""
    return "".join(f'<li><a href="{escape(path)}">{escape(title)}</a></li>' for title, path in links)


@dataclass(frozen=True)
class View:
    """An article, ready to be written as a page."""

    world: World
    paper: Paper
    article: Article

    @property
    def url(self) -> str:
        """The page's own absolute address."""
        return self.home + path_of(self.world, self.paper, self.article.number)

    @property
    def home(self) -> str:
        """The paper's address."""
        return self.paper.home(self.world.port)

    @property
    def image(self) -> str:
        """The lead image's address."""
        return f"{self.home}/img/{self.article.number}.svg"

    @property
    def is_day_only(self) -> bool:
        """Whether the page states the day alone."""
        return self.article.kind == "day_only"

    @property
    def published(self) -> str:
        """The publication stamp for machines."""
        if self.is_day_only:
            return stated(self.paper, self.article.published).date().isoformat()
        return stamp(self.paper, self.article.published)

    @property
    def modified(self) -> str:
        """The stamp of the last edit for machines."""
        return self.published if self.is_day_only else stamp(self.paper, self.article.modified)

    @property
    def readable(self) -> str:
        """The publication date for people."""
        return readable(self.paper, self.article.published, is_day_only=self.is_day_only)

    @property
    def byline(self) -> str:
        """Who wrote it, for people; empty if nobody is named."""
        return f"{label(self.paper, 'by')} {', '.join(self.article.authors)}" if self.article.authors else ""

    @property
    def canonical(self) -> str:
        """The canonical link; a copy has none."""
        return "" if self.article.kind == "copy" else f'<link rel="canonical" href="{escape(self.url)}">'


def article_page(world: World, paper: Paper, article: Article) -> str:
    """The HTML of an article in its paper's layout."""
    return _LAYOUTS[paper.layout](View(world, paper, article))


def shell(world: World, paper: Paper, title: str, main: str, *, head: str = "", number: int = 0) -> str:
    """A whole page of the paper around its main part: head, masthead, navigation, footer, cookie banner."""
    direction = "rtl" if paper.language in RTL else "ltr"
    charset = f'<meta charset="{paper.encoding}">' if paper.is_charset_stated else ""
    pad = padding.around(world, paper)
    sections = "".join(
        f'<li><a href="/section/{i}">{word}</a></li>' for i, word in enumerate(labels(paper, "nav")[1:])
    )
    footer = " · ".join(f'<a href="/about/{i}">{word}</a>' for i, word in enumerate(labels(paper, "footer")))
    return f"""<!DOCTYPE html>
<html lang="{paper.language}" dir="{direction}">
<head>{charset}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>{head}
<style>{style(paper.colour)}</style>{pad.head}</head>
<body class="layout-{paper.layout}">
<div id="cookie-banner" class="cookie-consent" role="dialog"><p>{label(paper, "cookie")}</p><button>OK</button></div>
<header class="masthead"><a class="logo" href="/">{escape(paper.name)}</a>
<nav class="site-nav"><ul><li><a href="/">{label(paper, "nav")}</a></li>{sections}</ul>{pad.nav}</nav></header>
{main}
<footer class="site-footer">{pad.foot}<p>{footer}</p><p>© {escape(paper.name)}</p></footer>
{padding.of_page(world, paper, number)}</body></html>"""


@cache
def style(colour: str) -> str:
    """The style sheet of every paper, in its colour."""
    return (files(__package__) / "press.css").read_text("utf-8").replace("COLOUR", colour)


def _article_shell(view: View, main: str, head: str) -> str:
    title = f"{view.article.title} | {view.paper.name}"
    return shell(view.world, view.paper, title, main, head=view.canonical + head, number=view.article.number)


def _semantic(view: View) -> str:
    """<article> with JSON-LD; an aside in the middle of the body, a read-more paragraph, a share bar."""
    a = view.article
    head = _meta("description", a.description) + _open_graph(view) + _json_ld(view, _news_article(view))
    aside = (
        f'<aside class="newsletter-signup"><p>{escape(a.extras.newsletter)}</p>'
        '<form><input type="email" name="email"><button>OK</button></form></aside>'
    )
    more = "".join(f'<p class="read-more">{_more_line(view, link)}</p>' for link in a.extras.more[:1])
    main = f"""<main><article class="story">
<header><p class="kicker">{a.section}</p><h1>{escape(a.title)}</h1>
<div class="meta"><span class="byline">{escape(view.byline)}</span>
<time datetime="{view.published}">{view.readable}</time></div>{_share(view)}</header>
{_figure(view)}
<div class="story-body">{_html(a.blocks, {1: aside, 3: more})}</div>
{_agency(view)}{_paywall(view)}{_tags(view)}{_comments(view)}
</article>{_related(view)}</main>"""
    return _article_shell(view, main, head)


def _soup(view: View) -> str:
    """Nested div elements, Open Graph and a meta author, nothing else that speaks."""
    a = view.article
    head = _meta("author", ", ".join(a.authors)) + _open_graph(view)
    if a.authors:
        head += f'<meta property="article:author" content="{escape(a.authors[0])}">'
    promo = f'<div class="c-box c-box--newsletter"><div class="c-box__in">{escape(a.extras.newsletter)}</div></div>'
    links = link_items(a.extras.more)
    more = f'<div class="c-related"><div class="c-related__hd">{label(view.paper, "more")}</div><ul>{links}</ul></div>'
    main = f"""<div class="l-wrap"><div class="l-col"><div class="c-head"><h1 class="c-title">{escape(a.title)}</h1>
<div class="c-info"><span class="c-author">{escape(view.byline)}</span>
<span class="c-date">{view.readable}</span></div>
</div><div class="c-media"><img src="{view.image}" alt=""><div class="c-media__caption">{escape(a.caption)}
<span class="c-media__credit">{escape(a.credit)}</span></div></div>
<div class="c-text"><div class="c-text__in">{_html(a.blocks, {2: promo, 4: more if links else ""})}</div></div>
{_agency(view)}{_share(view)}<div class="c-comments">{_comments(view)}</div></div></div>"""
    return _article_shell(view, main, head)


def _table(view: View) -> str:
    """An old site: tables, microdata, line breaks instead of paragraphs, related links between them."""
    a = view.article
    more = [
        f'<div class="also"><b>{label(view.paper, "more")}:</b> <a href="{escape(p)}">{escape(t)}</a></div>'
        for t, p in a.extras.more[:1]
    ]
    lines = [
        f"<b>{escape(block.text)}</b>" if block.kind == "h2" else escape(block.text) for block in a.blocks
    ]
    body = "<br><br>\n".join(lines[:2]) + "<br><br>" + "".join(more) + "<br><br>\n".join(lines[2:])
    people = ", ".join(f'<span itemprop="author">{escape(name)}</span>' for name in a.authors)
    byline = f"{label(view.paper, 'by')} {people}" if people else ""
    main = f"""<table class="page" width="100%" cellpadding="8"><tr><td class="main" valign="top">
<div itemscope itemtype="http://schema.org/NewsArticle"><h1 itemprop="headline">{escape(a.title)}</h1>
<meta itemprop="datePublished" content="{view.published}"><link itemprop="mainEntityOfPage" href="{escape(view.url)}">
<table class="info"><tr><td>{view.readable}</td><td>{byline}</td></tr></table>
<table class="photo" align="right"><tr><td><img src="{view.image}" width="260" alt=""></td></tr>
<tr><td class="caption"><small>{escape(a.caption)}. {escape(a.credit)}</small></td></tr></table>
<div itemprop="articleBody" class="text">{body}</div></div>
<table class="promo" bgcolor="#eeeeee"><tr><td><i>{escape(a.extras.newsletter)}</i></td></tr></table>
{_share(view)}{_comments(view)}</td>
<td class="side" width="220" valign="top">{_related(view)}</td></tr></table>"""
    return _article_shell(view, main, _meta("description", a.description))


def _amp(view: View) -> str:
    """AMP-like: sections, a visible byline, <time>, a standfirst; a read-more paragraph that nothing marks."""
    a = view.article
    promo = f'<section class="newsletter-box"><p>{escape(a.extras.newsletter)}</p></section>'
    more = "".join(f"<p><strong>{_more_line(view, link)}</strong></p>" for link in a.extras.more[:1])
    share = "".join(
        f'<amp-social-share type="x" aria-label="{escape(word)}"></amp-social-share>'
        for word in a.extras.share
    )
    main = f"""<main><article><header class="article-header"><h1>{escape(a.title)}</h1>
<p class="standfirst">{escape(a.description)}</p>
<address class="byline" rel="author">{escape(view.byline)}</address>
<time class="published" datetime="{view.published}">{view.readable}</time></header>
<amp-img src="{view.image}" width="640" height="360" layout="responsive"></amp-img>
<p class="amp-caption">{escape(a.caption)} <span>{escape(a.credit)}</span></p>
<section class="article-body">{_html(a.blocks, {2: promo, 5: more})}</section>{_agency(view)}
<section class="sharing">{share}</section></article>{_related(view)}</main>"""
    return _article_shell(
        view, main, _meta("description", a.description) + _json_ld(view, _news_article(view))
    )


def _blocks(view: View) -> str:
    """A block editor's page: WordPress classes, a JSON-LD @graph, author box and related posts in the content."""
    a = view.article
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            _news_article(view),
            {"@type": "WebSite", "url": view.home, "name": view.paper.name},
            {
                "@type": "BreadcrumbList",
                "itemListElement": [{"@type": "ListItem", "position": 1, "name": a.section}],
            },
        ],
    }
    head = _meta("description", a.description) + _open_graph(view) + _json_ld(view, graph)
    promo = f'<div class="wp-block-group newsletter-cta"><p>{escape(a.extras.newsletter)}</p></div>'
    links = link_items(a.extras.more)
    more = f'<div class="wp-block-related related-posts"><h3>{label(view.paper, "more")}</h3><ul>{links}</ul></div>'
    main = f"""<main id="content" class="site-main"><article class="post type-post">
<header class="entry-header"><h1 class="entry-title">{escape(a.title)}</h1>
<div class="entry-meta"><span class="author vcard">{escape(view.byline)}</span>
<time class="entry-date published" datetime="{view.published}">{view.readable}</time></div></header>
<div class="entry-content">{_figure(view, "wp-block-image")}
{_html(a.blocks, {1: more if links else "", 3: promo})}</div>{_agency(view)}
<div class="sharedaddy">{_share(view)}</div>{_tags(view)}</article>
<section id="comments">{_comments(view)}</section></main>"""
    return _article_shell(view, main, head)


_LAYOUTS: dict[Layout, Callable[[View], str]] = {
    "semantic": _semantic,
    "soup": _soup,
    "table": _table,
    "amp": _amp,
    "blocks": _blocks,
}
MODIFIED_LAYOUTS = frozenset(_LAYOUTS) - {"table"}


def _html(blocks: tuple[Block, ...], inserts: dict[int, str]) -> str:
    """The body, with pieces put in after the paragraph of that number (after the last, if there are fewer)."""
    groups = [(kind, list(group)) for kind, group in groupby(blocks, key=lambda block: block.kind)]
    parts: list[str] = []
    paragraphs = 0
    waiting = dict(inserts)
    for kind, group in groups:
        if kind == "li":
            parts.append("<ul>" + "".join(f"<li>{escape(block.text)}</li>" for block in group) + "</ul>")
            continue
        for block in group:
            parts.append(f"<{kind}>{escape(block.text)}</{kind}>\n")
            if kind == "p":
                paragraphs += 1
                parts.append(waiting.pop(paragraphs, ""))
    return "".join(parts) + "".join(waiting.values())


def _meta(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{escape(content)}">' if content else ""


def _open_graph(view: View) -> str:
    a = view.article
    properties = {
        "og:type": "article",
        "og:title": a.title,
        "og:description": a.description,
        "og:site_name": view.paper.name,
        "og:locale": view.paper.language,
        "og:image": view.image,
        "article:published_time": view.published,
        "article:modified_time": view.modified,
        "article:section": a.section,
    }
    if a.kind != "copy":
        properties["og:url"] = view.url
    tags = "".join(f'<meta property="article:tag" content="{escape(tag)}">' for tag in a.tags)
    return (
        "".join(f'<meta property="{name}" content="{escape(text)}">' for name, text in properties.items())
        + tags
    )


def _json_ld(view: View, data: dict[str, Any]) -> str:
    text = json.dumps({"@context": "https://schema.org"} | data, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def _news_article(view: View) -> dict[str, Any]:
    a = view.article
    data: dict[str, Any] = {
        "@type": "NewsArticle",
        "headline": a.title,
        "description": a.description,
        "datePublished": view.published,
        "dateModified": view.modified,
        "inLanguage": view.paper.language,
        "articleSection": a.section,
        "keywords": list(a.tags),
        "image": [view.image],
        "isAccessibleForFree": a.kind != "paywall",
        "publisher": {"@type": "NewsMediaOrganization", "name": view.paper.name},
    }
    if a.authors:
        data["author"] = [{"@type": "Person", "name": name} for name in a.authors]
    if a.kind != "copy":
        data["mainEntityOfPage"] = view.url
    return data


def _figure(view: View, css: str = "lead") -> str:
    a = view.article
    return (
        f'<figure class="{css}"><img src="{view.image}" alt="{escape(a.caption)}">'
        f'<figcaption>{escape(a.caption)} <span class="credit">{escape(a.credit)}</span></figcaption></figure>'
    )


def _more_line(view: View, link: tuple[str, str]) -> str:
    title, path = link
    return f'{label(view.paper, "more")}: <a href="{escape(path)}">{escape(title)}</a>'


def _share(view: View) -> str:
    words = "".join(f'<li><a href="#share">{escape(word)}</a></li>' for word in view.article.extras.share)
    return f'<ul class="share-bar">{words}</ul>'


def _tags(view: View) -> str:
    words = "".join(
        f'<a rel="tag" href="/tag/{i}">{escape(tag)}</a> ' for i, tag in enumerate(view.article.tags)
    )
    return f'<div class="tags">{words}</div>'


def _agency(view: View) -> str:
    line = view.article.extras.agency
    return f'<p class="agency-credit">{escape(line)}</p>' if line else ""


def _paywall(view: View) -> str:
    line = view.article.extras.paywall
    return f'<div class="paywall-offer"><p>{escape(line)}</p><button>OK</button></div>' if line else ""


def _comments(view: View) -> str:
    a = view.article
    written = "".join(
        f'<div class="comment"><b>reader{a.number % 97 + i}</b> '
        f"<time>{stated(view.paper, a.published) + timedelta(hours=i + 1):%H:%M}</time><p>{escape(text)}</p></div>"
        for i, text in enumerate(a.extras.comments)
    )
    title = f"{label(view.paper, 'comments')} ({len(a.extras.comments)})"
    return f'<section class="comments"><h2>{title}</h2>{written}</section>'


def _related(view: View) -> str:
    return most_read(view.paper, view.article.extras.more)


def most_read(paper: Paper, links: Iterable[tuple[str, str]]) -> str:
    """The box beside the page that links to (title, path)."""
    return f'<aside class="sidebar most-read"><h2>{label(paper, "popular")}</h2><ol>{link_items(links)}</ol></aside>'

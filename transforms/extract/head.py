"""What a page states in its head, in microdata, in its headings and around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from schemas.page import Statement
from transforms.extract import live, titles
from transforms.extract.jsonld import leads_below_front
from transforms.extract.markup import Element, Markup, squeeze

# Names of <meta> (name, property or itemprop, lower case) → field, in order of trust.
_META = {
    "og:title": "title",
    "twitter:title": "title",
    "parsely-title": "title",
    "dc.title": "title",
    "og:description": "description",
    "description": "description",
    "twitter:description": "description",
    "author": "authors",
    "parsely-author": "authors",
    "article:author": "authors",
    "sailthru.author": "authors",
    "cxenseparse:author": "authors",
    "dc.creator": "authors",
    "byl": "authors",
    "citation_author": "authors",
    "twitter:data1": "authors",
    "article:section": "section",
    "parsely-section": "section",
    "articlesection": "section",
    "prism.section": "section",
    "article:tag": "tags",
    "news_keywords": "tags",
    "parsely-tags": "tags",
    "keywords": "tags",
    "og:locale": "language",
    "content-language": "language",
    "dc.language": "language",
    "og:site_name": "site",
    "application-name": "site",
    "og:type": "kind",
    "article:opinion": "kind",  # "true" or "false"
    "isaccessibleforfree": "is_free",
    "article:content_tier": "is_free",
    "og:image": "images",
    "twitter:image": "images",
    "twitter:image:src": "images",
    "og:url": "canonical_url",
}
_ITEMPROP = {
    "headline": "title",
    "articlesection": "section",
    "keywords": "tags",
    "isaccessibleforfree": "is_free",
}
_PART = re.compile(
    r"(?P<credit>agenc|agentur|news-?wire|syndicat|article-?source)|"
    r"(?P<trail>bread-?crumb|brotkrumen?|fil-?d-?ariane|migas|ariadne)"
)
# What `twitter:data1` tells: often the writer, or minutes to read.
_LABEL = "twitter:label1"
_WRITER = re.compile(
    r"(?:(?:written|posted|published|words|article|story) )?by\b|aut(?:h?or|eur)|verfass|geschrieben|écrit|rédigé|"
    r"escrit|publicado por|scritto|geschreven|napis|skrevet|skriven|kirjoitt|yazan|scris|szerző|автор|напис|作者|執筆|"
    r"글쓴이",
    re.IGNORECASE,
)
_LONGEST_VALUE, _LONGEST_CREDIT, _LONGEST_CRUMB = 300, 80, 40


def stated(page: Markup) -> Iterator[Statement]:
    """Statements of <meta>, <link>, <title>, microdata, headings and credit lines, by trust in each field."""
    yield from _metas(page)
    for link in page.all("link"):
        if link.get("rel").lower() == "canonical" and link.get("href"):
            yield Statement("canonical_url", "link:canonical", link.get("href"))
    html = page.first("html")
    if html and (language := html.get("lang") or html.get("xml:lang")):
        yield Statement("language", "html[lang]", language)
    yield from _marked(page)
    yield from titles.stated(page)
    yield from live.stated(page)
    for link in page.having("rel"):
        is_tag = link.tag == "a" and "tag" in link.get("rel").split()
        if (
            is_tag
            and (words := link.brief(_LONGEST_CRUMB))
            and not any(e.tag == "nav" for e in link.ancestors())
        ):
            yield Statement("tags", "a[rel=tag]", words)


@lru_cache(maxsize=20_000)
def _part(marks: str) -> str:
    """What class and id say an element is: an agency's `credit`, a `trail` of breadcrumbs, or ''."""
    match = _PART.search(marks)
    return (match.lastgroup or "") if match else ""


def _metas(page: Markup) -> Iterator[Statement]:
    found: dict[str, list[str]] = {}
    for written, meta in page.metas:
        name = written.lower()
        if (name in _META or name == _LABEL) and (value := squeeze(meta.get("content"))):
            found.setdefault(name, []).append(value)
    if not _WRITER.match(found.pop(_LABEL, [""])[0]):
        found.pop("twitter:data1", None)
    if found.pop("article:opinion", [""])[0].lower() == "true":
        yield Statement("kind", "meta:article:opinion", "opinion")
    for name, field in _META.items():
        for value in found.get(name, ()):
            yield Statement(field, f"meta:{name}", value)


def _marked(page: Markup) -> Iterator[Statement]:
    """Microdata, the first trail of breadcrumbs, and credit lines."""
    for element in page.having("itemprop"):
        for prop in element.get("itemprop").lower().split():
            told = element.tag == "meta" and prop in _META
            if prop in _ITEMPROP and not told and (value := value_of(element)):
                yield Statement(_ITEMPROP[prop], f"itemprop:{prop}", value)
    trail: Element | None = None
    named = [(e, part) for marks, alike in page.by_marks.items() if (part := _part(marks)) for e in alike]
    for element, part in sorted(named, key=lambda one: one[0].order):
        if part == "trail":
            trail = trail or (element if element.brief(_LONGEST_VALUE) else None)
        elif words := element.brief(_LONGEST_CREDIT):
            yield Statement("syndicated_from", "credit line", words)
    for link in page.within(trail) if trail else ():
        if link.tag == "a" and leads_below_front(link.get("href")) and (words := link.brief(_LONGEST_CRUMB)):
            yield Statement("section", "breadcrumb", words)


def value_of(element: Element) -> str:
    """What a microdata element says: its attribute, else its text; '' if that is long."""
    value = squeeze(element.get("content") or element.get("datetime"))
    return value[:_LONGEST_VALUE] or element.brief(_LONGEST_VALUE)

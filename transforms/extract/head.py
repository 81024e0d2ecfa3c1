"""What a page states in its head, in microdata and in plain sight."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from transforms.extract.markup import Markup, Statement, marks_of, squeeze, words_of

# Names of <meta> (name, property or itemprop, lower case) → field, in order of trust.
_META = {
    "og:title": "title",
    "twitter:title": "title",
    "parsely-title": "title",
    "dc.title": "title",
    "og:description": "description",
    "description": "description",
    "twitter:description": "description",
    "article:published_time": "published_at",
    "article:published": "published_at",
    "og:article:published_time": "published_at",
    "og:published_time": "published_at",
    "datepublished": "published_at",
    "parsely-pub-date": "published_at",
    "sailthru.date": "published_at",
    "cxenseparse:recs:publishtime": "published_at",
    "dc.date.issued": "published_at",
    "dcterms.created": "published_at",
    "dc.date": "published_at",
    "publishdate": "published_at",
    "publish-date": "published_at",
    "publish_date": "published_at",
    "pubdate": "published_at",
    "pub_date": "published_at",
    "citation_publication_date": "published_at",
    "bt:pubdate": "published_at",
    "date": "published_at",
    "article:modified_time": "modified_at",
    "datemodified": "modified_at",
    "og:updated_time": "modified_at",
    "last-modified": "modified_at",
    "author": "authors",
    "parsely-author": "authors",
    "article:author": "authors",
    "sailthru.author": "authors",
    "cxenseparse:author": "authors",
    "dc.creator": "authors",
    "byl": "authors",
    "twitter:data1": "authors",
    "article:section": "section",
    "parsely-section": "section",
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
    "article:content_tier": "is_free",
    "og:image": "images",
    "twitter:image": "images",
    "og:url": "canonical_url",
}
_ITEMPROP = {
    "headline": "title",
    "datepublished": "published_at",
    "datemodified": "modified_at",
    "author": "authors",
    "articlesection": "section",
    "isaccessibleforfree": "is_free",
}
_BYLINE = re.compile(
    r"(^|[-_ ])(by-?line|authors?(-?names?|-?links?)?|autore?|autor(en|es)?|auteurs?|writer|reporter)"
    r"(?![-_]?(box|bio|image|img|avatar|photo|info|card|social|desc|follow|list-item))\b"
)
_PUBLISHED = re.compile(r"publi|posted|(^|[-_ ])(post|entry|article|story|news)?[-_]*(date|datum|fecha|time(stamp)?)\b")
_MODIFIED = re.compile(r"updat|modif|aktualis|edited")
_AGENCY = re.compile(r"agenc|agentur|news-?wire|syndicat|article-?source")
_LONGEST_BYLINE = 120
_LONGEST_DATE = 80


def stated(page: Markup) -> Iterator[Statement]:
    """Statements of <meta>, <link>, <title>, microdata, headings, <time> and bylines, by trust in each field."""
    yield from _metas(page.root)
    for link in page.root.iterfind(".//link[@rel='canonical'][@href]"):
        yield Statement("canonical_url", "link:canonical", link.get("href", ""))
    if language := page.root.get("lang") or page.root.get("{http://www.w3.org/XML/1998/namespace}lang"):
        yield Statement("language", "html[lang]", language)
    yield from _microdata(page.root)
    yield from _headings(page.root)
    yield from _times(page.root)
    yield from _marked(page.root)


def _metas(root: HtmlElement) -> Iterator[Statement]:
    found: dict[str, list[str]] = {}
    for meta in root.iterfind(".//meta[@content]"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or "").lower()
        if name in _META and (value := squeeze(meta.get("content", ""))):
            found.setdefault(name, []).append(value)
    if not found.get("twitter:label1", [""])[0].lower().startswith(("written", "by", "author")):
        found.pop("twitter:data1", None)
    for name, field in _META.items():
        for value in found.get(name, ()):
            yield Statement(field, f"meta:{name}", value)


def _microdata(root: HtmlElement) -> Iterator[Statement]:
    for element in root.iterfind(".//*[@itemprop]"):
        if element.tag == "meta" and not element.get("itemprop", "").lower() in _ITEMPROP:
            continue
        for prop in element.get("itemprop", "").lower().split():
            if prop not in _ITEMPROP:
                continue
            name = element.find(".//*[@itemprop='name']") if prop == "author" else None
            source = element if name is None else name
            value = source.get("content") or source.get("datetime") or words_of(source)
            if value and len(value) <= 300:
                yield Statement(_ITEMPROP[prop], f"itemprop:{prop}", squeeze(value))


def _headings(root: HtmlElement) -> Iterator[Statement]:
    for element in root.iter("h1"):
        if words := words_of(element):
            yield Statement("title", "h1", words)
    title = root.find(".//title")
    if title is not None and (words := words_of(title)):
        yield Statement("title", "title", words)


def _times(root: HtmlElement) -> Iterator[Statement]:
    for element in root.iter("time"):
        value = element.get("datetime") or words_of(element)
        if not value or len(value) > _LONGEST_DATE:
            continue
        parent = element.getparent()
        marks = marks_of(element) + (" " + marks_of(parent) if parent is not None else "")
        field = "modified_at" if _MODIFIED.search(marks) else "published_at"
        yield Statement(field, "time[datetime]" if element.get("datetime") else "time", squeeze(value))


def _marked(root: HtmlElement) -> Iterator[Statement]:
    """Bylines, dates and credits that only a class name tells apart."""
    for element in root.iterfind(".//*[@rel='author']"):
        if (words := words_of(element)) and len(words) <= _LONGEST_BYLINE:
            yield Statement("authors", "rel=author", words)
    for element in root.iterfind(".//body//*[@class]"):
        marks = marks_of(element)
        is_byline, is_date, is_credit = (
            bool(pattern.search(marks)) for pattern in (_BYLINE, _PUBLISHED, _AGENCY)
        )
        if not (is_byline or is_date or is_credit):
            continue
        words = words_of(element)
        if is_byline and 0 < len(words) <= _LONGEST_BYLINE:
            yield Statement("authors", "byline", words)
        if is_date and element.tag != "time" and len(words) <= _LONGEST_DATE and re.search(r"\d", words):
            yield Statement("modified_at" if _MODIFIED.search(marks) else "published_at", "byline-date", words)
        if is_credit and 0 < len(words) <= _LONGEST_DATE:
            yield Statement("syndicated_from", "credit line", words)

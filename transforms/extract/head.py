"""What a page states in its head, in microdata and in plain sight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from transforms.extract.markup import Markup, Statement, brief, marks_of, squeeze, words_of

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
    r"(^|[-_ ])(by-?line|latest-by|authors?(-?names?|-?links?)?|autore?|autor(en|es)?|auteurs?|writer|reporter)"
    r"(?![-_]?(box|bio|image|img|avatar|photo|info|card|social|desc|follow|list-item))\b"
)
_AUTHOR_PAGE = re.compile(
    r"/(authors?|autor(es|en|i)?|auteurs?|contributors?|reporters?|journalists?|people|staff|profile)/[^/?#]+"
)
_PUBLISHED = re.compile(
    r"publi|posted|(^|[-_ ])(post|entry|article|story|news)?[-_]*(date|datum|fecha|time(stamp)?)\b"
)
_MODIFIED = re.compile(r"updat|modif|aktualis|edited")
_AGENCY = re.compile(r"agenc|agentur|news-?wire|syndicat|article-?source")
_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_LONGEST_BYLINE, _LONGEST_DATE, _LONGEST_VALUE = 120, 80, 300
_MOST_DATES = 3  # of a kind; further ones belong to other articles


def stated(page: Markup) -> Iterator[Statement]:
    """Statements of <meta>, <link>, <title>, microdata, headings, <time> and bylines, by trust in each field."""
    yield from _metas(page.root)
    for link in page.root.iterfind(".//link[@rel='canonical'][@href]"):
        yield Statement("canonical_url", "link:canonical", link.get("href", ""))
    if language := page.root.get("lang") or page.root.get("{http://www.w3.org/XML/1998/namespace}lang"):
        yield Statement("language", "html[lang]", language)
    yield from _microdata(page.root)
    yield from _headings(page.root)
    yield from _visible(page.root)


def _metas(root: HtmlElement) -> Iterator[Statement]:
    found: dict[str, list[str]] = {}
    for meta in root.iterfind(".//meta[@content]"):
        name = (
            meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv") or ""
        ).lower()
        if name in _META and (value := squeeze(meta.get("content", ""))):
            found.setdefault(name, []).append(value)
    if not found.get("twitter:label1", [""])[0].lower().startswith(("written", "by", "author")):
        found.pop("twitter:data1", None)
    for name, field in _META.items():
        for value in found.get(name, ()):
            yield Statement(field, f"meta:{name}", value)


def _microdata(root: HtmlElement) -> Iterator[Statement]:
    authors: list[HtmlElement] = []
    for element in root.iterfind(".//*[@itemprop]"):
        for prop in element.get("itemprop", "").lower().split():
            if prop == "author":
                authors.append(element)
            elif prop in _ITEMPROP and (value := _value_of(element)):
                yield Statement(_ITEMPROP[prop], f"itemprop:{prop}", value)
    for element in _together(_innermost(authors)):
        name = element.find(".//*[@itemprop='name']")
        if value := _value_of(element if name is None else name):
            yield Statement("authors", "itemprop:author", value)


def _value_of(element: HtmlElement) -> str:
    value = squeeze(element.get("content") or element.get("datetime") or "")
    return value[:_LONGEST_VALUE] or brief(element, _LONGEST_VALUE)


def _headings(root: HtmlElement) -> Iterator[Statement]:
    for element in root.iter("h1"):
        if words := words_of(element):
            yield Statement("title", "h1", words)
    title = root.find(".//title")
    if title is not None and (words := words_of(title)):
        yield Statement("title", "title", words)


def _visible(root: HtmlElement) -> Iterator[Statement]:
    """Bylines, dates and credits a reader sees, told by tag, class or link; those below the heading first."""
    found: dict[str, list[HtmlElement]] = {
        kind: [] for kind in ("author", "byline", "a[author]", "time", "date", "credit")
    }
    above: dict[str, list[HtmlElement]] = {kind: [] for kind in found}
    into = found if root.find(".//h1") is None else above
    for element in root.iter("*"):
        if element.tag == "h1":
            into = found
        for kind in _kinds_of(element):
            into[kind].append(element)
    for kind, source in (("author", "rel=author"), ("byline", "byline"), ("a[author]", "a[author]")):
        for element in _together(_innermost(found[kind]) or _innermost(above[kind])):
            yield Statement("authors", source, words_of(element))
    for element in [*found["time"], *above["time"]][:_MOST_DATES]:
        stamp = element.get("datetime")
        yield Statement(
            _date_field(element), "time[datetime]" if stamp else "time", squeeze(stamp or words_of(element))
        )
    for element in _innermost([*found["date"], *above["date"]])[:_MOST_DATES]:
        yield Statement(_date_field(element), "byline-date", words_of(element))
    for element in found["credit"]:
        yield Statement("syndicated_from", "credit line", words_of(element))


def _kinds_of(element: HtmlElement) -> Iterator[str]:
    if element.tag == "time":
        if 0 < len(element.get("datetime") or brief(element, _LONGEST_DATE)) <= _LONGEST_DATE:
            yield "time"
        return
    marks = marks_of(element)
    is_author, is_byline = element.get("rel") == "author", bool(_BYLINE.search(marks))
    is_linked = element.tag == "a" and bool(_AUTHOR_PAGE.search(element.get("href", "")))
    is_date, is_credit = bool(_PUBLISHED.search(marks)), bool(_AGENCY.search(marks))
    if not (is_author or is_byline or is_linked or is_date or is_credit):
        return
    words = brief(element, _LONGEST_BYLINE)
    if len(words) > 3 or not words.isascii():
        yield from (
            k
            for k, is_it in (("author", is_author), ("byline", is_byline), ("a[author]", is_linked))
            if is_it
        )
    if 0 < len(words) <= _LONGEST_DATE:
        yield from (
            k for k, is_it in (("date", is_date and _YEAR.search(words)), ("credit", is_credit)) if is_it
        )


def _date_field(element: HtmlElement) -> str:
    """Published, unless the element, its parent or its own words say it was changed."""
    parent = element.getparent()
    marks = marks_of(element) + (marks_of(parent) if parent is not None else "")
    words = words_of(element).lower()
    says_changed = _MODIFIED.search(words) and not _PUBLISHED.search(words)
    return "modified_at" if says_changed or _MODIFIED.search(marks) else "published_at"


def _innermost(elements: list[HtmlElement]) -> list[HtmlElement]:
    """Elements in document order without those that hold another."""
    holders = {id(parent) for element in elements for parent in element.iterancestors()}
    return [element for element in elements if id(element) not in holders]


def _together(elements: list[HtmlElement]) -> list[HtmlElement]:
    """The first element and those beside it: further ones name the authors of other articles."""
    if not elements:
        return []
    near = list(islice(elements[0].iterancestors(), 2))
    return [e for e in elements if any(parent in near for parent in islice(e.iterancestors(), 2))]

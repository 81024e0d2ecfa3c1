"""List pages read: links to articles of the same site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html

from schemas.urls import host_of
from spiders.items import MAX_ITEMS, Item, item_of
from spiders.markup import encoding_of
from spiders.refused import failed

# Files that are no pages, and the folders of lists, services and accounts on sites of any language.
_NO_ARTICLE = re.compile(
    r"\.(?:jpe?g|png|gif|svg|webp|ico|css|js|json|xml|rss|pdf|zip|mp[34]|m4a|webm|ics|epub|apk)$"
    r"|/(?:tags?|topics?|categor(?:y|ies|ia|ie)|authors?|autor(?:es)?|auteurs?|search|login|signin|register|"
    r"account|subscribe|newsletters?|feeds?|wp-(?:content|admin|login\S*|json)|cdn-cgi|cart|rss)(?:/|$)"
    r"|/page/\d+/?$",
    re.I,
)
# What the last parts of an article's path have: a date or a number that identifies it, or a sentence.
_NUMBERED = re.compile(r"\d{4,}|/(?:19|20)\d\d/\d\d?/")
_FILE = re.compile(r"[^/]{8,}\.(?:[sp]?html?|php|aspx?|jsp|cms|ece|story)$", re.I)
_WORD_BREAK = re.compile(r"[-_+\s]+")
_PAGE_NUMBER = re.compile(
    r"(?:^|[&;])(?:id|p|aid|nid|newsid|article|articleid|story|storyid|idxno|no|sid|oid)=\w*\d{3}", re.I
)


def section_links(body: bytes, url: str, allow: tuple[str, ...], content_type: str = "") -> Iterator[Item]:
    """Items of a list page that match one of the patterns `allow`; without any, that look like articles.

    Raises `Refused` failed feed_unparseable.
    """
    patterns = [re.compile(pattern) for pattern in allow]
    try:
        parser = html.HTMLParser(encoding=encoding_of(body, content_type))
        page = html.document_fromstring(body, parser=parser)
    except (etree.ParserError, ValueError, LookupError) as error:
        raise failed("feed_unparseable", error) from error
    try:
        base = urljoin(url, next(iter(page.xpath("//base/@href")), ""))
    except ValueError:
        base = url
    own = host_of(url)
    for number, anchor in enumerate(page.iterfind(".//a[@href]")):
        if number >= MAX_ITEMS:
            return
        for item in item_of(base, anchor.get("href")):
            host = host_of(item.url)
            if host != own and not host.endswith("." + own):
                continue
            if any(p.search(item.url) for p in patterns) if patterns else looks_like_article(item.url):
                yield item


def looks_like_article(url: str) -> bool:
    """Whether a URL has the form of an article's: a number or a date, a sentence as slug, or a file name.

    >>> looks_like_article("https://example.com/politics/council-votes-for-the-new-bridge")
    True
    >>> looks_like_article("https://example.com/politics/"), looks_like_article("https://example.com/tag/a-b-c-d")
    (False, False)
    """
    parts = urlsplit(url)
    path = unquote(parts.path).rstrip("/")
    if _NO_ARTICLE.search(path):
        return False
    last = path.rpartition("/")[2]
    return bool(
        _NUMBERED.search(path)
        or _FILE.search(last)
        or len(_WORD_BREAK.split(last)) >= 4
        or (not last.isascii() and len(last) >= 12)  # a sentence where words are not set apart
        or _PAGE_NUMBER.search(parts.query)
    )

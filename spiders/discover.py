"""Feeds, sitemaps and list pages read: bytes in, the URLs they name out. No client, no clock, no disk."""

from __future__ import annotations

import json
import re
from calendar import timegm
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
from lxml import etree, html

from schemas.errors import Reject
from schemas.outlet import SourceKind
from schemas.urls import host_of, normal_url, url_key
from spiders.decode import gunzip
from spiders.refused import failed

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
MAX_ITEMS = 50_000  # what the sitemap protocol allows in one file
_BEFORE_ROOT = re.compile(rb"\A(?:[^<]|<(?![A-Za-z]))*")
_HTML_START = re.compile(rb"\A\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
# A link of a list page that leads to an article rather than to another list: a number, or a long slug.
_ARTICLE_PATH = re.compile(r"\d{3,}|[^/]*-[^/]*-[^/]*-[^/]*$|\.s?html?$")


@dataclass(frozen=True)
class Item:
    """A URL as named (made absolute, tracking left out), its key, and what its source says of it."""

    url: str
    key: str
    title: str = ""
    published_raw: str = ""
    changed_at: datetime | None = None  # in UTC; None where no instant is stated


@dataclass(frozen=True)
class Discovery:
    """What a source names; `reason` tells what is wrong with it although it could be read."""

    items: list[Item] = field(default_factory=list)
    children: list[Item] = field(default_factory=list)  # sitemaps of an index
    reason: str | None = None
    detail: str | None = None


def read_source(
    kind: SourceKind,
    body: bytes,
    url: str,
    *,
    limit: int,
    since: datetime = _EVER,
    allow: tuple[str, ...] = (),
) -> Discovery:
    """What a source's body names; `url` is where it came from, `limit` the most bytes a gzip may give.

    Of a sitemap's entries those that say they are older than `since` are left out. Of a section's links
    those that match one of `allow` are taken, by default those that look like articles.
    Raises `Refused` failed: not_a_feed, not_a_sitemap, entity_expansion, empty_body, too_large, truncated.
    """
    if body[:2] == b"\x1f\x8b":
        body = gunzip(body, limit)
    if not body.strip():
        raise failed("empty_body")
    if kind == "section":
        return _distinct(Discovery(list(_links(body, url, allow))))
    # UTF-16 hides markup from a search for ASCII bytes, so its zero bytes are left out.
    before_root = _BEFORE_ROOT.match(body.replace(b"\0", b""))
    if before_root and b"<!ENTITY" in before_root[0].upper():
        raise failed("entity_expansion", "the document declares entities")
    return _distinct(_feed(body, url) if kind == "feed" else _sitemap(body, url, since))


def distinct(items: list[Item]) -> list[Item]:
    """One item a URL key, the first."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.key, item)
    return list(first.values())


def _distinct(found: Discovery) -> Discovery:
    """Without what is named twice; an empty source says so."""
    items = distinct(found.items)
    reason = found.reason or (None if items or found.children else "empty")
    return Discovery(items, found.children, reason, found.detail)


def _item(
    base: str, link: str, title: str = "", published_raw: str = "", changed_at: datetime | None = None
) -> list[Item]:
    """One item, or none where the link is no URL of a page."""
    try:
        url = normal_url(link, base)
    except Reject:
        return []
    return [Item(url, url_key(url), title, published_raw, changed_at)]


# --- feeds ---------------------------------------------------------------------------------------


def _feed(body: bytes, url: str) -> Discovery:
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_feed(body, url)
    # Bytes themselves would be tried as a file name; a stream is only read. Nothing of its HTML is used.
    parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    items = [item for entry in parsed.entries[:MAX_ITEMS] for item in _feed_item(entry, url)]
    if not items and not parsed.version:
        shown = "HTML" if _HTML_START.match(body) else repr(body[:60])
        raise failed("not_a_feed", f"{shown}; {parsed.get('bozo_exception', '')}")
    # feedparser also calls a feed damaged whose charset header is merely another than the one it states.
    damaged = parsed.bozo and not isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride)
    if not damaged:
        return Discovery(items)
    return Discovery(items, reason="feed_damaged", detail=str(parsed.bozo_exception)[:300])


def _feed_item(entry: Any, url: str) -> list[Item]:
    # feedparser's own get() gives `published` where `updated` is asked for, and the other way round.
    stated: Callable[[str], Any] = partial(dict.get, entry)
    link = stated("link") or stated("id") or ""
    if not link.startswith(("http", "/")):
        return []
    instants = [at for at in (stated("published_parsed"), stated("updated_parsed")) if at]
    changed_at = max((datetime.fromtimestamp(timegm(at), UTC) for at in instants), default=None)
    return _item(url, link, stated("title") or "", stated("published") or "", changed_at)


def _json_feed(body: bytes, url: str) -> Discovery:
    try:
        feed = json.loads(body)
        entries = [entry for entry in feed["items"] if isinstance(entry, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise failed("not_a_feed", f"JSON: {error!r}") from error
    items = [
        item
        for entry in entries[:MAX_ITEMS]
        for item in _item(
            url,
            str(entry.get("url") or entry.get("external_url") or entry.get("id") or ""),
            str(entry.get("title") or ""),
            str(entry.get("date_published") or ""),
            instant(str(entry.get("date_modified") or entry.get("date_published") or "")),
        )
    ]
    return Discovery(items)


# --- sitemaps ------------------------------------------------------------------------------------


def _sitemap(body: bytes, url: str, since: datetime) -> Discovery:
    """Streamed: an entry is dropped once read. Broken XML gives what could be read of it."""
    found: dict[str, list[Item]] = {"url": [], "sitemap": []}
    stream = etree.iterparse(
        BytesIO(body), tag=("{*}url", "{*}sitemap"), recover=True, resolve_entities=False, no_network=True
    )
    try:
        for _, element in stream:
            found[_local(element)] += _sitemap_item(element, url, since)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
            if len(found["url"]) >= MAX_ITEMS:
                return Discovery(found["url"], reason="item_limit", detail=f"more than {MAX_ITEMS} URLs")
    except etree.XMLSyntaxError as error:
        if not any(found.values()):
            raise failed("not_a_sitemap", error) from error
    root = _local(stream.root) if stream.root is not None else ""
    if root in {"rss", "feed", "rdf"}:  # the protocol admits feeds as sitemaps
        return _feed(body, url)
    if root not in {"urlset", "sitemapindex"} and not any(found.values()):
        raise failed("not_a_sitemap", "HTML" if _HTML_START.match(body) else repr(body[:60]))
    damage = next((str(entry.message) for entry in stream.error_log if entry.level_name != "WARNING"), None)
    return Discovery(found["url"], found["sitemap"], "feed_damaged" if damage else None, damage)


def _sitemap_item(element: Any, base: str, since: datetime) -> list[Item]:
    loc, lastmod = element.findtext("{*}loc"), element.findtext("{*}lastmod") or ""
    published = element.findtext("{*}news/{*}publication_date") or ""
    title = element.findtext("{*}news/{*}title") or ""
    changed_at = max((at for at in (instant(published), instant(lastmod)) if at), default=None)
    if not loc or (changed_at or since) < since:
        return []
    return _item(base, loc, title, published, changed_at)


def _local(element: Any) -> str:
    """Tag without its namespace."""
    return str(element.tag).rpartition("}")[2].lower()


# --- list pages ----------------------------------------------------------------------------------


def _links(body: bytes, url: str, allow: tuple[str, ...]) -> Iterator[Item]:
    """Links of a list page to articles of the same site."""
    patterns = [re.compile(pattern) for pattern in allow]
    try:
        page = html.document_fromstring(body)
    except (etree.ParserError, ValueError) as error:
        raise failed("not_html", error) from error
    base = urljoin(url, next(iter(page.xpath("//base/@href")), ""))
    for anchor in page.iterfind(".//a[@href]"):
        for item in _item(base, anchor.get("href"), " ".join(anchor.text_content().split())[:300]):
            if host_of(item.url) != host_of(url):
                continue
            if any(p.search(item.url) for p in patterns) if patterns else _looks_like_article(item.url):
                yield item


def _looks_like_article(url: str) -> bool:
    return bool(_ARTICLE_PATH.search(urlsplit(url).path.rstrip("/")))


def instant(stated: str) -> datetime | None:
    """A W3C date with a time and a zone as an instant in UTC; None for a mere day or anything else."""
    try:
        at = datetime.fromisoformat(stated.strip())
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None

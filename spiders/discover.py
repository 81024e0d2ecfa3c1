"""Feeds, sitemaps and list pages read: bytes in, the URLs they name out. No client, no clock, no disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from schemas.outlet import SourceKind
from schemas.vocabulary import Reason
from spiders.decode import gunzip
from spiders.feeds import feed_item, read_json_feed
from spiders.items import Discovery, Item, distinct
from spiders.markup import Entry, encoding_of, read_entries
from spiders.polling import stated_period
from spiders.refused import failed
from spiders.sections import section_links
from spiders.sitemaps import newest_first, read_url_list, sitemap_item

__all__ = ["Discovery", "Item", "distinct", "read_source"]

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_SITEMAPS = {"urlset", "sitemapindex"}
_ROOTS = {"rss", "rdf", "channel", "feed", *_SITEMAPS}


def read_source(
    kind: SourceKind,
    body: bytes,
    url: str,
    *,
    limit: int,
    since: datetime = _EVER,
    allow: tuple[str, ...] = (),
    content_type: str = "",
) -> Discovery:
    """What a source's body names; `url` is where it came from, `limit` the most bytes a gzip may give.

    A feed where a sitemap was expected, or the other way round, is read as what it is. Of a sitemap's
    entries those that say they are older than `since` are left out. Of a section's links those that match
    one of `allow` are taken, by default those that look like articles.
    Raises `Refused` failed.
    """
    if body[:2] == b"\x1f\x8b":
        body = gunzip(body, limit)
    if not body.strip(b"\0 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise failed("empty_body")
    if kind == "section":
        found = Discovery(list(section_links(body, url, allow, content_type)))
    elif body.lstrip(b"\xef\xbb\xbf\xfe\xff\0 \t\r\n").startswith((b"{", b"[")):
        found = read_json_feed(body, url)
    else:
        found = _read_xml(kind, body, url, since, content_type)
    items = distinct(found.items)
    reason = found.reason or (None if items or found.children else Reason.FEED_EMPTY)
    return replace(found, items=items, reason=reason)


def _read_xml(kind: SourceKind, body: bytes, url: str, since: datetime, content_type: str) -> Discovery:
    items: list[Item] = []
    children: list[Item] = []

    def keep(entry: Entry) -> None:
        if entry.name == "sitemap":
            children.extend(sitemap_item(entry, since))
        else:
            items.extend(sitemap_item(entry, since) if entry.name == "url" else feed_item(entry))

    read = read_entries(body, url, content_type, keep)
    if read.root not in _ROOTS and not items:
        if kind != "feed" and (listed := read_url_list(body.decode(encoding_of(body), "replace"), url)):
            return listed
        shown = read.root.upper() if read.root in {"html", "opml"} else repr(body[:60])
        raise failed("feed_unparseable", shown)
    reason, detail = (Reason.FEED_DAMAGED, read.damage) if read.damage else (None, None)
    if read.is_cut:
        reason, detail = Reason.ITEM_LIMIT, f"stopped after {len(items) + len(children)}"
    return Discovery(
        items,
        newest_first(distinct(children)),
        reason,
        detail,
        is_sitemap=read.root in _SITEMAPS,
        hint_seconds=stated_period(read.channel),
    )

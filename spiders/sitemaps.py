"""Sitemaps read: what an entry of a sitemap, a news sitemap or an index names, and which comes first."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from spiders.items import MAX_ITEMS, Discovery, Item, claims_of, instant, item_of, latest
from spiders.markup import Entry

_NEWS = re.compile(r"news|latest|recent|today", re.I)
# A year, and a month if there is one, as the names of sitemaps by date have them.
_MONTH = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(1[0-2]|0?[1-9])(?:[-_/.]?(3[01]|[12]\d|0?[1-9]))?)?(?!\d)"
)


def sitemap_item(entry: Entry, since: datetime) -> list[Item]:
    """What a `url` or `sitemap` names: one item; none where it says that it is older than `since`."""
    published, lastmod = entry.first("news/publication_date"), entry.first("lastmod")
    if max((at for at in (latest(published), latest(lastmod)) if at), default=since) < since:
        return []
    # Of a sitemap a day is enough: it is asked only which of them to read first.
    when = latest if entry.name == "sitemap" else instant
    claims = claims_of(
        "news_sitemap",
        title=[entry.first("news/title")],
        tags=entry.first("news/keywords").split(","),
        published_at=[published],
        language=[entry.first("news/publication/language")],
        site=[entry.first("news/publication/name")],
    )
    changed_at = max((at for at in (when(published), when(lastmod)) if at), default=None)
    return item_of(entry.base, entry.first("loc"), changed_at=changed_at, claims=claims)


def newest_first(sitemaps: list[Item]) -> list[Item]:
    """The sitemaps of an index: those changed last, then those for news, then by the date in the name."""

    def age(sitemap: Item) -> tuple[float, bool, list[int]]:
        parts = urlsplit(sitemap.url)
        name = f"{parts.path}?{parts.query}"
        date = _MONTH.search(name)
        changed = -sitemap.changed_at.timestamp() if sitemap.changed_at else 0.0
        return changed, not _NEWS.search(name), [-int(n) for n in date.groups("0")] if date else [0]

    return sorted(sitemaps, key=age)


def read_url_list(text: str, base: str) -> Discovery | None:
    """A sitemap in plain text, one URL a line; None where it is none."""
    lines = [line for line in text.split("\n", MAX_ITEMS)[:MAX_ITEMS] if line.strip()]
    if not lines or not all(re.match(r"\s*https?://\S+\s*$", line) for line in lines):
        return None
    return Discovery([item for line in lines for item in item_of(base, line)], is_sitemap=True)

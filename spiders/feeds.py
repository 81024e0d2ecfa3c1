"""Feeds read: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed.

WebSub would join here: a hub's push is a feed body, so `read_source("feed", body, topic, …)` reads it
as it stands; what is missing is a receiver, and the feed's own `rel="hub"` link as a column of `visits`.
"""

from __future__ import annotations

import json
from typing import Any

from spiders.items import MAX_ITEMS, Discovery, Item, instant, item_of, plain
from spiders.markup import Entry, encoding_of
from spiders.refused import failed

_MAX_OBJECTS = 500_000  # objects and arrays of a JSON feed: 64 bytes each at least once read
_CHANGED = ("updated", "modified", "atom:updated", "atom:modified", "dc:modified", "dc:date")
_PUBLISHED = (
    "pubdate",
    "published",
    "issued",
    "atom:published",
    "dc:issued",
    "dc:date",
    "dc:created",
    "created",
)
_AUTHORS = ("author/name", "author", "dc:creator", "atom:author/name")
_CATEGORIES = ("category", "dc:subject", "atom:category")
_BODIES = ("content:encoded", "encoded", "content", "atom:content")
_NO_PAGE = {
    "self",
    "edit",
    "enclosure",
    "replies",
    "hub",
    "next",
    "via",
    "related",
    "license",
    "service.edit",
}


def feed_item(entry: Entry) -> list[Item]:
    """What an `item` or `entry` names: one item, or none without a link."""
    published = entry.first(*_PUBLISHED)
    instants = [at for value in entry.all(*_PUBLISHED, *_CHANGED) if (at := instant(value.text))]
    authors = [value.text for value in entry.all(*_AUTHORS)]
    categories = [value.attributes.get("term") or value.text for value in entry.all(*_CATEGORIES)]
    return item_of(
        entry.base,
        _link(entry),
        title=entry.first("title", "atom:title", "dc:title"),
        published_raw=published,
        changed_at=max(instants, default=None),
        authors=_distinct(authors),
        categories=_distinct(categories),
        text_chars=max((len(plain(value.text)) for value in entry.all(*_BODIES)), default=0),
    )


def read_json_feed(body: bytes, url: str) -> Discovery:
    """A JSON Feed's items. Raises `Refused` failed: feed_unparseable, too_large."""
    if body.count(b"{") + body.count(b"[") > _MAX_OBJECTS:
        raise failed("too_large", f"JSON of more than {_MAX_OBJECTS} objects")
    try:
        encoding = json.detect_encoding(body)
        text = body.decode(encoding_of(body) if encoding == "utf-8" else encoding, "replace")
        entries = [entry for entry in json.loads(text)["items"] if isinstance(entry, dict)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise failed("feed_unparseable", f"JSON: {error!r}") from error
    return Discovery([item for entry in entries[:MAX_ITEMS] for item in _json_item(entry, url)])


def _json_item(entry: dict[str, Any], url: str) -> list[Item]:
    def stated(*names: str) -> str:
        return next((entry[name] for name in names if isinstance(entry.get(name), str) and entry[name]), "")

    authors = entry.get("authors") or [entry.get("author")]  # version 1.0 had one
    names = [it.get("name") for it in authors if isinstance(it, dict)] if isinstance(authors, list) else []
    tags = entry.get("tags")
    link = stated("url", "external_url") or _address(stated("id"))
    return item_of(
        url,
        link,
        title=stated("title"),
        published_raw=stated("date_published"),
        changed_at=instant(stated("date_modified", "date_published")),
        authors=_distinct([name for name in names if isinstance(name, str)]),
        categories=_distinct([tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []),
        text_chars=len(plain(stated("content_text", "content_html"))),
    )


def _link(entry: Entry) -> str:
    """The page an entry is about: its own link before an aggregator's, a stated one before an identifier."""
    hrefs = [
        (value.attributes.get("rel", "").lower(), value.attributes.get("type", "").lower(), href)
        for value in entry.all("link", "atom:link")
        if (href := value.attributes.get("href", "").strip())
    ]
    alternates = [(kind, href) for rel, kind, href in hrefs if rel in {"", "alternate"}]
    alternates.sort(key=lambda it: "html" not in it[0] and it[0] != "")
    texts = (v.text for v in entry.all("link") if v.attributes.get("rel", "").lower() not in _NO_PAGE)
    text = next(filter(None, texts), "")
    guids = entry.all("guid")
    permalinks = [v.text for v in guids if v.attributes.get("ispermalink", "true").lower() != "false"]
    candidates = [
        _address(entry.first("feedburner:origlink")),
        text if " " not in text or _address(text) else "",
        *(href for _, href in alternates),
        *map(_address, permalinks),
        _address(entry.about),
        *(href for rel, _, href in hrefs if rel not in _NO_PAGE),
        *(value.attributes.get("src", "") for value in entry.all("content")),
        _address(entry.first("id")),
    ]
    return next((candidate for candidate in candidates if candidate), "")


def _address(stated: str) -> str:
    """A text that is a URL; '' for other identifiers."""
    return stated if stated.startswith(("http://", "https://")) else ""


def _distinct(stated: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for it in stated if (text := " ".join(it.split()))))

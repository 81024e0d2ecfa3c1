"""Feeds read: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed.

WebSub would join here: a hub's push is a feed body, so `read_source("feed", body, topic, …)` reads it
as it stands; what is missing is a receiver, and the feed's own `rel="hub"` link as a column of `visits`.
"""

from __future__ import annotations

import json
from email.utils import parseaddr
from typing import Any

from spiders.items import MAX_ITEMS, Discovery, Item, body_claim, claims_of, instant, item_of
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
_SUMMARIES = ("description", "summary", "atom:summary", "dc:description")
_BODIES = ("content:encoded", "encoded", "content", "atom:content")
_LONGEST_ADDRESS = 300  # characters
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
    instants = [at for value in entry.all(*_PUBLISHED, *_CHANGED) if (at := instant(value.text))]
    claims = claims_of(
        "feed",
        title=[entry.first("title", "atom:title", "dc:title")],
        description=[entry.first(*_SUMMARIES)],
        authors=(_name(value.text) for value in entry.all(*_AUTHORS)),
        tags=(value.attributes.get("term") or value.text for value in entry.all(*_CATEGORIES)),
        published_at=[entry.first(*_PUBLISHED)],
        language=[entry.first("dc:language")],
        text=body_claim(*(value.text for value in entry.all(*_BODIES, *_SUMMARIES))),
    )
    return item_of(entry.base, _link(entry), changed_at=max(instants, default=None), claims=claims)


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
    claims = claims_of(
        "feed",
        title=[stated("title")],
        description=[stated("summary")],
        authors=(_name(name) for name in names if isinstance(name, str)),
        tags=(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        published_at=[stated("date_published")],
        language=[stated("language")],
        text=body_claim(stated("content_text", "content_html")),
    )
    link = stated("url", "external_url") or _address(stated("id"))
    changed_at = instant(stated("date_modified", "date_published"))
    return item_of(url, link, changed_at=changed_at, claims=claims)


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


def _name(stated: str) -> str:
    """The author without a mail address: RSS 2.0 asks for `desk@example.com (Ada Lind)`."""
    return parseaddr(stated)[0] if "@" in stated and len(stated) <= _LONGEST_ADDRESS else stated

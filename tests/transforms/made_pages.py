"""Pages as normalise would stage them, with what a test does not name filled in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from schemas.tables import PAGES
from schemas.urls import article_id, url_key

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SLOT = "2026-11-22T12:00:00"


def made_page(path: str, outlet: str = "alpha", minutes: int = 0, **fields: Any) -> dict[str, Any]:
    """A page of `outlet` fetched `minutes` after noon; the text's hashes follow from `text` and `title`."""
    url = f"https://{outlet}.example/{path}"
    text = fields.get("text", f"{outlet} {path} " + "word " * 60)
    title = fields.get("title", f"About {path}")
    canonical_url = fields.get("canonical_url", url)
    return {
        "capture_id": _digest(SLOT, url)[:24],
        "slot": SLOT,
        "outlet": outlet,
        "url": url,
        "url_key": url_key(url),
        "canonical_url": canonical_url,
        "article_id": fields.get("article_id") or article_id(canonical_url),
        "title": title,
        "text": text,
        "authors": ["Ada Lovelace"],
        "tags": [],
        "language": "en",
        "published_at": NOON - timedelta(hours=1),
        "published_on": NOON.date(),
        "published_precision": "instant",
        "published_zone": "stated",
        "fetched_at": NOON + timedelta(minutes=minutes),
        "word_count": len((text or "").split()),
        "kind": "article",
        "images": [],
        "links": [],
        "quotes": [],
        "text_sha256": _digest(text or ""),
        "content_sha256": _digest(title or "", text or ""),
        "minhash": [],
        "evidence": [],
        "extractor": "test/1",
    } | fields


def made_pages(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """PAGES of these rows."""
    return pa.Table.from_pylist(list(rows), schema=PAGES.schema)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()

"""Pages of a newsroom that no other test uses, as a crawl would archive them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from presslake.demo.site import find
from presslake.demo.stories import World
from presslake.demo.truth import Truth
from schemas.page import Page
from schemas.urls import capture_id, url_key

EPOCH = datetime(2026, 3, 29, tzinfo=UTC)
#: The night clocks go forward in most of Europe.
NOW = EPOCH + timedelta(hours=3)


def fetched(world: World, page: Truth) -> Page | None:
    """The page as a crawl would archive it; None where the crawl would not have it."""
    parts = urlsplit(page.canonical_url)
    response = find(world, parts.hostname or "", parts.path, NOW).render()
    if response.status != 200 or page.expected == "disallowed":
        return None
    key = url_key(page.url)
    return Page(
        capture_id=capture_id("bench", page.outlet, key),
        slot="bench",
        outlet=page.outlet,
        url=page.url,
        url_key=key,
        final_url=page.canonical_url,
        found_at=NOW,
        fetched_at=NOW,
        status=200,
        content_type=response.content_type,
        body=response.body,
        error=None,
    )

"""Fetched pages for the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas.page import Page
from schemas.urls import capture_id, url_key
from transforms.extract import extract

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROSE = (
    "The council of Harbourton voted on Tuesday to repair the old lighthouse before the winter storms arrive.",
    "Work begins in March and will cost two million, said Ada Wren, who leads the office for old buildings.",
    "“We waited for nine years and will not wait another one,” she told a full hall near the ferry pier.",
    "Fishing crews had asked for a light that can be seen from the northern banks even in heavy rain.",
)
BODY = "".join(f"<p>{line}</p>" for line in PROSE)


def page(body: bytes | str, *, url: str = "https://news.example/a/lighthouse", **given: Any) -> Page:
    """A page as it came from the archive."""
    values: dict[str, Any] = {
        "capture_id": capture_id("s", "harbour-gazette", url_key(url)),
        "slot": "2026-11-22T12:00:00",
        "outlet": "harbour-gazette",
        "url": url,
        "url_key": url_key(url),
        "final_url": None,
        "found_at": NOON,
        "fetched_at": NOON,
        "status": 200,
        "content_type": "text/html; charset=utf-8",
        "body": body.encode() if isinstance(body, str) else body,
        "error": None,
    }
    return Page(**values | given)


def html(main: str = BODY, head: str = "", title: str = "Lighthouse to be repaired") -> str:
    """A small news page."""
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title} | News Example</title>{head}</head>"
        f"<body><main><article><h1>{title}</h1>{main}</article></main></body></html>"
    )


def row(body: bytes | str, **given: Any) -> dict[str, Any]:
    """The extraction of one page."""
    [found] = extract([page(body, **given)], {}).to_pylist()
    return dict(found)


def sources(found: dict[str, Any], field: str) -> list[tuple[str, str]]:
    """Evidence of a field as (source, value)."""
    return [(e["source"], e["value"]) for e in found["evidence"] if e["field"] == field]

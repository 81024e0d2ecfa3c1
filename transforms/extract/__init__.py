"""Pages → what each states: one row a page, with the evidence per field, or why it is no article."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from schemas.errors import Reject
from schemas.outlet import Outlet
from schemas.page import Page
from schemas.tables import EXTRACTIONS
from schemas.vocabulary import PageOutcome, Reason
from transforms.extract.article import read_article
from transforms.extract.decode import decode
from transforms.extract.layouts import in_force
from transforms.extract.limits import MOST_CHARACTERS
from transforms.extract.memory import Memory
from transforms.extract.plain import read_plain

EXTRACTOR = "presslake 3"
_HTML = ("text/html", "application/xhtml", "application/xml", "text/xml")
_PLAIN = ("text/plain",)

_MOST_WRONG = 0.3  # share of characters that are none: then it is no text, whatever the header says

Row = dict[str, Any]


def extract(
    pages: Iterable[Page],
    outlets: Mapping[str, Outlet],
    memories: Mapping[str, Memory] = MappingProxyType({}),
) -> pa.Table:
    """One row of `EXTRACTIONS` per page, in order. Never raises for a page: what fails is its outcome."""
    return pa.Table.from_pylist(
        [_row(page, outlets.get(page.outlet), memories.get(page.outlet)) for page in pages],
        schema=EXTRACTIONS.schema,
    )


def _row(page: Page, outlet: Outlet | None, memory: Memory | None) -> Row:
    row: Row = dict.fromkeys(EXTRACTIONS.schema.names) | {
        "capture_id": page.capture_id,
        "slot": page.slot,
        "outlet": page.outlet,
        "url": page.url,
        "url_key": page.url_key,
        "fetched_at": page.fetched_at,
        "found_at": page.found_at,
        "extractor": EXTRACTOR,
    }
    try:
        with _uncollected():
            return row | _read(page, outlet, memory)
    except Reject as error:
        return row | _failed(Reason.UNREADABLE, str(error))
    except Exception as error:  # whatever a page does to a parser, the others go on
        return row | _failed(Reason.UNREADABLE, f"{type(error).__name__}: {error}")


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cyclic garbage while a page is read: it makes thousands of objects, all freed without, and the
    search was a sixth of the time of the walk over a page.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(page: Page, outlet: Outlet | None, memory: Memory | None) -> Row:
    if page.error is not None:
        return _failed(Reason.UNREADABLE, page.error)
    if not page.body.strip():
        return _failed(Reason.EMPTY_BODY, f"status {page.status}, {len(page.body)} bytes")
    form = form_of(page)
    if form == "other":
        return _failed(Reason.NOT_HTML, f"content type {page.content_type}")
    text, charset = decode(page.body, page.content_type)
    # Bytes are searched ten times as fast as characters are counted.
    wrong = (text.count("\ufffd") if "\ufffd" in text else 0) + (
        text.count("\0") if b"\0" in page.body else 0
    )
    if wrong > _MOST_WRONG * len(text):
        return _failed(Reason.UNREADABLE, f"no text as {charset}: most characters are none")
    if form == "plain":
        return read_plain(text[:MOST_CHARACTERS], charset, memory)
    return read_article(
        text,
        charset,
        page.final_url or page.url,
        redirected=page.final_url is not None,
        memory=memory,
        layouts=in_force(outlet.layouts, page) if outlet else (),
        claims=page.claims,
    )


def form_of(page: Page) -> str:
    """`html`, `plain` or `other`: by the header, and by the bytes where the header is silent or vague."""
    declared = (page.content_type or "").partition(";")[0].strip().lower()
    start = page.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    marked_up = start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in start
    if marked_up or declared.startswith(_HTML):
        return "html" if not start.startswith((b"%pdf", b"\x89png", b"pk\x03\x04", b"\x1f\x8b")) else "other"
    if declared in _PLAIN and b"\x00" not in start:
        return "plain"
    return "html" if not declared and b"<" in start else "other"


def _failed(reason: Reason, detail: str) -> Row:
    return {"outcome": PageOutcome.FAILED, "reason": reason, "detail": detail[:500]}

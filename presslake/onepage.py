"""One page to look at, from a file or from the web; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lake.pages import read_member
from schemas.errors import Reject, TryLater
from schemas.outlet import Outlet
from schemas.page import Page
from schemas.settings import Settings
from schemas.urls import capture_id, host_of, normal_url, url_key
from schemas.vocabulary import CaptureOutcome
from spiders.child import Progress, run_crawl
from spiders.journal import read_journal
from spiders.known import know_as_owed
from spiders.plan import Limits, OutletPlan, Plan

#: Where a page in a file is said to be from if nobody says: a name that is nobody's (RFC 2606).
NOWHERE = "https://page.invalid/"
_TYPES = {".txt": "text/plain", ".wet": "text/plain"}


def page_in(path: Path, url: str | None, outlet: Outlet | None) -> Page:
    """The page in an .html or .txt file. Raises `Reject` without the file."""
    if not path.is_file():
        raise Reject(f"no file {path}")
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    given = {"content_type": _TYPES.get(path.suffix.lower(), "text/html"), "status": 200}
    return _page(url or (outlet.homepage if outlet else NOWHERE), outlet, at, body=path.read_bytes(), **given)


def page_at(url: str, settings: Settings, outlet: Outlet | None) -> Page:
    """The page at a URL, fetched as a crawl would: robots.txt, pace, limits, public addresses only.

    Raises `TryLater` when the fetch failed, `Reject` when the page must not or cannot be had, with the crawl's reason.
    """
    [page] = pages_at([url], settings, outlet)
    if isinstance(page, Page):
        return page
    raise page


def pages_at(
    urls: Sequence[str], settings: Settings, outlet: Outlet | None, progress: Progress | None = None
) -> list[Page | TryLater | Reject]:
    """The pages at URLs in their order, or what `page_at` would raise; one crawl, so hosts are asked at their pace."""
    urls, now = [normal_url(url) for url in urls], datetime.now(UTC)
    host = outlet or _stranger(urls[0])
    nowhere: dict[str, Any] = dict.fromkeys(("feeds", "news_sitemaps", "sitemaps", "sections"), ()) | {
        "verified": {}
    }
    slot = f"{now:%Y-%m-%dT%H:%M:%S}"
    plan = Plan(
        slot=slot,
        shard=0,
        limits=Limits.model_validate(settings),
        outlets=(OutletPlan(outlet=host.model_copy(update=nowhere), sources={}),),
    )
    with TemporaryDirectory() as folder:
        know_as_owed(Path(folder), host.slug, urls, now)
        run_crawl(plan, Path(folder), settings, progress)
        landing = read_journal(Path(folder), slot)
        rows = {row["url_key"]: row for row in landing.captures.to_pylist()}
        return [_captured(rows[url_key(url)], landing.warc_path, settings, outlet) for url in urls]


def _captured(
    row: Mapping[str, Any], warc_path: Path, settings: Settings, outlet: Outlet | None
) -> Page | TryLater | Reject:
    if row["outcome"] != CaptureOutcome.FETCHED:
        why = ": ".join(filter(None, (row["reason"], row["detail"])))
        error = TryLater if row["outcome"] == CaptureOutcome.FAILED else Reject
        return error(f"{row['url']} is {row['outcome']}: {why}")
    with warc_path.open("rb") as warc:
        warc.seek(row["warc_offset"])
        body, problem = read_member(warc.read(row["warc_bytes"]), settings.page_bytes)
    given = {name: row[name] for name in ("final_url", "status", "content_type")}
    return _page(row["url"], outlet, row["fetched_at"], body=body, error=problem, **given)


def _page(url: str, outlet: Outlet | None, at: datetime, **given: Any) -> Page:
    url, slug = normal_url(url), outlet.slug if outlet else "page"
    key = url_key(url)
    values = {"final_url": None, "error": None} | given
    return Page(
        capture_id=capture_id("page", slug, key),
        slot="page",
        outlet=slug,
        url=url,
        url_key=key,
        found_at=at,
        fetched_at=at,
        **values,
    )


def _stranger(url: str) -> Outlet:
    """An outlet for a page of none."""
    return Outlet(slug="page", name=host_of(url), country="zz", language="en", homepage=url)

"""What sources say of a URL is still said when they no longer name it.

A feed holds its items for a day, an article is looked at for a week: without the claims of its earlier captures a
later look would read other authors or no date, and take that for a revision.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from presslake.pipeline import Pipeline
from schemas.page import Page, Statement
from schemas.tables import CAPTURES
from schemas.vocabulary import CaptureOutcome
from spiders.revisits import GRID

_LATE = timedelta(days=1)  # that a look may be behind its time


def with_claims(p: Pipeline, captures: pa.Table) -> pa.Table:
    """Fetched captures of a slot; those without claims have the ones of the URL's last fetch that had some."""
    rows = captures.select(["outlet", "url_key", "found_in", "found_at", "claims"]).to_pylist()
    silent = [row for row in rows if not row["claims"] and not _is_archived(row["found_in"])]
    if not silent:
        return captures
    keys = {(row["outlet"], row["url_key"]) for row in silent}
    until = min(row["found_at"] for row in silent)
    said = _said(p, keys, until - timedelta(hours=max(GRID[-1], *p.settings.recheck_hours)) - _LATE, until)
    claims = [row["claims"] or said.get((row["outlet"], row["url_key"])) for row in rows]
    place = captures.schema.get_field_index("claims")
    return captures.set_column(place, "claims", pa.array(claims, CAPTURES["claims"].dtype))


def claimed(p: Pipeline, page: Page) -> Page:
    """A page with the claims of its URL's last fetch that had some."""
    now = datetime.now(UTC)
    said = _said(p, {(page.outlet, page.url_key)}, now - timedelta(days=p.settings.remember_days), now)
    claims = said.get((page.outlet, page.url_key), ())
    return replace(page, claims=tuple(Statement(**claim) for claim in claims))


def _said(
    p: Pipeline, keys: Collection[tuple[str, str]], since: datetime, until: datetime
) -> dict[tuple[str, str], Any]:
    """(outlet, URL key) → the claims, as rows."""
    earlier = p.lake.read(
        CAPTURES,
        where={
            "found_at": slice(since, until),
            "outlet": {outlet for outlet, _ in keys},
            "url_key": {key for _, key in keys},
            "outcome": CaptureOutcome.FETCHED,
        },
        columns=["outlet", "url_key", "found_at", "claims"],
    )
    rows = earlier.sort_by("found_at").to_pylist()
    return {(row["outlet"], row["url_key"]): row["claims"] for row in rows if row["claims"]}


def _is_archived(found_in: list[str]) -> bool:
    return all(source.startswith("archive ") for source in found_in)

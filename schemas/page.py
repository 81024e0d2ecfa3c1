"""A fetched page on its way from the archive to extract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

#: What the `source` of a claim begins with; of what a page states itself, none does.
CLAIMED = ("feed:", "news_sitemap:")


class Statement(NamedTuple):
    """What a page, or a source that names it, says about a field: the article's column, where it stands, its words."""

    field: str
    source: str
    value: str


@dataclass(frozen=True)
class Page:
    """One captured response. `error` says why `body` could not be read from the archive.

    `claims` are what the sources that named it say of it.
    """

    capture_id: str
    slot: str
    outlet: str
    url: str
    url_key: str
    final_url: str | None
    found_at: datetime
    fetched_at: datetime
    status: int | None
    content_type: str | None
    body: bytes
    error: str | None
    claims: tuple[Statement, ...] = ()

"""A fetched page on its way from the archive to extract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Page:
    """One captured response. `error` says why `body` could not be read from the archive."""

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

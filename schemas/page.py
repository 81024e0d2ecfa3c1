"""A fetched page on its way from the archive to extract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Page:
    """One captured response. `error` says why `body` could not be read from the archive.

    `dated_in` are publication dates its sources state, as `kind date` (`feed Sun, 22 Nov 2026 12:00:00 GMT`).
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
    dated_in: tuple[str, ...] = ()

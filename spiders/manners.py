"""Behaviour towards one site: a pace between requests, few at a time, a budget a day, and pauses it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from schemas.vocabulary import CaptureOutcome
from spiders.refused import Refused

_AT_ONCE = 2
_YEAR = 365 * 86_400.0  # seconds; who asks for more is not read to the letter

Spent = tuple[int, int]  # requests, bytes


class Host:
    """Whose turn it is at one site, a registrable domain.

    `pace` is in seconds, from the start of one request to the next's; `left` are the requests and bytes that may
    still be asked of it today. Once it is `closed`, for the reason that says, nothing is asked any more.
    """

    def __init__(self, pace: float, left: Spent) -> None:
        self.pace = pace
        self.closed: str | None = None
        self._requests, self._bytes = left
        self._free_at = 0.0
        self._running = asyncio.Semaphore(_AT_ONCE)
        self._queue = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until the next request may start; it ends with the block. Raises `Refused`: left, once it is closed."""
        async with self._running:
            async with self._queue:
                while not self._is_closed() and (wait := self._free_at - monotonic()) > 0:
                    await asyncio.sleep(wait)
                if self.closed:
                    raise Refused(CaptureOutcome.LEFT, self.closed)
                self._free_at = monotonic() + self.pace
                self._requests -= 1
            yield

    def took(self, size: int) -> None:
        """A body of so many bytes came."""
        self._bytes -= size

    def _is_closed(self) -> bool:
        if self._requests <= 0 or self._bytes <= 0:
            self.closed = self.closed or "host_budget"
        return self.closed is not None

    def pause(self, seconds: float) -> None:
        """No request for so long."""
        self._free_at = max(self._free_at, monotonic() + seconds)


def retry_after(stated: str, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for, as a number or an HTTP date, a year at most; None when it says neither.

    >>> retry_after("120", datetime.now(UTC)), retry_after("soon", datetime.now(UTC))
    (120.0, None)
    """
    if stated.strip().isdecimal():
        return min(float(stated), _YEAR)
    try:
        at = parsedate_to_datetime(stated)
    except ValueError:
        return None
    return min(max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp(), 0), _YEAR)

"""Behaviour towards one host: a pace between requests, few at a time, and pauses it asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

_AT_ONCE = 2


class Host:
    """Whose turn it is at one host. `pace` is in seconds, from the start of one request to the next's."""

    def __init__(self, pace: float) -> None:
        self.pace = pace
        self._free_at = 0.0
        self._running = asyncio.Semaphore(_AT_ONCE)
        self._queue = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until the next request may start; it ends with the block."""
        async with self._running:
            async with self._queue:
                while (wait := self._free_at - monotonic()) > 0:
                    await asyncio.sleep(wait)
                self._free_at = monotonic() + self.pace
            yield

    def pause(self, seconds: float) -> None:
        """No request for so long."""
        self._free_at = max(self._free_at, monotonic() + seconds)


def retry_after(stated: str, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for, as a number or an HTTP date; None when it says neither.

    >>> retry_after("120", datetime.now(UTC)), retry_after("soon", datetime.now(UTC))
    (120.0, None)
    """
    if stated.strip().isdigit():
        return float(stated)
    try:
        at = parsedate_to_datetime(stated)
    except ValueError:
        return None
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp(), 0)

"""Pace, concurrency and pauses towards one host."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from time import monotonic

from spiders.manners import Host, retry_after


def starts(host: Host, requests: int, seconds_each: float) -> list[float]:
    begun: list[float] = []

    async def request() -> None:
        async with host.turn():
            begun.append(monotonic())
            await asyncio.sleep(seconds_each)

    async def run() -> None:
        await asyncio.gather(*(request() for _ in range(requests)))

    asyncio.run(run())
    return begun


def test_requests_start_a_pace_apart() -> None:
    begun = starts(Host(0.05), 5, 0.0)
    assert all(later - earlier >= 0.049 for earlier, later in pairwise(begun))


def test_two_requests_at_once_and_no_more() -> None:
    begun = starts(Host(0.0), 4, 0.1)
    assert begun[1] - begun[0] < 0.09
    assert begun[2] - begun[0] >= 0.09


def test_a_pause_holds_even_those_who_wait_already() -> None:
    host = Host(0.02)

    async def run() -> float:
        start = monotonic()
        async with host.turn():
            waiting = asyncio.create_task(second())
            await asyncio.sleep(0.01)
            host.pause(0.15)
        await waiting
        return monotonic() - start

    async def second() -> None:
        async with host.turn():
            pass

    assert asyncio.run(run()) >= 0.15


def test_retry_after_in_seconds_as_a_date_and_as_nonsense() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert retry_after("30", now) == 30
    assert retry_after("Sun, 22 Nov 2026 12:01:00 GMT", now) == 60
    assert retry_after("Sun, 22 Nov 2020 12:01:00 GMT", now) == 0
    assert retry_after("", now) is None
    assert retry_after("later", now) is None

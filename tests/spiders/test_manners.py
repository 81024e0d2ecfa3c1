"""Pace, concurrency, pauses and budgets towards one site."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from schemas.settings import Settings
from schemas.tables import CAPTURES, VISITS, Table
from spiders.budgets import spent
from spiders.manners import Host, retry_after
from spiders.refused import Refused
from tests.spiders import clock

PLENTY = (1000, 10**9)


def starts(host: Host, requests: int, seconds_each: float) -> list[float]:
    begun: list[float] = []

    async def request(now: clock.Clock) -> None:
        async with host.turn():
            begun.append(now())
            await asyncio.sleep(seconds_each)

    async def work(now: clock.Clock) -> None:
        await asyncio.gather(*(request(now) for _ in range(requests)))

    clock.run(work)
    return begun


def test_requests_start_a_pace_apart() -> None:
    assert starts(Host(60, PLENTY), 4, 0) == [0, 60, 120, 180]


def test_two_requests_at_once_and_no_more() -> None:
    assert starts(Host(0, PLENTY), 4, 30) == [0, 0, 30, 30]


def test_a_pause_holds_even_those_who_wait_already() -> None:
    host = Host(20, PLENTY)

    async def second() -> None:
        async with host.turn():
            pass

    async def work(now: clock.Clock) -> float:
        async with host.turn():
            waiting = asyncio.create_task(second())
            await asyncio.sleep(10)
            host.pause(150)
        await waiting
        return now()

    assert clock.run(work) == 160


def test_retry_after_in_seconds_as_a_date_and_as_nonsense() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert retry_after("30", now) == 30
    assert retry_after("Sun, 22 Nov 2026 12:01:00 GMT", now) == 60
    assert retry_after("Sun, 22 Nov 2020 12:01:00 GMT", now) == 0
    assert retry_after("", now) is None
    assert retry_after("later", now) is None


def asked_until_closed(host: Host, requests: int, size: int) -> tuple[int, str | None]:
    """How many of some requests, whose answers have that size, were let through, and why no more."""

    async def run() -> int:
        for number in range(requests):
            try:
                async with host.turn():
                    host.took(size)
            except Refused as refused:
                reasons.append(f"{refused.outcome} {refused.reason}")
                return number
        return requests

    reasons: list[str] = []
    let_through = asyncio.run(run())
    assert reasons == ([f"left {host.closed}"] if host.closed else [])
    return let_through, host.closed


def test_a_budget_of_requests_or_bytes_ends_what_may_be_asked() -> None:
    assert asked_until_closed(Host(0, (3, 1000)), 5, 10) == (3, "host_budget")
    assert asked_until_closed(Host(0, (99, 1000)), 5, 400) == (3, "host_budget")
    assert asked_until_closed(Host(0, (-2, 1000)), 5, 1) == (0, "host_budget")
    assert asked_until_closed(Host(0, (99, 1000)), 5, 1) == (5, None)


def test_a_site_that_is_closed_lets_nobody_wait() -> None:
    host = Host(0, PLENTY)
    host.pause(3600)
    host.closed = "retry_after"
    assert asked_until_closed(host, 1, 0) == (0, "retry_after")


def rows(table: Table, *stated: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(stated), table.schema)


def test_what_was_asked_for_is_counted_by_site() -> None:
    paper = "https://www.paper.co.uk/1"
    captures = rows(
        CAPTURES,
        {"url": paper, "outcome": "fetched", "requests": 1, "received_bytes": 500},
        {"url": paper, "outcome": "failed", "reason": "timeout", "requests": 3},
        {"url": paper, "outcome": "disallowed", "reason": "robots", "requests": 0},
        {"url": paper, "outcome": "left", "reason": "host_budget"},
        {"url": paper, "outcome": "not_due"},
        {"url": paper, "final_url": "https://pages.cdn.org/1", "outcome": "gone", "requests": 1},
    )
    visits = rows(
        VISITS,
        {
            "source_url": "http://feeds.paper.co.uk:80/a",
            "outcome": "fetched",
            "requests": 2,
            "received_bytes": 7,
        },
        {"source_url": paper, "outcome": "left", "reason": "time_limit"},
    )
    assert spent(captures, visits) == {"paper.co.uk": (6, 507), "cdn.org": (1, 0)}
    assert spent(captures[:0], visits[:0]) == {}


def test_a_contact_is_a_page_or_a_mailbox() -> None:
    assert Settings(contact="desk@paper.example").user_agent == "Presslake/0.1 (+desk@paper.example)"
    for odd in ("me", "https://paper.example/ bot", "a@b\r\nX-Header: 1", "a@b.example)"):
        with pytest.raises(ValidationError, match="contact"):
            Settings(contact=odd)

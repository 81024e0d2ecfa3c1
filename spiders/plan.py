"""What a crawl must know before it starts: its outlets, what is remembered of them, and its limits. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from schemas.outlet import Outlet, SourceKind
from schemas.settings import Settings
from schemas.urls import site_of
from schemas.vocabulary import CaptureOutcome
from spiders import polling
from spiders.manners import Spent

_SUCCESS = frozenset({CaptureOutcome.FETCHED, CaptureOutcome.UNCHANGED})
# Time before a URL that gave nothing is tried again; doubled with every further try, up to a week.
_WAIT = {
    CaptureOutcome.LEFT: timedelta(0),
    CaptureOutcome.FAILED: timedelta(minutes=10),
    CaptureOutcome.BLOCKED: timedelta(hours=1),
    CaptureOutcome.GONE: timedelta(hours=24),
    CaptureOutcome.DISALLOWED: timedelta(hours=24),
}
_LONGEST_WAIT = timedelta(days=7)
# Outcomes worth another try even when no source names the URL any more, and for how long.
_OWED = frozenset({CaptureOutcome.LEFT, CaptureOutcome.FAILED, CaptureOutcome.BLOCKED})
_OWED_FOR = timedelta(days=2)
# What a conditional request, and the comparison of bodies, need.
_BODY = ("etag", "last_modified", "body_sha256")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Limits(_Frozen):
    """The settings a crawl obeys, under the names of `schemas.settings`."""

    user_agent: str
    pace_seconds: float
    run_seconds: float
    run_pages: int
    run_bytes: int
    outlet_seconds: float
    outlet_pages: int
    outlet_bytes: int
    page_bytes: int
    page_seconds: float
    shards: int
    host_day_requests: int
    host_day_bytes: int
    opt_outs: Literal["record", "obey"]
    allow_hosts: tuple[str, ...]
    recheck_hours: tuple[float, ...]
    remember_days: int


class KnownUrl(_Frozen):
    """What earlier slots say of a URL."""

    url: str
    found_in: tuple[str, ...]
    first_seen_at: datetime
    tried_at: datetime
    outcome: CaptureOutcome
    tries: int  # without success, in a row
    fetched_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None


class KnownSource(_Frozen):
    """What earlier slots say of a source: its last good visit, and its habit since the very last."""

    habit: polling.Habit
    is_due: bool
    visited_at: datetime | None = None
    found: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None

    def is_doubted(self, at: datetime) -> bool:
        """Whether it is to be checked when it says that it has not changed."""
        return self.visited_at is not None and polling.doubts(self.habit, self.visited_at, at)


class OutletPlan(_Frozen):
    """One outlet with its memory: known URLs by URL key, sources by URL."""

    outlet: Outlet
    known: dict[str, KnownUrl]
    sources: dict[str, KnownSource]

    def due_sources(self) -> list[tuple[SourceKind, str]]:
        """(kind, URL) of the sources to look at in this slot."""
        known = self.sources
        return [(kind, url) for kind, url in self.outlet.sources() if url not in known or known[url].is_due]


class Plan(_Frozen):
    """The order for one crawl process; `spent` is what sites were asked for earlier today, by registrable domain."""

    slot: str
    shard: int
    at: datetime | None = None  # the start of the slot by the clock: what the next visits count from
    limits: Limits
    outlets: tuple[OutletPlan, ...]
    spent: dict[str, Spent] = {}


def shards(outlets: Mapping[str, Outlet], n: int) -> list[list[str]]:
    """Slugs in `n` shards by a hash of the homepage's registrable domain: its outlets share a shard and its pace."""
    split: list[list[str]] = [[] for _ in range(n)]
    for slug, outlet in sorted(outlets.items()):
        digest = hashlib.sha256(site_of(outlet.homepage).encode()).digest()
        split[int.from_bytes(digest[:8], "big") % n].append(slug)
    return split


def make_plan(  # noqa: PLR0917
    slot: str,
    shard: int,
    outlets: Mapping[str, Outlet],
    captures: pa.Table,
    visits: pa.Table,
    settings: Settings,
    at: datetime | None = None,
    spent: Mapping[str, Spent] | None = None,
) -> Plan:
    """The plan of one shard from its outlets and their history (CAPTURES and VISITS rows, any order).

    Rows of `slot` itself are ignored, and rows `not_due` say nothing and may be left out. Sources are looked at
    that are due `at` that instant; without it, all. `spent` is what sites were asked for earlier today.
    """
    known = _known_urls(slot, captures)
    sources = _known_sources(slot, visits, at)
    return Plan(
        slot=slot,
        shard=shard,
        at=at,
        limits=Limits.model_validate(settings),
        outlets=tuple(
            OutletPlan(outlet=outlet, known=known.get(slug, {}), sources=sources.get(slug, {}))
            for slug, outlet in sorted(outlets.items())
        ),
        spent=dict(spent or {}),
    )


def is_due(
    known: KnownUrl | None,
    now: datetime,
    recheck_hours: tuple[float, ...],
    changed_at: datetime | None = None,
) -> bool:
    """Whether a URL that a source names now is to be fetched; `changed_at` is the source's word on that."""
    if known is None:
        return True
    if known.outcome not in _SUCCESS:
        wait = _WAIT[known.outcome] * (1 << min(known.tries - 1, 20))
        return now >= known.tried_at + min(wait, _LONGEST_WAIT)
    fetched_at = known.fetched_at or known.tried_at
    moments = [known.first_seen_at + timedelta(hours=hours) for hours in recheck_hours]
    if changed_at is not None:
        moments.append(changed_at)
    return any(fetched_at < moment <= now for moment in moments)


def is_owed(known: KnownUrl, now: datetime, recheck_hours: tuple[float, ...]) -> bool:
    """Whether a known URL is to be fetched although no source names it: a recheck, or a fetch still owed."""
    if known.outcome in _OWED and now > known.first_seen_at + _OWED_FOR and known.fetched_at is None:
        return False
    return known.outcome in _SUCCESS | _OWED and is_due(known, now, recheck_hours)


def _known_urls(slot: str, captures: pa.Table) -> dict[str, dict[str, KnownUrl]]:
    known: dict[str, dict[str, KnownUrl]] = {}
    for row in _history(slot, captures, "found_at", "fetched_at", "url_key", "url", "found_in"):
        outcome = CaptureOutcome(row["outcome"])
        if outcome is CaptureOutcome.NOT_DUE:
            continue
        of_outlet = known.setdefault(row["outlet"], {})
        before = of_outlet.get(row["url_key"])
        success = outcome in _SUCCESS
        good = row if success else vars(before) if before else {}
        of_outlet[row["url_key"]] = KnownUrl.model_construct(
            url=row["url"],
            found_in=tuple(row["found_in"]),
            first_seen_at=_first_seen(before, row, success=success),
            tried_at=row["fetched_at"] or row["found_at"],
            outcome=outcome,
            tries=0 if success else (before.tries if before else 0) + 1,
            **{name: good.get(name) for name in ("fetched_at", *_BODY)},
        )
    return known


def _first_seen(before: KnownUrl | None, row: dict[str, Any], *, success: bool) -> datetime:
    """The first fetch, or while there is none the first time it was named: rechecks count from what we have."""
    if before and (before.fetched_at or not success):
        return before.first_seen_at
    seen: datetime = (success and row["fetched_at"]) or row["found_at"]
    return seen


def _known_sources(slot: str, visits: pa.Table, at: datetime | None) -> dict[str, dict[str, KnownSource]]:
    last: dict[
        tuple[str, str], tuple[dict[str, Any], dict[str, Any]]
    ] = {}  # (last visit, what is good of it)
    good = ("visited_at", "found", *_BODY)
    for row in _history(slot, visits, "visited_at", "source_url", "found", *polling.Habit.model_fields):
        if row["next_visit_at"]:  # it was looked at, and not left
            source = row["outlet"], row["source_url"]
            is_good = row["outcome"] in _SUCCESS
            last[source] = (
                row,
                {name: row[name] for name in good} if is_good else last.get(source, ({}, {}))[1],
            )
    known: dict[str, dict[str, KnownSource]] = {}
    for (outlet, url), (row, seen) in last.items():
        habit = polling.Habit.model_validate(row)
        is_due = at is None or polling.is_due(habit, at)
        known.setdefault(outlet, {})[url] = KnownSource(habit=habit, is_due=is_due, **seen)
    return known


def _history(slot: str, rows: pa.Table, instant: str, *columns: str) -> Iterator[dict[str, Any]]:
    """Rows of other slots, oldest first, with these columns and what both tables share."""
    needed = rows.select(["slot", "outlet", "outcome", instant, *columns, *_BODY])
    for batch in needed.sort_by(instant).to_batches(max_chunksize=10_000):
        yield from (row for row in batch.to_pylist() if row["slot"] != slot)

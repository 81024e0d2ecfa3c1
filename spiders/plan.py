"""What a crawl must know before it starts: its outlets, what is remembered of them, and its limits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from schemas.outlet import Outlet, SourceKind
from schemas.settings import Settings
from schemas.urls import site_of
from schemas.vocabulary import CaptureOutcome
from spiders import polling
from spiders.known import Known, KnownOf, nothing_known
from spiders.manners import Spent

PLAN_NAME = "plan.json"
KNOWN_NAME = "known.parquet"
_SUCCESS = frozenset({CaptureOutcome.FETCHED, CaptureOutcome.UNCHANGED})
# Of a source's last good visit: what a conditional request, and the comparison of bodies, need.
_GOOD = ("visited_at", "found", "etag", "last_modified", "body_sha256")
#: Columns of VISITS that a plan needs.
VISIT_COLUMNS = ("slot", "outlet", "source_url", "outcome", *_GOOD, *polling.Habit.model_fields)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True, arbitrary_types_allowed=True)


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
    recheck_share: float
    remember_days: int


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
    """One outlet with its memory: sources by URL; what is known of its URLs comes from a file beside the plan."""

    outlet: Outlet
    sources: dict[str, KnownSource]
    known: KnownOf = Field(default_factory=nothing_known, exclude=True)

    def due_sources(self) -> list[tuple[SourceKind, str]]:
        """(kind, URL) of the sources to look at in this slot."""
        known = self.sources
        return [(kind, url) for kind, url in self.outlet.sources() if url not in known or known[url].is_due]


class Plan(_Frozen):
    """The order for one crawl process.

    `spent` is what sites were asked for earlier today, `resting` until when they asked to be left alone, both by
    registrable domain.
    """

    slot: str
    shard: int
    at: datetime | None = None  # the start of the slot by the clock: what the next visits count from
    limits: Limits
    outlets: tuple[OutletPlan, ...]
    spent: dict[str, Spent] = {}
    resting: dict[str, datetime] = {}

    def write(self, folder: Path) -> None:
        """Put the plan into a journal's folder, beside what is known of URLs."""
        (folder / PLAN_NAME).write_text(self.model_dump_json(), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The plan of a journal's folder, with what is known of its URLs."""
        plan = cls.model_validate_json((folder / PLAN_NAME).read_bytes())
        until = datetime.now(UTC) + timedelta(seconds=plan.limits.run_seconds)
        known = Known.read(folder / KNOWN_NAME, until)
        outlets = (it.model_copy(update={"known": known.of(it.outlet.slug)}) for it in plan.outlets)
        return plan.model_copy(update={"outlets": tuple(outlets)})


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
    visits: pa.Table,
    settings: Settings,
    at: datetime | None = None,
    spent: Mapping[str, Spent] | None = None,
    resting: Mapping[str, datetime] | None = None,
) -> Plan:
    """The plan of one shard from its outlets and the history of their sources (VISITS rows, any order).

    Rows of `slot` itself are ignored. Sources are looked at that are due `at` that instant; without it, all.
    `spent` and `resting` as in `Plan`.
    """
    sources = _known_sources(slot, visits, at)
    return Plan(
        slot=slot,
        shard=shard,
        at=at,
        limits=Limits.model_validate(settings),
        outlets=tuple(
            OutletPlan(outlet=outlet, sources=sources.get(slug, {}))
            for slug, outlet in sorted(outlets.items())
        ),
        spent=dict(spent or {}),
        resting=dict(resting or {}),
    )


def _known_sources(slot: str, visits: pa.Table, at: datetime | None) -> dict[str, dict[str, KnownSource]]:
    # What was left was not looked at.
    looked = visits.filter((pc.field("slot") != slot) & pc.is_valid(pc.field("next_visit_at")))
    looked = looked.sort_by("visited_at")
    good = looked.filter(pc.is_in(looked["outcome"], pa.array(sorted(_SUCCESS), pa.string())))
    seen = {
        (row["outlet"], row["source_url"]): {name: row[name] for name in _GOOD}
        for row in _last(good, ("outlet", "source_url", *_GOOD))
    }
    known: dict[str, dict[str, KnownSource]] = {}
    for row in _last(looked, ("outlet", "source_url", *polling.Habit.model_fields)):
        habit = polling.Habit.model_validate(row)
        is_due = at is None or polling.is_due(habit, at)
        outlet, url = row["outlet"], row["source_url"]
        known.setdefault(outlet, {})[url] = KnownSource(
            habit=habit, is_due=is_due, **seen.get((outlet, url), {})
        )
    return known


def _last(visits: pa.Table, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The last row of each source."""
    numbered = visits.select(["outlet", "source_url"]).append_column("row", pa.array(range(len(visits))))
    last = numbered.group_by(["outlet", "source_url"]).aggregate([("row", "max")])
    rows: list[dict[str, Any]] = visits.select(list(columns)).take(last["row_max"]).to_pylist()
    return rows

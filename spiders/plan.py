"""What a crawl must know before it starts: its outlets, what is remembered of them, and its limits."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from schemas.outlet import Outlet, SourceKind
from schemas.settings import Settings
from schemas.urls import site_of
from schemas.vocabulary import CaptureOutcome
from spiders import polling
from spiders.journal import Probe
from spiders.known import Known, KnownOf, nothing_known
from spiders.manners import Spent

PLAN_NAME = "plan.json"
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
    registrable domain; `probes` are what hosts showed today for an address that nobody has.
    """

    slot: str
    shard: int
    at: datetime | None = None  # the start of the slot by the clock: what the next visits count from
    limits: Limits
    outlets: tuple[OutletPlan, ...]
    spent: dict[str, Spent] = {}
    resting: dict[str, datetime] = {}
    probes: tuple[Probe, ...] = ()

    def write(self, folder: Path) -> None:
        """Put the plan into a journal's folder, beside what is known of URLs."""
        (folder / PLAN_NAME).write_text(self.model_dump_json(exclude_unset=True), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The plan of a journal's folder, with what is known of its URLs."""
        plan = cls.model_validate_json((folder / PLAN_NAME).read_bytes())
        until = datetime.now(UTC) + timedelta(seconds=plan.limits.run_seconds)
        known = Known.read(folder, until)
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
    probes: Sequence[Probe] = (),
) -> Plan:
    """The plan of one shard from its outlets and the history of their sources (VISITS rows, any order).

    Rows of `slot` itself are ignored. Sources are looked at that are due `at` that instant; without it, all.
    `spent`, `resting` and `probes` as in `Plan`.
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
        probes=tuple(probes),
    )


def last_looks(slot: str, visits: pa.Table) -> pa.Table:
    """Of VISITS rows what a plan needs: the last look at each source, and the last good one, in order of time."""
    told = visits.select(["slot", "outlet", "source_url", "outcome", "visited_at", "next_visit_at"])
    told = told.append_column("row", pa.array(np.arange(len(visits))))
    # What was left was not looked at.
    told = told.filter((pc.field("slot") != slot) & pc.is_valid(pc.field("next_visit_at"))).sort_by(
        "visited_at"
    )
    turn = pa.array(np.arange(len(told)))
    is_good = pc.is_in(told["outcome"], pa.array(sorted(_SUCCESS), pa.string()))
    looks = told.append_column("turn", turn).append_column("good", pc.if_else(is_good, turn, None))
    last = looks.group_by(["outlet", "source_url"]).aggregate([("turn", "max"), ("good", "max")])
    turns = np.concatenate([last[name].drop_null().to_numpy() for name in ("turn_max", "good_max")])
    return visits.take(told["row"].take(np.unique(turns)))


def _known_sources(slot: str, visits: pa.Table, at: datetime | None) -> dict[str, dict[str, KnownSource]]:
    known: dict[str, dict[str, KnownSource]] = defaultdict(dict)
    good: dict[tuple[str, str], dict[str, Any]] = {}
    for row in last_looks(slot, visits).to_pylist():
        source = row["outlet"], row["source_url"]
        if row["outcome"] in _SUCCESS:
            good[source] = {name: row[name] for name in _GOOD}
        habit = polling.Habit.model_validate(row)
        is_due = at is None or polling.is_due(habit, at)
        known[row["outlet"]][row["source_url"]] = KnownSource(
            habit=habit, is_due=is_due, **good.get(source, {})
        )
    return known

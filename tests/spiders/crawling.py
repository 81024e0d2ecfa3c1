"""Plans and crawls for the tests of this room."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas.outlet import Outlet
from schemas.settings import Settings
from schemas.tables import CAPTURES, VISITS
from spiders.child import CrawlReport, run_crawl
from spiders.journal import Landing, read_journal
from spiders.manners import Spent
from spiders.plan import Plan, make_plan

SETTINGS = Settings(pace_seconds=0, page_seconds=2, page_bytes=300_000, contact="https://example.org/bot")
NO_CAPTURES, NO_VISITS = CAPTURES.schema.empty_table(), VISITS.schema.empty_table()


def outlet(slug: str, **facts: Any) -> Outlet:
    facts = {"homepage": f"http://{slug}.localhost/"} | facts
    return Outlet(slug=slug, name=slug, country="de", language="de", **facts)


def plan_for(
    *outlets: Outlet,
    slot: str = "s1",
    settings: Settings = SETTINGS,
    captures: pa.Table = NO_CAPTURES,
    visits: pa.Table = NO_VISITS,
    at: datetime | None = None,
    spent: dict[str, Spent] | None = None,
) -> Plan:
    return make_plan(slot, 0, {it.slug: it for it in outlets}, captures, visits, settings, at, spent)


def crawl(
    folder: Path, *outlets: Outlet, settings: Settings = SETTINGS, **more: Any
) -> tuple[CrawlReport, Landing]:
    plan = plan_for(*outlets, settings=settings, **more)
    report = run_crawl(plan, folder, settings)
    return report, read_journal(folder, plan.slot)


def by_path(landing: Landing) -> dict[str, dict[str, Any]]:
    return {re.sub(r"^.*?:\d+/", "", row["url"]): row for row in landing.captures.to_pylist()}


def verdicts(landing: Landing) -> dict[str, tuple[str, str | None]]:
    return {path: (row["outcome"], row["reason"]) for path, row in by_path(landing).items()}

"""Plans and crawls for the tests of this room."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.outlet import Outlet
from schemas.settings import Settings
from schemas.tables import CAPTURES, VISITS
from spiders.child import LOG_NAME, CrawlReport, Progress, run_crawl
from spiders.crawl import main as crawl_process
from spiders.journal import Landing, Probe, read_journal
from spiders.known import NEWS_NAME, TELLING, renew
from spiders.manners import Spent
from spiders.plan import Plan, make_plan
from tests.processes import forked

PROCESSES = forked("spiders.crawl")
SETTINGS = Settings(pace_seconds=0, page_seconds=100, page_bytes=300_000, contact="https://example.org/bot")
NO_CAPTURES, NO_VISITS = CAPTURES.schema.empty_table(), VISITS.schema.empty_table()


def outlet(slug: str, **facts: Any) -> Outlet:
    facts = {"homepage": f"http://{slug}.localhost/"} | facts
    return Outlet(slug=slug, name=slug, country="de", language="de", **facts)


def plan_for(
    *outlets: Outlet,
    slot: str = "s1",
    settings: Settings = SETTINGS,
    visits: pa.Table = NO_VISITS,
    at: datetime | None = None,
    spent: dict[str, Spent] | None = None,
    resting: dict[str, datetime] | None = None,
    probes: Sequence[Probe] = (),
) -> Plan:
    return make_plan(slot, 0, {it.slug: it for it in outlets}, visits, settings, at, spent, resting, probes)


def remember(folder: Path, captures: pa.Table, settings: Settings = SETTINGS) -> None:
    """Put what captures tell where a crawl in this folder looks for it."""
    folder.mkdir(parents=True, exist_ok=True)
    captures = captures.filter(pc.is_in(captures["outcome"], pa.array(sorted(TELLING), pa.string())))
    ages = settings.recheck_hours
    renew(None, folder / NEWS_NAME, captures, usual_ages=ages)


def crawl(
    folder: Path,
    *outlets: Outlet,
    settings: Settings = SETTINGS,
    captures: pa.Table = NO_CAPTURES,
    **more: Any,
) -> tuple[CrawlReport, Landing]:
    remember(folder, captures, settings)
    plan = plan_for(*outlets, settings=settings, **more)
    report = forked_crawl(plan, folder, settings)
    return report, read_journal(folder, plan.slot)


def forked_crawl(
    plan: Plan, folder: Path, settings: Settings, progress: Progress | None = None
) -> CrawlReport:
    """As `run_crawl`, which tells how it ended; its process has imported Scrapy when it starts."""
    folder.mkdir(parents=True, exist_ok=True)
    plan.write(folder)
    process = PROCESSES.Process(target=_crawl, args=(folder,))
    process.start()
    process.join()
    assert process.exitcode == 0, (folder / LOG_NAME).read_text("utf-8")
    return run_crawl(plan, folder, settings, progress)


def _crawl(folder: Path) -> None:
    with (folder / LOG_NAME).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    sys.exit(crawl_process(str(folder)))


def by_path(landing: Landing) -> dict[str, dict[str, Any]]:
    return {re.sub(r"^.*?:\d+/", "", row["url"]): row for row in landing.captures.to_pylist()}


def verdicts(landing: Landing) -> dict[str, tuple[str, str | None]]:
    return {path: (row["outcome"], row["reason"]) for path, row in by_path(landing).items()}

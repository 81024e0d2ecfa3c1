"""`presslake outlets check`: look at the sources of some outlets as a crawl would; no article is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from rich import box
from rich.markup import escape
from rich.table import Table

from schemas.errors import TryLater
from schemas.outlet import Outlet, outlet_yaml
from schemas.settings import Settings
from schemas.tables import VISITS
from schemas.vocabulary import CaptureOutcome, Reason
from spiders.child import Progress, run_crawl
from spiders.journal import Found, Journal, Visit
from spiders.plan import make_plan

_VERIFIED = re.compile(r"^verified:.*\n?(?:[ \t].*\n?)*", re.MULTILINE)


@dataclass(frozen=True)
class SourceCheck:
    """What one source gave: is it alive, how many URLs, the newest instant it states, what is wrong.

    `interval_seconds` is the time after which a crawl that knows no more of it would look again.
    """

    outlet: str
    kind: str
    url: str
    is_alive: bool
    found: int
    newest: datetime | None
    interval_seconds: int | None
    robots: Literal["allowed", "forbidden", "unknown"]
    wrong: str | None
    is_fine: bool  # it yields and is fresh, even if something about it is wrong

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def check(
    outlets: Mapping[str, Outlet], settings: Settings, progress: Progress | None = None
) -> list[SourceCheck]:
    """One check a source, in order of outlet and of its file."""
    now = datetime.now(UTC)
    slot = f"{now:%Y-%m-%dT%H:%M:%S}"
    plan = make_plan(slot, 0, outlets, VISITS.schema.empty_table(), settings)
    plan = plan.model_copy(update={"limits": plan.limits.model_copy(update={"outlet_pages": 0})})
    visits: dict[tuple[str, str], Visit] = {}
    newest: dict[tuple[str, str], datetime] = {}
    with TemporaryDirectory() as folder:
        run_crawl(plan, Path(folder), settings, progress)
        with Journal.open(Path(folder)) as journal:
            for _, event in journal.events():
                if isinstance(event, Visit):
                    visits[event.outlet, event.source_url] = event
                elif isinstance(event, Found) and event.changed_at:
                    changed_at = datetime.fromisoformat(event.changed_at)
                    for source in event.found_in:
                        place = event.outlet, source.partition(" ")[2]
                        newest[place] = max(changed_at, newest.get(place, changed_at))
    return [
        _judged(visits[slug, url], newest.get((slug, url)))
        for slug, outlet in sorted(outlets.items())
        for _, url in outlet.sources()
    ]


def _judged(visit: Visit, newest: datetime | None) -> SourceCheck:
    is_alive = visit.outcome == CaptureOutcome.FETCHED
    wrong = ": ".join(filter(None, (visit.reason, visit.detail))) or None
    robots: Literal["allowed", "forbidden", "unknown"] = "unknown"
    if visit.reason in {Reason.ROBOTS, Reason.CRAWL_DELAY}:
        robots = "forbidden"
    elif visit.status is not None and visit.reason != Reason.ROBOTS_UNREACHABLE:
        robots = "allowed"
    return SourceCheck(
        visit.outlet,
        visit.kind,
        visit.source_url,
        is_alive=is_alive,
        found=visit.found,
        newest=newest,
        interval_seconds=visit.interval_seconds,
        robots=robots,
        wrong=wrong if wrong or is_alive else visit.outcome,
        is_fine=is_alive and visit.found > 0 and visit.reason != Reason.FEED_STALE,
    )


def checks_table(checks: Iterable[SourceCheck], now: datetime) -> Table:
    """The checks, readable in 100 columns."""
    table = Table(pad_edge=False, box=box.SIMPLE_HEAD)
    table.add_column("outlet", overflow="fold", max_width=20)
    table.add_column("source, and what is wrong with it", overflow="fold", ratio=1)
    table.add_column("", no_wrap=True)
    table.add_column("yields", justify="right", no_wrap=True)
    table.add_column("newest", justify="right", no_wrap=True)
    table.add_column("every", justify="right", no_wrap=True)
    table.add_column("robots", no_wrap=True)
    for it in checks:
        table.add_row(
            it.outlet,
            escape("\n".join(filter(None, (f"{it.kind} {it.url}", _cut(it.wrong or ""))))),
            "✓" if it.is_fine else "✗",
            str(it.found),
            _time(now - it.newest) if it.newest else "",
            _time(timedelta(seconds=it.interval_seconds)) if it.interval_seconds and it.is_alive else "",
            it.robots,
            style="" if it.is_fine else "red",
        )
    return table


def mark(folder: Path, outlets: Mapping[str, Outlet], checks: Iterable[SourceCheck], today: date) -> None:
    """Write into the outlets' files which sources were fine today; the rest of each file stays as it is.

    Raises `TryLater`, before it writes, when several outlets were asked and none answered: then it is our network.
    """
    checks = list(checks)
    if len({it.outlet for it in checks}) > 1 and not any(it.is_alive for it in checks):
        raise TryLater(
            "no source of any outlet answered, so no file is marked; is this machine on the network?"
        )
    for slug, of_outlet in groupby(checks, key=lambda it: it.outlet):
        outlet = outlets[slug]
        fine = {it.url: today for it in of_outlet if it.is_fine}
        path = folder / outlet.country / f"{slug}.yml"
        kept = _VERIFIED.sub("", path.read_text(encoding="utf-8")).rstrip("\n") + "\n"
        said = outlet_yaml({"verified": fine}) if fine else ""
        path.write_text(kept + said, encoding="utf-8")


def _time(time: timedelta) -> str:
    minutes = max(int(time.total_seconds() // 60), 0)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def _cut(text: str, limit: int = 160) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"

"""What a person sees in the terminal: balances, verdicts, services, lives of URLs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from presslake.services import ServiceStatus
from presslake.trace import Event
from schemas.outlet import Outlet
from schemas.vocabulary import PUBLISHED, REASONS, CaptureOutcome, PageOutcome, Reason

if TYPE_CHECKING:
    from presslake.ingest import Account

console = Console(highlight=False)
_MOST_COLUMNS = 12  # side by side
_BOX = box.SIMPLE_HEAD

#: Columns of the balance: what a reader asks first, the rest under "other" with its reasons.
_OTHER_CAPTURES = [o for o in CaptureOutcome if o != CaptureOutcome.FETCHED]
_OTHER_PAGES = [
    PageOutcome.UNCHANGED,
    PageOutcome.DUPLICATE,
    PageOutcome.NOT_ARTICLE,
    PageOutcome.WITHHELD,
    PageOutcome.FAILED,
]


def as_text(table: RenderableType, width: int = 120) -> str:
    """The table as plain text, for logs."""
    sink = Console(file=io.StringIO(), width=width, no_color=True)
    with sink.capture() as text:
        sink.print(table)
    return text.get()


def balance_table(slot: str, ledger: pa.Table, reasons: Mapping[str, str]) -> Group:
    """The slot's balance, one row an outlet and a total, and below it why pages were not published.

    `reasons` comes from `why_other`. Fits 80 columns.
    """
    table = Table(title=f"Slot {slot}", title_justify="left", title_style="bold", pad_edge=False, box=_BOX)
    table.add_column("outlet", overflow="fold", min_width=18)
    for name in ("discovered", "fetched", "published", "quarantined", "other"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("sum", no_wrap=True, justify="center")
    rows = ledger.sort_by("outlet").to_pylist()
    for row in rows:
        table.add_row(row["outlet"], *_numbers(row), _adds_up(row))
    if rows:
        total = {name: sum(row[name] for row in rows) for name in ledger.schema.names[2:]}
        table.add_section()
        table.add_row(f"{len(rows)} outlets", *_numbers(total), _adds_up(total), style="bold")
    why = Table(
        title="Why other",
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        show_header=False,
        box=None,
    )
    why.add_column(no_wrap=True)
    why.add_column(overflow="fold")
    for outlet, reason in sorted(reasons.items()):
        why.add_row(outlet, escape(reason))
    return Group(table, *([why] if reasons else []))


def why_other(captures: pa.Table, outcomes: pa.Table, visits: pa.Table) -> dict[str, str]:
    """Per outlet the outcomes other than published, with reasons and counts, most frequent first."""
    counts: dict[str, dict[str, int]] = {}
    for table, usual in ((captures, {CaptureOutcome.FETCHED}), (outcomes, PUBLISHED)):
        names = [
            name for name in ("outlet", "outcome", "reason", "detail", "status") if name in table.schema.names
        ]
        for row in table.select(names).to_pylist():
            if row["outcome"] not in usual:
                label = _label(row)
                of_outlet = counts.setdefault(row["outlet"], {})
                of_outlet[label] = of_outlet.get(label, 0) + 1
    texts = {
        outlet: ", ".join(f"{n} {label}" for label, n in sorted(of.items(), key=lambda item: -item[1]))
        for outlet, of in counts.items()
    }
    for row in visits.to_pylist():
        if row["reason"]:
            problem = f"{row['kind']} {_label(row)}"
            texts[row["outlet"]] = "; ".join(filter(None, [problem, texts.get(row["outlet"])]))
    return texts


def ingest_table(accounts: Iterable[Account]) -> Table:
    """What came of the sources of an ingest: slots, pages that were archived, other URLs, records that are no page."""
    table = Table(pad_edge=False, box=_BOX)
    table.add_column("source", overflow="fold")
    for name in ("slots", "fetched"):
        table.add_column(name, justify="right")
    for name in ("other URLs", "no page of their own"):
        table.add_column(name, overflow="fold")
    for one in accounts:
        others = {name: count for name, count in one.captures.items() if name != CaptureOutcome.FETCHED}
        table.add_row(
            escape(one.source),
            f"{len(one.slots):,}",
            f"{one.captures[CaptureOutcome.FETCHED]:,}",
            _counted(others),
            _counted(one.skipped) + (f"\ndamaged {escape(one.damage)}" if one.damage else ""),
        )
    return table


def _counted(counts: Mapping[str, int]) -> str:
    """`3 redirect, 1 no_url`, most frequent first."""
    return ", ".join(f"{n:,} {name}" for name, n in sorted(counts.items(), key=lambda item: -item[1]))


def event_table(events: Iterable[Event]) -> Table:
    """The life of a URL, oldest first."""
    table = Table(pad_edge=False, box=_BOX)
    for name in ("at (UTC)", "slot", "stage", "what"):
        table.add_column(name, no_wrap=True)
    table.add_column("detail", overflow="fold")
    for event in events:
        table.add_row(
            f"{event.at:%Y-%m-%d %H:%M:%S}", event.slot, event.stage, event.what, escape(event.detail)
        )
    return table


def outlets_table(outlets: Iterable[Outlet]) -> Table:
    """The outlets that run."""
    table = Table(pad_edge=False, box=_BOX)
    for name in ("slug", "name", "country", "language"):
        table.add_column(name, overflow="fold")
    table.add_column("sources", justify="right")
    table.add_column("verified", justify="right")
    table.add_column("homepage", overflow="fold")
    for o in outlets:
        table.add_row(
            o.slug,
            escape(o.name),
            o.country,
            o.language,
            str(len(o.sources())),
            str(len(o.verified)),
            o.homepage,
        )
    return table


def balance_line(slot: str, state: str, ledger: pa.Table) -> str:
    """One slot in one line."""
    total = {name: sum(row[name] for row in ledger.to_pylist()) for name in ledger.schema.names[2:]}
    discovered, fetched, published, quarantined, other = _numbers(total)
    mark = "[green]✓[/]" if state == "success" else f"[red]✗ {state}[/]"
    return (
        f"{mark} slot {slot}: {discovered} discovered, {fetched} fetched, {published} published, "
        f"{quarantined} quarantined, {other} other; sum {_adds_up(total)}"
    )


def services_table(services: Iterable[ServiceStatus]) -> Table:
    """Every service with its state."""
    table = Table(pad_edge=False, box=_BOX)
    for name in ("service", "state"):
        table.add_column(name, no_wrap=True)
    for name in ("port", "pid", "memory"):
        table.add_column(name, justify="right")
    table.add_column("since (UTC)", no_wrap=True)
    table.add_column("detail", overflow="fold")
    for s in services:
        table.add_row(
            s.name,
            f"[green]{s.state}[/]" if s.is_up else f"[red]{s.state}[/]",
            str(s.port or ""),
            str(s.pid or ""),
            f"{s.memory_mb:.0f} MB" if s.memory_mb else "",
            f"{s.since:%Y-%m-%d %H:%M:%S}" if s.since else "",
            escape(s.detail or ""),
        )
    return table


def key_values(title: str, pairs: Iterable[tuple[str, Any]]) -> Table:
    """A small two-column table, no narrower than its title: a slot's name is copied from it."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False, pad_edge=False)
    table.min_width = len(title)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", [], ()):
            table.add_row(name, escape(str(value)))
    return table


def counts_table(what: str, counts: Mapping[str, Mapping[str, int]]) -> Table:
    """Counts per thing, one row each, with their sum."""
    table = Table(pad_edge=False, box=_BOX)
    table.add_column(what, no_wrap=True)
    names = list(next(iter(counts.values()), {}))
    for name in names:
        table.add_column(name, justify="right")
    for thing, row in counts.items():
        table.add_row(thing, *(str(row[name]) for name in names))
    if len(counts) > 1:
        table.add_section()
        table.add_row("together", *(str(sum(row[name] for row in counts.values())) for name in names))
    return table


def arrow_table(rows: pa.Table, limit: int = 50) -> Table:
    """Rows of a query result, long values cut; where there are too many columns, a row's stand below each other."""
    if rows.num_columns > _MOST_COLUMNS:
        return _upright(rows.slice(0, limit))
    table = Table(pad_edge=False)
    for field in rows.schema:
        number = pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        table.add_column(field.name, justify="right" if number else "left", overflow="fold")
    for row in rows.slice(0, limit).to_pylist():
        table.add_row(*(escape(_short(value)) for value in row.values()))
    return table


def _upright(rows: pa.Table) -> Table:
    table = Table(pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows.to_pylist():
        for name, value in row.items():
            table.add_row(name, escape(_short(value)))
        table.add_section()
    return table


def _numbers(row: Mapping[str, int]) -> tuple[str, ...]:
    fetched = row[f"capture_{CaptureOutcome.FETCHED}"]
    published = sum(row[f"page_{outcome}"] for outcome in PUBLISHED)
    other = sum(row[f"capture_{o}"] for o in _OTHER_CAPTURES) + sum(row[f"page_{o}"] for o in _OTHER_PAGES)
    return tuple(map(str, (row["discovered"], fetched, published, row["page_quarantined"], other)))


def _adds_up(row: Mapping[str, int]) -> str:
    missing = row["captures_left_over"], row["pages_left_over"]
    return "[green]✓[/]" if missing == (0, 0) else f"[red]✗ {missing[0]} URLs, {missing[1]} pages[/]"


def _label(row: Mapping[str, Any]) -> str:
    """Outcome and cause in plain words: of an HTTP status its number, of a bot wall its vendor."""
    outcome, reason, status = row["outcome"], row["reason"], row.get("status")
    if not reason:
        return str(outcome)
    words = reason.replace("_", " ") if reason in REASONS else reason
    if reason in {Reason.HTTP_4XX, Reason.HTTP_5XX, Reason.HTTP_OTHER} and status:
        words = f"HTTP {status}"
    elif reason == Reason.BOT_CHALLENGE and row["detail"]:
        words += f" by {row['detail'].partition(':')[0]}"
    return f"{outcome} ({words})"


def _short(value: Any, limit: int = 120) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"

"""The acceptance run: every page of the corpus into one lake."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from presslake.pipeline import open_pipeline
from presslake.steps import balance
from schemas.settings import Settings
from schemas.tables import CAPTURES, OUTCOMES
from schemas.vocabulary import CaptureOutcome, PageOutcome
from tests.bench.bed import empty_lake, lake_servers
from tests.bench.measure import Cost, job
from tests.bench.quality import CORPUS
from tests.bench.report import table

PACKAGES = ("great-expectations", "pyiceberg")
_SHOWN = (
    PageOutcome.PUBLISHED,
    PageOutcome.REVISED,
    PageOutcome.UNCHANGED,
    PageOutcome.DUPLICATE,
    PageOutcome.NOT_ARTICLE,
    PageOutcome.QUARANTINED,
    PageOutcome.WITHHELD,
    PageOutcome.FAILED,
)

Say = Callable[[str], None]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    paths = sorted(CORPUS.glob("*.warc.gz"), key=lambda path: path.stat().st_size)
    if not paths:
        return "Not measured: the corpus was not there."
    paths = paths[:2] if quick else paths
    costs: dict[str, Cost] = {}
    with lake_servers() as live:
        lake = empty_lake(live, outlets="world")
        for path in paths:
            name = path.name.removesuffix(".warc.gz")
            say(f"ingest {name}")
            costs[name] = job("ingest", lake, path=str(path))
        say("the balance")
        return _accepted(lake, costs, {name: _lines(path) for name, path in zip(costs, paths, strict=True)})


def _accepted(lake: Settings, costs: dict[str, Cost], expected: dict[str, int]) -> str:
    rows = []
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, cost in costs.items():
        slots: list[str] = cost.said["result"]
        with open_pipeline(lake, with_outlets=False) as p:
            ledger = pa.concat_tables([balance(p, slot) for slot in slots])
            for spec in (CAPTURES, OUTCOMES):
                found = p.lake.read(spec, where={"slot": slots}, columns=["outcome", "reason"])
                for row in found.to_pylist():
                    if row["outcome"] not in {CaptureOutcome.FETCHED, PageOutcome.PUBLISHED}:
                        reasons[row["outcome"], row["reason"] or ""][name] += 1
        total = {column: pc.sum(ledger[column]).as_py() for column in ledger.schema.names[2:]}
        left_over = (
            pc.sum(pc.abs(ledger["captures_left_over"])).as_py()
            + pc.sum(pc.abs(ledger["pages_left_over"])).as_py()
        )
        unread = total["discovered"] - total["capture_fetched"]
        rows.append(
            (
                name,
                expected[name],
                len(slots),
                *(total[f"page_{outcome}"] for outcome in _SHOWN),
                unread,
                left_over + expected[name] - total["discovered"],
            )
        )
    together = ("**together**", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))
    pages, wall_s, cpu_s = (
        together[1],
        sum(c.wall_s for c in costs.values()),
        sum(c.cpu_s for c in costs.values()),
    )
    words = [outcome.replace("_", " ") for outcome in _SHOWN]
    why = [
        (f"{outcome}, {reason}" if reason else outcome, sum(sets.values()), _by_set(sets))
        for (outcome, reason), sets in sorted(reasons.items(), key=lambda entry: -sum(entry[1].values()))
    ]
    return "\n\n".join(
        [
            table(["set", "pages", "slots", *words, "not read", "left over"], [*rows, together]),
            f"{pages:,} pages in {wall_s:.0f} s, {cpu_s:.0f} s of CPU: {pages / wall_s:.1f} pages/s in one process "
            "after the other. Left over is what has no outcome; it must be 0. A set has a second slot when it holds "
            "a URL twice.",
            table(["what became of pages that were not published", "pages", "in"], why),
        ]
    )


def _by_set(sets: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sets.most_common())


def _lines(path: Path) -> int:
    """Pages of a set: its annotations have one line each."""
    annotations = path.with_name(path.name.replace(".warc.gz", ".jsonl"))
    with annotations.open("rb") as lines:
        return sum(1 for _ in lines)

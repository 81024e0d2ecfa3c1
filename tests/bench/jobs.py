"""What is measured, each in a process of its own: `python -m tests.bench.jobs NAME ARGUMENTS`.

A job first makes ready (imports, the open lake), then works; it prints a `Work` as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

from presslake import steps
from presslake.history import keep_known as keep
from presslake.pipeline import Pipeline, open_pipeline, outlets_of
from schemas.tables import CAPTURES
from schemas.vocabulary import CaptureOutcome
from spiders.plan import Plan
from tests.bench.measure import peak_mb

STAGES = ("extract", "normalise", "link", "gate", "publish")


@dataclass(frozen=True)
class Work:
    """What the work itself took, without making ready."""

    wall_s: float
    cpu_s: float
    child_cpu_s: float
    result: Any
    ready_mb: float
    """Peak memory before the work began."""


def collect(p: Pipeline, slot: str, shard: int | None = None) -> Callable[[], object]:
    """One shard of a slot, or all of them, one after the other."""
    shards = range(p.settings.shards) if shard is None else [shard]
    return lambda: [steps.collect(p, slot, shard) for shard in shards]


def plan(p: Pipeline, slot: str, shard: int) -> Callable[[], None]:
    """What a shard does before it crawls, the outlets' files read included."""

    def work() -> None:
        fresh = replace(p, outlets=outlets_of(p.settings))
        steps.plan_crawl(fresh, slot, shard).write(p.journal_dir(slot, steps.part_of_shard(shard)))

    return work


def read_plan(p: Pipeline, slot: str, shard: int) -> Callable[[], int]:
    """What the crawl process of a shard does before it crawls, and what is due by itself; how many that is."""

    def work() -> int:
        now = datetime.now(UTC)
        outlets = Plan.read(p.journal_dir(slot, steps.part_of_shard(shard))).outlets
        return sum(1 for it in outlets for _ in it.known.owed(now))

    return work


def keep_known(p: Pipeline, slot: str, shard: int) -> Callable[[], None]:
    """What a shard's task keeps for the next slot once the crawl has ended."""
    part = steps.part_of_shard(shard)
    return lambda: keep(p, part, p.journal_dir(slot, part))


def land(p: Pipeline, paths: list[str]) -> Callable[[], list[str]]:
    """Archives into the lake; gives their slots."""
    return lambda: [slot for path in paths for slot in _land(p, path)]


def settle(p: Pipeline, slots: list[str]) -> Callable[[], object]:
    """Slots refined, those that are owed it."""
    return lambda: steps.settle(p, slots)


def stage(p: Pipeline, name: str, slots: list[str]) -> Callable[[], None]:
    """One stage of refine over whole slots."""
    import presslake.memory  # noqa: F401 -- the readers of pages

    if name == "gate":
        import transforms.gate.judge  # noqa: F401 -- Great Expectations
    step = getattr(steps, name)

    def work() -> None:
        for slot in slots:
            for part in steps.parts(p, slot) if name in {"extract", "normalise"} else [None]:
                step(p, slot, part) if part else step(p, slot)

    return work


def journey(p: Pipeline, slot: str) -> Callable[[], dict[str, float]]:
    """Collect to publish in one process; gives the seconds of each stage."""

    def work() -> dict[str, float]:
        took: dict[str, float] = {}
        for name in ("collect", *STAGES):
            began = time.monotonic()
            (collect(p, slot) if name == "collect" else stage(p, name, [slot]))()
            took[name] = time.monotonic() - began
        return took

    return work


def ingest(p: Pipeline, path: str) -> Callable[[], list[str]]:
    """`presslake ingest FILE`: landed and refined; gives its slots."""

    def work() -> list[str]:
        slots = _land(p, path)
        steps.settle(p, slots)
        return slots

    return work


def trafilatura(p: Pipeline, slots: list[str], peers: str) -> Callable[[], float]:
    """Bare trafilatura with metadata on the pages of these slots; gives its seconds of CPU."""
    from tests.bench.race import TRAFILATURA, running

    pages = [
        page
        for slot in slots
        for part in steps.parts(p, slot)
        for key in [p.lake.warc_key(slot, part)]
        for page in p.lake.read_pages(
            key,
            p.lake.read(CAPTURES, where={"slot": slot, "outcome": CaptureOutcome.FETCHED, "warc_key": key}),
        )
    ]

    def work() -> float:
        with running(TRAFILATURA, Path(peers), print) as worker:
            return worker.read(pages)[1]

    return work


def _land(p: Pipeline, path: str) -> list[str]:
    from presslake.ingest import land_source
    from presslake.inputs import find_sources

    return [slot for source in find_sources(p.settings, [path]) for slot in land_source(p, source).slots]


JOBS: dict[str, Callable[..., Callable[[], object]]] = {
    job.__name__: job
    for job in (collect, plan, read_plan, keep_known, land, settle, stage, journey, ingest, trafilatura)
}


def main(name: str, arguments: str) -> None:
    """Run one job."""
    with open_pipeline() as p:
        work = JOBS[name](p, **json.loads(arguments))
        ready_mb = peak_mb(os.getpid())
        began, cpu, child_cpu = time.monotonic(), _cpu_s(RUSAGE_SELF), _cpu_s(RUSAGE_CHILDREN)
        result = work()
        done = Work(
            wall_s=time.monotonic() - began,
            cpu_s=_cpu_s(RUSAGE_SELF) - cpu,
            child_cpu_s=_cpu_s(RUSAGE_CHILDREN) - child_cpu,
            result=result,
            ready_mb=ready_mb,
        )
    print(json.dumps(asdict(done)))
    gc.freeze()  # as the command line does at its end


def _cpu_s(who: int) -> float:
    usage = getrusage(who)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])

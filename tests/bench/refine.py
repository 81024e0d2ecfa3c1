"""What each stage after collect costs, beside bare trafilatura on the same pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pyarrow.compute as pc

from presslake.pipeline import open_pipeline
from schemas.settings import Settings
from schemas.tables import CAPTURES
from schemas.vocabulary import CaptureOutcome
from tests.bench.bed import collecting_lake, empty_lake, lake_servers, newsroom, slot_now
from tests.bench.jobs import STAGES
from tests.bench.measure import Cost, job
from tests.bench.quality import CORPUS
from tests.bench.race import TRAFILATURA, peers_folder
from tests.bench.report import table

PACKAGES = ("great-expectations", "pyiceberg")
PAGE_KB = 150
SETS = ("np4k", "fundus_tests")

Say = Callable[[str], None]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    scale, rounds = (2, 1) if quick else (5, 2)
    sections = []
    with tempfile.TemporaryDirectory(prefix="presslake-bench-") as name, lake_servers() as live:
        with newsroom(Path(name), scale=scale, page_kb=PAGE_KB) as outlets:

            def newsroom_lake() -> tuple[Settings, list[str]]:
                lake, slot = collecting_lake(live, outlets), slot_now()
                job("collect", lake, slot=slot)
                return lake, [slot]

            sections.append(_compare("Newsroom pages", newsroom_lake, rounds, say))
        sets = SETS[: 1 if quick else None]
        paths = [str(CORPUS / f"{each}.warc.gz") for each in sets]
        if not all(Path(path).exists() for path in paths):
            return "\n\n".join([*sections, "Real pages: not measured, the corpus was not there."])

        def corpus_lake() -> tuple[Settings, list[str]]:
            lake = empty_lake(live, outlets="world")
            return lake, job("land", lake, paths=paths).said["result"]

        sections.append(_compare(f"Real pages ({', '.join(sets)})", corpus_lake, rounds, say))
    return "\n\n".join(sections)


def _compare(title: str, filled_lake: Callable[[], tuple[Settings, list[str]]], rounds: int, say: Say) -> str:
    stages: dict[str, list[Cost]] = {name: [] for name in STAGES}
    bare: list[Cost] = []
    for number in range(1, rounds + 1):
        say(f"{title}, round {number} of {rounds}: landing the pages")
        lake, slots = filled_lake()
        for name in STAGES:
            say(f"{title}, round {number} of {rounds}: {name}")
            stages[name].append(job("stage", lake, name=name, slots=slots))
            if name == "extract":
                say(f"{title}, round {number} of {rounds}: bare trafilatura")
                bare.append(job("trafilatura", lake, slots=slots, peers=str(peers_folder())))
    with open_pipeline(lake, with_outlets=False) as p:
        captures = p.lake.read(CAPTURES, where={"outcome": CaptureOutcome.FETCHED}, columns=["bytes"])
    pages = len(captures)
    work = {name: median(cost.said["cpu_s"] for cost in costs) for name, costs in stages.items()}
    total, peer = sum(work.values()), median(cost.said["result"] for cost in bare)
    rows: list[tuple[object, ...]] = [
        (
            name,
            work[name] / pages * 1000,
            f"{work[name] / total:.0%}",
            f"{work[name] / peer:.2f}",
            median(cost.cpu_s - cost.said["cpu_s"] for cost in costs),
            max(cost.peak_mb for cost in costs),
        )
        for name, costs in stages.items()
    ]
    rows += [
        ("**refine**", total / pages * 1000, "100%", f"{total / peer:.2f}", None, None),
        (f"bare trafilatura {TRAFILATURA.version}", peer / pages * 1000, None, "1.00", None, None),
    ]
    heads = [
        title,
        "CPU s per 1,000 pages",
        "share",
        "bare trafilatura = 1",
        "start-up, CPU s a task",
        "peak MB",
    ]
    return (
        f"{table(heads, rows)}\n\n{pages:,} pages of {pc.mean(captures['bytes']).as_py() / 1000:.0f} kB; "
        f"medians of {rounds} alternating runs, each stage a process of its own as in Airflow."
    )

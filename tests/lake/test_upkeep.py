"""Upkeep makes the lake smaller and no row other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lake import Lake, upkeep
from lake.door import SWEEP_AFTER
from schemas.errors import TryLater
from schemas.tables import ARTICLES, CAPTURES, SIGHTINGS
from tests.lake.rows import by_key, made_up

pytestmark = pytest.mark.slow


def _small_files(lake: Lake, count: int) -> None:
    for number in range(count):
        lake.upsert(CAPTURES, made_up(CAPTURES, 2, first=2 * number))


def test_small_files_of_a_day_become_one(lake: Lake) -> None:
    _small_files(lake, 5)
    before = by_key(CAPTURES, lake.read(CAPTURES))
    assert lake.compact(CAPTURES) == 5
    assert len(lake.table(CAPTURES).inspect.files()) == 1
    assert by_key(CAPTURES, lake.read(CAPTURES)) == before
    assert lake.compact(CAPTURES) == 0
    assert lake.upsert(CAPTURES, made_up(CAPTURES, 10)) is None


def test_days_are_not_mixed(lake: Lake) -> None:
    for day in range(4):
        at = datetime(2026, 11, 20 + day, tzinfo=UTC)
        lake.upsert(ARTICLES, made_up(ARTICLES, 1, first=day, first_seen_at=at))
    assert lake.compact(ARTICLES) == 0


def test_sweeping_deletes_what_no_snapshot_needs(lake: Lake) -> None:
    _small_files(lake, 4)
    first = lake.table(CAPTURES).snapshots()[0].snapshot_id
    lake.compact(CAPTURES)
    lake.put("tables/captures/data/left-behind.parquet", b"of a writer that was killed")
    before = by_key(CAPTURES, lake.read(CAPTURES))
    objects = set(lake.list("tables/captures/data/"))

    assert lake.expire_snapshots(days=1)["captures"] == 0  # all is younger
    assert set(lake.list("tables/captures/data/")) == objects
    assert len(lake.read(CAPTURES, snapshot=first)) == 2

    soon = datetime.now(UTC) + timedelta(minutes=1)
    upkeep.expire_snapshots(lake.table(CAPTURES), soon)
    assert upkeep.sweep(lake.table(CAPTURES), lake, soon - SWEEP_AFTER) == 0
    assert upkeep.sweep(lake.table(CAPTURES), lake, soon) > 5

    assert len(list(lake.list("tables/captures/data/"))) == 1
    assert by_key(CAPTURES, lake.read(CAPTURES)) == before
    with pytest.raises(TryLater, match="expired"):
        lake.read(CAPTURES, snapshot=first)


def test_pruning_drops_whole_days_and_says_nothing_when_there_are_none(lake: Lake) -> None:
    now = datetime.now(UTC)
    for number, days in enumerate((0, 1, 9, 10, 30)):
        lake.upsert(SIGHTINGS, made_up(SIGHTINGS, 1, first=number, first_seen_at=now - timedelta(days=days)))
    before = now - timedelta(days=9)
    assert upkeep.prune(lake.table(SIGHTINGS), SIGHTINGS, before) == 2
    assert sorted(row["article_id"] for row in lake.read(SIGHTINGS).to_pylist()) == [
        f"article_id {number} «ü»" for number in range(3)
    ]
    snapshot = lake.snapshot_id(SIGHTINGS)
    assert upkeep.prune(lake.table(SIGHTINGS), SIGHTINGS, before) == 0
    assert lake.snapshot_id(SIGHTINGS) == snapshot


def test_many_commits_keep_few_manifests(lake: Lake) -> None:
    _small_files(lake, 24)
    assert len(lake.table(CAPTURES).inspect.manifests()) < 24
    assert len(lake.read(CAPTURES)) == 48

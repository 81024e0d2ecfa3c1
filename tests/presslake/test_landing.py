"""A journal lands in bounded batches, and landing it again changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake import Lake
from presslake import steps
from presslake.pipeline import Pipeline
from schemas.settings import Settings
from schemas.tables import CAPTURES
from spiders.journal import Capture, Found, Journal, Stop, read_journal

pytestmark = pytest.mark.slow
AT = "2026-11-22T12:00:00+00:00"


def test_a_site_that_asked_for_a_rest_is_told_to_the_next_plans(
    lake_settings: Settings, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    ends = {"a.example": now + timedelta(hours=5), "b.example": now - timedelta(hours=1)}
    with Journal.open(tmp_path) as journal:
        for site, end in ends.items():
            journal.write(Found("a", f"https://{site}/", site, ["feed f"], now.isoformat()))
            journal.write(Capture("a", site, "blocked", status=429, rests_until=end.isoformat()))
    p = Pipeline(lake_settings, Lake(lake_settings), {})
    steps.land(p, "s0", "shard-0", read_journal(tmp_path, "s0"))
    for shard in range(lake_settings.shards):
        assert steps.plan_crawl(p, "s1", shard).resting == {"a.example": ends["a.example"]}


def test_captures_land_batch_by_batch_and_only_once(
    lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.journal._BATCH", 2)
    with Journal.open(tmp_path) as journal:
        for n in range(5):
            journal.write(Found("a", f"https://a.example/{n}", f"a.example/{n}", ["feed f"], AT))
        for n in range(3):
            offset, length = journal.archive(b"page")
            captured = Capture("a", f"a.example/{n}", "fetched", warc_offset=offset, warc_bytes=length)
            journal.write(captured)
        journal.write(Stop(None, "time_limit"))
    p = Pipeline(lake_settings, Lake(lake_settings), {})
    counts = steps.land(p, "s0", "shard-0", read_journal(tmp_path, "s0"))
    assert counts == {"fetched": 3, "left": 2} == steps.landed(p, "s0", "shard-0")
    rows = p.lake.read(CAPTURES).sort_by("url_key")
    key = p.lake.warc_key("s0", "shard-0")
    assert rows["warc_key"].to_pylist() == [key] * 3 + [None] * 2
    assert p.lake.get(key) == (tmp_path / "pages.warc.gz").read_bytes()
    notes = p.lake.notes_since(CAPTURES, None)
    assert notes is not None
    assert [note["slot"] for note in notes] == ["s0"] * 3
    snapshot = p.lake.snapshot_id(CAPTURES)
    assert steps.land(p, "s0", "shard-0", read_journal(tmp_path, "s0")) == counts
    assert p.lake.snapshot_id(CAPTURES) == snapshot

"""A journal lands in bounded batches, and landing it again changes nothing."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake import Lake
from presslake import steps
from presslake.pipeline import Pipeline
from schemas.outlet import Outlet
from schemas.settings import REPO, Settings
from schemas.tables import CAPTURES
from spiders.journal import Capture, Found, Journal, Probe, Stop, Visit, read_journal
from spiders.plan import shards
from tests.presslake.days import days_of

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


def test_what_outlets_asked_for_today_is_told_to_their_next_plan(
    lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = days_of("presslake.steps", monkeypatch).now(UTC)
    yesterday = (now - timedelta(days=1)).isoformat()
    with Journal.open(tmp_path) as journal:
        for slug in "ab":
            for page, at in ((1, now.isoformat()), (2, now.isoformat()), (3, yesterday)):
                key = f"{slug}.example/{page}"
                journal.write(Found(slug, f"https://{key}", key, ["feed f"], at))
                journal.write(Capture(slug, key, "fetched", requests=page, received_bytes=500))
            for source, at in (("today", now.isoformat()), ("before", yesterday)):
                url = f"https://feeds.example/{slug}/{source}"
                journal.write(
                    Visit(slug, url, "feed", "fetched", at, requests=4, received_bytes=50, silence=0.0)
                )
    outlets = {
        slug: Outlet(slug=slug, name=slug, country="de", language="de", homepage=f"https://{slug}.example/")
        for slug in "ab"
    }
    p = Pipeline(lake_settings, Lake(lake_settings), outlets)
    steps.land(p, "s0", "shard-0", read_journal(tmp_path, "s0"))
    for shard, slugs in enumerate(shards(outlets, lake_settings.shards)):
        own = {f"{slug}.example": (3, 1000) for slug in slugs}
        feeds = {"feeds.example": (4 * len(slugs), 50 * len(slugs))} if slugs else {}
        assert steps.plan_crawl(p, "s1", shard).spent == own | feeds


def test_what_hosts_showed_for_an_address_nobody_has_is_told_to_the_plans_of_the_same_day(
    lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = days_of("presslake.probes", monkeypatch)
    p = Pipeline(lake_settings, Lake(lake_settings), {})

    def land(slot: str, *hosts: str) -> tuple[Probe, ...]:
        """What a plan made after that slot is told."""
        with Journal.open(tmp_path / slot) as journal:
            for host in hosts:
                url, at = f"https://{host}/no-such-page", clock.now(UTC).isoformat()
                journal.write(Probe("a", host, url, at, url, 7, [1, 2**32 - 1]))
        steps.land(p, slot, "shard-0", read_journal(tmp_path / slot, slot))
        return steps.plan_crawl(p, f"{slot}-next", 0).probes

    (first,) = land("s0", "a.example")
    assert (first.host, first.final_url, first.title, [*first.words]) == (
        "a.example",
        "https://a.example/no-such-page",
        7,
        [1, 2**32 - 1],
    )
    assert [probe.host for probe in land("s1", "b.example")] == ["a.example", "b.example"]
    assert [probe.host for probe in land("s2")] == ["a.example", "b.example"]
    assert not steps.plan_crawl(p, "s3", 1).probes  # of another shard
    clock.on = 1
    assert land("s4") == ()
    assert [probe.host for probe in land("s5", "b.example")] == ["b.example"]


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


def test_a_journal_whose_files_go_meanwhile_is_in_the_hands_of_a_crawl(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    journal = tmp_path / "journal" / "s0" / "shard-0"
    journal.mkdir(parents=True)
    (journal / "known.parquet.new").symlink_to("known.parquet")  # listed, and gone when it is looked at
    assert not steps.land_leftovers(Pipeline(settings, Lake(settings), {}))
    assert journal.exists()


def test_arrow_gives_back_what_the_threads_of_a_step_used() -> None:
    code = "import presslake, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "jemalloc"

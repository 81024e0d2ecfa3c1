"""What is known of URLs is kept in the lake, follows its commits, and leaves out the slot itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake import Lake
from presslake.history import keep_known, renew_known
from presslake.pipeline import Pipeline
from presslake.steps import plan_crawl
from schemas.outlet import Outlet
from schemas.settings import Settings
from schemas.tables import CAPTURES
from schemas.urls import capture_id, key_of_normal
from spiders.known import Known
from tests.presslake.days import days_of

pytestmark = pytest.mark.slow
NOW = datetime.now(UTC)


def land(
    p: Pipeline, slot: str, outlet: str, *numbers: int, hours: float = 1, outcome: str = "fetched"
) -> None:
    def row(number: int) -> dict[str, Any]:
        key, at = f"{outlet}.example/{number}", NOW - timedelta(hours=hours)
        return {"capture_id": capture_id(slot, outlet, key), "slot": slot, "outlet": outlet,
                "url": f"https://{key}", "url_key": key, "found_in": ["feed f"], "found_at": at,
                "outcome": outcome, "fetched_at": at}  # fmt: skip

    rows = pa.Table.from_pylist([row(number) for number in numbers], CAPTURES.schema)
    p.lake.upsert(CAPTURES, rows, note={"slot": slot, "step": "collect"})


@pytest.fixture
def p(lake_settings: Settings) -> Pipeline:
    return Pipeline(lake_settings, Lake(lake_settings), {})


def known(p: Pipeline, folder: Path, slot: str, *outlets: str) -> set[tuple[str, int]]:
    """(outlet, hours ago it was tried) of all that a plan of the slot knows."""
    journal = folder / slot
    renew_known(p, slot, "shard-0", outlets, journal)
    rows = [row for path in journal.glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    every = Known.read(journal, NOW)
    asked = [row for row in rows if row["outlet"] in outlets]
    found = [(row["outlet"], every.get(row["outlet"], key_of_normal(row["url"]))) for row in asked]
    keep_known(p, "shard-0", journal)
    return {(outlet, round((NOW - it.tried_at) / timedelta(hours=1))) for outlet, it in found if it}


def test_each_slot_adds_what_was_committed_since(
    p: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert known(p, tmp_path, "s0", "a", "b") == set()
    land(p, "s0", "a", 1, hours=9)
    land(p, "s0", "b", 1, hours=8)
    assert known(p, tmp_path, "s1", "a", "b") == {("a", 9), ("b", 8)}
    land(p, "s1", "a", 1, 2, hours=7)
    land(p, "s1", "b", 1, hours=7, outcome="not_due")
    asked: list[Any] = []
    read = Lake.read

    def watched(lake: Lake, spec: Any, where: Any = None, *more: Any, **named: Any) -> pa.Table:
        asked.append(where)
        return read(lake, spec, where, *more, **named)

    monkeypatch.setattr(Lake, "read", watched)
    assert known(p, tmp_path, "s2", "a", "b") == {("a", 7), ("b", 8)}
    assert [where["slot"] for where in asked] == ["s2", ["s1"]]


def test_a_slot_run_again_does_not_know_itself(p: Pipeline, tmp_path: Path) -> None:
    land(p, "s0", "a", 1, hours=9)
    land(p, "s1", "a", 2, hours=7)
    assert known(p, tmp_path, "s1", "a") == {("a", 9)}  # nothing is kept yet
    assert not p.lake.exists("known/shard-0.parquet")
    assert known(p, tmp_path, "s2", "a") == {("a", 9), ("a", 7)}
    assert known(p, tmp_path, "s1", "a") == {("a", 9)}  # what is kept holds it
    land(p, "s3", "a", 3, hours=5)
    assert known(p, tmp_path, "s3", "a") == {("a", 9), ("a", 7)}  # what is kept does not
    assert known(p, tmp_path, "s4", "a") == {("a", 9), ("a", 7), ("a", 5)}


def test_an_outlet_new_to_a_shard_brings_its_history_and_one_that_comes_back_what_it_missed(
    p: Pipeline, tmp_path: Path
) -> None:
    land(p, "s0", "a", 1, hours=9)
    land(p, "s0", "b", 1, hours=50)
    assert known(p, tmp_path, "s1", "a") == {("a", 9)}
    assert known(p, tmp_path, "s2", "a", "b") == {("a", 9), ("b", 50)}
    assert known(p, tmp_path, "s3", "b") == {("b", 50)}
    land(p, "s3", "a", 2, hours=7)
    assert known(p, tmp_path, "s4", "b") == {("b", 50)}
    assert known(p, tmp_path, "s5", "a", "b") == {("a", 9), ("a", 7), ("b", 50)}


def test_news_are_folded_into_the_base_once_a_day(
    p: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = days_of("presslake.history", monkeypatch)
    bases = []
    for number in range(1, 5):
        clock.on = number // 2
        land(p, f"s{number - 1}", "a", number, hours=number)
        assert known(p, tmp_path, f"s{number}", "a") == {("a", hours) for hours in range(1, number + 1)}
        bases.append({key.rpartition("/")[2] for key in p.lake.list("known/shard-0/")})
        news = pq.read_table(tmp_path / f"s{number}" / "known.parquet")
        assert len(news) == (number == 3)
    assert [len(names) for names in bases] == [1, 2, 2, 2]
    assert len(bases[0] | bases[1] | bases[3]) == 3
    assert bases[1] == bases[2]


def test_without_its_base_what_is_kept_is_made_anew(p: Pipeline, tmp_path: Path) -> None:
    land(p, "s0", "a", 1, hours=9)
    assert known(p, tmp_path, "s1", "a") == {("a", 9)}
    p.lake.delete(*p.lake.list("known/shard-0/"))
    land(p, "s1", "a", 2, hours=7)
    assert known(p, tmp_path, "s2", "a") == {("a", 9), ("a", 7)}


def test_once_the_snapshot_has_expired_all_is_read_again(p: Pipeline, tmp_path: Path) -> None:
    land(p, "s0", "a", 1, hours=9)
    assert known(p, tmp_path, "s1", "a") == {("a", 9)}
    land(p, "s1", "a", 2, hours=7)
    land(p, "s2", "a", 3, hours=5)
    p.lake.expire_snapshots(0)
    assert known(p, tmp_path, "s3", "a") == {("a", 9), ("a", 7), ("a", 5)}


def test_a_retired_outlet_is_planned_no_more(p: Pipeline) -> None:
    def paper(slug: str, **facts: Any) -> Outlet:
        return Outlet(
            slug=slug, name=slug, country="de", language="de", homepage=f"https://{slug}.example/", **facts
        )

    some = (paper("a"), paper("b", retired="2026-01-01"), paper("c", retired="2999-01-01"))
    p = replace(p, outlets={it.slug: it for it in some})
    plans = [plan_crawl(p, "s1", shard) for shard in range(p.settings.shards)]
    assert sorted(it.outlet.slug for plan in plans for it in plan.outlets) == ["a", "c"]

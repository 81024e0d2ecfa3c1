"""Shards, and the plan of one from rows of the lake."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from schemas.outlet import Outlet
from schemas.settings import REPO, Settings
from schemas.tables import VISITS
from spiders.plan import OutletPlan, Plan, last_looks, make_plan, shards

T0 = datetime(2026, 11, 1, 12, tzinfo=UTC)


def outlet(slug: str, host: str = "") -> Outlet:
    homepage = f"https://{host or slug + '.example'}/"
    return Outlet(slug=slug, name=slug, country="de", language="de", homepage=homepage)


def planned(visits: list[dict[str, Any]]) -> OutletPlan:
    plan = make_plan("now", 0, {"a": outlet("a")}, pa.Table.from_pylist(visits, VISITS.schema), Settings())
    again = Plan.model_validate_json(plan.model_dump_json())
    assert again == plan
    return again.outlets[0]


@given(st.sets(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=40), st.integers(1, 7))
def test_every_outlet_is_in_one_shard_whatever_others_there_are(slugs: set[str], n: int) -> None:
    outlets = {slug: outlet(slug) for slug in slugs}
    split = shards(outlets, n)
    assert len(split) == n
    assert sorted(slug for shard in split for slug in shard) == sorted(slugs)
    for slug in slugs:
        alone = shards({slug: outlets[slug]}, n)
        assert alone.index([slug]) == next(i for i, shard in enumerate(split) if slug in shard)


def test_outlets_of_one_registrable_domain_share_a_shard() -> None:
    outlets = {f"p{i}": outlet(f"p{i}", f"{'www.' * (i % 2)}town{i // 4}.one.co.uk") for i in range(20)}
    assert sorted(len(shard) for shard in shards(outlets, 4)) == [0, 0, 0, 20]


def visit(hours: float, outcome: str, **more: Any) -> dict[str, Any]:
    at = T0 + timedelta(hours=hours)
    return {"slot": str(at), "outlet": "a", "source_url": "https://a.example/f", "kind": "feed", "outcome": outcome,
            "found": 1, "new": 1, "visited_at": at, "next_visit_at": at + timedelta(hours=1), "interval_seconds": 60,
            "silence": 0.0, "failures": 0, "is_liar": False, **more}  # fmt: skip


def test_of_a_source_the_last_good_visit_and_its_habit_since_the_very_last_are_remembered() -> None:
    rows = [
        visit(2, "failed", found=0, failures=1, silence=2.5),
        visit(1, "unchanged", found=7, etag="b", body_sha256="x"),
        visit(0, "fetched", etag="a", body_sha256="x"),
        visit(3, "left", next_visit_at=None, interval_seconds=None),
    ]
    known = planned(rows).sources["https://a.example/f"]
    assert (known.etag, known.found, known.visited_at) == ("b", 7, T0 + timedelta(hours=1))
    assert (known.habit.failures, known.habit.silence) == (1, 2.5)
    assert known.habit.next_visit_at == T0 + timedelta(hours=3)


def test_the_last_looks_are_the_same_read_whole_or_in_pieces() -> None:
    rows = [
        visit(hours, outcome, source_url=f"https://a.example/{source}", slot=f"s{hours}", next_visit_at=next_at)
        for source in "ab"
        for hours, outcome, next_at in (
            (3, "failed", T0), (0, "fetched", T0), (2, "unchanged", T0), (4, "left", None), (5, "fetched", T0)
        )
    ]  # fmt: skip
    whole = pa.Table.from_pylist(rows, VISITS.schema)
    looks = last_looks("s5", whole)
    assert [(row["slot"], row["source_url"][-1]) for row in looks.to_pylist()] == [
        ("s2", "a"), ("s2", "b"), ("s3", "a"), ("s3", "b")
    ]  # fmt: skip
    for size in (1, 3, 7):
        pieces = [last_looks("s5", whole.slice(start, size)) for start in range(0, len(whole), size)]
        assert last_looks("s5", pa.concat_tables(pieces)) == looks


def test_a_source_is_due_when_its_time_has_come_and_a_new_one_at_once() -> None:
    it = outlet("a").model_copy(update={"feeds": ("https://a.example/f", "https://a.example/new")})
    history = pa.Table.from_pylist([visit(0, "fetched")], VISITS.schema)

    def due(at: datetime | None) -> list[str]:
        (planned,) = make_plan("now", 0, {"a": it}, history, Settings(), at).outlets
        return [url.rpartition("/")[2] for _, url in planned.due_sources()]

    assert due(T0 + timedelta(minutes=45)) == ["new"]
    assert due(T0 + timedelta(hours=1)) == due(None) == ["f", "new"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("modules", "others"),
    [
        (("plan", "journal", "discover", "child"), ("scrapy", "aiohttp", "airflow", "boto3")),
        (("crawl",), ("airflow", "boto3", "playwright")),
    ],
    ids=["planning, reading and supervising", "a crawl"],
)
def test_memory_and_start_up_are_not_spent_on_what_is_not_used(
    modules: tuple[str, ...], others: tuple[str, ...]
) -> None:
    code = f"""if True:
        import sys, {", ".join(f"spiders.{module}" for module in modules)}
        print([module for module in {others} if module in sys.modules])"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_secrets_are_not_copied_into_the_plan() -> None:
    plan = make_plan("s", 0, {}, VISITS.schema.empty_table(), Settings(s3_secret_key=SecretStr("hush")))
    assert "hush" not in plan.model_dump_json()

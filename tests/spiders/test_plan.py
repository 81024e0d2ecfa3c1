"""Shards, memory and what is due, from rows of the lake."""

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
from schemas.tables import CAPTURES, VISITS
from schemas.urls import url_key
from schemas.vocabulary import CaptureOutcome
from spiders.plan import KnownUrl, OutletPlan, Plan, is_due, is_owed, make_plan, shards

T0 = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOURS = (1.0, 6.0, 24.0)
URL = "https://a.example/1"


def outlet(slug: str, host: str = "") -> Outlet:
    homepage = f"https://{host or slug + '.example'}/"
    return Outlet(slug=slug, name=slug, country="de", language="de", homepage=homepage)


def capture(outcome: str, at: datetime, slot: str = "s", **more: Any) -> dict[str, Any]:
    fetched_at = at if outcome in {"fetched", "unchanged", "gone"} else None
    return {
        "capture_id": f"{slot}-{at}", "slot": slot, "outlet": "a", "url": URL, "url_key": url_key(URL),
        "found_in": ["feed f"], "found_at": at, "outcome": outcome, "fetched_at": fetched_at, **more,
    }  # fmt: skip


def planned(captures: list[dict[str, Any]], visits: list[dict[str, Any]] | None = None) -> OutletPlan:
    plan = make_plan(
        "now",
        0,
        {"a": outlet("a")},
        pa.Table.from_pylist(captures, CAPTURES.schema),
        pa.Table.from_pylist(visits or [], VISITS.schema),
        Settings(),
    )
    again = Plan.model_validate_json(plan.model_dump_json())
    assert again == plan
    return again.outlets[0]


def known(captures: list[dict[str, Any]]) -> KnownUrl:
    return planned(captures).known[url_key(URL)]


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


def test_memory_is_the_latest_success_the_earliest_sight_and_tries_since() -> None:
    rows = [
        capture("failed", T0 + timedelta(hours=9), reason="timeout"),
        capture("fetched", T0, etag='"1"', body_sha256="aa"),
        capture("unchanged", T0 + timedelta(hours=2), etag='"2"', body_sha256="aa"),
        capture("failed", T0 + timedelta(hours=8), reason="timeout"),
        capture("not_due", T0 + timedelta(hours=10)),
        capture("fetched", T0 + timedelta(hours=11), slot="now", body_sha256="bb"),
    ]
    it = known(rows)
    assert it.first_seen_at == T0
    assert it.fetched_at == T0 + timedelta(hours=2)
    assert (it.etag, it.body_sha256, it.outcome, it.tries) == ('"2"', "aa", "failed", 2)
    assert it.tried_at == T0 + timedelta(hours=9)
    assert known(list(reversed(rows))) == it


def test_a_404_is_no_fetch() -> None:
    assert known([capture("gone", T0, status=404)]).fetched_at is None


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
    known = planned([], rows).sources["https://a.example/f"]
    assert (known.etag, known.found, known.visited_at) == ("b", 7, T0 + timedelta(hours=1))
    assert (known.habit.failures, known.habit.silence) == (1, 2.5)
    assert known.habit.next_visit_at == T0 + timedelta(hours=3)


def test_a_source_is_due_when_its_time_has_come_and_a_new_one_at_once() -> None:
    it = outlet("a").model_copy(update={"feeds": ("https://a.example/f", "https://a.example/new")})
    history = CAPTURES.schema.empty_table(), pa.Table.from_pylist([visit(0, "fetched")], VISITS.schema)

    def due(at: datetime | None) -> list[str]:
        (planned,) = make_plan("now", 0, {"a": it}, *history, Settings(), at).outlets
        return [url.rpartition("/")[2] for _, url in planned.due_sources()]

    assert due(T0 + timedelta(minutes=45)) == ["new"]
    assert due(T0 + timedelta(hours=1)) == due(None) == ["f", "new"]


def due(it: KnownUrl, hours: float, changed_at: datetime | None = None) -> bool:
    return is_due(it, T0 + timedelta(hours=hours), HOURS, changed_at)


def test_an_article_is_looked_at_again_once_at_each_age() -> None:
    fresh = known([capture("fetched", T0)])
    assert [due(fresh, h) for h in (0.9, 1, 5)] == [False, True, True]
    again = known([capture("fetched", T0), capture("unchanged", T0 + timedelta(hours=1.2))])
    assert [due(again, h) for h in (1.3, 5.9, 6, 7)] == [False, False, True, True]
    late = known([capture("fetched", T0), capture("unchanged", T0 + timedelta(hours=25))])
    assert not due(late, 10_000)


def test_a_source_that_says_it_changed_makes_it_due_unless_from_the_future() -> None:
    it = known([capture("fetched", T0)])
    assert due(it, 0.5, T0 + timedelta(minutes=20))
    assert not due(it, 0.5, T0 - timedelta(minutes=20))
    assert not due(it, 0.5, T0 + timedelta(hours=3))


def test_failures_are_tried_again_ever_later() -> None:
    once = known([capture("failed", T0)])
    assert [due(once, h) for h in (0.1, 0.2)] == [False, True]
    often = known([capture("failed", T0 - timedelta(hours=i)) for i in range(8)])
    assert [due(often, h) for h in (20, 22)] == [False, True]
    forever = known([capture("failed", T0 - timedelta(hours=i)) for i in range(300)])
    assert due(forever, 7 * 24)


@pytest.mark.parametrize("outcome", ["gone", "disallowed"])
def test_gone_and_disallowed_wait_a_day(outcome: str) -> None:
    it = known([capture(outcome, T0)])
    assert [due(it, h) for h in (23, 24)] == [False, True]


def test_what_was_left_is_due_at_once() -> None:
    assert due(known([capture("left", T0)]), 0.0)


def test_owed_without_a_source_naming_it() -> None:
    def owed(outcome: str, hours: float) -> bool:
        return is_owed(known([capture(outcome, T0)]), T0 + timedelta(hours=hours), HOURS)

    assert owed("left", 0.1)
    assert owed("failed", 1)
    assert owed("fetched", 1.5)
    assert not owed("fetched", 0.5)
    assert not owed("gone", 30)
    assert not owed("disallowed", 30)
    assert not owed("failed", 24 * 30)


def test_every_outcome_can_be_history() -> None:
    for outcome in CaptureOutcome:
        it = planned([capture(outcome, T0)]).known
        assert bool(it) == (outcome != CaptureOutcome.NOT_DUE)
        assert all(isinstance(is_due(k, T0, HOURS), bool) for k in it.values())


def test_planning_reading_and_supervising_need_no_scrapy() -> None:
    code = (
        "import sys, spiders.plan, spiders.journal, spiders.discover, spiders.child\n"
        "print([m for m in ('scrapy', 'twisted', 'airflow', 'boto3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_secrets_are_not_copied_into_the_plan() -> None:
    empty = CAPTURES.schema.empty_table(), VISITS.schema.empty_table()
    plan = make_plan("s", 0, {}, *empty, Settings(s3_secret_key=SecretStr("hush")))
    assert "hush" not in plan.model_dump_json()

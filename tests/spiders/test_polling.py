"""When a source is looked at again; and crawls of sources that are not due, lie, or ask for time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outlet import Outlet, Poll
from spiders import polling
from spiders.collect import Collector
from spiders.fetch import Answer, Fetcher
from spiders.journal import Journal, Landing, read_journal
from spiders.plan import Plan
from spiders.polling import Habit, Look, follow
from tests.spiders.crawling import NO_CAPTURES, NO_VISITS, outlet, plan_for, remember

T0 = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
POLL = Poll()

instants = st.integers(-300 * 86400, 60 * 86400).map(lambda seconds: T0 + timedelta(seconds=seconds))
looks = st.builds(
    Look,
    at=instants,
    is_success=st.booleans(),
    since=st.none() | instants,
    found=st.integers(0, 50_000),
    new=st.integers(0, 50_000),
    stated=st.lists(instants, max_size=3).map(tuple),
    hint_seconds=st.none() | st.integers(1, 10**9),
    requests=st.integers(1, 11),
    retry_after=st.none() | st.floats(0, 1e12),
)
polls = st.tuples(st.integers(0, 3000), st.integers(0, 3000), st.floats(0.1, 1000)).map(
    lambda it: Poll(min_minutes=min(it[:2]), max_minutes=max(it[:2]), patience_minutes=it[2])
)


def dated(per_hour: float, count: int = 20) -> tuple[datetime, ...]:
    """The items of a feed that has so many an hour, at T0."""
    return tuple(T0 - n / per_hour * HOUR for n in range(count))


def first(per_hour: float, **more: object) -> Habit:
    look = Look(T0, is_success=True, found=20, new=20, stated=dated(per_hour), **more)  # type: ignore[arg-type]
    return follow(None, look, T0, POLL)


def played(habit: Habit, hours: float, per_look: int, poll: Poll = POLL) -> Habit:
    """The habit after a time in which each look finds so many new of twenty."""
    at, until = T0, T0 + hours * HOUR
    while (nxt := habit.next_visit_at) < until:
        look = Look(nxt, is_success=True, since=at, found=20, new=per_look, hint_seconds=habit.hint_seconds)
        habit, at = follow(habit, look, nxt, poll), nxt
    return habit


def minutes(habit: Habit) -> float:
    return habit.interval_seconds / 60


@given(st.lists(looks, min_size=1, max_size=8), polls)
def test_the_interval_is_within_bounds_and_the_next_look_always_comes(found: list[Look], poll: Poll) -> None:
    habit: Habit | None = None
    for look in found:
        habit = follow(habit, look, T0, poll)
        assert Habit.model_validate_json(habit.model_dump_json()) == habit
        assert poll.min_minutes * 60 <= habit.interval_seconds <= poll.max_minutes * 60
        latest = max(timedelta(minutes=poll.max_minutes), timedelta(days=7))
        assert timedelta(minutes=poll.min_minutes) <= habit.next_visit_at - T0 <= latest
        if not look.retry_after:
            assert habit.next_visit_at - T0 <= timedelta(minutes=poll.max_minutes)


def test_the_more_it_yields_the_sooner_it_is_looked_at_again() -> None:
    waits = [minutes(first(rate)) for rate in (0.01, 0.1, 1, 4, 20)]
    assert waits == sorted(waits, reverse=True)
    assert waits[2] == pytest.approx((2 * POLL.patience_minutes * 60) ** 0.5, abs=5)
    assert waits[-1] == POLL.min_minutes
    busy, quiet = played(first(1), 24, per_look=8), played(first(1), 24, per_look=0)
    assert minutes(busy) < minutes(first(1)) < minutes(quiet)
    assert minutes(played(first(1), 24 * 60, per_look=0)) == POLL.max_minutes


def test_patience_and_the_requests_a_look_takes_weigh_alike() -> None:
    stated = dated(1)
    index = Look(T0, is_success=True, found=20, new=20, stated=stated, requests=4)
    frugal = follow(
        None, Look(T0, is_success=True, found=20, new=20, stated=stated), T0, Poll(patience_minutes=100)
    )
    assert (
        follow(None, index, T0, POLL).interval_seconds
        == frugal.interval_seconds
        > 1.5 * 60 * minutes(first(1))
    )


def test_hours_at_which_it_never_publishes_are_slept_through() -> None:
    habit, at = first(1), T0
    waits: dict[int, list[float]] = {}
    while at < T0 + 21 * DAY:
        at, before = habit.next_visit_at, at
        new = round((at - before) / HOUR * 3) if before.hour >= 12 and (at.hour or 24) > 12 else 0
        habit = follow(habit, Look(at, is_success=True, since=before, found=20, new=new), at, POLL)
        if at > T0 + 14 * DAY:
            waits.setdefault(at.hour // 12, []).append(minutes(habit))
    assert sum(waits[1]) / len(waits[1]) < 60
    assert max(waits[0]) > 150
    assert len(waits[1]) > 2 * len(waits[0])


def test_a_look_comes_before_half_of_what_the_source_shows_is_new() -> None:
    many = Look(T0, is_success=True, found=20, new=20, stated=dated(2))
    few = Look(T0, is_success=True, found=2, new=2, stated=dated(2, count=2))
    patient = Poll(patience_minutes=10_000)
    assert follow(None, few, T0, patient).interval_seconds < follow(None, many, T0, patient).interval_seconds
    assert minutes(follow(None, many, T0, patient)) <= 5 * 60


def test_what_the_source_asks_for_is_waited_for_unless_it_yields_more_than_it_says() -> None:
    day = 24 * 3600
    assert minutes(first(0.02, hint_seconds=day)) == 24 * 60
    assert minutes(first(0.02)) < 24 * 60
    assert minutes(first(2, hint_seconds=day)) <= 40
    assert minutes(first(4, hint_seconds=60)) == minutes(first(4))
    assert minutes(first(0.02, hint_seconds=30 * day)) == POLL.max_minutes


def test_errors_back_off_by_the_same_step_up_to_a_ceiling_and_success_ends_it() -> None:
    good = first(1)
    habit, waits = good, []
    for _ in range(60):
        habit = follow(habit, Look(T0, is_success=False, since=T0), T0, POLL)
        waits.append((habit.next_visit_at - T0) / timedelta(minutes=1))
    step = minutes(good)
    assert waits[:20] == [step * n for n in range(1, 21)]
    assert waits[-1] == POLL.max_minutes
    assert polling.health(habit, T0) == "dead"
    at = habit.next_visit_at
    back = follow(habit, Look(at, is_success=True, since=T0, found=20, new=20), at, POLL)
    assert back.failures == 0
    assert minutes(back) == pytest.approx(step, abs=step / 2)
    assert polling.health(back, at) == "alive"


def test_a_source_that_never_answered_begins_like_any_other_when_it_does() -> None:
    habit = follow(None, Look(T0, is_success=False), T0, POLL)
    assert habit.rhythm is None
    look = Look(T0, is_success=True, found=20, new=20, stated=dated(1))
    assert follow(habit, look, T0, POLL) == first(1)


def test_retry_after_is_waited_for_even_beyond_the_ceiling_but_not_for_ever() -> None:
    def wait(seconds: float) -> timedelta:
        return follow(None, Look(T0, is_success=False, retry_after=seconds), T0, POLL).next_visit_at - T0

    assert wait(1) == wait(0) < HOUR
    assert wait(5 * 3600) == 5 * HOUR
    assert wait(1.5 * 86400) == 1.5 * DAY
    assert wait(1e9) == 2 * DAY


def test_due_is_judged_by_the_start_of_the_slot_with_little_tolerance() -> None:
    habit = first(1)
    due_at = habit.next_visit_at
    assert [polling.is_due(habit, due_at - timedelta(minutes=m)) for m in (6, 5, 0)] == [False, True, True]
    assert polling.is_due(None, T0)


def test_the_turn_to_check_comes_in_one_of_twenty_slots_and_again_in_the_same() -> None:
    slots = [f"{T0 + n * HOUR / 4:%Y-%m-%dT%H:%M:%S}" for n in range(2000)]
    turns = [slot for slot in slots if polling.chance("https://a.example/feed", slot)]
    assert 60 < len(turns) < 140
    assert turns == [slot for slot in slots if polling.chance("https://a.example/feed", slot)]


def test_silence_against_the_habit_is_doubted_and_in_the_end_stale() -> None:
    habit = first(1)
    assert not polling.doubts(habit, T0, T0 + HOUR)
    assert polling.doubts(habit, T0, T0 + 4 * HOUR)
    assert polling.health(habit, T0 + 4 * HOUR) == "alive"
    silent = played(habit, 4 * 24, per_look=0)
    assert polling.health(silent, T0 + 4 * DAY) == "stale"
    assert polling.health(played(silent, 5 * 24, per_look=3), T0 + 4 * DAY) == "alive"
    long_dead = Look(
        T0, is_success=True, found=20, new=20, stated=tuple(T0 - n * 200 * DAY for n in range(1, 9))
    )
    assert polling.health(follow(None, long_dead, T0, POLL), T0) == "stale"


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ({"ttl": "60"}, 3600),
        ({"ttl": "60", "updateperiod": "Daily"}, 86400),
        ({"updateperiod": "hourly", "updatefrequency": "2"}, 1800),
        ({"updateperiod": "yearly", "updatefrequency": "0.000000001"}, 30 * 86400),
        ({"ttl": "-5"}, None),
        ({"ttl": "soon", "updateperiod": "often"}, None),
        ({"updatefrequency": "2"}, None),
        ({}, None),
    ],
)
def test_periods_that_feeds_state(channel: dict[str, str], seconds: int | None) -> None:
    assert polling.stated_period(channel) == seconds


@pytest.mark.parametrize(
    ("control", "expires", "seconds"),
    [
        ('max-age="300"', None, 300),
        ("s-maxage=900, max-age=60", "Mon, 02 Nov 2026 13:00:00 GMT", 60),
        (None, "Mon, 02 Nov 2026 13:00:00 GMT", 3600),
        (None, "Mon, 02 Nov 2020 13:00:00 GMT", None),
        ("no-store", "-1", None),
        ("max-age=0", None, None),
    ],
)
def test_freshness_that_headers_state(control: str | None, expires: str | None, seconds: int | None) -> None:
    assert polling.fresh_for(control, expires, T0) == seconds


# --- crawls --------------------------------------------------------------------------------------

SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
FEED = "https://a.example/feed"
USUAL = [f"s{n}" for n in range(100) if not polling.chance(FEED, f"s{n}")]
TURN = next(f"s{n}" for n in range(1000) if polling.chance(FEED, f"s{n}"))
IT = outlet("a", feeds=[FEED], homepage="https://a.example/")


@dataclass
class Site:
    """Stands in for the fetcher: answers for one feed, and keeps what headers it was asked with."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_stuck: bool = False  # any conditional request is answered with 304
    asked: list[Mapping[str, str]] = field(default_factory=list)

    async def get(
        self, url: str, _pace: float, headers: Mapping[str, str] | None = None, **_: bool
    ) -> Answer:
        if url != FEED:
            return self.answer(url, 404)
        self.asked.append(headers or {})
        return self.answer(url, 304 if headers and self.is_stuck else self.status)

    page = get

    def answer(self, url: str, status: int) -> Answer:
        stated = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        return Answer(url, status, stated, self.body if status == 200 else b"", None, datetime.now(UTC), 1)

    def names(self, *pages: str) -> None:
        """From now on the feed names these."""
        items = "".join(f"<item><link>https://a.example/{page}</link></item>" for page in pages)
        self.body = f"<rss><channel><ttl>600</ttl>{items}</channel></rss>".encode()


def collect(
    site: Site,
    folder: Path,
    slot: str,
    history: Sequence[Landing] = (),
    at: datetime | None = None,
    *,
    it: Outlet = IT,
) -> Landing:
    """A crawl in this process."""
    captures = pa.concat_tables([NO_CAPTURES, *(it.captures for it in history)])
    visits = pa.concat_tables([NO_VISITS, *(it.visits for it in history)])
    remember(folder / slot, captures)
    plan_for(it, slot=slot, visits=visits, at=at).write(folder / slot)
    plan = Plan.read(folder / slot)
    with Journal.open(folder / slot) as journal:
        asyncio.run(Collector(plan, journal, cast("Fetcher", site)).run())
    return read_journal(folder / slot, slot)


def row(landing: Landing) -> dict[str, Any]:
    (found,) = landing.visits.to_pylist()
    return dict(found)


def test_a_source_that_is_not_due_is_not_asked_and_one_that_asked_for_time_gets_it(tmp_path: Path) -> None:
    site = Site(status=503, headers={"Retry-After": "7200"})
    now = datetime.now(UTC)
    first = collect(site, tmp_path, "s1", at=now)
    assert (row(first)["reason"], row(first)["failures"]) == ("http_5xx", 1)
    assert row(first)["next_visit_at"] == now + 2 * HOUR
    early = collect(site, tmp_path, "s2", [first], at=now + 1.5 * HOUR)
    assert (early.visits.num_rows, len(site.asked)) == (0, 1)
    site.status, site.headers = 200, {"Cache-Control": "max-age=60"}
    site.names("1")
    then = collect(site, tmp_path, "s3", [first], at=now + 2 * HOUR)
    assert (row(then)["failures"], row(then)["hint_seconds"], len(site.asked)) == (0, 36_000, 2)
    forced = collect(site, tmp_path, "s4", [first, then])
    assert (row(forced)["outcome"], row(forced)["found"], row(forced)["hint_seconds"]) == (
        "unchanged",
        1,
        36_000,
    )
    assert len(site.asked) == 3


def test_a_source_whose_304_hides_news_is_caught_remembered_and_given_another_chance(tmp_path: Path) -> None:
    site = Site(headers={"ETag": '"1"'}, is_stuck=True)
    site.names("1")
    history = [collect(site, tmp_path, USUAL[0])]
    site.names("1", "2")
    history.append(collect(site, tmp_path, USUAL[1], history))
    assert (row(history[-1])["outcome"], row(history[-1])["is_liar"]) == ("unchanged", False)
    caught = collect(site, tmp_path, TURN, history)
    assert (row(caught)["outcome"], row(caught)["new"], row(caught)["is_liar"]) == ("fetched", 1, True)
    assert [bool(headers) for headers in site.asked] == [False, True, True, False]
    history.append(caught)
    history.append(collect(site, tmp_path, USUAL[2], history))
    assert (site.asked[-1], row(history[-1])["is_liar"]) == ({}, True)
    later = next(slot for slot in (f"t{n}" for n in range(1000)) if polling.chance(FEED, slot))
    honest = collect(site, tmp_path, later, history)
    assert (row(honest)["outcome"], row(honest)["is_liar"]) == ("unchanged", False)


@pytest.mark.parametrize("kind", ["sitemaps", "news_sitemaps", "sections"])
def test_any_source_that_stays_the_same_is_not_read_again(tmp_path: Path, kind: str) -> None:
    bodies = {
        "sections": b'<p><a href="/news/the-lighthouse-is-to-be-repaired">The lighthouse is to be repaired</a></p>',
        "sitemaps": f"<urlset {SITEMAPS}><url><loc>/1</loc></url></urlset>".encode(),
    }
    site = Site(bodies.get(kind, bodies["sitemaps"]), headers={"ETag": '"1"'}, is_stuck=True)
    it = outlet("a", **{kind: [FEED]}, homepage="https://a.example/")
    history = [collect(site, tmp_path, USUAL[0], it=it)]
    second = collect(site, tmp_path, USUAL[1], history, it=it)
    assert site.asked == [{}, {"If-None-Match": '"1"'}]
    assert (row(second)["outcome"], row(second)["found"], row(second)["new"]) == ("unchanged", 1, 0)
    site.headers, site.is_stuck = {}, False
    third = collect(site, tmp_path, USUAL[2], [*history, second], it=it)
    assert (row(third)["status"], row(third)["outcome"]) == (200, "unchanged")


def test_an_index_is_always_read_as_the_sitemaps_it_names_may_have_changed(tmp_path: Path) -> None:
    body = f"<sitemapindex {SITEMAPS}><sitemap><loc>/child</loc></sitemap></sitemapindex>"
    site = Site(body.encode(), headers={"ETag": '"1"'}, is_stuck=True)
    it = outlet("a", sitemaps=[FEED], homepage="https://a.example/")
    history = [collect(site, tmp_path, USUAL[0], it=it)]
    history.append(collect(site, tmp_path, USUAL[1], history, it=it))
    assert site.asked == [{}, {}]
    assert [row(it)["outcome"] for it in history] == ["fetched", "fetched"]


def test_a_long_silence_is_reason_enough_to_check_a_304(tmp_path: Path) -> None:
    site = Site(headers={"ETag": '"1"'}, is_stuck=True)
    site.names("1")
    first = collect(site, tmp_path, USUAL[0])
    site.names("1", "2")
    earlier = pa.array([row(first)["visited_at"] - 5 * HOUR], first.visits.schema.field("visited_at").type)
    place = first.visits.schema.get_field_index("visited_at")
    first = replace(first, visits=first.visits.set_column(place, first.visits.schema.field(place), earlier))
    assert row(collect(site, tmp_path, USUAL[1], [first]))["is_liar"]

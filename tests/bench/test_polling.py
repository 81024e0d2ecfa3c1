"""The simulation of polling: the peer's rules, and what a source that lies or dies costs us."""

from __future__ import annotations

import random
from datetime import timedelta
from statistics import median

import pytest

from tests.bench.polling import PATTERNS, START, Fixed, Presslake, Result, RssFetcher, Source, follow


def simulated(pattern: str) -> Result:
    return follow(PATTERNS[pattern](random.Random(pattern)), Presslake(), 0)


@pytest.mark.parametrize("pattern", ["always 304, 1 an hour", "ttl of a day, 1 an hour", "down for ten days"])
def test_sources_that_lie_or_come_back_are_found_out(pattern: str) -> None:
    result = simulated(pattern)
    assert result.missed == 0
    assert median(result.late) < 60
    assert max(result.late) <= 11 * 24 * 60  # the longest outage, and the longest wait for its end


def test_the_dead_cost_little_and_are_never_given_up() -> None:
    silent, dying = simulated("never a word"), simulated("dies after two weeks")
    assert 28 <= silent.requests < 28 * 4
    alive = simulated("steady, 1 in two hours").requests / 2
    assert alive + 14 <= dying.requests < alive + 14 * 6


def test_what_leaves_a_feed_unseen_is_missed_and_the_rest_is_late() -> None:
    source = Source(articles=(1.0, 1.5, 2.0, 2.5), shows=2)
    result = follow(source, Fixed(timedelta(hours=3)), 0)
    assert (result.late, result.missed, result.articles) == ([60.0, 30.0], 2, 4)


def test_rss_fetcher_slows_down_by_little_and_quickens_by_much() -> None:
    policy, none, all_new = RssFetcher(), Source((), 10), Source(tuple(range(1, 600)), 2)
    waits = [policy.look(none, START, 0)[0] for _ in range(3)]
    assert waits == [timedelta(minutes=m) for m in (360, 370, 380)]
    assert policy.look(all_new, START + timedelta(hours=9), 0)[0] == timedelta(minutes=360)
    assert policy.look(all_new, START + timedelta(hours=15), 9)[0] == timedelta(minutes=300)

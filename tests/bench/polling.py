"""Weeks of polling in seconds: what finds how many articles how late with how many requests."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil, pi, sin
from statistics import mean, median, quantiles
from typing import Protocol

from schemas.outlet import Poll
from spiders import polling
from spiders.polling import Habit, Look
from tests.bench.report import table

PACKAGES = ()
START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOURS = 4 * 7 * 24
SLOT = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
_TRIALS = 5  # of our patience, until we ask as often as a peer

Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """A feed: when its articles appear (hours, ascending), how many it shows, and what is odd about it."""

    articles: tuple[float, ...]
    shows: int
    down: tuple[float, float] = (0.0, 0.0)
    ttl: timedelta | None = None
    is_liar: bool = False  # answers any conditional request with 304
    is_dated: bool = True


@dataclass(frozen=True)
class Answer:
    """What a request gave: the numbers of the articles shown, None when it failed."""

    at: datetime
    shown: range | None
    new: int = 0


class Policy(Protocol):
    """When to ask next; one object a source."""

    requests: int

    def look(self, source: Source, at: datetime, seen: int) -> tuple[timedelta, int]:
        """Ask at an instant, with so many articles seen; (time until the next look, number seen now)."""


@dataclass
class Fixed:
    """Every so often, unconditionally."""

    every: timedelta
    requests: int = 0

    def look(self, source: Source, at: datetime, seen: int) -> tuple[timedelta, int]:
        self.requests += 1
        shown = _shown(source, at)
        return self.every, shown.stop if shown else seen


@dataclass
class RssFetcher:
    """The rules of mediacloud/rss-fetcher with its defaults, as of 2026 (fetcher/tasks.py, config.py).

    Begin with six hours. Two thirds known or more: ten minutes longer (an hour, if nothing came for a month), up to
    a day; less than a third known: an hour shorter, or back to six, down to ten minutes. A failure counts half and
    multiplies, up to a day. Requests are unconditional; `ttl` is not read.
    """

    minutes: float = 360
    failures: float = 0
    newest: datetime | None = None
    requests: int = 0
    is_first: bool = True

    def look(self, source: Source, at: datetime, seen: int) -> tuple[timedelta, int]:
        self.requests += 1
        shown = _shown(source, at)
        if shown is None:
            self.failures += 0.5
            return timedelta(minutes=min(self.minutes * max(self.failures, 1), 1440)), seen
        self.failures = 0
        new = shown.stop - max(seen, shown.start)
        known = 1 - new / len(shown) if new else 1.01
        self.newest = at if new or not self.newest else self.newest
        if not self.is_first and known >= 0.67:
            is_lively = new or at - self.newest <= timedelta(days=31)
            self.minutes = min(self.minutes + (10 if is_lively else 60), 1440)
        elif not self.is_first and known < 0.33:
            self.minutes = 360 if self.minutes > 360 else max(self.minutes - 60, 10)
        self.is_first = False
        return timedelta(minutes=self.minutes), shown.stop


@dataclass
class Presslake:
    """`spiders.polling` itself, with conditional requests and their checks."""

    poll: Poll = field(default_factory=Poll)
    requests: int = 0
    habit: Habit | None = None
    since: datetime | None = None
    name: str = "https://example.org/feed"

    def look(self, source: Source, at: datetime, seen: int) -> tuple[timedelta, int]:
        self.requests += 1
        shown = _shown(source, at)
        chance = polling.chance(self.name, at.isoformat())
        is_liar, is_same, found = bool(self.habit and self.habit.is_liar), False, len(shown or ())
        if shown and self.habit and self.since and (chance or not is_liar):
            is_same = shown.stop == seen or source.is_liar
            if is_same and (chance or polling.doubts(self.habit, self.since, at)):
                self.requests += 1
                is_liar, is_same = shown.stop > seen, shown.stop == seen
        new = 0 if shown is None or is_same else shown.stop - max(seen, shown.start)
        stated = [source.articles[n] for n in shown or () if source.is_dated and not is_same]
        look = Look(
            at=at,
            is_success=shown is not None,
            since=self.since,
            found=found,
            new=new,
            stated=tuple(START + hours * _HOUR for hours in stated),
            hint_seconds=int(source.ttl.total_seconds()) if source.ttl else None,
            is_liar=is_liar,
        )
        self.habit = polling.follow(self.habit, look, at, self.poll)
        if shown is None:
            return self.habit.next_visit_at - at, seen
        self.since = at
        return self.habit.next_visit_at - at, seen if is_same else shown.stop


@dataclass
class Result:
    """What came of some sources under a policy; lateness in minutes."""

    requests: int = 0
    articles: int = 0
    late: list[float] = field(default_factory=list)
    missed: int = 0

    def add(self, other: Result) -> None:
        """Take another's in."""
        self.requests += other.requests
        self.articles += other.articles
        self.late += other.late
        self.missed += other.missed

    @property
    def row(self) -> tuple[float, float | None, float | None, float | None, int]:
        """Requests per article; minutes late: mean, median, p90; missed."""
        late = self.late
        spread = (mean(late), median(late), quantiles(late, n=10)[8]) if len(late) > 1 else (None, None, None)
        return (self.requests / max(self.articles, 1), *spread, self.missed)


def _shown(source: Source, at: datetime) -> range | None:
    hours = (at - START) / _HOUR
    if source.down[0] <= hours < source.down[1]:
        return None
    count = bisect_right(source.articles, hours)
    return range(max(0, count - source.shows), count)


def follow(source: Source, policy: Policy, first: int) -> Result:
    """Four weeks of one source, in slots; what it shows at the first look is neither late nor missed."""
    result = Result()
    slot, seen = first, 0
    while (at := START + slot * SLOT) < START + HOURS * _HOUR:
        wait, now_seen = policy.look(source, at, seen)
        shown = _shown(source, at)
        if slot > first and shown and now_seen > seen:
            lost = max(shown.start - seen, 0)
            result.missed += lost
            hours = (at - START) / _HOUR
            result.late += [60 * (hours - source.articles[n]) for n in range(seen + lost, now_seen)]
            result.articles += now_seen - seen
        seen = now_seen
        slot += max(1, ceil((wait - timedelta(minutes=5)) / SLOT))
    result.missed += max(len(source.articles) - seen - source.shows, 0)
    result.requests = policy.requests
    return result


# --- patterns ------------------------------------------------------------------------------------


def _poisson(draw: random.Random, rate: Callable[[float], float], peak: float) -> Iterator[float]:
    at = draw.expovariate(peak)
    while at < HOURS:
        if draw.random() < rate(at) / peak:
            yield at
        at += draw.expovariate(peak)


def _steady(draw: random.Random, rate: float, shows: int = 20, **odd: object) -> Source:
    return Source(tuple(_poisson(draw, lambda _: rate, rate)), shows, **odd)  # type: ignore[arg-type]


def _daily(draw: random.Random, rate: float, shows: int = 20) -> Source:
    """Little at night, most in the afternoon of the paper's zone."""
    zone = draw.uniform(0, 24)

    def at(hours: float) -> float:
        clock = (hours + zone) % 24
        return rate * (0.1 + 1.9 * max(0, sin((clock - 6) / 18 * pi)) if clock > 6 else 0.1)

    return Source(tuple(_poisson(draw, at, 2 * rate)), shows, is_dated=draw.random() < 0.7)


def _nocturnal(draw: random.Random) -> Source:
    start = draw.uniform(0, 24)
    times = _poisson(draw, lambda hours: 3.0 if (hours - start) % 24 < 8 else 0.0, 3)
    return Source(tuple(times), 20)


def _weekdays(draw: random.Random) -> Source:
    def at(hours: float) -> float:
        return 1.5 if 8 <= hours % 24 < 18 and hours // 24 % 7 < 5 else 0.0

    return Source(tuple(_poisson(draw, at, 1.5)), 20)


def _bursty(draw: random.Random) -> Source:
    times = [
        burst + draw.expovariate(6)
        for burst in _poisson(draw, lambda _: 1 / 6, 1 / 6)
        for _ in range(draw.randint(2, 10))
    ]
    return Source(tuple(sorted(time for time in times if time < HOURS)), 15)


def _batch(draw: random.Random) -> Source:
    hour = draw.uniform(0, 24)
    times = (day * 24 + hour + draw.gauss(0, 0.2) for day in range(HOURS // 24) for _ in range(8))
    return Source(tuple(sorted(time for time in times if 0 < time < HOURS)), 15)


def _weekly(draw: random.Random) -> Source:
    hour = draw.uniform(0, 168)
    times = (week * 168 + hour + draw.gauss(0, 1) for week in range(HOURS // 168) for _ in range(3))
    return Source(tuple(sorted(time for time in times if 0 < time < HOURS)), 10)


def _dying(draw: random.Random) -> Source:
    """In order for two weeks, then gone for good."""
    source = _steady(draw, 0.5)
    articles = tuple(time for time in source.articles if time < HOURS / 2)
    return Source(articles, 20, down=(HOURS / 2, HOURS))


def _back(draw: random.Random) -> Source:
    """Down for ten days, and then as before."""
    source = _steady(draw, 0.5)
    down = (200.0, 440.0)
    return Source(tuple(t for t in source.articles if not down[0] <= t < down[1]), 20, down=down)


PATTERNS: Mapping[str, Callable[[random.Random], Source]] = {
    "wire, 15 an hour": partial(_daily, rate=15, shows=50),
    "steady, 4 an hour": partial(_steady, rate=4),
    "steady, 1 in two hours": partial(_steady, rate=0.5),
    "daily paper, 2 an hour": partial(_daily, rate=2),
    "local paper, 10 a day": partial(_daily, rate=0.4, shows=10),
    "nocturnal, 8 hours": _nocturnal,
    "weekdays, 8 to 18 h": _weekdays,
    "bursts of 2 to 10": _bursty,
    "eight at once, daily": _batch,
    "three at once, weekly": _weekly,
    "always 304, 1 an hour": partial(_steady, rate=1, is_liar=True),
    "ttl of a day, 1 an hour": partial(_steady, rate=1, ttl=timedelta(days=1)),
    "dies after two weeks": _dying,
    "down for ten days": _back,
    "never a word": lambda _: Source((), 20),
}


def run(policy: Callable[[], Policy], sources: int) -> dict[str, Result]:
    """Every pattern under a policy, so many sources each."""
    results = {}
    for name, pattern in PATTERNS.items():
        results[name] = Result()
        for number in range(sources):
            draw = random.Random(f"{name} {number}")
            source = pattern(draw)
            results[name].add(follow(source, policy(), draw.randrange(4)))
    return results


def total(results: Mapping[str, Result]) -> Result:
    """All patterns as one fleet."""
    everything = Result()
    for result in results.values():
        everything.add(result)
    return everything


def _presslake(minutes: float) -> Callable[[], Policy]:
    return lambda: Presslake(Poll(patience_minutes=minutes))


def _as_frugal(requests: int, sources: int) -> Result:
    """Presslake with the patience that makes it ask as often as a peer."""
    minutes, result = Poll().patience_minutes, Result()
    for _ in range(_TRIALS):
        result = total(run(_presslake(minutes), sources))
        surplus = result.requests / requests
        if abs(surplus - 1) < 0.02:
            break
        minutes *= surplus**2  # requests fall with the root of the patience
    return result


PEERS: Mapping[str, Callable[[], Policy]] = {
    "every 15 minutes": lambda: Fixed(timedelta(minutes=15)),
    "every hour": lambda: Fixed(timedelta(hours=1)),
    "every 6 hours": lambda: Fixed(timedelta(hours=6)),
    "rss-fetcher": RssFetcher,
}


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    sources = 1 if quick else 2
    say("peers")
    results = {name: run(policy, sources) for name, policy in PEERS.items()}
    say("Presslake")
    results = {"Presslake": run(Presslake, sources)} | results
    rows = [(f"**{name}**" if name == "Presslake" else name, *total(of).row) for name, of in results.items()]
    for peer in ("every hour", "rss-fetcher", "every 6 hours"):
        say(f"Presslake with the requests of {peer}")
        frugal = _as_frugal(total(results[peer]).requests, sources)
        rows.append((f"Presslake, as frugal as {peer}", *frugal.row))
    heads = ["all patterns", "requests per article", "late, min", "median", "p90", "missed"]
    shown = ("Presslake", "every hour", "rss-fetcher")
    by_pattern = [
        (name, *(value for policy in shown for value in _short(results[policy][name], sources)))
        for name in PATTERNS
    ]
    columns = [f"{policy}: {what}" for policy in shown for what in ("asks a day", "late, min", "missed")]
    articles = total(results["every 15 minutes"]).articles
    return "\n\n".join(
        [
            table(heads, rows),
            table(["pattern", *columns], by_pattern),
            f"{HOURS // 168} weeks of {sources} sources of each pattern, {articles:,} articles, slots of 15 minutes. "
            "A feed shows its last 10 to 50 articles; what has left it unseen is missed for ever. Late is from "
            "publication to the request that showed it, the mean if not said otherwise. *As frugal as*: with the "
            "patience that makes as many requests as the peer. rss-fetcher: its rules and defaults, in our slots.",
        ]
    )


def _short(result: Result, sources: int) -> tuple[float, float | None, int]:
    return result.requests / sources / (HOURS / 24), result.row[1], result.missed

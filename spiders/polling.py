"""When a source is looked at again: learned from what it yields, within the outlet's bounds. Pure.

Kept of a source is its rhythm: new articles an hour, in each eighth of the UTC day. It is looked at again when
the articles expected since would together have waited as long as the outlet's patience p. At a steady rate r that
is every √(2p/r): the split of a number of requests over sources, and over the hours of a source, with the least
waiting.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.outlet import Poll
from spiders.manners import retry_after

PARTS = 8  # of a day; one is later at the same cost, 24 gain nothing (docs/decisions/0014-polling.md)
ONE_IN = 20

_HOUR = timedelta(hours=1)
_PART = timedelta(hours=24 // PARTS)
_STEP_MINUTES = 5
_DAY_MINUTES = 24 * 60
_TOLERANCE = timedelta(minutes=5)
_UNKNOWN_RATE = 1.0  # articles an hour of a source that states no dates, before anything is learned
_LEAST_SHARE = 0.05  # of its mean rate, at hours when it has never published
# What is remembered of a part of the day: a week of it, or ten articles if they come sooner.
_MEMORY_HOURS = 21.0
_MEMORY_ARTICLES = 10.0
_SHORTEST_GAP = 1 / 12  # hours; what came since a look a moment ago is no rate
_SILENCE = 4.0  # articles that failed to come halve the rate expected
_DOUBTED = 3.0  # articles that failed to come before a 304 is checked, and again after as many more
_LONGEST_HINT = timedelta(days=30)
LONGEST_RETRY_AFTER = timedelta(days=2)
_DEAD_AFTER = 10  # failures in a row
_LONGEST_SILENCE = timedelta(days=14)  # hardly a news outlet publishes nothing for so long
_MAX_AGE = re.compile(r'\bmax-age\s*=\s*"?(\d{1,12})', re.IGNORECASE)
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 7 * 24, "monthly": 30 * 24, "yearly": 365 * 24}


class Habit(BaseModel):
    """What is known of a source after a look at it; columns of `visits`, where their meaning stands."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    interval_seconds: int
    next_visit_at: datetime
    rhythm: tuple[float, ...] | None = None
    silence: float = 0.0
    failures: int = 0
    hint_seconds: int | None = None
    newest_at: datetime | None = None
    is_liar: bool = False


@dataclass(frozen=True)
class Look:
    """What one look at a source gave; `since` is the last look that succeeded, `stated` the items' instants."""

    at: datetime
    is_success: bool
    since: datetime | None = None
    found: int = 0
    new: int = 0
    stated: tuple[datetime, ...] = ()
    hint_seconds: int | None = None
    requests: int = 1
    retry_after: float | None = None  # seconds
    is_liar: bool = False


def follow(before: Habit | None, look: Look, slot: datetime, poll: Poll) -> Habit:
    """The habit after a look; the next one counts from the start of the slot, so that it falls on one."""
    shortest, longest = timedelta(minutes=poll.min_minutes), timedelta(minutes=poll.max_minutes)
    known = before or Habit(interval_seconds=0, next_visit_at=slot)
    rhythm, silence, newest_at = known.rhythm, known.silence, known.newest_at
    failures = 0 if look.is_success else known.failures + 1
    if look.is_success:
        stated = [at for at in look.stated if at <= look.at]
        newest_at = max(stated, default=look.at if look.new and not look.stated else newest_at)
        rhythm, silence = _learn(rhythm, silence, look, stated)
    interval = timedelta(seconds=known.interval_seconds)
    if look.is_success or before is None:
        interval = _wait(rhythm or (_UNKNOWN_RATE,) * PARTS, silence, look, poll)
    interval = max(shortest, min(interval, longest))
    wait = min(interval * max(failures, 1), longest)
    if look.retry_after:
        wait = max(wait, min(timedelta(seconds=look.retry_after), LONGEST_RETRY_AFTER))
    return Habit(
        interval_seconds=int(interval.total_seconds()),
        next_visit_at=slot + wait,
        rhythm=rhythm,
        silence=silence,
        failures=failures,
        hint_seconds=look.hint_seconds,
        newest_at=newest_at,
        is_liar=look.is_liar,
    )


def is_due(habit: Habit | None, slot: datetime) -> bool:
    """Whether a source is to be looked at in the slot that starts then."""
    return habit is None or habit.next_visit_at <= slot + _TOLERANCE


def chance(url: str, slot: str) -> bool:
    """True for a source in one of `ONE_IN` slots, whenever it is asked: the turn to check what it says."""
    return hashlib.sha256(f"{slot} {url}".encode()).digest()[0] % ONE_IN == 0


def doubts(habit: Habit, since: datetime, at: datetime) -> bool:
    """Whether a source that says it has not changed has been silent long enough to be checked."""
    later = habit.silence + _expected(habit.rhythm or (), _exposure(since, at))
    return later // _DOUBTED > habit.silence // _DOUBTED


def health(habit: Habit, at: datetime) -> Literal["alive", "stale", "dead"]:
    """How a source is: dead when it fails time and again, stale when it answers and is silent against its habit."""
    if habit.failures >= _DEAD_AFTER:
        return "dead"
    age = at - habit.newest_at if habit.newest_at else timedelta(0)
    silent = (habit.silence >= 8 and age >= timedelta(days=3)) or (
        habit.silence >= 0.5 and is_stale(habit.newest_at, at)
    )
    return "stale" if silent else "alive"


def is_stale(newest: datetime | None, now: datetime) -> bool:
    """Whether a source whose newest item is of then, and of which nothing else is known, is silent for too long."""
    return newest is not None and now - newest >= _LONGEST_SILENCE


def fresh_for(cache_control: str | None, expires: str | None, at: datetime) -> int | None:
    """Seconds an answer says it stays fresh, from its headers; None when they do not say.

    >>> fresh_for("public, max-age=600", None, datetime.now(UTC)), fresh_for("no-cache", "0", datetime.now(UTC))
    (600, None)
    """
    if cache_control and (age := _MAX_AGE.search(cache_control)):
        return _hint(float(age[1]))
    return _hint(retry_after(expires, at) or 0) if expires else None


def stated_period(channel: dict[str, str]) -> int | None:
    """Seconds between looks that a feed asks for, by `ttl` (minutes) and `sy:updatePeriod`; None if it does not.

    >>> stated_period({"ttl": "90"}), stated_period({"updateperiod": "daily", "updatefrequency": "4"})
    (5400, 21600)
    """
    hours = _PERIODS.get(channel.get("updateperiod", "").lower(), 0)
    frequency = _number(channel.get("updatefrequency", "")) or 1.0
    return _hint(max(_number(channel.get("ttl", "")) * 60, hours * 3600 / frequency))


def _hint(seconds: float) -> int | None:
    return int(min(seconds, _LONGEST_HINT.total_seconds())) or None


def _number(stated: str) -> float:
    return float(stated) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", stated, re.ASCII) else 0.0


def _learn(
    rhythm: tuple[float, ...] | None, silence: float, look: Look, stated: list[datetime]
) -> tuple[tuple[float, ...], float]:
    """(rhythm, silence) after a look that succeeded."""
    if rhythm is None or look.since is None:
        if not stated:
            return (_UNKNOWN_RATE,) * PARTS, 0.0
        rate = look.found / max((look.at - min(stated)) / _HOUR, 1)
        return (rate,) * PARTS, rate * ((look.at - max(stated)) / _HOUR)
    # Where nothing named is known, more may have come than is named: the dates say in what time this came.
    is_flooded = 0 < look.found <= look.new
    since = max(look.since, min(stated)) if is_flooded and stated else look.since
    exposure = _exposure(since, look.at)
    pace = look.new / max((look.at - since) / _HOUR, _SHORTEST_GAP)
    learned = []
    for rate, hours in zip(rhythm, exposure, strict=True):
        memory = min(_MEMORY_HOURS, _MEMORY_ARTICLES / max(rate, pace, 1e-9))
        after = (rate * memory + pace * hours) / (memory + hours)
        learned.append(max(rate, after) if is_flooded else after)
    return tuple(learned), 0.0 if look.new else silence + _expected(rhythm, exposure)


def _wait(rhythm: tuple[float, ...], silence: float, look: Look, poll: Poll) -> timedelta:
    """Time until the articles expected have waited long enough, or half of what the source shows is new.

    What the source asks for is waited for too, as long as less than one article is expected meanwhile.
    """
    least = _LEAST_SHARE * sum(rhythm) / PARTS
    damped = _SILENCE / (_SILENCE + silence)
    rates = [damped * max(rate, least) for rate in rhythm]
    patience = poll.patience_minutes * look.requests
    hint = (look.hint_seconds or 0) / 60
    plenty = look.found / 2 or math.inf
    at = look.at.astimezone(UTC)
    begin = at.hour * 60 + at.minute
    waited = expected = 0.0  # article-minutes, articles
    passed = 0
    while passed < poll.max_minutes and expected < plenty:
        if waited >= patience and (passed >= hint or expected >= 1):
            break
        came = rates[(begin + passed) * PARTS // _DAY_MINUTES % PARTS] * _STEP_MINUTES / 60
        waited += (expected + came / 2) * _STEP_MINUTES
        expected += came
        passed += _STEP_MINUTES
    return timedelta(minutes=passed)


def _part(at: datetime) -> int:
    return at.astimezone(UTC).hour * PARTS // 24


def _exposure(since: datetime, until: datetime) -> list[float]:
    """Hours between two instants in each part of the day."""
    hours = [0.0] * PARTS
    at = since.astimezone(UTC)
    while at < until:
        part = _part(at)
        end = at.replace(hour=part * 24 // PARTS, minute=0, second=0, microsecond=0) + _PART
        hours[part] += (min(end, until) - at) / _HOUR
        at = end
    return hours


def _expected(rhythm: tuple[float, ...], exposure: list[float]) -> float:
    return sum(rate * hours for rate, hours in zip(rhythm, exposure, strict=False))

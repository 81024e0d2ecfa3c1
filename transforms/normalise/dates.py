"""What a page says of when it was published or changed → one moment, by trust and agreement. No clock is read.

The publisher's machines say it best, except that many stamp an article anew: an earlier date printed at the
headline is the publication. A later one there that is not said to be of a change is the outlet's word as well: it
has put the article out anew. A stamp in UTC tells the instant; the publisher's own day is told by what else is
stated in local time. Nothing is taken from the fetch but its limits: no page tells of a time after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytz

from schemas.vocabulary import Precision, Zone
from transforms.dates.reading import Stated, readings

#: Sources by trust; a source is as trusted as the first pattern that fits it.
_TRUST = tuple(
    map(
        re.compile,
        (
            r"layout|stated",
            r"json-ld:date(Published|Modified)",
            r"meta:article:(published|modified)_time",
            r"feed|news_sitemap",
            r"json-ld:\w*(Page|Article):date(Published|Modified)",
            r"itemprop:",
            r"meta:.*publ|meta:(og:)?(article:)?modified",
            r"headline:published",
            r"headline",
            r"above headline",
            r"url",
            r"page:published",
            r"json-ld:\w*:?date",
            r"meta:",
            r"page",
            r"",
        ),
    )
)
_LAST_MACHINE = 6  # these are written by software; what comes after is seen by readers
_AT_HEADLINE = re.compile("(above )?headline")
_SEEN = re.compile("(above )?headline|url")
_MONTH_FIRST = frozenset((*pytz.country_timezones["us"], *pytz.country_timezones["ph"]))
#: What software writes when it knows no date.
_DEFAULTS = frozenset(
    date(*day)
    for day in (
        (1, 1, 1),
        (1899, 12, 30),
        (1900, 1, 1),
        (1969, 12, 31),
        (1970, 1, 1),
        (1980, 1, 1),
        (2000, 1, 1),
    )
)
_OLDEST = date(1700, 1, 1)
_SKEW = timedelta(minutes=15)  # between our clock and theirs
_BEHIND, _AHEAD = timedelta(hours=10), timedelta(hours=14)  # of UTC: Honolulu, Kiritimati
_RESTAMPED = timedelta(days=2)  # a shorter one may be an edition's date, or a zone's
_OF_THE_FETCH = timedelta(minutes=2)
_DAY, _MINUTE, _QUARTER = timedelta(days=1), timedelta(minutes=1), timedelta(minutes=15)


@dataclass(frozen=True)
class Moment:
    """A stated time: the day in the publisher's zone, the instant where it is known."""

    on: date
    at: datetime | None
    precision: Precision
    zone: Zone


@dataclass(frozen=True)
class Choice:
    """The moment believed, what it was read from, and what was turned down as `(source, raw, why)`."""

    moment: Moment | None
    source: str | None
    raw: str | None
    rejected: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class _Candidate:
    source: str
    raw: str
    stated: Stated
    moment: Moment
    rank: int


def choose_moment(
    stated: Iterable[tuple[str, str]], language: str | None, time_zone: str | None, fetched_at: datetime
) -> Choice:
    """The most believable of (source, raw) statements, in any order; `time_zone` (IANA) is the outlet's.

    Turned down: `unreadable`, `ambiguous` (5/6/2026), `default` of a software, `future`, `fetch time` (nothing
    else tells of the moment the page was made), `restamped` (a date at the headline is earlier), `republished` (one
    there is later), `disagrees`.
    """
    found: list[_Candidate] = []
    rejected: list[tuple[str, str, str]] = []
    unclear: list[list[_Candidate]] = []
    for source, raw in dict.fromkeys(stated):
        read = [_candidate(source, raw, one, time_zone, fetched_at) for one in _either_way(raw, language)]
        possible = [one for one in read if isinstance(one, _Candidate)]
        if len(possible) > 1:
            unclear.append(possible)
        elif possible:
            found.append(possible[0])
        else:
            rejected.append((source, raw, str(next(iter(read), "unreadable"))))
    for possible in unclear:
        if clear := _cleared(possible, found, language, time_zone):
            found.append(clear)
        else:
            rejected.append((possible[0].source, possible[0].raw, "ambiguous"))
    for one in [one for one in found if _is_of_the_fetch(one, found, fetched_at)]:
        found.remove(one)
        rejected.append((one.source, one.raw, "fetch time"))
    if not found:
        return Choice(None, None, None, tuple(rejected))
    found.sort(key=lambda one: one.rank)
    best = _first_printed(found, fetched_at)
    rejected += [(one.source, one.raw, _why(one, best)) for one in found if not _may_be_one(one, best)]
    moment, told = _completed(best, found)
    return Choice(moment, told.source, told.raw, tuple(rejected))


def _candidate(
    source: str, raw: str, stated: Stated, time_zone: str | None, fetched_at: datetime
) -> _Candidate | str:
    """The statement with what it means, or why it is not believed."""
    clock = stated.clock
    is_midnight = clock == datetime.combine(clock, time())
    if clock.date() < _OLDEST or (clock.date() in _DEFAULTS and (is_midnight or clock.year < 1980)):
        return "default"
    latest = (fetched_at + _SKEW).astimezone(UTC).replace(tzinfo=None)
    if clock > latest + _AHEAD:  # no clock on earth shows it yet
        return "future"
    if is_midnight:
        stated = replace(stated, precision=Precision.DAY)
    moment = _moment(stated, time_zone)
    if moment.at and moment.at > fetched_at + _SKEW:  # then it is a local time with a zone that is wrong
        local = _moment(replace(stated, zone=None), time_zone)
        known = local.at is not None and local.at <= fetched_at + _SKEW
        moment = local if known else Moment(clock.date(), None, stated.precision, Zone.UNKNOWN)
    return _Candidate(source, raw, stated, moment, _rank(source))


def _either_way(raw: str, language: str | None) -> tuple[Stated, ...]:
    """What a string may state; month first and day first, too, where only the language tells them apart."""
    return tuple(dict.fromkeys((*readings(raw, language), *readings(raw))))


def _cleared(
    possible: Sequence[_Candidate], found: Sequence[_Candidate], language: str | None, time_zone: str | None
) -> _Candidate | None:
    """Of month first and day first, the one that another statement, the language or the outlet's country supports."""
    for one in possible:
        if any(abs(one.moment.on - other.moment.on) <= _DAY for other in found):
            return one
    if len(readings(possible[0].raw, language)) == 1:
        return possible[0]
    if time_zone in _MONTH_FIRST:
        return possible[0]
    return (
        possible[-1]
        if time_zone and not time_zone.startswith(("America/", "Canada/", "Etc/", "UTC"))
        else None
    )


def _is_of_the_fetch(one: _Candidate, found: Sequence[_Candidate], fetched_at: datetime) -> bool:
    if one.moment.at is None or abs(one.moment.at - fetched_at) > _OF_THE_FETCH:
        return False
    return not any(other.source != one.source and other.moment.on == one.moment.on for other in found)


def _first_printed(found: Sequence[_Candidate], fetched_at: datetime) -> _Candidate:
    """The most trusted, or the date at the headline where that is another than a machine stamped.

    A later one must stand below the headline; the address must not bear the machine out, and a day must not be
    that of the fetch, which mastheads show.
    """
    best = found[0]
    if not 0 < best.rank <= _LAST_MACHINE or "odified" in best.source:
        return best
    printed = [one for one in found if _AT_HEADLINE.match(one.source)]
    if not printed or any(_may_be_one(one, best) for one in printed):
        return best
    first = printed[0]
    if abs(first.moment.on - best.moment.on) <= _RESTAMPED:
        return best
    is_today = (
        first.moment.precision is Precision.DAY
        and first.moment.on >= (fetched_at.astimezone(UTC) - _DAY).date()
    )
    is_confirmed = any(one.source == "url" and _may_be_one(one, best) for one in found)
    is_later = first.moment.on > best.moment.on
    is_doubtful = is_later and (is_today or is_confirmed or not first.source.startswith("headline"))
    return best if is_doubtful else first


def _why(one: _Candidate, best: _Candidate) -> str:
    """Why a statement of another time than the believed one is not believed."""
    if one.rank >= best.rank:
        return "disagrees"
    return "restamped" if one.moment.on > best.moment.on else "republished"


def _may_be_one(one: _Candidate, other: _Candidate) -> bool:
    """Whether two statements may mean one moment, or one day, seen from different zones."""
    if one.moment.on == other.moment.on:
        return True
    if one.moment.at and other.moment.at:
        return abs(one.moment.at - other.moment.at) < _QUARTER
    if one.moment.at is other.moment.at:
        return False
    local, exact = sorted((one, other), key=lambda c: c.moment.at is not None)
    assert exact.moment.at is not None  # noqa: S101
    if local.moment.precision is Precision.DAY:
        return (
            exact.moment.zone is Zone.STATED
            and _is_utc(exact.stated)
            and _is_within_reach(exact.moment.at, local.moment.on)
        )
    return _offset_between(local.stated.clock, exact.moment.at) is not None


def _completed(best: _Candidate, found: Sequence[_Candidate]) -> tuple[Moment, _Candidate]:
    """The moment with the instant and the publisher's own day as far as any statement tells them, and which told."""
    if best.moment.at is None:
        exact = (one for one in found if one.moment.at and _may_be_one(best, one) and _refines(one, best))
        if told := next(exact, None):
            return replace(told.moment, on=best.moment.on), told
    elif _is_utc(best.stated) and best.moment.zone is Zone.STATED:
        if told := next((one for one in found if _is_same_clock(one, best)), None):
            return told.moment, told
        return replace(best.moment, on=_local_day(best, best.moment.at, found)), best
    return best.moment, best


def _refines(exact: _Candidate, best: _Candidate) -> bool:
    """Whether an instant is that of a day, or of a time of day without a zone."""
    if best.moment.precision is Precision.DAY:
        return True
    return exact.moment.at is not None and _offset_between(best.stated.clock, exact.moment.at) is not None


def _is_same_clock(one: _Candidate, best: _Candidate) -> bool:
    """Whether it shows that `Z` stands behind the time of a local clock."""
    has_offset = one.moment.at is not None and one.stated.zone is not None and not _is_utc(one.stated)
    return has_offset and abs(one.stated.clock - best.stated.clock) < _MINUTE


def _local_day(best: _Candidate, at: datetime, found: Sequence[_Candidate]) -> date:
    """The day of an instant where the publisher is."""
    timed = (one for one in found if one.moment.precision is not Precision.DAY)
    clocks = (one.stated.clock for one in timed if _offset_between(one.stated.clock, at))
    seen = (one.moment.on for one in found if _SEEN.match(one.source) and _may_be_one(one, best))
    clock = next(clocks, None)
    return clock.date() if clock else next(seen, best.moment.on)


def _is_utc(stated: Stated) -> bool:
    return stated.zone is not None and not stated.zone.utcoffset(stated.clock)


def _is_within_reach(at: datetime, on: date) -> bool:
    """Whether somewhere on earth the instant falls on that day."""
    return (at - _BEHIND).date() <= on <= (at + _AHEAD).date()


def _offset_between(clock: datetime, at: datetime) -> timedelta | None:
    """The offset from UTC of a clock that shows this time at that instant; None if no zone has such an offset."""
    ahead = clock - at.astimezone(UTC).replace(tzinfo=None)
    offset = round(ahead / _QUARTER) * _QUARTER
    return offset if abs(ahead - offset) < _MINUTE and -_BEHIND <= offset <= _AHEAD else None


def _moment(stated: Stated, time_zone: str | None) -> Moment:
    outlet = ZoneInfo(time_zone) if time_zone else None
    clock, zone, precision = stated.clock, stated.zone, stated.precision
    if precision is Precision.DAY:
        known = Zone.STATED if zone else Zone.OUTLET if outlet else Zone.UNKNOWN
        return Moment(clock.date(), None, precision, known)
    if zone is None and outlet is None:
        return Moment(clock.date(), None, precision, Zone.UNKNOWN)
    at = clock.replace(tzinfo=zone or outlet).astimezone(UTC)
    # A stamp in UTC is a machine's; the publisher's day is told by the outlet's zone.
    on = at.astimezone(outlet).date() if outlet and _is_utc(stated) else clock.date()
    return Moment(on, at, precision, Zone.STATED if zone else Zone.OUTLET)


@lru_cache(maxsize=2_000)
def _rank(source: str) -> int:
    return next(rank for rank, pattern in enumerate(_TRUST) if pattern.match(source))


def naive_clock(raw: str, language: str | None = None) -> datetime | None:
    """The wall clock of a string that states a time of day and no zone, else None."""
    found = readings(raw, language)
    is_naive = len(found) == 1 and found[0].zone is None and found[0].precision is not Precision.DAY
    return found[0].clock if is_naive else None


def read_moment(raw: str, language: str | None = None, time_zone: str | None = None) -> Moment | None:
    """What a string states, or None. `time_zone` (IANA) is applied where no zone is stated.

    >>> read_moment("2024-03-31 02:30", time_zone="Europe/Berlin").zone
    <Zone.OUTLET: 'outlet'>
    """
    found = readings(raw, language)
    return _moment(found[0], time_zone) if len(found) == 1 else None

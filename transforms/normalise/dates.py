"""Dates as stated → instants in UTC, or days; with how exactly and in whose zone. No clock is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateparser.date import DateDataParser

from schemas.vocabulary import Precision, Zone

_ISO = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.]?)(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}:?\d{0,2})?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{10}(\d{3})?")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d.])(\d{1,2}\s*[:.h時시点]\s*\d{2}(:\d{2})?(?!\d)(\s*[ap]\.?m\b)?|\d{1,2}\s*[ap]\.?m\b)"
    r"(\s*\(?(UTC|GMT|[A-Z]{1,3}T)\b)?",
    re.IGNORECASE,
)
_DAY_IN_WORDS = re.compile(
    r"\d{4}\s*[年년]\s*\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일]?|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{4}(?!\d)|"
    r"(?<!\d)\d{1,2}(st|nd|rd|th|\.|er|º)?\s+(de\s+)?[^\W\d]+\.?,?\s+(de\s+)?\d{4}(?!\d)|"
    r"[^\W\d]+\.?\s+\d{1,2}(st|nd|rd|th)?,?\s+\d{4}(?!\d)"
)
_LONGEST = 120  # characters in which a date in words is looked for
#: What software writes when it knows no date.
_DEFAULTS = {date(1, 1, 1), date(1900, 1, 1), date(1970, 1, 1)}
_SKEW = timedelta(hours=24)


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


def choose_moment(
    stated: Iterable[tuple[str, str]], language: str | None, time_zone: str | None, fetched_at: datetime
) -> Choice:
    """The first believable of (source, raw) statements; an instant of the same day refines a bare day.

    Not believed: what cannot be read, dates more than 24 hours after the fetch, software's defaults.
    """
    day_only: tuple[Moment, str, str] | None = None
    rejected: list[tuple[str, str, str]] = []
    statements = list(stated)
    for source, raw in statements:
        moment = read_moment(raw, language, time_zone)
        if moment is None:
            rejected.append((source, raw, "unreadable"))
        elif moment.on in _DEFAULTS:
            rejected.append((source, raw, "default"))
        elif _is_later(moment, fetched_at + _SKEW):
            rejected.append((source, raw, "future"))
        elif moment.at is not None and (day_only is None or moment.on == day_only[0].on):
            return Choice(_on_local_day(moment, statements), source, raw, tuple(rejected))
        else:
            day_only = day_only or (moment, source, raw)
    return Choice(*day_only, tuple(rejected)) if day_only else Choice(None, None, None, tuple(rejected))


def _on_local_day(moment: Moment, statements: list[tuple[str, str]]) -> Moment:
    """The moment with the publisher's day, where the same instant is also stated with an offset."""
    for _, raw in statements:
        found = _iso(raw)
        if found and moment.at and found[0].utcoffset() and abs(found[0] - moment.at) < timedelta(minutes=1):
            return replace(moment, on=found[0].date())
    return moment


def read_moment(raw: str, language: str | None = None, time_zone: str | None = None) -> Moment | None:
    """What a string states, or None. `time_zone` (IANA) is applied where no zone is stated.

    >>> read_moment("2024-03-31 02:30", time_zone="Europe/Berlin").zone
    <Zone.OUTLET: 'outlet'>
    """
    text = " ".join(raw.split())
    try:
        found = _iso(text) or _epoch(text) or _mail(text) or _worded(text, language)
        return _moment(*found, time_zone) if found else None
    except (ValueError, OverflowError):
        return None


def _moment(stamp: datetime, precision: Precision, time_zone: str | None) -> Moment:
    if precision is Precision.DAY:
        return Moment(stamp.date(), None, precision, Zone.OUTLET if time_zone else Zone.UNKNOWN)
    zone = ZoneInfo(time_zone) if time_zone else None
    if stamp.tzinfo is None:
        if zone is None:
            return Moment(stamp.date(), None, precision, Zone.UNKNOWN)
        return Moment(stamp.date(), stamp.replace(tzinfo=zone).astimezone(UTC), precision, Zone.OUTLET)
    # A stamp in UTC is a machine's; the publisher's day is told by the outlet's zone.
    local = stamp.astimezone(zone) if zone and not stamp.utcoffset() else stamp
    return Moment(local.date(), stamp.astimezone(UTC), precision, Zone.STATED)


def _is_later(moment: Moment, limit: datetime) -> bool:
    return moment.at > limit if moment.at else moment.on > limit.date()


def _iso(raw: str) -> tuple[datetime, Precision] | None:
    text = raw.strip()
    match = _ISO.match(text)
    if match is None or len(text) > match.end() + 20:
        return None
    parts = match.groupdict()
    year, month, day = (int(parts[name]) for name in ("year", "month", "day"))
    if parts["hour"] is None:
        return (datetime(year, month, day), Precision.DAY) if match.end() == len(text) else None  # noqa: DTZ001
    micro = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
    second = int(parts["second"] or 0)
    stamp = datetime(year, month, day, int(parts["hour"]), int(parts["minute"]), min(second, 59), micro)  # noqa: DTZ001
    if parts["zone"]:
        stamp = stamp.replace(tzinfo=_offset(parts["zone"]))
    return stamp, Precision.MINUTE if parts["second"] is None else Precision.INSTANT


def _offset(zone: str) -> timezone:
    digits = re.sub(r"\D", "", zone)
    if not digits:
        return UTC
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if "-" in zone else ahead)


def _epoch(text: str) -> tuple[datetime, Precision] | None:
    if not _EPOCH.fullmatch(text):
        return None
    return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC), Precision.INSTANT


def _mail(text: str) -> tuple[datetime, Precision] | None:
    if not re.match(r"[A-Za-z]{3},? \d{1,2} [A-Za-z]{3} \d{4} \d", text):
        return None
    return parsedate_to_datetime(text), Precision.INSTANT


def _worded(text: str, language: str | None) -> tuple[datetime, Precision] | None:
    day = _DAY_IN_WORDS.search(text[:_LONGEST])
    if day is None:
        return None
    order = "DMY"
    if numeric := _DOTTED.fullmatch(day[0]):
        first, second, _ = map(int, numeric.groups())
        if (
            first <= 12
            and second <= 12
            and first != second
            and language in {"en", None}
            and "." not in day[0]
        ):
            return None  # the fifth of June or the sixth of May: nobody can say
        order = "MDY" if second > 12 else "DMY"
    clock = _CLOCK.search(text[: day.start()] + " " + text[day.end() :])
    reader = _reader(language or "en", order)
    found = reader.get_date_data(f"{day[0]} {clock[0]}" if clock else day[0]).date_obj
    if found is None:
        return None
    if clock is None:
        return found.replace(tzinfo=None), Precision.DAY
    return found, Precision.INSTANT if clock[2] else Precision.MINUTE


@lru_cache(maxsize=64)
def _reader(language: str, order: str) -> DateDataParser:
    # Only stated parts count: no "3 hours ago", which would need a clock, and nothing filled in from today.
    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "DATE_ORDER": order}
    languages = list(dict.fromkeys([language, "en"]))
    try:
        return DateDataParser(languages=languages, settings=settings)
    except ValueError:  # a language it has no words of
        return DateDataParser(languages=["en"], settings=settings)

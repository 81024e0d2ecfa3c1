"""An outlet's time zone, learned from when we first saw what it stamped without one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytz

_FEWEST = 50  # articles
_SLACK = timedelta(minutes=10)  # by which clocks and schedules may be ahead of us
_PROMPT = timedelta(minutes=30)  # no two zones are closer
_MOST_EARLY = 0.05  # share of articles that may be seen before their stamp: planned or stamped anew
_LEAD = 0.1  # share of articles by which the best zone must explain more than the next
_YEAR = tuple(timedelta(days=7 * week) for week in range(53))


def learn_zone(stamps: Sequence[datetime], first_seen: Sequence[datetime], country: str) -> str | None:
    """The IANA zone of a country's outlet, or None while that is not sure.

    `stamps` are its naive publication times, `first_seen` the instants when we first met the same articles;
    the latest few hundred are best. In the right zone articles are seen soon after their stamp and next to
    none before it. Zones (UTC is always one) that fit as well but part within a year are not told apart.
    """
    if len(stamps) < _FEWEST:
        return None
    names: list[str] = [*pytz.country_timezones.get(country.upper(), ()), "UTC"]
    fits = {name: _prompt(stamps, first_seen, ZoneInfo(name)) for name in names}
    best = max(fits.values())
    alike = [name for name in names if fits[name] > best - _LEAD * len(stamps)]
    if best < _LEAD * len(stamps) or not _agree(alike, max(first_seen)):
        return None
    return max(alike, key=lambda name: fits[name])


def _prompt(stamps: Sequence[datetime], first_seen: Sequence[datetime], zone: ZoneInfo) -> int:
    """How many articles were seen soon after their stamp; 0 if too many were seen before it."""
    delays = [seen - stamp.replace(tzinfo=zone) for stamp, seen in zip(stamps, first_seen, strict=True)]
    if sum(delay < -_SLACK for delay in delays) > _MOST_EARLY * len(delays):
        return 0
    return sum(-_SLACK <= delay <= _PROMPT for delay in delays)


def _agree(names: Sequence[str], since: datetime) -> bool:
    """Whether clocks of these zones show the same time for a year."""
    zones = [ZoneInfo(name) for name in names]
    return all(len({(since + weeks).astimezone(zone).utcoffset() for zone in zones}) == 1 for weeks in _YEAR)

"""The zone of an outlet is learned from when its articles were first seen, or not at all."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from transforms.normalise.zones import learn_zone

POLLS = timedelta(minutes=15)


def outlet(
    zone: str, start: datetime, days: int, *, articles: int = 120, poll: timedelta = POLLS, late: float = 0.0
) -> tuple[list[datetime], list[datetime]]:
    dice = random.Random(7)
    stamps, seen = [], []
    for _ in range(articles):
        at = start + timedelta(minutes=dice.randrange(days * 24 * 60))
        stamps.append(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        polls = -((start - at) // poll)
        first = start + polls * poll
        seen.append(first - timedelta(hours=8) if dice.random() < late else first + timedelta(seconds=40))
    return stamps, seen


WINTER, SPRING, SUMMER = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 6))


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Berlin", "de"),
        ("America/New_York", "us"),
        ("America/St_Johns", "ca"),
        ("Asia/Kolkata", "in"),
        ("Asia/Kathmandu", "np"),
        ("Australia/Lord_Howe", "au"),
        ("Australia/Brisbane", "au"),
        ("America/Sao_Paulo", "br"),
        ("Africa/Nairobi", "ke"),
        ("UTC", "in"),  # stamps of a server
    ],
)
def test_a_year_tells_the_zone_over_both_changes_of_the_clock(zone: str, country: str) -> None:
    stamps, seen = outlet(zone, WINTER, 365, articles=400)
    found = learn_zone(stamps, seen, country)
    assert found is not None
    for stamp, first in zip(stamps, seen, strict=True):
        delay = first - stamp.replace(tzinfo=ZoneInfo(found))
        assert abs(delay) <= POLLS + timedelta(hours=1, seconds=40)  # the hour that is said twice


def test_the_weeks_around_one_change_are_enough() -> None:
    assert learn_zone(*outlet("Australia/Sydney", SPRING, 60), "au") in {
        "Australia/Sydney",
        "Australia/Melbourne",
        "Australia/Hobart",
        "Antarctica/Macquarie",
    }


@pytest.mark.parametrize(("zone", "country"), [("America/Denver", "us"), ("Europe/London", "gb")])
def test_zones_that_part_in_summer_are_not_told_apart_in_winter(zone: str, country: str) -> None:
    assert learn_zone(*outlet(zone, WINTER, 30), country) is None


def test_some_stamps_ahead_of_time_do_no_harm() -> None:
    assert learn_zone(*outlet("Asia/Kolkata", SUMMER, 30, late=0.03), "in") == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("given", "country"),
    [
        (outlet("Asia/Kolkata", SUMMER, 30, articles=49), "in"),  # too few
        (outlet("Asia/Kolkata", SUMMER, 30, poll=timedelta(days=1)), "in"),  # looked at too rarely
        (outlet("America/Los_Angeles", SUMMER, 30), "in"),  # stamps of a server elsewhere
        (outlet("Asia/Kolkata", SUMMER, 30, late=0.4), "in"),  # stamps anew all the time
        (outlet("Asia/Kolkata", SUMMER, 30), "zz"),  # no such country
    ],
)
def test_what_is_not_sure_stays_unknown(given: tuple[list[datetime], list[datetime]], country: str) -> None:
    assert learn_zone(*given, country) is None

"""Dates as stated become instants, days, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise.dates import choose_moment, read_moment

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("raw", "instant", "precision"),
    [
        ("2026-11-21T10:00:00+01:00", at(2026, 11, 21, 9), "instant"),
        ("2026-11-21T10:00:00.123Z", at(2026, 11, 21, 10, 0, 0, 123_000), "instant"),
        ("2026-11-21T10:00Z", at(2026, 11, 21, 10), "minute"),
        ("2026-11-21 10:00:00 +0545", at(2026, 11, 21, 4, 15), "instant"),
        ("20261121T100000Z", at(2026, 11, 21, 10), "instant"),
        ("1795255200", at(2026, 11, 21, 10), "instant"),
        ("1795255200000", at(2026, 11, 21, 10), "instant"),
        ("Sat, 21 Nov 2026 10:00:00 GMT", at(2026, 11, 21, 10), "instant"),
    ],
)
def test_a_stated_zone_gives_an_instant(raw: str, instant: datetime, precision: str) -> None:
    found = read_moment(raw)
    assert found is not None
    assert (found.at, found.precision, found.zone) == (instant, precision, "stated")


@pytest.mark.parametrize(
    ("raw", "zone", "instant"),
    [
        ("2026-07-01 10:00", "Europe/Berlin", at(2026, 7, 1, 8)),
        ("2026-12-01 10:00", "Europe/Berlin", at(2026, 12, 1, 9)),
        ("2026-10-25 02:30", "Europe/Berlin", at(2026, 10, 25, 0, 30)),  # said twice that night: the first
        ("2026-03-29 02:30", "Europe/Berlin", at(2026, 3, 29, 1, 30)),  # never said that night
        ("2026-11-21 10:00", "Asia/Kathmandu", at(2026, 11, 21, 4, 15)),
        ("2026-11-21 10:00", "Australia/Adelaide", at(2026, 11, 20, 23, 30)),
    ],
)
def test_the_outlets_zone_holds_where_none_is_stated(raw: str, zone: str, instant: datetime) -> None:
    found = read_moment(raw, time_zone=zone)
    assert found is not None
    assert (found.at, found.on.isoformat(), found.zone) == (instant, raw[:10], "outlet")


def test_without_any_zone_the_day_is_known_and_the_instant_is_not() -> None:
    found = read_moment("2026-11-21 10:00")
    assert found is not None
    assert (found.at, found.on, found.precision, found.zone) == (
        None,
        date(2026, 11, 21),
        "minute",
        "unknown",
    )


@pytest.mark.parametrize(
    ("raw", "language", "clock"),
    [
        ("21 November 2026", "en", None),
        ("November 21, 2026", "en", None),
        ("21. November 2026, 10:05 Uhr", "de", (10, 5)),
        ("21 ноября 2026, 10:05", "ru", (10, 5)),
        ("21 de noviembre de 2026", "es", None),
        ("2026年11月21日 10:05", "ja", (10, 5)),
        ("21 نوفمبر 2026", "ar", None),
        ("21.11.2026", "de", None),
        ("By Ada WrenPublished on November 21, 2026 • 5 min read", "en", None),
        ("10:05 UTC, November 21st, 2026", "en", (10, 5)),
        ("Veröffentlicht am 21. November 2026 um 10:05 Uhr", "de", (10, 5)),
        ("11/21/2026", "en", None),
    ],
)
def test_dates_in_words(raw: str, language: str, clock: tuple[int, int] | None) -> None:
    found = read_moment(raw, language, "UTC")
    assert found is not None
    assert found.on == date(2026, 11, 21)
    assert (found.at and (found.at.hour, found.at.minute)) == clock
    assert found.precision == ("minute" if clock else "day")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "3 hours ago",
        "05/06/2026",
        "2026",
        "November",
        "2026-13-45",
        "© 2026 The Example",
        "x" * 500,
    ],
)
def test_what_nobody_can_say_is_nothing(raw: str) -> None:
    assert read_moment(raw, "en", "UTC") is None


def test_the_future_defaults_and_nonsense_are_turned_down_and_told() -> None:
    stated = [
        ("json-ld", "2027-01-01T00:00:00Z"),
        ("meta", "1970-01-01T00:00:00Z"),
        ("itemprop", "soon"),
        ("time", "2026-11-23T11:00:00Z"),
    ]
    found = choose_moment(stated, "en", None, NOON)
    assert found.source == "time"
    assert [(source, why) for source, _, why in found.rejected] == [
        ("json-ld", "future"),
        ("meta", "default"),
        ("itemprop", "unreadable"),
    ]


def test_an_instant_of_the_same_day_refines_a_bare_day_and_another_day_does_not() -> None:
    day, same, other = (
        ("meta", "2026-11-21"),
        ("time", "2026-11-21T10:00:00Z"),
        ("url", "2026-11-20T10:00:00Z"),
    )
    assert choose_moment([day, other, same], None, None, NOON).source == "time"
    assert choose_moment([day, other], None, None, NOON).source == "meta"


def test_the_publishers_day_is_not_the_day_in_greenwich() -> None:
    stated = [("json-ld", "2026-11-21T03:22:07Z"), ("time", "2026-11-20T22:22:07-05:00")]
    found = choose_moment(stated, None, None, NOON)
    assert found.moment
    assert (found.moment.on, found.moment.at) == (date(2026, 11, 20), at(2026, 11, 21, 3, 22, 7))


@given(st.integers(631_152_000, 1_893_456_000), st.integers(-14 * 60, 14 * 60))
def test_iso_stamps_come_back_as_they_were(second: int, minutes: int) -> None:
    stamp = datetime.fromtimestamp(second, timezone(timedelta(minutes=minutes)))
    found = read_moment(stamp.isoformat())
    assert found is not None
    assert (found.at, found.on) == (stamp, stamp.date())


@given(st.text(max_size=60))
def test_no_text_breaks_it(raw: str) -> None:
    read_moment(raw)

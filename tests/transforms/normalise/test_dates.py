"""Statements of a page become one moment, the publisher's day, or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

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
        ("Sat Nov 21 10:00:00 CET 2026", at(2026, 11, 21, 9), "instant"),
        (
            "July 1, 2026 at 5:30 p.m. EST",
            at(2026, 7, 1, 21, 30),
            "minute",
        ),  # said in summer: New York's clock
        ("21 Nov 2026, 3:30 PM IST", at(2026, 11, 21, 10), "minute"),
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
        (
            "2026-04-05 01:45",
            "Australia/Lord_Howe",
            at(2026, 4, 4, 14, 45),
        ),  # its summer time is half an hour
        ("2026-07-01 01:45", "America/St_Johns", at(2026, 7, 1, 4, 15)),
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
    "raw", ["", "yesterday", "3 hours ago", "05/06/2026", "2026", "© 2026 The Example", "x" * 500]
)
def test_what_nobody_can_say_is_nothing(raw: str) -> None:
    assert read_moment(raw, "en", "UTC") is None


def test_what_is_turned_down_is_told_with_the_reason() -> None:
    stated = [
        ("json-ld:datePublished", "2027-01-01T00:00:00Z"),
        ("meta:article:published_time", "1970-01-01T00:00:00Z"),
        ("itemprop:datepublished", "soon"),
        ("meta:date", "2000-01-01 00:00:00"),
        ("page", "03/04/2026"),
        ("headline", "2026-11-21T11:00:00Z"),
        ("page", "2 May 2026"),
    ]
    found = choose_moment(stated, "en", None, NOON)
    assert (found.source, found.moment and found.moment.at) == ("headline", at(2026, 11, 21, 11))
    assert [(source, why) for source, _, why in found.rejected] == [
        ("json-ld:datePublished", "future"),
        ("meta:article:published_time", "default"),
        ("itemprop:datepublished", "unreadable"),
        ("meta:date", "default"),
        ("page", "ambiguous"),
        ("page", "disagrees"),
    ]


def test_a_new_year_story_with_a_time_of_day_is_no_default() -> None:
    found = choose_moment([("meta:pubdate", "2000-01-01T08:15:00Z")], None, None, NOON)
    assert found.moment
    assert found.moment.at == at(2000, 1, 1, 8, 15)


def test_trust_decides_and_not_the_order_of_the_statements() -> None:
    stated = [
        ("page", "3 June 2026"),
        ("url", "2026-11-20"),
        ("meta:date", "2026-11-18T09:00:00+01:00"),
        ("json-ld:datePublished", "2026-11-20T09:00:00+01:00"),
    ]
    for statements in (stated, stated[::-1]):
        assert choose_moment(statements, "en", None, NOON).source == "json-ld:datePublished"


def test_another_statement_says_whether_the_month_comes_first_and_else_the_language() -> None:
    machine = ("json-ld:datePublished", "2026-11-03T09:00:00Z")
    for stated, language, on in (
        ([("headline", "11/03/2026")], "de", date(2026, 3, 11)),
        ([("headline", "11/03/2026"), machine], "de", date(2026, 11, 3)),
        ([("headline", "11/03/2026"), machine], "en-US", date(2026, 11, 3)),
        ([("headline", "11/03/2026")], "en-US", date(2026, 11, 3)),
    ):
        moment = choose_moment(stated, language, None, NOON).moment
        assert moment is not None
        assert moment.on == on


def test_an_instant_of_the_same_day_refines_a_bare_day_and_another_day_does_not() -> None:
    day = ("headline", "21 November 2026")
    same, other = ("meta:date", "2026-11-21T10:00:00Z"), ("meta:created", "2026-11-10T10:00:00Z")
    refined = choose_moment([day, other, same], "en", None, NOON)
    assert (refined.source, refined.moment and refined.moment.at) == ("meta:date", at(2026, 11, 21, 10))
    bare = choose_moment([day, other], "en", None, NOON)
    assert (bare.source, bare.moment and bare.moment.at) == ("headline", None)


def test_midnight_is_a_day_and_no_instant() -> None:
    stated = [("json-ld:datePublished", "2026-11-21T00:00:00Z")]
    bare = choose_moment(stated, None, "Europe/Berlin", NOON).moment
    assert bare
    assert (bare.on, bare.at, bare.precision) == (date(2026, 11, 21), None, "day")
    refined = choose_moment([*stated, ("headline", "21 Nov 2026 14:20")], "en", "Europe/Berlin", NOON).moment
    assert refined
    assert (refined.at, refined.zone) == (at(2026, 11, 21, 13, 20), "outlet")


class TestTheMachineAndTheReader:
    def test_a_much_earlier_date_at_the_headline_is_the_publication(self) -> None:
        stated = [("json-ld:datePublished", "2026-11-21T09:00:00Z"), ("headline", "12 May 2024")]
        found = choose_moment(stated, "en", None, NOON)
        assert (found.source, found.moment and found.moment.on) == ("headline", date(2024, 5, 12))
        assert found.rejected == (("json-ld:datePublished", "2026-11-21T09:00:00Z", "restamped"),)

    def test_a_later_one_below_the_headline_is_of_the_article_put_out_anew(self) -> None:
        stated = [("json-ld:datePublished", "2024-05-12T09:00:00Z"), ("headline", "3 November 2026")]
        found = choose_moment(stated, "en", None, NOON)
        assert (found.source, found.moment and found.moment.on) == ("headline", date(2026, 11, 3))
        assert found.rejected == (("json-ld:datePublished", "2024-05-12T09:00:00Z", "republished"),)

    @pytest.mark.parametrize(
        "shown",
        [
            [("headline", "3 November 2026"), ("url", "2024-05-12")],
            [("above headline", "3 November 2026")],
            [("headline", "14 May 2024")],
        ],
    )
    def test_a_later_one_is_not_believed_against_the_address_above_the_headline_or_by_a_day(
        self, shown: list[tuple[str, str]]
    ) -> None:
        stated = [("json-ld:datePublished", "2024-05-12T09:00:00Z"), *shown]
        assert choose_moment(stated, "en", None, NOON).source == "json-ld:datePublished"

    def test_a_later_one_of_today_is_the_masthead(self) -> None:
        stated = [("json-ld:datePublished", "2024-05-12T09:00:00Z"), ("headline", "21 November 2026")]
        found = choose_moment(stated, "en", None, NOON)
        assert found.source == "json-ld:datePublished"
        assert found.rejected == (("headline", "21 November 2026", "disagrees"),)

    def test_an_earlier_one_that_is_not_at_the_headline_is_of_something_else(self) -> None:
        stated = [("json-ld:datePublished", "2026-11-21T09:00:00Z"), ("page", "12 May 2024")]
        assert choose_moment(stated, "en", None, NOON).source == "json-ld:datePublished"

    def test_the_date_at_the_headline_that_agrees_outweighs_another_beside_it(self) -> None:
        stated = [
            ("json-ld:datePublished", "2026-11-21T09:00:00Z"),
            ("headline", "12 May 2024"),
            ("headline", "21 November 2026"),
        ]
        assert choose_moment(stated, "en", None, NOON).source == "json-ld:datePublished"

    def test_of_modifications_the_machines_counts(self) -> None:
        stated = [("json-ld:dateModified", "2026-11-21T09:00:00Z"), ("headline", "Updated 12 May 2024")]
        assert choose_moment(stated, "en", None, NOON).source == "json-ld:dateModified"


class TestThePublishersDay:
    UTC_STAMP = ("json-ld:datePublished", "2026-11-21T03:22:07Z")

    @pytest.mark.parametrize(
        "local",
        [
            ("headline", "2026-11-20T22:22:07-05:00"),
            ("headline", "2026-11-20 22:22"),  # a clock five hours behind
            ("headline", "November 20, 2026"),
            ("url", "2026-11-20"),
        ],
    )
    def test_is_told_by_local_statements(self, local: tuple[str, str]) -> None:
        moment = choose_moment([self.UTC_STAMP, local], "en", None, NOON).moment
        assert moment
        assert (moment.on, moment.at) == (date(2026, 11, 20), at(2026, 11, 21, 3, 22, 7))

    def test_is_told_by_the_outlets_zone(self) -> None:
        moment = choose_moment([self.UTC_STAMP], None, "America/New_York", NOON).moment
        assert moment
        assert moment.on == date(2026, 11, 20)

    def test_is_not_a_day_that_no_zone_has_at_that_instant(self) -> None:
        stamp = ("json-ld:datePublished", "2026-11-21T13:22:07Z")
        moment = choose_moment([stamp, ("url", "2026-11-20")], None, None, NOON).moment
        assert moment
        assert moment.on == date(2026, 11, 21)

    @pytest.mark.parametrize(
        "zone", ["Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham"]
    )
    @pytest.mark.parametrize("month", [1, 7])
    def test_the_clock_beside_a_stamp_in_utc_may_be_any_zones(self, zone: str, month: int) -> None:
        instant = at(2026, month, 10, 14, 5)
        local = instant.astimezone(ZoneInfo(zone))
        stated = [("json-ld:datePublished", instant.isoformat()), ("headline", f"{local:%d %B %Y %H:%M}")]
        moment = choose_moment(stated, "en", None, NOON).moment
        assert moment
        assert (moment.on, moment.at) == (local.date(), instant)


def test_a_naive_clock_takes_the_instant_of_the_stamp_that_agrees() -> None:
    stated = [("json-ld:datePublished", "2026-10-25 02:30"), ("meta:date", "2026-10-25T01:30:00Z")]
    moment = choose_moment(stated, None, None, NOON).moment
    assert moment
    assert (moment.on, moment.at, moment.zone) == (date(2026, 10, 25), at(2026, 10, 25, 1, 30), "stated")


def test_a_local_clock_that_calls_itself_utc_is_found_out_by_its_twin() -> None:
    lie, truth = ("json-ld:datePublished", "2026-11-20T16:00:00Z"), ("headline", "2026-11-20T16:00:00-08:00")
    moment = choose_moment([lie, truth], None, None, NOON).moment
    assert moment
    assert (moment.at, moment.on) == (at(2026, 11, 21, 0, 0), date(2026, 11, 20))


def test_a_local_clock_that_calls_itself_utc_is_found_out_by_the_fetch() -> None:
    lie = [("json-ld:datePublished", "2026-11-22T17:20:00Z")]  # 17:20 in Kolkata is 11:50 UTC
    known = choose_moment(lie, None, "Asia/Kolkata", NOON).moment
    assert known
    assert (known.at, known.zone) == (at(2026, 11, 22, 11, 50), "outlet")
    unknown = choose_moment(lie, None, None, NOON).moment
    assert unknown
    assert (unknown.on, unknown.at, unknown.zone) == (date(2026, 11, 22), None, "unknown")


class TestTheFetch:
    def test_a_stamp_of_its_minute_that_nothing_supports_is_not_believed(self) -> None:
        made = ("meta:pubdate", "2026-11-22T11:59:58Z")
        assert choose_moment([made], None, None, NOON).rejected == ((*made, "fetch time"),)
        assert choose_moment([made, ("page", "3 May 2026")], "en", None, NOON).source == "page"

    def test_a_story_just_out_is_believed_when_two_say_so(self) -> None:
        stated = [("json-ld:datePublished", "2026-11-22T11:59:00Z"), ("headline", "22 Nov 2026")]
        moment = choose_moment(stated, "en", None, NOON).moment
        assert moment
        assert moment.at == at(2026, 11, 22, 11, 59)

    @given(st.integers(16, 60 * 24 * 400))
    def test_no_instant_is_ever_after_it(self, minutes: int) -> None:
        later = (NOON + timedelta(minutes=minutes)).isoformat()
        moment = choose_moment([("json-ld:datePublished", later)], None, None, NOON).moment
        assert moment is None or moment.at is None

    def test_it_never_stands_in(self) -> None:
        assert choose_moment([], None, None, NOON).moment is None


class TestDayAndMonthThatMayBeSwapped:
    RAW = ("headline", "05/06/2026")

    def test_stay_unread_alone(self) -> None:
        assert choose_moment([self.RAW], "en", None, NOON).rejected == ((*self.RAW, "ambiguous"),)

    @pytest.mark.parametrize(
        ("zone", "month"), [("America/Chicago", 5), ("Europe/London", 6), ("Asia/Kolkata", 6)]
    )
    def test_are_read_as_in_the_outlets_country(self, zone: str, month: int) -> None:
        moment = choose_moment([self.RAW], "en", zone, NOON).moment
        assert moment
        assert moment.on.month == month

    @pytest.mark.parametrize(("tag", "month"), [("en-US", 5), ("en-GB", 6), ("fr", 6)])
    def test_are_read_as_the_language_does(self, tag: str, month: int) -> None:
        moment = choose_moment([self.RAW], tag, None, NOON).moment
        assert moment
        assert moment.on.month == month

    def test_are_read_as_another_statement_says(self) -> None:
        moment = choose_moment([self.RAW, ("url", "2026-05-06")], "en", None, NOON).moment
        assert moment
        assert moment.on == date(2026, 5, 6)

    def test_are_read_as_what_is_past(self) -> None:
        moment = choose_moment([("headline", "11/12/2026")], "en", None, NOON).moment
        assert moment
        assert moment.on == date(2026, 11, 12)


@given(st.integers(631_152_000, 1_893_456_000), st.integers(-14 * 60, 14 * 60))
def test_iso_stamps_come_back_as_they_were(second: int, minutes: int) -> None:
    stamp = datetime.fromtimestamp(second, timezone(timedelta(minutes=minutes)))
    found = read_moment(stamp.isoformat())
    assert found is not None
    assert (found.at, found.on) == (stamp, stamp.date())


@given(
    st.lists(
        st.tuples(st.sampled_from(["json-ld:datePublished", "headline", "url", "page"]), st.text(max_size=60))
    )
)
def test_no_text_breaks_it(stated: list[tuple[str, str]]) -> None:
    choose_moment(stated, "en", "Asia/Tokyo", NOON)

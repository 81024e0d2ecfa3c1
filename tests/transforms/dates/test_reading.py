"""Dates as the world's newspapers print them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dates.months import fold, months
from transforms.dates.reading import readings


def read(raw: str, language: str | None = None) -> tuple[datetime, str]:
    (found,) = readings(raw, language)
    return found.clock, found.precision


@pytest.mark.parametrize(
    ("language", "raw"),
    [
        ("af", "5 Maart 2024"),
        ("ar", "الثلاثاء 5 مارس 2024"),
        ("ar", "٥ مارس ٢٠٢٤"),
        ("ar", "5 آذار 2024"),
        ("az", "5 mart 2024"),
        ("be", "5 сакавіка 2024"),
        ("bg", "5 март 2024 г."),
        ("bn", "৫ মার্চ ২০২৪"),
        ("bs", "5. mart 2024."),
        ("ca", "5 de març de 2024"),
        ("cs", "5. března 2024"),
        ("cy", "5 Mawrth 2024"),
        ("da", "5. mar. 2024"),
        ("de", "Dienstag, 5. März 2024"),
        ("el", "5 Μαρτίου 2024"),
        ("en", "Published on March 5th, 2024 by A. Wren"),
        ("en", "05-Mar-2024"),
        ("en", "2024 Mar 5"),
        ("es", "martes, 5 de marzo de 2024"),
        ("et", "5. märts 2024"),
        ("eu", "2024ko martxoaren 5a"),
        ("fa", "سه‌شنبه ۱۵ اسفند ۱۴۰۲"),
        ("fa", "1402/12/15"),
        ("fi", "5. maaliskuuta 2024"),
        ("fil", "Marso 5, 2024"),
        ("fr", "mar. 5 mars 2024"),
        ("gl", "5 de marzo de 2024"),
        ("gu", "5 માર્ચ 2024"),
        ("he", "5 במרץ 2024"),
        ("hi", "५ मार्च २०२४"),
        ("hr", "5. ožujka 2024."),
        ("hu", "2024. március 5."),
        ("hy", "5 մարտի, 2024"),
        ("id", "Selasa, 05 Mar 2024"),
        ("is", "5. mars 2024"),
        ("it", "martedì 5 marzo 2024"),
        ("ja", "2024年3月5日(火)"),
        ("ja", "令和6年3月5日"),
        ("ka", "5 მარტი, 2024"),
        ("kk", "5 наурыз 2024"),
        ("km", "5 មីនា 2024"),
        ("ko", "2024년 3월 5일"),
        ("ko", "2024. 3. 5."),
        ("lt", "2024 m. kovo 5 d."),
        ("lv", "2024. gada 5. marts"),
        ("mk", "5 март 2024"),
        ("ml", "2024 മാർച്ച് 5"),
        ("mn", "2024 оны 3-р сарын 5"),
        ("mr", "५ मार्च २०२४"),
        ("ms", "5 Mac 2024"),
        ("my", "5 မတ် 2024"),
        ("ne", "5 मार्च 2024"),
        ("nl", "dinsdag 5 maart 2024"),
        ("no", "5. mars 2024"),
        ("pl", "5 marca 2024"),
        ("ps", "5 مارچ 2024"),
        ("pt", "5 de março de 2024"),
        ("ro", "5 martie 2024"),
        ("ru", "5 марта 2024 г."),
        ("si", "2024 මාර්තු 5"),
        ("sk", "5. marca 2024"),
        ("sl", "5. marec 2024"),
        ("sq", "5 mars 2024"),
        ("sr", "5. март 2024."),
        ("sv", "5 mars 2024"),
        ("sw", "5 Machi 2024"),
        ("ta", "5 மார்ச் 2024"),
        ("te", "5 మార్చి 2024"),
        ("th", "5 มีนาคม 2567"),
        ("th", "5 มี.ค. 2567"),
        ("tr", "5 Mart 2024 Salı"),
        ("uk", "5 березня 2024"),
        ("ur", "5 مارچ 2024"),
        ("uz", "5-mart, 2024"),
        ("vi", "ngày 5 tháng 3 năm 2024"),
        ("vi", "Thứ Ba, 05/03/2024"),
        ("yo", "5 Mar 2024"),
        ("zh", "2024年3月5日"),
        ("zh", "民國113年3月5日"),
        (None, "20240305"),
        (None, "05.03.24"),
        (None, "5. 3. 2024."),
    ],
)
def test_a_day_in_words_or_numbers(language: str | None, raw: str) -> None:
    assert read(raw, language) == (datetime(2024, 3, 5), "day")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("language", "raw"),
    [
        ("da", "5. marts 2024 kl. 15.05"),
        ("de", "Veröffentlicht am 5. März 2024 um 15:05 Uhr"),
        ("en", "Tue 5 Mar 2024 15.05 GMT"),
        ("en", "3:05 p.m. on March 5, 2024"),
        ("en", "March 5, 2024 at 3:05pm"),
        ("fi", "5.3.2024 klo 15.05"),
        ("fr", "le 5 mars 2024 à 15h05"),
        ("fr", "5 mars 2024, 15 h 05"),
        ("ja", "2024年3月5日 15時05分"),
        ("ko", "2024년 3월 5일 오후 3시 5분"),
        ("zh", "2024-03-05 下午3:05"),
        ("ar", "5 مارس 2024 3:05 م"),
        ("el", "5 Μαρτίου 2024, 3:05 μ.μ."),
        ("pt", "05/03/2024 às 15h05"),
        ("ru", "15:05, 5 марта 2024"),
    ],
)
def test_a_time_of_day_beside_it(language: str, raw: str) -> None:
    assert read(raw, language) == (datetime(2024, 3, 5, 15, 5), "minute")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("raw", "language", "day"),
    [
        ("5 listopada 2024", "pl", date(2024, 11, 5)),
        ("5. listopada 2024.", "hr", date(2024, 10, 5)),
        ("mar. 12 nov. 2024", "fr", date(2024, 11, 12)),  # the weekday looks like March
        ("Sat, 21 Nov 2026", "en", date(2026, 11, 21)),
        ("1399/12/30", "fa", date(2021, 3, 20)),  # the last day of a leap year
        ("12:30 AM March 5, 2024", "en", date(2024, 3, 5)),
        ("29 February 2024", "en", date(2024, 2, 29)),
    ],
)
def test_traps(raw: str, language: str, day: date) -> None:
    assert read(raw, language)[0].date() == day


def test_half_past_midnight_is_not_noon() -> None:
    assert read("12:30 AM, 5 March 2024", "en")[0].hour == 0
    assert read("12:30 PM, 5 March 2024", "en")[0].hour == 12


@pytest.mark.parametrize(
    "raw",
    [
        *("29 February 2023", "2026-13-45", "1402/13/01", "40 March 2024", "PT7M", "v2.10.2024.1"),
        *("5 March", "March 2024", "Call 0800 2024 now", "24 comments, 2024", "5 marching bands in 2024"),
    ],
)
def test_no_date(raw: str) -> None:
    assert readings(raw, "en") == ()


def test_what_may_be_read_both_ways_is() -> None:
    assert [found.clock.month for found in readings("5/6/2024", "en")] == [5, 6]
    assert [found.clock.month for found in readings("5/6/2024", "en-US")] == [5]
    assert [found.clock.month for found in readings("5/6/2024", "de")] == [6]
    assert [found.clock.month for found in readings("5/16/2024", "de")] == [5]


def test_names_mean_what_the_language_means() -> None:
    assert set(months("en").values()) == set(range(1, 13))
    assert months("hr")[fold("Listopad")] != months("pl")[fold("Listopad")]


@given(
    st.dates(date(1990, 1, 1), date(2035, 1, 1)),
    st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%d.%m.%Y"]),
)
def test_dates_come_back_as_they_were_written(day: date, pattern: str) -> None:
    assert read(day.strftime(pattern), "en")[0].date() == day

"""A date as stated → the times it may mean: wall clock, how exactly, in which zone. No clock is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.vocabulary import Precision
from transforms.dates.months import fold, months, starts_of_months

LONGEST = 160  # characters in which a date is looked for

_ZONE = r"Z\b|(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?(?!\d)|[A-Z]{2,5}\b"
_ISO = re.compile(
    r"(?P<year>\d{4})(?P<sep>[-/.]?)(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
    r"(?:(?:[T ,]\s*|(?<=\d{8})(?=\d{6}$))(?P<hour>\d{1,2}):?(?P<minute>\d{2})"
    rf"(?::?(?P<second>\d{{2}})(?:[.,:](?P<fraction>\d{{1,9}}))?)?\s*(?P<zone>{_ZONE})?)?Z?(?=$|\s|\[)",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{10}(\d{3})?")
_MORNING = r"[Aa]\.?\s?[Mm]\b\.?|上午|午前|凌晨|早上|오전|ق\.?ظ|π\.?\s?μ\b\.?|ص(?!\w)"
_AFTER_NOON = r"[Pp]\.?\s?[Mm]\b\.?|下午|午後|中午|晚上|오후|ب\.?ظ|μ\.?\s?μ\b\.?|م(?!\w)"
_CLOCK = re.compile(
    rf"(?<![\d.:/-])(?:(?:{_MORNING}|(?P<late>{_AFTER_NOON}))\s?)?"
    r"(?P<hour>[01]?\d|2[0-4])(?:\s?(?:[:hH時时点시]|Uhr)(?![a-z])(?:\s?(?P<minute>[0-5]?\d)(?!\d))?"
    r"(?:\s?[:分분]\s?(?P<second>[0-5]\d)(?!\d)(?:[.,]\d+)?)?|\.(?P<minutes>[0-5]\d)(?!\.?\s?\d)|(?=\s?[AaPp]\.?[Mm]))"
    rf"[分분]?\s?(?:(?P<early>{_MORNING})|(?P<later>{_AFTER_NOON}))?(?:\s*\(?(?P<zone>{_ZONE}))?"
)
_NUMBER = re.compile(r"\d+")
_DIGITS = frozenset("0123456789")
_GAP = r"\s?[-/.]\s?"
_NUMBERS = re.compile(
    rf"(?<!\d)(?:(\d{{4}}){_GAP}(\d{{1,2}}){_GAP}(\d{{1,2}})|(\d{{1,2}}){_GAP}(\d{{1,2}}){_GAP}(\d{{4}})|"
    r"(\d{1,2})\.(\d{1,2})\.(\d\d))(?!\.?\d)"
)
# Numbers, and words of any script with the marks that combine.
_TOKEN = re.compile(r"\d+|[^\d\s!-/:-@\[-`{-¿‐-⁯、-〿،؛۔।॥՝״]+")
_ERA = re.compile(r"(令和|平成|昭和|民國|民国)\s?(\d{1,3}|元)\s?年")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
# Who writes EST in summer means the clock in New York all the same.
_ABBREVIATIONS = {
    abbreviation: zone
    for zone, abbreviations in {
        "UTC": "Z z UTC utc GMT gmt",
        "America/New_York": "ET EST EDT",
        "America/Chicago": "CT CST CDT",
        "America/Denver": "MT MST MDT",
        "America/Los_Angeles": "PT PST PDT",
        "America/Anchorage": "AKST AKDT",
        "Pacific/Honolulu": "HST",
        "America/Halifax": "ADT",
        "America/St_Johns": "NST NDT",
        "America/Sao_Paulo": "BRT",
        "Europe/London": "BST",
        "Europe/Lisbon": "WET WEST",
        "Europe/Berlin": "CET CEST MEZ MESZ",
        "Europe/Athens": "EET EEST",
        "Europe/Moscow": "MSK",
        "Europe/Istanbul": "TRT",
        "Africa/Lagos": "WAT",
        "Africa/Maputo": "CAT",
        "Africa/Nairobi": "EAT",
        "Africa/Johannesburg": "SAST",
        "Asia/Karachi": "PKT",
        "Asia/Kolkata": "IST",
        "Asia/Kathmandu": "NPT",
        "Asia/Bangkok": "ICT",
        "Asia/Jakarta": "WIB",
        "Asia/Makassar": "WITA",
        "Asia/Jayapura": "WIT",
        "Asia/Singapore": "SGT",
        "Asia/Hong_Kong": "HKT",
        "Asia/Tokyo": "JST",
        "Asia/Seoul": "KST",
        "Australia/Perth": "AWST",
        "Australia/Adelaide": "ACST ACDT",
        "Australia/Brisbane": "AEST",
        "Australia/Sydney": "AEDT",
        "Pacific/Auckland": "NZST NZDT",
    }.items()
    for abbreviation in abbreviations.split()
}
_PERSIAN_START = 356_033  # days from its reckoning to ours
_MOST_TOKENS = 3  # of a month's name
_STEM, _ENDING = 5, 4  # letters of a month's name and of a case ending, in languages that have them
# The words between them are `de`, `of`, `gada`, an ordinal's ending; a weekday may look like a month.
_ORDERS = tuple(map(re.compile, ("Dw{0,2}MM?w?Y", "MDw{0,2}Y", "Yw{0,2}Mw?D", "Yw{0,2}Dw?M")))
_MONTH_FIRST = {"en-us", "en-ph", "fil"}  # where 5/6 is the sixth of May
_UNCLEAR = {"", "en", "en-ca"}  # where nobody can say


@dataclass(frozen=True, slots=True)
class Stated:
    """A time as stated: what a clock on the wall shows, how exactly, and the zone if that is stated too."""

    clock: datetime
    precision: Precision
    zone: tzinfo | None = None


@lru_cache(maxsize=20_000)
def readings(raw: str, language: str | None = None) -> tuple[Stated, ...]:
    """What a string may state: nothing, one time, or two where day and month cannot be told apart.

    `language` is a tag such as `de` or `en-GB`.

    >>> [str(stated.clock.date()) for stated in readings("5/6/2026", "en")]
    ['2026-05-06', '2026-06-05']
    """
    text = _plain(raw[:LONGEST])
    try:
        return _software(text) or _written(text, language)
    except (ValueError, OverflowError):
        return ()


def _plain(raw: str) -> str:
    """One line, digits of every script as 0–9, years of eras as years."""
    text = unicodedata.normalize("NFKC", " ".join(raw.split()))
    if not text.isascii():
        for foreign in set(filter(str.isdigit, text)) - _DIGITS:
            text = text.replace(foreign, str(unicodedata.digit(foreign)))
        text = _ERA.sub(lambda m: f"{_ERAS[m[1]] + (1 if m[2] == '元' else int(m[2]))}年", text)
    return text


@lru_cache(maxsize=20_000)
def _software(text: str) -> tuple[Stated, ...]:
    if match := _ISO.match(text):
        parts = match.groupdict()
        on = _day(*(int(parts[name]) for name in ("year", "month", "day")))
        if parts["hour"] is not None:
            stated = _at(on, int(parts["hour"]), parts["minute"], parts["second"], parts["zone"])
            micro = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
            return (replace(stated, clock=stated.clock.replace(microsecond=micro)),)
        if match.end() == len(text):
            return (_day_only(on),)
    if _EPOCH.fullmatch(text):
        at = datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
        return (Stated(at.replace(tzinfo=None), Precision.INSTANT, UTC),)
    return ()


def _written(text: str, language: str | None) -> tuple[Stated, ...]:
    """A date in words or numbers, with the time of day around it."""
    if len(_NUMBER.findall(text)) < 2:
        return ()
    clock = _CLOCK.search(text)
    rest = f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text
    days = tuple(dict.fromkeys(_numeric(rest, language) or _worded(rest, language)))
    if clock is None:
        return tuple(map(_day_only, days))
    hour = int(clock["hour"])
    if clock["late"] or clock["later"]:
        hour = hour % 12 + 12
    elif clock["early"]:
        hour %= 12
    minute = clock["minute"] or clock["minutes"] or "0"
    return tuple(_at(on, hour, minute, clock["second"], clock["zone"]) for on in days)


def _numeric(text: str, language: str | None) -> tuple[date, ...]:
    match = _NUMBERS.search(text)
    if match is None:
        return ()
    year, month, day, first, second, year_last, *short = match.groups()
    if year:
        return (_day(int(year), int(month), int(day)),)
    if short[0]:
        return (_day(2000 + int(short[2]), int(short[1]), int(short[0])),)
    return tuple(
        _day(int(year_last), *pair) for pair in _month_and_day(int(first), int(second), match[0], language)
    )


def _month_and_day(one: int, two: int, text: str, language: str | None) -> tuple[tuple[int, int], ...]:
    """(month, day) of two numbers; both ways round where nobody can say."""
    tag = (language or "").lower().replace("_", "-")
    if two > 12 or (one <= 12 and tag in _MONTH_FIRST and "." not in text):
        return ((one, two),)
    if one > 12 or one == two or tag not in _UNCLEAR or "." in text:
        return ((two, one),)
    return ((one, two), (two, one))


def _worded(text: str, language: str | None) -> tuple[date, ...]:
    """The first day, month and year in one of the orders of the world's languages."""
    tokens = _TOKEN.findall(fold(text))
    if not any(token.isdigit() and len(token) == 4 for token in tokens):
        return ()
    parts = list(_parts(tokens, (language or "")[:3].rstrip("-_").lower()))
    shape = "".join(part for part, _ in parts)
    for order in _ORDERS:
        if match := order.search(shape):
            found = dict(parts[match.start() : match.end()])
            return (_day(found["Y"], found["M"], found["D"]),)
    return ()


def _parts(tokens: list[str], language: str) -> Iterator[tuple[str, int]]:
    """Tokens as years `Y`, months `M` (of one or more tokens), days `D`, and other words `w` and numbers `n`."""
    names, starts = months(language), starts_of_months(language)
    start = 0
    while start < len(tokens):
        token = tokens[start]
        for size in range(_MOST_TOKENS if token in starts else 1, 0, -1):
            if month := names.get(" ".join(tokens[start : start + size])):
                yield "M", month
                start += size
                break
        else:
            start += 1
            if token.isdigit():
                yield ("Y" if len(token) == 4 else "D" if len(token) <= 2 else "n"), int(token)
            else:
                month = next((names[stem] for stem in _stems(token) if stem in names), 0)
                yield ("M" if month else "w"), month


def _stems(word: str) -> Iterator[str]:
    """The word without what may be a case ending."""
    for length in range(len(word) - 1, max(len(word) - _ENDING, _STEM) - 1, -1):
        yield word[:length]


def _day(year: int, month: int, day: int) -> date:
    """The day, from a year of our era, of the Buddhist or of the Persian one."""
    if 2443 <= year <= 2643:
        year -= 543
    return _from_persian(year, month, day) if 1300 <= year <= 1500 else date(year, month, day)


def _from_persian(year: int, month: int, day: int) -> date:
    """By the cycle of 33 years, right from 1799 to 2256."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError(f"no day of the Persian calendar: {year}-{month}-{day}")
    years = year + 1595
    days = 365 * years + years // 33 * 8 + (years % 33 + 3) // 4 + day
    days += (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    return date.fromordinal(days - _PERSIAN_START)


def _day_only(on: date) -> Stated:
    return Stated(datetime.combine(on, time()), Precision.DAY)


def _at(on: date, hour: int, minute: str, second: str | None, zone: str | None) -> Stated:
    """24:00 is the start of the day that is named, a leap second the one before."""
    clock = datetime.combine(on, time(hour % 24, int(minute), min(int(second or 0), 59)))
    return Stated(clock, Precision.INSTANT if second else Precision.MINUTE, _zone(zone))


@lru_cache(maxsize=1_000)
def _zone(words: str | None) -> tzinfo | None:
    """The zone of an offset or abbreviation; None for a word that is neither."""
    if not words:
        return None
    if digits := re.sub(r"\D", "", words):
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        ahead = timedelta(hours=hours, minutes=minutes)
        return timezone(-ahead if "-" in words else ahead)
    name = _ABBREVIATIONS.get(words)
    return _iana(name) if name else None


@lru_cache(maxsize=64)
def _iana(name: str) -> ZoneInfo:
    return ZoneInfo(name)

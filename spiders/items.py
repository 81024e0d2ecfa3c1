"""What a source names, as its reader gives it back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape

from schemas.errors import Reject
from schemas.urls import key_of_normal, normal_url
from schemas.vocabulary import Reason

_SILENCE = timedelta(days=14)  # hardly a news outlet is silent for so long
MAX_ITEMS = 50_000  # what the sitemap protocol allows in one file

_MARKUP = re.compile(
    r"</?(?:a|abbr|b|big|br|cite|code|del|div|em|font|i|img|ins|mark|p|q|s|small|span|strike|strong|sub|sup|tt|u)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.I,
)
_SPACE_BEFORE_ZONE = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$|Z$)")


@dataclass(frozen=True)
class Item:
    """A URL as named (made absolute, tracking left out), its key, and what its source says of it."""

    url: str
    key: str
    title: str = ""
    published_raw: str = ""
    changed_at: datetime | None = None  # in UTC; None where no instant is stated
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    text_chars: int = 0  # length of the body in the feed (content:encoded, Atom content, content_html)


@dataclass(frozen=True)
class Discovery:
    """What a source names; `reason` tells what is wrong although it could be read."""

    items: list[Item] = field(default_factory=list)
    children: list[Item] = field(default_factory=list)  # sitemaps of an index, the newest first
    reason: Reason | None = None
    detail: str | None = None
    is_sitemap: bool = False  # or an index of them, whatever was asked for
    hint_seconds: int | None = None  # time between looks that a feed asks for
    requests: int = 1  # it took, those for the sitemaps of an index included


def item_of(
    base: str,
    link: str,
    *,
    title: str = "",
    published_raw: str = "",
    changed_at: datetime | None = None,
    authors: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    text_chars: int = 0,
) -> list[Item]:
    """One item, or none where the link is no URL of a page."""
    if not link.strip():
        return []
    try:
        # Escaped twice is the commonest fault of links in XML; no URL has a true `&amp;`.
        url = normal_url(link.strip().replace("&amp;", "&"), base)
    except Reject:
        return []
    key = key_of_normal(url)
    return [Item(url, key, plain(title), published_raw.strip(), changed_at, authors, categories, text_chars)]


def distinct(items: list[Item]) -> list[Item]:
    """One item a URL key, the first."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.key, item)
    return list(first.values())


def plain(stated: str) -> str:
    """A title in one line without the markup and entities that feeds escape into it."""
    return " ".join(_MARKUP.sub("", unescape(stated)).split())


def instant(stated: str) -> datetime | None:
    """A date of ISO 8601 or RFC 822 with time and zone as an instant in UTC; None for anything else."""
    stated = _SPACE_BEFORE_ZONE.sub("", stated.strip())
    if not stated:
        return None
    try:
        at = datetime.fromisoformat(stated)
    except ValueError:
        try:
            at = parsedate_to_datetime(stated)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    try:
        return at.astimezone(UTC) if at.tzinfo else None
    except OverflowError:
        return None


def latest(stated: str) -> datetime | None:
    """The last instant a W3C date may mean: of a mere day, its end west of everywhere."""
    if len(stated.strip()) == 10:
        try:
            return datetime.fromisoformat(stated.strip()).replace(tzinfo=UTC) + timedelta(hours=36)
        except (ValueError, OverflowError):
            return None
    return instant(stated)


def is_stale(newest: datetime | None, now: datetime) -> bool:
    """Whether a source of which nothing else is known is silent for longer than news outlets are."""
    return newest is not None and newest < now - _SILENCE

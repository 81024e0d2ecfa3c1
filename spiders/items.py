"""What a source names, as its reader gives it back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape

from schemas.errors import Reject
from schemas.page import Statement
from schemas.urls import key_of_normal, normal_url
from schemas.vocabulary import Reason

MAX_ITEMS = 50_000  # what the sitemap protocol allows in one file

_SUMMARY = 500  # characters at most; a longer one is the article
#: Field → (its name in the source of a claim, most claims of an item, most characters of each): an item's claims are
#: some 5 kB at most. What is longer is no title, name or summary.
_CLAIMS = {
    "title": ("title", 1, 500),
    "description": ("summary", 1, _SUMMARY),
    "authors": ("author", 10, 100),
    "tags": ("category", 20, 100),
    "published_at": ("published", 1, 100),
    "language": ("language", 1, 35),
    "site": ("publication", 1, 100),
    "text": ("content", 1, 30),
}
_READ = 5_000  # characters of a statement, markup included; a longer one is left out unread
_INSIDE, _BETWEEN = (
    re.compile(rf"</?(?:{tags})(?:\s[^<>]{{0,500}})?/?>", re.I)
    for tags in (
        "a|abbr|b|big|cite|code|del|em|font|i|img|ins|mark|q|s|small|span|strike|strong|sub|sup|tt|u",
        "br|blockquote|div|fig(?:ure|caption)|h[1-6]|hr|li|ol|p|table|t[dhr]|ul",
    )
)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE_BEFORE_ZONE = re.compile(r"(?<=\d)\s+(?=[+-]\d\d:?\d\d$|Z$)")


@dataclass(frozen=True)
class Item:
    """A URL as named (made absolute, tracking left out), its key, and what its source says of it."""

    url: str
    key: str
    changed_at: datetime | None = None  # in UTC; None where no instant is stated
    claims: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Discovery:
    """What a source names; `reason` tells what is wrong although it could be read."""

    items: list[Item] = field(default_factory=list)
    children: list[Item] = field(default_factory=list)  # sitemaps of an index, the newest first
    reason: Reason | None = None
    detail: str | None = None
    is_sitemap: bool = False  # or an index of them, whatever was asked for
    hint_seconds: int | None = None  # time between looks that a feed asks for


def item_of(
    base: str,
    link: str,
    *,
    changed_at: datetime | None = None,
    claims: tuple[Statement, ...] = (),
) -> list[Item]:
    """One item, or none where the link is no URL of a page."""
    if not link.strip():
        return []
    try:
        # Escaped twice is the commonest fault of links in XML; no URL has a true `&amp;`.
        url = normal_url(link.strip().replace("&amp;", "&"), base)
    except Reject:
        return []
    return [Item(url, key_of_normal(url), changed_at, claims)]


def claims_of(source: str, **stated: Iterable[str]) -> tuple[Statement, ...]:
    """What an item states of some fields as claims of `source`: plain lines, each once, few and short."""
    found: list[Statement] = []
    for name, values in stated.items():
        label, most, longest = _CLAIMS[name]
        lines = dict.fromkeys(plain(value) for value in values if 0 < len(value) <= _READ)
        fit = [line for line in lines if 0 < len(line) <= longest]
        found += [Statement(name, f"{source}:{label}", line) for line in fit[:most]]
    return tuple(found)


def body_claim(*bodies: str) -> list[str]:
    """How long the longest of some texts of an item is, where it is more than a summary; itself it is not kept."""
    length = max((len(plain(body)) for body in bodies if len(body) > _SUMMARY), default=0)
    return [f"{length} characters"] if length > _SUMMARY else []


def distinct(items: list[Item]) -> list[Item]:
    """One item a URL key, the first."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.key, item)
    return list(first.values())


def plain(stated: str) -> str:
    """A statement in one line without the markup, entities and control characters that feeds put into it."""
    words = unescape(stated)
    if "<" in words:
        words = _BETWEEN.sub(" ", _INSIDE.sub("", words))
    return " ".join((words if words.isprintable() else _UNSEEN.sub(" ", words)).split())


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

"""Which statement of a page is believed, field by field; the others stay as evidence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlsplit

from transforms.extract.markup import Statement, fold, squeeze

# Sources in order of trust, where it is not the order they are read in.
_TRUST: dict[str, tuple[str, ...]] = {
    "published_at": (
        "json-ld:datePublished",
        "meta:article:published_time",
        "itemprop:datepublished",
        "meta:",
        "json-ld:WebPage:datePublished",
        "time[datetime]",
        "json-ld:dateCreated",
        "json-ld:",
        "time",
        "byline-date",
        "url",
    ),
    "authors": (
        "json-ld:author:Person",
        "json-ld:author",
        "meta:parsely-author",
        "meta:sailthru.author",
        "meta:byl",
        "itemprop:author",
        "rel=author",
        "meta:author",
        "byline",
        "a[author]",
        "meta:",
        "json-ld:creator",
        "json-ld:",
    ),
    "canonical_url": ("link:canonical", "meta:og:url", "redirect"),
    "language": ("html[lang]", "json-ld:inLanguage", "meta:"),
}
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=\D|$)")
_ADDRESS = re.compile(r"https?://|www\.|@|^\W*$|^[\w-]+(\.[a-z]{2,3}){1,2}$", re.IGNORECASE)
_LONGEST_KICKER = 40
_LONG_HEADING = 20  # characters; a shorter lone <h1> is often the outlet or a section
_SEPARATOR = re.compile(r"\s+[|\-–—·•»«:]+\s+|\s*[|»]\s*|::")


def choose(statements: Iterable[Statement], url: str) -> dict[str, list[Statement]]:
    """Field → its statements, the believed one first. A field nothing is said about is left out."""
    fields: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in dict.fromkeys(statements):
        fields[statement.field].append(statement)
    if match := _URL_DATE.search(urlsplit(url).path):
        fields["published_at"].append(Statement("published_at", "url", "-".join(match.groups())))
    for field, trust in _TRUST.items():
        fields[field].sort(key=lambda statement, trust=trust: _rank(statement.source, trust))  # type: ignore[misc]
    sites = [statement.value for statement in fields["site"]]
    sections = [statement.value for statement in fields["section"]]
    fields["title"] = _titles(fields["title"], [*sites, _site_of(url)], sections)
    fields["authors"] = _authors(fields["authors"], sites)
    return {field: found for field, found in fields.items() if found}


def believed(fields: dict[str, list[Statement]], field: str) -> str | None:
    """The value of a field that is believed."""
    found = fields.get(field)
    return found[0].value if found else None


def all_believed(fields: dict[str, list[Statement]], field: str) -> list[str]:
    """Every value the believed source gives, for fields that hold several."""
    found = fields.get(field, [])
    return [statement.value for statement in found if statement.source == found[0].source]


def without_site(title: str, sites: Iterable[str]) -> str:
    """A title without the outlet's name and sections after (or before) a separator.

    >>> without_site("Rain ends | News | The Example", ["The Example"])
    'Rain ends'
    """
    parts = [part for part in _SEPARATOR.split(title) if part]
    if len(parts) < 2:
        return title
    names = {fold(site) for site in sites if site}

    def is_site(part: str) -> bool:
        folded = fold(part)
        return any(folded == name or (len(folded) > 3 and folded in name) or name in folded for name in names if name)

    if is_site(parts[0]) and len(parts[0]) < len(title) / 2:
        return squeeze(title[title.index(parts[1], len(parts[0])) :])
    for count, part in enumerate(parts[1:], 1):
        if is_site(part) and len(part) <= len(parts[0]):
            end = title.index(part, sum(map(len, parts[:count])))
            return without_separator(title[:end])
    return title


def without_separator(text: str) -> str:
    """Text without a separator at its end."""
    return re.sub(r"[\s|\-–—·•»«:]+$", "", text)


def _titles(found: list[Statement], sites: list[str], sections: list[str]) -> list[Statement]:
    """A heading that another statement confirms, or the only one; then claims without the site's name."""
    names = {fold(name) for name in (*sites, *sections)}
    cleaned = [
        Statement("title", s.source, without_site(s.value, [*sites, *sections])) for s in found if fold(s.value) not in names
    ]
    claims = [s for s in cleaned if s.source != "h1"]
    headings = [_without_kicker(s, claims) for s in cleaned if s.source == "h1"]
    confirmed = [h for h in headings if any(_alike(h.value, claim.value) for claim in claims)]
    if not confirmed and len(headings) == 1 and len(headings[0].value) >= _LONG_HEADING:
        confirmed = headings
    order = ("json-ld:headline", "meta:og:title", "meta:twitter:title", "itemprop:headline", "h1", "title")
    rest = sorted(cleaned, key=lambda s: _rank(s.source, order))
    return list(dict.fromkeys([*confirmed, *rest]))


def _without_kicker(heading: Statement, claims: list[Statement]) -> Statement:
    """A heading without the short line above it that its <h1> holds as well, where a claim shows its end."""
    for claim in claims:
        kicker = heading.value.removesuffix(claim.value)
        if 0 < len(kicker) <= min(_LONGEST_KICKER, len(claim.value)):
            return Statement("title", f"h1, {claim.source}", claim.value)
    return heading


def _alike(one: str, other: str) -> bool:
    """Whether two titles are wordings of one: one holds the other, or they share most words."""
    a, b = sorted((fold(one), fold(other)), key=len)
    if len(a) < 8 or len(a) < 0.4 * len(b):
        return a == b
    first, second = set(one.casefold().split()), set(other.casefold().split())
    return a in b or len(first & second) >= 0.6 * min(len(first), len(second))


def _authors(found: list[Statement], sites: list[str]) -> list[Statement]:
    """Statements that may name people before addresses and names of the outlet itself."""
    names = {fold(site) for site in sites}

    def is_nobody(statement: Statement) -> bool:
        return bool(_ADDRESS.search(statement.value)) or fold(statement.value) in names

    return [s for s in found if not is_nobody(s)]


def _site_of(url: str) -> str:
    labels = (urlsplit(url).hostname or "").split(".")
    return max(labels[:-1] or [""], key=len)


def _rank(source: str, trust: tuple[str, ...]) -> int:
    return next((rank for rank, prefix in enumerate(trust) if source.startswith(prefix)), len(trust))

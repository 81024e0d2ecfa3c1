"""Which statement of a page is believed, field by field; the others stay as evidence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import urlsplit

from transforms.extract.markup import Statement, fold

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
_LONGEST = 2_000  # characters of a field; what is longer is no title, name or description
_LONGEST_KICKER = 40
_LONG_HEADING = 20  # characters; a shorter lone <h1> is often the outlet or a section
_SEPARATOR = re.compile(r"\s+[|\-–—·•»«]+\s+|\s*[|»]\s*|::")


def choose(statements: Iterable[Statement], url: str) -> dict[str, list[Statement]]:
    """Field → its statements, the believed one first. A field nothing is said about is left out."""
    fields: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in dict.fromkeys(statements):
        if len(statement.value) <= _LONGEST:
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


def stated_free(words: str | None) -> bool | None:
    """Whether a page says it can be read for free; None if it says nothing known."""
    word = (words or "").rpartition("/")[2].lower()
    if word in {"true", "free", "yes", "1"}:
        return True
    return False if word in {"false", "locked", "metered", "paid", "premium", "no", "0"} else None


def without_site(title: str, names: Iterable[str]) -> str:
    """A title without the outlet's name (and what follows it) at its end, or in front of a separator.

    >>> without_site("Rain ends | The Example | News", ["The Example"])
    'Rain ends'
    >>> without_site("The Example - Rain ends", ["The Example"])
    'Rain ends'
    """
    known = {fold(name) for name in names} - {""}
    pieces = _SEPARATOR.split(title)
    if len(pieces) > 1 and _names_site(pieces[0], known) and len(pieces[0]) < len(title) / 2:
        return title[title.index(pieces[1], len(pieces[0])) :].strip()
    for match in _SEPARATOR.finditer(title):
        head, tail = title[: match.start()], title[match.end() :]
        if _names_site(_SEPARATOR.split(tail)[0], known) and 2 * len(head) >= len(tail):
            return head.strip()
    return title


def _names_site(part: str, known: set[str]) -> bool:
    """Whether a part of a title is the outlet's name, a piece of it, or the name with a word before or after."""
    folded = fold(part)
    return any(
        folded == name
        or (len(folded) > 3 and folded in name)
        or (len(name) > 5 and (folded.startswith(name) or folded.endswith(name)))
        for name in known
    )


def _titles(found: list[Statement], sites: list[str], sections: list[str]) -> list[Statement]:
    """A heading that another statement confirms, or the only one; then claims without the site's name."""
    names = {fold(name) for name in (*sites, *sections)}
    found = [s for s in found if fold(s.value) not in names]
    claims = [
        Statement("title", s.source, without_site(s.value, [*sites, *sections]))
        for s in found
        if s.source != "h1"
    ]
    headings = [_without_kicker(s, claims) for s in found if s.source == "h1"]
    confirmed = [h for h in headings if any(_alike(h.value, claim.value) for claim in claims)]
    if not confirmed and len(headings) == 1 and len(headings[0].value) >= _LONG_HEADING:
        confirmed = headings
    order = ("json-ld:headline", "meta:og:title", "meta:twitter:title", "itemprop:headline", "h1", "title")
    rest = sorted([*claims, *headings], key=lambda s: _rank(s.source, order))
    return list(dict.fromkeys([*confirmed, *rest]))


def _without_kicker(heading: Statement, claims: list[Statement]) -> Statement:
    """A heading without the short line above it that its <h1> holds as well, where a claim shows its end."""
    for claim in claims:
        extra = len(heading.value) - len(claim.value)
        if heading.value.endswith(claim.value) and 0 < extra <= min(_LONGEST_KICKER, len(claim.value)):
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

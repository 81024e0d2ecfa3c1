"""The titles a page shows, and which of all it states is its headline, without outlet and kicker."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from schemas.page import Statement
from schemas.urls import site_of
from transforms.extract import markup
from transforms.extract.jsonld import leads_below_front
from transforms.extract.markup import Element, Markup
from transforms.genres import kind_of_label

# The line above a headline that many sites put inside its <h1>: names that CMSs give it.
_KICKER = re.compile(
    r"kicker|over-?line|top-?(line|title)|roof-?line|dach-?zeile|eye-?brow|prefix|topic|sub-?headline|"
    r"(entry|article)-section|categor|rubri[ckq]|small|badge|(^|[-_ ])(label|date|flag|tag)"
)
_UNSEEN = re.compile(
    r"visually-?hidden|hidden-?visually|sr-only|screen-?reader|off-?screen|a11y|(^| )invisible"
)
_MOST_HEADINGS, _MOST_PARTS = 100, 100  # read of a page, and of the elements inside of a heading
_ABOVE = 12  # elements in front of a headline among which its kicker stands
_LONGEST_LABEL = 40  # characters
_ASIDE = frozenset(["aside", "footer", "dialog"])
_SEPARATOR = re.compile(r"\s+[|\-–—·•»«│ǀ]+\s+|\s*[|｜»│ǀ_]\s*|\s*--+\s*|::")
_BAR = re.compile(r"\s*[|｜│ǀ]\s*")
_ORDER = ("json-ld:headline", "meta:og:title", "meta:twitter:title", "itemprop:headline", "title", "h1")
_COLON = re.compile(r"\s?[:：]\s")
_MOST_FOLDED = 5_000
WITH_KICKER, LOWER_HEADING = "h1 with its kicker", "heading in <title>"
_LONGEST_SEARCHED = 100  # characters, about: search engines ask for no headline above 110, and CMSs cut it
_LONG_HEADING = 20  # characters; a shorter lone <h1> is often the outlet or a section
_ALIKE = 0.6  # share of the words of the shorter of two titles


fold = lru_cache(maxsize=_MOST_FOLDED)(markup.fold)  # a page's titles are compared with each other


def stated(page: Markup) -> Iterator[Statement]:
    """Titles of the headings and of <title>; the outlet's name and labels that stand with them."""
    for heading in page.all("h1")[:_MOST_HEADINGS]:
        yield from _heading(page, heading)
    if (title := page.first("title")) and (words := title.text):
        yield Statement("title", "title", words)
        said = {fold(start) for start in _starts(words)}
        for heading in page.all("h2", "h3")[:_MOST_HEADINGS]:
            if len(heading.text) >= _LONG_HEADING and fold(heading.text) in said:
                yield Statement("title", LOWER_HEADING, heading.text)


def order_titles(
    found: Sequence[Statement], sites: Sequence[str], sections: Sequence[str], url: str, *, is_news: bool
) -> list[Statement]:
    """Title statements, the believed one first; `is_news` when the page calls itself a news article.

    The headline is the <h1> another statement confirms, or a lower heading that <title> does, or the only long <h1>.
    Before it comes what a newsroom states as the headline, unless that is the title made for search engines: the
    one in <title>.
    """
    names = {fold(name) for name in (*sites, *sections)}
    found = [s for s in found if fold(s.value) not in names] or list(found)
    whole = [s for s in found if s.source == WITH_KICKER]
    known = [*sites, *_sites_of(url)]
    claims = [
        Statement("title", s.source, without_site(_without_labels(s.value, sections), known, sections))
        for s in found
        if s.source not in {"h1", WITH_KICKER, LOWER_HEADING}
    ]
    stated = {fold(s.value) for s in found if s.source not in {"h1", WITH_KICKER}}
    headings = [
        _without_kicker(Statement("title", s.source, _without_labels(s.value, sections)), claims, stated)
        for s in found
        if s.source == "h1"
    ]
    likeness = {h: max((_likeness(h.value, claim.value) for claim in claims), default=0.0) for h in headings}
    shown = sorted((h for h in headings if likeness[h] >= _ALIKE), key=lambda h: -likeness[h])
    shown = shown or [s for s in found if s.source == LOWER_HEADING]
    long = [heading for heading in headings if len(heading.value) >= _LONG_HEADING]
    if not shown and len(long) == 1:
        shown = long
    newsroom = [s for s in claims[:1] if is_news and _is_own_headline(s, claims, shown)]
    rest = sorted([*claims, *headings], key=lambda s: _ORDER.index(s.source) if s.source in _ORDER else 9)
    return list(dict.fromkeys([*newsroom, *shown, *rest, *whole]))


def labels_in(title: str) -> Iterator[str]:
    """What stands in front of or behind a headline and says what kind of article it is."""
    pieces = [*_SEPARATOR.split(title), *_COLON.split(title, maxsplit=1)[:1]]
    yield from (piece for piece in dict.fromkeys(pieces) if piece != title and kind_of_label(piece))


def without_site(title: str, names: Iterable[str], labels: Iterable[str] = ()) -> str:
    """A title without the outlet's name (and what follows it) at its end, or in front of a separator.

    `labels` go as well where they are a whole piece.

    >>> without_site("Rain ends | The Example | News", ["The Example"])
    'Rain ends'
    >>> without_site("The Example - Rain ends", ["The Example"])
    'Rain ends'
    >>> without_site("Weather | Rain ends", ["The Example"], ["weather"])
    'Rain ends'
    """
    known, whole = {fold(name) for name in names} - {""}, {fold(label) for label in labels} - {""}

    def is_name(piece: str) -> bool:
        return fold(piece) in whole or _names_site(fold(piece), known)

    pieces = _SEPARATOR.split(title)
    if len(pieces) > 1 and is_name(pieces[0]) and len(pieces[0]) < len(title) / 2:
        return title[title.index(pieces[1], len(pieces[0])) :].strip()
    for match in _SEPARATOR.finditer(title):
        head, tail = title[: match.start()], title[match.end() :]
        if is_name(_SEPARATOR.split(tail)[0]) and 2 * len(head) >= len(tail):
            return head.strip()
    return title


def _names_site(piece: str, known: set[str]) -> bool:
    """Whether a folded piece is the outlet's name, a part of it, or the name with a word before or after."""
    return any(
        piece == name
        or (len(piece) > (1 if piece.upper() == piece.lower() else 3) and piece in name)
        or (len(name) > 5 and (piece.startswith(name) or piece.endswith(name)))
        for name in known
    )


def _heading(page: Markup, heading: Element) -> Iterator[Statement]:
    """What an <h1> says: the headline, or the outlet's name if it leads home; the kicker apart."""
    words = heading.text
    if not words or any(above.tag in _ASIDE for above in heading.ancestors()):
        return
    inside = page.elements[heading.order + 1 : min(heading.end, heading.order + _MOST_PARTS)]
    links = [e.get("href") for e in [*inside, heading.parent] if e and e.tag == "a" and e.get("href")]
    if any(not link.startswith("#") and not leads_below_front(link) for link in links):
        yield Statement("site", "h1[home]", words)
        return
    kicker, headline = _parted(words, inside)
    yield Statement("title", "h1", headline)
    if kicker:
        yield Statement("title", WITH_KICKER, words)
        yield Statement("label", "kicker", kicker)
    for element in page.elements[max(0, heading.order - _ABOVE) : heading.order]:
        if (
            element.marks
            and _is_kicker(element.marks)
            and kind_of_label(said := element.brief(_LONGEST_LABEL))
        ):
            yield Statement("label", "above h1", said)


def _parted(words: str, inside: list[Element]) -> tuple[str, str]:
    """(the kicker, the headline) in an <h1>, told apart by their elements; what is not shown is left out.

    A kicker that a visible colon joins to the headline is a part of it.
    """
    unseen = [said for part in inside if (said := part.text) and said != words and _UNSEEN.search(part.marks)]
    left, kicker = words, ""
    for part in inside:
        said = part.text
        if said and left.startswith(said) and (part.tag in {"small", "time"} or _is_kicker(part.marks)):
            rest = left[len(said) :].lstrip()
            if rest and (not rest.startswith(":") or ":" in unseen):
                left, kicker = rest.lstrip("|/–—-: "), said
    for said in unseen:
        left = left.removeprefix(said).removesuffix(said).strip()
    return (kicker.rstrip(" |:/–—-"), left) if left else ("", words)


@lru_cache(maxsize=20_000)
def _is_kicker(marks: str) -> bool:
    return bool(_KICKER.search(marks))


def _without_labels(title: str, sections: Iterable[str]) -> str:
    """A title without the pieces between bars that name a section or a kind of article."""
    names = {fold(section) for section in sections}
    pieces = _BAR.split(title)
    kept = [piece for piece in pieces if not (kind_of_label(piece) or fold(piece) in names)]
    return title if len(kept) in {0, len(pieces)} else " | ".join(kept)


def _without_kicker(heading: Statement, claims: list[Statement], stated: set[str]) -> Statement:
    """A heading without the short line above it that its <h1> holds as well, where a claim shows its end."""
    words = fold(heading.value)
    if words in stated:
        return heading
    for claim in claims:
        extra = len(heading.value) - len(claim.value)
        if words.endswith(fold(claim.value) or " ") and 0 < extra <= min(_LONGEST_LABEL, len(claim.value)):
            return Statement("title", f"h1, {claim.source}", claim.value)
    return heading


def _likeness(heading: str, claim: str) -> float:
    """How surely two titles are wordings of one, 0 to 1: one holds the other, or they share most words."""
    short, long = sorted((fold(heading), fold(claim)), key=len)
    if short == long:
        return 1.0
    if (match := _SEPARATOR.search(claim)) and fold(claim[: match.start()]) == fold(heading):
        return 0.9
    if len(short) < 8 or len(short) < 0.4 * len(long):
        return 0.0
    if short in long:
        return 0.9
    first, second = set(heading.casefold().split()), set(claim.casefold().split())
    return 0.9 * len(first & second) / min(len(first), len(second))


def _is_own_headline(stated: Statement, claims: list[Statement], shown: list[Statement]) -> bool:
    """Whether a newsroom's JSON-LD headline is one of its own: long enough, not cut off, not the <title>."""
    words = fold(stated.value)
    searched = {fold(piece) for s in claims if s.source == "title" for piece in _starts(s.value)}
    is_cut = len(stated.value) >= _LONGEST_SEARCHED or stated.value.endswith(("...", "…"))
    return (
        stated.source == "json-ld:headline"
        and len(stated.value) >= _LONG_HEADING
        and words not in searched
        and not (is_cut and any(fold(s.value).startswith(words) for s in shown))
    )


def _starts(title: str) -> Iterator[str]:
    """A title up to each of its separators, and whole."""
    yield from (title[: match.start()] for match in _SEPARATOR.finditer(title))
    yield title


def _sites_of(url: str) -> tuple[str, str]:
    """The registrable name in an address, and the longest before its last dot: a blog's on its host."""
    labels = (urlsplit(url).hostname or "").split(".")
    return site_of(url).partition(".")[0], max(labels[:-1] or labels, key=len)

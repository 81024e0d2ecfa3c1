"""Lines among the text that are no part of it, each found by a rule with a name.

The rules look at place, links and punctuation, so that they hold in any language; only the call to sign up is
also told by its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from transforms.extract.blocks import LINKED, LONG, SENTENCE_END, Line
from transforms.extract.markup import fold, words_of
from transforms.extract.phrases import SIGN_UP

_CLOCK_OR_YEAR = re.compile(r"\d{1,2}\s*[:.]\s*\d{2}|\b(19|20)\d\d\b")
_LABEL = re.compile(r"^[^.!?。！？]{2,40}[:：|]\s*$")
_SHORT, _DATELINE = 40, 80


@dataclass(frozen=True)
class Known:
    """What the page's fields say: titles and labels (section, tags, outlet), folded, and authors as stated."""

    titles: frozenset[str]
    labels: frozenset[str]
    authors: tuple[str, ...]


Rule = Callable[[list[Line], Known], set[int]]


def without_labels(lines: list[Line], known: Known) -> tuple[list[Line], list[tuple[str, Line]]]:
    """The lines that are text, and the others with the name of the rule that found them."""
    dropped: list[tuple[str, Line]] = []
    for name, rule in _RULES:
        places = rule(lines, known)
        dropped.extend((name, lines[place]) for place in sorted(places))
        lines = [line for place, line in enumerate(lines) if place not in places]
    return lines, dropped


def _title_again(lines: list[Line], known: Known) -> set[int]:
    """The title among the first lines, and labels above it."""
    repeats = [place for place, line in enumerate(lines[:6]) if fold(line.text) in known.titles]
    above = {place for place in range(max(repeats, default=0)) if not lines[place].is_prose}
    return above | set(repeats)


def _links_away(lines: list[Line], _: Known) -> set[int]:
    """Lines that are nothing but a link, or a label and a link."""
    return {place for place, line in enumerate(lines) if _is_link(line)}


def _is_link(line: Line) -> bool:
    if not line.anchors or len(line.text) > 2 * LONG:
        return False
    label, _, rest = line.text.partition(words_of(line.anchors[0]) or "\0")
    if _LABEL.match(label) and len(rest) < 3:
        return True
    return line.linked >= (0.95 if SENTENCE_END.search(line.text) else LINKED)


def _teasers(lines: list[Line], _: Known) -> set[int]:
    """Runs of at least two linked headings, each with at most one line below."""
    headings = [place for place, line in enumerate(lines) if line.is_heading and line.linked > 0.4]
    run: set[int] = set()
    for one, other in pairwise(headings):
        if other - one <= 2:
            run.update(range(one, min(other + 2, len(lines))))
    return {place for place in run if place in headings or len(lines[place].text) < 2 * LONG}


def _sign_up(lines: list[Line], _: Known) -> set[int]:
    """Short lines with a link that ask to sign up."""
    return {
        place
        for place, line in enumerate(lines)
        if line.anchors and len(line.text) < 2 * LONG and SIGN_UP.search(line.text)
    }


def _above_the_text(lines: list[Line], known: Known) -> set[int]:
    """Bylines, dates and section names before the first sentence."""
    start = next((place for place, line in enumerate(lines) if line.is_prose), 0)
    return {place for place in range(start) if _is_label(lines[place], known)}


def _is_label(line: Line, known: Known) -> bool:
    if fold(line.text) in known.labels or any(author in line.text for author in known.authors):
        return True
    return not line.is_heading and len(line.text) < _DATELINE and bool(_CLOCK_OR_YEAR.search(line.text))


def _below_the_text(lines: list[Line], _: Known) -> set[int]:
    """Headings over nothing, lists of links and labels after the last sentence."""
    end = len(lines)
    while end and not lines[end - 1].is_prose and _is_loose(lines[end - 1]):
        end -= 1
    return set(range(end, len(lines)))


def _is_loose(line: Line) -> bool:
    return line.is_heading or line.linked > 0.2 or (line.tag == "p" and len(line.text) < _SHORT)


def _about_the_author(lines: list[Line], known: Known) -> set[int]:
    """One of the last two lines, if it begins with an author's name."""
    first = max(3, len(lines) - 2)
    return {p for p in range(first, len(lines)) if known.authors and lines[p].text.startswith(known.authors)}


_RULES: tuple[tuple[str, Rule], ...] = (
    ("title again", _title_again),
    ("link to another text", _links_away),
    ("teaser", _teasers),
    ("call to sign up", _sign_up),
    ("label above the text", _above_the_text),
    ("label below the text", _below_the_text),
    ("about the author", _about_the_author),
    ("label below the text", _below_the_text),
)

"""One document without markup (a .txt file, a WET record) → the fields of an extraction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np

from schemas.page import Statement
from schemas.vocabulary import BlockKind, PageOutcome, Reason
from transforms.dates.reading import readings
from transforms.extract.forest import Floats
from transforms.extract.line_features import ends_sentence, size_of
from transforms.extract.lines import BEHIND_TITLE, Forests, judge
from transforms.extract.markup import fold, squeeze
from transforms.extract.memory import Memory, Seen, digest, sighting

_MOST_CHARACTERS, _MOST_ROWS, _MOST_LINES = 2_000_000, 50_000, 8_000
_WIDEST, _FEWEST_CUT = 120, 3  # characters of a wrapped row; rows that end amid a sentence
# Chance from which a line is worth mentioning; is text, if it is prose beside prose; is text; surely is.
_NEARLY, _BESIDE, _BESIDE_LONG, _KEPT, _SURE = 0.1, 0.25, 0.12, 0.45, 0.9
_LONG = 200  # characters; teasers are shorter
_MOST_DROPPED = 40
_TELLING = 40  # characters from which a line stands once: in a text, in the articles of an outlet
_TOO_SHORT = 250  # characters of Latin script, as for pages
_PARAGRAPH, _SHORTEST_HEADLINE, _MANY_HEADLINES = 80, 25, 12
_MOST_DATES, _LONGEST_DATE, _ABOVE_TITLE = 3, 80, 3  # lines, characters, lines
_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_BULLET = re.compile(r"[•‣◦▪·*–—-]\s+\S")
_SAYS = re.compile(r"(.{2,60}?)\s+(?:says|reports)\s*(?:…|\.\.\.|:)")
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uff60]")
_HYPHEN = re.compile(r"\w-$")


def read_plain(
    text: str, charset: str, memory: Memory | None = None, forests: Forests | None = None
) -> dict[str, Any]:
    """Columns of `EXTRACTIONS` for one plain document.

    What lies beyond 2 million characters, 50,000 rows or 8,000 lines is not read. Lines wrapped at a fixed width
    are joined. Without `forests` the package's own judge the lines.
    """
    lines = lines_of(text)
    judged = judge(lines, forests)
    title = None if judged.title is None else lines[judged.title]
    is_text = _are_text(lines, judged.chances)
    likely = _once(lines, [at for at in range(len(lines)) if is_text[at]], title)
    nearly = [
        int(at) for at in np.argsort(-judged.chances) if judged.chances[at] > _NEARLY and not is_text[at]
    ]
    recurring = {
        at: f"recurs in {count} articles"
        for at in likely
        if memory and (count := _recurs(memory, lines[at], judged.chances[at]))
    }
    kept = [at for at in likely if at not in recurring]
    dropped = recurring | {at: f"chance {judged.chances[at]:.2f}" for at in nearly[:_MOST_DROPPED]}
    top = lines[: kept[0]] if kept else lines
    statements = [
        *_headline(lines, judged.title),
        *_dates(top, judged.title or 0),
        *_outlets(top, title),
        *(Statement("text", f"dropped:{why}", lines[at]) for at, why in sorted(dropped.items())),
    ]
    body = [lines[at] for at in kept]
    return {
        "title_raw": title,
        "text_raw": "\n".join(body) or None,
        "kinds_raw": _kinds(body),
        "stated_sha256": digest(lines[at] for at in likely),
        "sighted": sighting(Seen(lines[at]) for at in sorted((*likely, *nearly))),
        "authors_raw": [],
        "tags_raw": [],
        "kind_raw": "text/plain",
        "images": [],
        "links": [],
        "evidence": [
            {"field": "charset", "source": charset, "value": None},
            *({"field": s.field, "source": s.source, "value": s.value[:200]} for s in statements),
        ],
    } | _verdict(lines, body)


def lines_of(text: str) -> list[str]:
    """The lines that are not empty; joined where they are wrapped at a fixed width."""
    rows = [squeeze(row) for row in text[:_MOST_CHARACTERS].splitlines()[:_MOST_ROWS]]
    return [row for row in _unwrapped(rows) if row][:_MOST_LINES]


def _unwrapped(rows: list[str]) -> list[str]:
    """Rows joined to paragraphs, if they are wrapped: a third of the long ones end amid a sentence and are full."""
    width = max((len(row) for row in rows if len(row.split()) > 1 or _UNSPACED.search(row)), default=0)
    pairs = list(pairwise([*rows, ""]))
    full = [bool(row and below) and _room(row, below) > width for row, below in pairs]
    cut = sum(is_full and not ends_sentence(row) for row, is_full in zip(rows, full, strict=True))
    long = sum(bool(below) and len(row) > width / 2 for row, below in pairs)
    if width > _WIDEST or cut < max(_FEWEST_CUT, long / 3):
        return rows
    ends = (_joint(*pair) if is_full else "\n" for pair, is_full in zip(pairs, full, strict=True))
    return "".join(chain.from_iterable(zip(rows, ends, strict=True))).split("\n")


def _joint(row: str, below: str) -> str:
    """What stands between two parts of a line: nothing behind a hyphen, and where no spaces are written."""
    return "" if _HYPHEN.search(row[-2:]) or _UNSPACED.match(row[-1]) or _UNSPACED.match(below) else " "


def _room(row: str, below: str) -> int:
    """Characters the row would have with the first word of the one below, or its first character."""
    return len(row) + (1 if _UNSPACED.match(below) else 1 + len(below.split(maxsplit=1)[0]))


def _are_text(lines: list[str], chances: Floats) -> list[bool]:
    """Which lines are text: likely ones, and whole sentences beside such ones, without the outlet's "… says…"."""
    prose = [size_of(line) >= _PARAGRAPH and ends_sentence(line) for line in lines]
    kept = [
        bool(chance > _KEPT) and not _SAYS.fullmatch(line)
        for line, chance in zip(lines, chances, strict=True)
    ]
    places = range(len(lines))
    needed = [_BESIDE if size_of(line) < _LONG else _BESIDE_LONG for line in lines]
    for here, beside in chain(pairwise(places), pairwise(reversed(places))):
        kept[beside] |= (
            kept[here] and prose[here] and prose[beside] and bool(chances[beside] > needed[beside])
        )
    return kept


def _once(lines: list[str], places: list[int], title: str | None) -> list[int]:
    """Places without those of the title and of copies of longer lines above."""
    seen = {fold(title or "")}
    found = []
    for place in places:
        words = fold(lines[place])
        if words not in seen:
            found.append(place)
        if len(words) >= _TELLING:
            seen.add(words)
    return found


def _recurs(memory: Memory, line: str, chance: float) -> int:
    """In how many articles the line stood, if it is not this one's own.

    Of places, which tell the most on pages, a document knows none: a line that the forest is not sure of goes,
    and a whole sentence, which no two articles share. Headings and "(Reuters)" stay.
    """
    is_own = size_of(line) < _TELLING or (chance > _SURE and not ends_sentence(line))
    return 0 if is_own else memory.articles_with(line)


def _kinds(body: list[str]) -> list[BlockKind]:
    """A line with a bullet is a list's; a short one without an end above a paragraph is a heading."""
    kinds = []
    for line, below in zip(body, [*body[1:], ""], strict=False):
        if _BULLET.match(line):
            kinds.append(BlockKind.LIST_ITEM)
        elif (
            size_of(line) < _PARAGRAPH <= size_of(below) and not ends_sentence(line) and line[-1] not in ",:;"
        ):
            kinds.append(BlockKind.HEADING)
        else:
            kinds.append(BlockKind.PARAGRAPH)
    return kinds


def _headline(lines: list[str], place: int | None) -> Iterator[Statement]:
    if place is not None:
        yield Statement("title", f"line {place + 1}", lines[place])


def _dates(top: Sequence[str], title: int) -> Iterator[Statement]:
    """Short lines with a date between headline and text: all a plain document may say of when it was published."""
    near = top[max(0, title - _ABOVE_TITLE) :]
    dates = (line for line in near if len(line) <= _LONGEST_DATE and _YEAR.search(line) and readings(line))
    for line, _ in zip(dates, range(_MOST_DATES), strict=False):
        yield Statement("published_at", "line-date", line)


def _outlets(top: Sequence[str], title: str | None) -> Iterator[Statement]:
    """Names behind the title, or before "says…"."""
    for line in top:
        behind = BEHIND_TITLE.search(line) if title and fold(line).startswith(fold(title)) else None
        if match := behind or _SAYS.fullmatch(line):
            yield Statement("outlet", "line", match[1])


def _verdict(lines: list[str], body: list[str]) -> dict[str, Any]:
    """Why the document is no article, where it is none."""
    size = sum(map(size_of, body))
    if size >= _TOO_SHORT:
        return {}
    headlines = sum(
        _SHORTEST_HEADLINE <= size_of(line) <= 2 * _PARAGRAPH and not ends_sentence(line) for line in lines
    )
    is_list = headlines >= _MANY_HEADLINES
    return {
        "outcome": PageOutcome.NOT_ARTICLE,
        "reason": Reason.LIST_PAGE if is_list else Reason.TOO_SHORT,
        "detail": f"{size:.0f} characters of text in {len(lines)} lines, {headlines} of them like headlines",
    }

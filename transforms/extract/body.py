"""The body of an article: what the engine finds, corrected by the structure of the page.

What is marked as standing beside the text is cut out first; blocks the engine lost come back; lines that are
labels, links or promos go, each with the name of the rule that found it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from lxml.html import HtmlElement

from transforms.extract.blocks import HEADINGS, LINKED, SOME_LINKED, Block, Line, blocks_of, cut_beside
from transforms.extract.engine import find_lines
from transforms.extract.labels import Known, without_labels
from transforms.extract.markup import fold

_FILLERS = {"p", "li", "blockquote", "dd", "dt", *HEADINGS[1:]}
_LONGEST_GAP = 15  # blocks
_KIN = 3  # kept blocks of one form from which others of that form are taken for the same text


@dataclass(frozen=True)
class Body:
    """Lines in order, and those left out with the rule that did it."""

    lines: list[Line]
    dropped: list[tuple[str, Line]]

    @property
    def text(self) -> str:
        """Paragraphs joined by a newline."""
        return "\n".join(line.text for line in self.lines)


def read_body(root: HtmlElement, known: Known) -> Body:
    """The body below `root`, which is changed: blocks beside the text are cut out of it."""
    cut_beside(root)
    blocks = blocks_of(root)
    return Body(*without_labels(_made_whole(find_lines(root, blocks), blocks), known))


def _made_whole(found: list[Line], blocks: list[Block]) -> list[Line]:
    """The engine's lines with what the page knows of them, and the blocks of the same text that it lost.

    These are what stands between two kept blocks that are near each other, and prose of the same form as
    several kept blocks (a body split over containers).
    """
    places: dict[str, int] = {}
    for place, block in enumerate(blocks):
        places.setdefault(fold(block.line.text), place)
    known = [(line, places.get(fold(line.text))) for line in found]
    kept = sorted({place for _, place in known if place is not None})
    have = fold("".join(line.text for line in found))
    lost = [
        place
        for place in sorted(_between(kept, blocks) | _kin(kept, blocks))
        if fold(blocks[place].line.text) not in have
    ]
    lines: list[Line] = []
    for line, own in known:
        while lost and own is not None and lost[0] < own:
            lines.append(blocks[lost.pop(0)].line)
        lines.append(line if own is None else blocks[own].line)
    return [*lines, *(blocks[place].line for place in lost)]


def _between(kept: list[int], blocks: list[Block]) -> set[int]:
    return {
        place
        for one, other in pairwise(kept)
        if other - one <= _LONGEST_GAP and blocks[one].is_near(blocks[other])
        for place in range(one + 1, other)
        if _fills(blocks[place].line, blocks[place + 1].line)
    }


def _fills(line: Line, following: Line) -> bool:
    if not line.text or line.tag not in _FILLERS or line.linked >= LINKED:
        return False
    return not line.is_heading or not (following.is_heading or following.linked >= LINKED)


def _kin(kept: list[int], blocks: list[Block]) -> set[int]:
    forms = Counter(blocks[place].form for place in kept)
    return {
        place
        for place, block in enumerate(blocks)
        if block.line.is_prose and block.line.linked < SOME_LINKED and forms[block.form] >= _KIN
    }

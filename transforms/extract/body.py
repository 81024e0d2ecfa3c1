"""The body of an article: which blocks of the page are its text, and what kind of line each is.

A forest judges every block by its features; the standfirst is told from the text by its place and its name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby

import numpy as np
import numpy.typing as npt

from schemas.vocabulary import BlockKind
from transforms.extract.features import NAMES, Floats, Known, features
from transforms.extract.forest import block_forest
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.markup import HEADINGS, Block, Element, Markup
from transforms.extract.memory import Memory, seen

KEPT = 0.6  # chance from which a block is text
_MENU_LINKED, _MENU_SIZE = (
    0.9,
    5.4,
)  # share of link, and log2 of characters: a menu, unless inside of the body
_MOST_LINKED = 0.5
_DEK = re.compile(
    r"(?<![a-z])(dek|deck|standfirst|sub-?titles?|sub-?heads?|sub-?headlines?|subheading|subtitulo|lede|chapo|"
    r"chapeau|vorspann|ingress|sapo|strap-?line|strap|bajada|entradilla|anons|kicker)(?![a-z])"
)
_SHORTEST_DEK, _LONGEST_DEK, _LONGEST_HEADING = 25, 700, 200
_NO_DEK = sum(1 << HINTS.index(name) for name in ("caption", "nav", "author"))
_MOST_DROPPED, _SHORTEST_DROPPED = 40, 40
_EMBED = 1 << HINTS.index("embed")
_COLUMN = {name: place for place, name in enumerate(NAMES)}
_BESIDE = [_COLUMN[f"in_{tag}"] for tag in ("aside", "nav", "footer", "form", "button")]
_DOUBT = 0.65  # of the chance is left
_SOME_LINKED, _LONG_SIZE = 0.3, 8.1  # share of link; log2 of characters


@dataclass(frozen=True)
class Line:
    """A line of the text: its words, what it is, its links."""

    text: str
    kind: BlockKind
    anchors: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Body:
    """Lines in order, the standfirst above them, blocks that were nearly kept with the reason they were not.

    `weighed` are the blocks that were kept, nearly kept, or left out because the outlet repeats them;
    `stated_sha256` is that of standfirst and text before these were left out. `chances` and `features` have a
    row per block of the page.
    """

    lines: list[Line] = field(default_factory=list)
    dek: str | None = None
    dropped: list[tuple[str, Block]] = field(default_factory=list)
    weighed: list[Block] = field(default_factory=list)
    stated_sha256: str | None = None
    chances: Floats | None = None
    features: Floats | None = None

    @property
    def text(self) -> str:
        """Paragraphs joined by a newline."""
        return "\n".join(line.text for line in self.lines)


def read_body(page: Markup, known: Known, memory: Memory | None = None) -> Body:
    """The body of a page, without what its outlet is known to repeat."""
    if not page.blocks:
        return Body()
    rows = features(page, known)
    chances = lowered(_chances(rows), rows)
    likely = [block for block in page.blocks if chances[block.place] > KEPT]
    dek = standfirst(page.blocks, likely, rows)
    nearly = _nearly(page.blocks, chances, dek)
    stated = [block for block in page.blocks if chances[block.place] > KEPT or block in dek]
    recurring = [(why, block) for block in stated if memory and (why := memory.recurs(seen(block)))]
    repeated = {block.place for _, block in recurring}
    kept = [block for block in stated if block.place not in repeated]
    body = [block for block in kept if block not in dek]
    return Body(
        lines=[line for _, group in groupby(body, _row_of) for line in _lines(list(group))],
        dek=" ".join(block.text for block in kept if block in dek) or None,
        dropped=[*recurring, *nearly],
        weighed=[*stated, *(block for _, block in nearly)],
        stated_sha256=_digest(stated),
        chances=chances,
        features=rows,
    )


def _digest(blocks: Sequence[Block]) -> str:
    lines = "\n".join(block.text for block in blocks)
    return sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()


def is_asked(rows: Floats) -> npt.NDArray[np.bool_]:
    """Whether the forest is asked about each block: not about menus, unless inside of the body."""
    return np.array(
        (rows[:, _COLUMN["linked"]] <= _MENU_LINKED)
        | (rows[:, _COLUMN["size"]] >= _MENU_SIZE)
        | (rows[:, _COLUMN["in_best_body"]] > 0)
    )


def _chances(rows: Floats) -> Floats:
    """The chance of each block; menus are not asked about."""
    asked = is_asked(rows)
    chances = np.zeros(len(rows), np.float32)
    chances[asked] = block_forest().chances(rows[asked])
    return chances


def lowered(chances: Floats, rows: Floats) -> Floats:
    """The chances, lower where HTML itself says that a block stands beside the text, and for short lines that ask
    to follow their link; captions are no text.
    """

    def column(name: str) -> Floats:
        return rows[:, _COLUMN[name]]

    beside = rows[:, _BESIDE].any(axis=1)
    asks = (column("calls_read_more") > 0) & (column("linked") > _SOME_LINKED)
    asks |= (column("calls_sign_up") > 0) & (column("linked") > 0)
    doubtful = beside | (asks & (column("size") < _LONG_SIZE))
    return np.where(column("tag_figcaption") > 0, 0, np.where(doubtful, _DOUBT * chances, chances))


def standfirst(blocks: Sequence[Block], kept: Sequence[Block], rows: Floats) -> list[Block]:
    """The standfirst: above the first paragraph, and named for it, or what the page gives as its description.

    Beside the paragraphs, in the same element, only a name tells it from the first of them.
    """
    prose = [b for b in kept if len(b.text) > 2 * _SHORTEST_DEK and b.element.tag not in HEADINGS]
    if not prose:
        return []
    weights: Counter[Element | None] = Counter()
    for block in prose:
        weights[block.element.parent] += len(block.text)
    main = weights.most_common(1)[0][0]
    first = next(block.place for block in prose if block.element.parent is main)

    def isstandfirst(block: Block) -> bool:
        row, element = rows[block.place], block.element
        if not _SHORTEST_DEK <= len(block.text) <= _LONGEST_DEK or element.tag == "h1":
            return False
        if row[_COLUMN["linked"]] > _MOST_LINKED or row[_COLUMN["is_title"]] or row[_COLUMN["since_h1"]] < 0:
            return False
        above = element.parent
        near = hints_in(element.marks) | (hints_in(above.marks) if above else 0)
        if near & _NO_DEK or row[_COLUMN["in_figure"]]:
            return False
        is_named = bool(_DEK.search(element.marks))
        if above is main and not is_named:
            return False
        since = row[_COLUMN["since_h1"]]
        return bool(
            is_named
            or row[_COLUMN["is_description"]]
            or (row[_COLUMN["near_dek"]] and since <= 8)
            or (element.tag in HEADINGS and 0 < since <= 2 and len(block.text) > 2 * _SHORTEST_DEK)
        )

    return [block for block in blocks[: first + 1] if isstandfirst(block)][:2]


def _row_of(block: Block) -> object:
    """The table row of a cell; anything else stands alone."""
    above = block.element.parent
    return above.order if above and block.element.tag in {"td", "th"} else -1 - block.place


def _lines(blocks: list[Block]) -> list[Line]:
    """A line a block, or one of all cells of a table's row."""
    if len(blocks) == 1:
        block = blocks[0]
        return [Line(block.text, _kind(block), block.anchors)]
    anchors = tuple(anchor for block in blocks for anchor in block.anchors)
    return [Line(" ".join(block.text for block in blocks), BlockKind.ROW, anchors)]


def _kind(block: Block) -> BlockKind:
    tag = block.element.tag
    if tag in HEADINGS and len(block.text) < _LONGEST_HEADING:
        return BlockKind.HEADING
    around = [tag, *(above.tag for above in block.element.ancestors())]
    if "blockquote" in around:
        marks = [
            above.marks for above in (block.element, *block.element.ancestors()) if above.tag == "blockquote"
        ]
        return BlockKind.EMBED if any(hints_in(one) & _EMBED for one in marks) else BlockKind.QUOTE
    if tag in {"td", "th"}:
        return BlockKind.ROW
    if "li" in around[:3]:
        return BlockKind.LIST_ITEM
    return BlockKind.PREFORMATTED if "pre" in around[:3] else BlockKind.PARAGRAPH


def _nearly(blocks: list[Block], chances: Floats, dek: list[Block]) -> list[tuple[str, Block]]:
    """Blocks that read like text and were left out, the nearest to being kept."""
    out = [
        b for b in blocks if chances[b.place] <= KEPT and len(b.text) >= _SHORTEST_DROPPED and b not in dek
    ]
    out = sorted(out, key=lambda block: -chances[block.place])[:_MOST_DROPPED]
    return [
        (f"chance {chances[b.place]:.2f}", b)
        for b in sorted(out, key=lambda b: b.place)
        if chances[b.place] > 0.02
    ]

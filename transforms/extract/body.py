"""The body of an article: which blocks of the page are its text, and what kind of line each is.

A forest judges every block by its features; the standfirst is told from the text by its place and its name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from schemas.vocabulary import BlockKind
from transforms.extract.bylines import signs
from transforms.extract.chances import KEPT, chances_of
from transforms.extract.features import COLUMN, features, groups_of
from transforms.extract.forest import Floats
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.layouts import Marked
from transforms.extract.markup import HEADINGS, Block, Element, Markup
from transforms.extract.memory import Memory, digest, seen
from transforms.extract.opinion import Opinion, second_opinion
from transforms.extract.wording import Known

_MOST_LINKED = 0.5
_DEK = re.compile(
    r"(?<![a-z])(dek|(sub-?)?deck|standfirst|sub-?titles?|sub-?heads?|sub-?headlines?|subheading|subtitulo|lede|chapo|"
    r"chapeau|vorspann|ingress|sapo|strap-?line|strap|bajada|entradilla|anons|kicker)(?![a-z])"
)
_SHORTEST_DEK, _LONGEST_DEK, _LONGEST_HEADING = 25, 700, 200
_CAPTION, _AUTHOR = (1 << HINTS.index(name) for name in ("caption", "author"))
_MOST_DROPPED, _SHORTEST_DROPPED, _LEAST_DROPPED = 40, 40, 0.02
_LEVELS = 40  # above a line that may hold a quote; the deepest real page has 43
_EMBED = 1 << HINTS.index("embed")


@dataclass(frozen=True)
class Line:
    """A line of the text: its words, what it is, its links."""

    text: str
    kind: BlockKind
    anchors: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Body:
    """Lines in order, the standfirst above them, blocks that were nearly kept with the reason they were not.

    `above` are the blocks of the standfirst. `weighed` are the blocks that were kept, nearly kept, or left out
    because the outlet repeats them; `stated_sha256` is that of standfirst and text before these were left out.
    `chances` and `features` have a row per block of the page. `opinion` is that of another reader, if one was asked.
    """

    lines: list[Line] = field(default_factory=list)
    dek: str | None = None
    above: list[Block] = field(default_factory=list)
    dropped: list[tuple[str, Block]] = field(default_factory=list)
    weighed: list[Block] = field(default_factory=list)
    stated_sha256: str | None = None
    chances: Floats | None = None
    features: Floats | None = None
    opinion: Opinion | None = None

    @property
    def text(self) -> str:
        """Paragraphs joined by a newline."""
        return "\n".join(line.text for line in self.lines)


def read_body(page: Markup, known: Known, memory: Memory | None = None, marked: Marked | None = None) -> Body:
    """The body of a page, without what its outlet is known to repeat; `marked` blocks are not judged."""
    if not page.blocks:
        return Body()
    groups = groups_of(page.blocks)
    rows = features(page, known, groups)
    chances = chances_of(page.blocks, groups, rows)
    return _body(page, rows, marked.applied(chances) if marked else chances, memory, marked)


def with_second_opinion(page: Markup, body: Body, memory: Memory | None, marked: Marked | None) -> Body:
    """The body of an article, as another reader sees it too, if one is asked: not where a layout says what it is."""
    if body.chances is None or body.features is None or (marked and marked.text is not None):
        return body
    opinion = second_opinion(page, body.chances)
    return _body(page, body.features, opinion.chances, memory, marked, opinion=opinion) if opinion else body


def _body(
    page: Markup,
    rows: Floats,
    chances: Floats,
    memory: Memory | None,
    marked: Marked | None,
    *,
    opinion: Opinion | None = None,
) -> Body:
    places = np.flatnonzero(chances > KEPT).tolist()
    likely = [page.blocks[place] for place in places]
    dek = [page.blocks[place] for place in marked.dek] if marked else []
    dek = dek or standfirst(page.blocks, likely, rows)
    above = {block.place for block in dek}
    nearly = _nearly(page.blocks, chances, above)
    stated = [page.blocks[place] for place in sorted(above.union(places))]
    recurring = [(why, block) for block in stated if memory and (why := memory.recurs(seen(block)))]
    repeated = {block.place for _, block in recurring}
    kept = [block for block in stated if block.place not in repeated]
    body = [block for block in kept if block.place not in above]
    dek = [block for block in kept if block.place in above]
    return Body(
        lines=[Line(block.text, _kind(block), block.anchors) for block in body],
        dek=" ".join(block.text for block in dek) or None,
        above=dek,
        dropped=[*recurring, *nearly],
        weighed=[*stated, *(block for _, block in nearly)],
        stated_sha256=digest(block.text for block in stated),
        chances=chances,
        features=rows,
        opinion=opinion,
    )


def standfirst(blocks: Sequence[Block], kept: Sequence[Block], rows: Floats) -> list[Block]:
    """The standfirst: above the first paragraph, and named for it, or what the page gives as its description.

    Beside the paragraphs, in the same element, only a name tells it from the first of them. It is below the headline,
    and neither byline nor dateline.
    """
    prose = [b for b in kept if len(b.text) > 2 * _SHORTEST_DEK and b.element.tag not in HEADINGS]
    if not prose:
        return []
    weights: Counter[Element | None] = Counter()
    for block in prose:
        weights[block.element.parent] += len(block.text)
    main = weights.most_common(1)[0][0]
    first = next(block.place for block in prose if block.element.parent is main)

    titles = np.flatnonzero(rows[: first + 1, COLUMN["is_title"]])
    headline = titles[0] if len(titles) else -1

    def isstandfirst(block: Block) -> bool:
        row, element = rows[block.place], block.element
        if block.place < headline:
            return False
        if not _SHORTEST_DEK <= len(block.text) <= _LONGEST_DEK or element.tag == "h1":
            return False
        if row[COLUMN["linked"]] > _MOST_LINKED or row[COLUMN["is_title"]] or row[COLUMN["since_h1"]] < 0:
            return False
        above = element.parent
        is_named = bool(_DEK.search(element.marks))
        near = hints_in(element.marks) | (hints_in(above.marks) if above else 0)
        if near & _CAPTION or (near & _AUTHOR and not is_named) or row[COLUMN["in_figure"]]:
            return False
        if above is main and not is_named:
            return False
        since = row[COLUMN["since_h1"]]
        is_placed = (
            is_named
            or row[COLUMN["is_description"]]
            or (row[COLUMN["near_dek"]] and since <= 8)
            or (element.tag in HEADINGS and 0 < since <= 2 and len(block.text) > 2 * _SHORTEST_DEK)
        )
        return bool(is_placed) and not signs(block.text)

    return [block for block in blocks[: first + 1] if isstandfirst(block)][:2]


def _kind(block: Block) -> BlockKind:
    tag = block.element.tag
    if tag in HEADINGS and len(block.text) < _LONGEST_HEADING:
        return BlockKind.HEADING
    above = [block.element, *islice(block.element.ancestors(), _LEVELS)]
    around = [element.tag for element in above]
    if "blockquote" in around:
        marks = [element.marks for element in above if element.tag == "blockquote"]
        return BlockKind.EMBED if any(hints_in(one) & _EMBED for one in marks) else BlockKind.QUOTE
    if tag in {"tr", "td", "th"}:
        return BlockKind.ROW
    if "li" in around[:3]:
        return BlockKind.LIST_ITEM
    return BlockKind.PREFORMATTED if "pre" in around[:3] else BlockKind.PARAGRAPH


def _nearly(blocks: list[Block], chances: Floats, above: Set[int]) -> list[tuple[str, Block]]:
    """Blocks that read like text and were left out, but for those `above` it, the nearest to being kept."""
    places = np.flatnonzero((chances > _LEAST_DROPPED) & (chances <= KEPT)).tolist()
    out = [at for at in places if len(blocks[at].text) >= _SHORTEST_DROPPED and at not in above]
    nearest = sorted(out, key=lambda at: -chances[at])[:_MOST_DROPPED]
    return [(f"chance {chances[at]:.2f}", blocks[at]) for at in sorted(nearest)]

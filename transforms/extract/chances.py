"""The chance of each block to be text: what a forest says of it alone, settled by what holds for whole parts; then
what a second one says that knows of the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from transforms.extract.company import company, is_open
from transforms.extract.features import COLUMN, prose_of
from transforms.extract.forest import Floats, Forest, block_forest, company_forest
from transforms.extract.markup import Block, Element
from transforms.extract.spots import Places
from transforms.extract.words import block_words

Marked = npt.NDArray[np.bool_]

KEPT = 0.6  # chance above which a block is text
JUST_KEPT = np.nextafter(np.float32(KEPT), np.float32(1))  # the least that is
_MENU_LINKED, _MENU_SIZE = (
    0.9,
    5.4,
)  # share of link, and log2 of characters: a menu, unless inside of the body
_BESIDE = [COLUMN[f"in_{tag}"] for tag in ("aside", "nav", "footer", "form", "button")]
_DOUBT, _REFUSED = 0.65, 0.6  # of the chance is left; of that of a very short line that asks
_SOME_LINKED, _LONG_SIZE, _SHORT_SIZE = 0.3, 8.1, 6.7  # share of link; log2 of characters
_SHARE, _LEAST = (
    0.65,
    0.2,
)  # the chance that is enough on an unsure page: its share of the F1 expected, the least
_ENOUGH_ABOVE, _ENOUGH_SHOWN = (
    300,
    600,
)  # characters of prose that are left without comments, or what is hidden
_TABLE = 0.45  # mean chance of a table's rows from which all are text
_LIST, _LIST_LINKED = (
    0.2,
    0.3,
)  # mean chance of a plain list's items from which all are; share of link of none


def chances_of(blocks: Sequence[Block], groups: Places, rows: Floats) -> Floats:
    """The chance of each block, by its groups and its `features`."""
    asked = is_asked(rows)
    alone = np.zeros(len(rows), np.float32)
    alone[asked] = block_forest().chances(rows[asked])
    chances = settled(blocks, rows, alone)
    told = company(blocks, groups, rows, alone, chances, words=block_words())
    return weighed(blocks, rows, chances, told, company_forest())


def weighed(blocks: Sequence[Block], rows: Floats, first: Floats, told: Floats, forest: Forest) -> Floats:
    """The chances when the second forest has been told of the `company` of each block; none is raised by it where HTML
    or a call to act speaks against it.
    """
    asked = is_open(first)
    chances = first.copy()
    chances[asked] = forest.chances(told[asked])
    left = _left(rows)
    chances = np.where(left < 1, np.minimum(first, chances), chances)
    return _with_likeliest(chances, np.array([len(block.text) for block in blocks]), left, rows)


def is_asked(rows: Floats) -> Marked:
    """Whether the forest is asked about each block: not about menus, unless inside of the body."""
    return np.array(
        (rows[:, COLUMN["linked"]] <= _MENU_LINKED)
        | (rows[:, COLUMN["size"]] >= _MENU_SIZE)
        | (rows[:, COLUMN["in_best_body"]] > 0)
    )


def settled(blocks: Sequence[Block], rows: Floats, chances: Floats) -> Floats:
    """The forest's chances, changed where HTML, names or the blocks beside say what it cannot know of one block;
    captions are no text.
    """
    lengths = np.array([len(block.text) for block in blocks])
    prose = prose_of(lengths, rows[:, COLUMN["linked"]], rows[:, COLUMN["ends_sentence"]])
    left = _left(rows)
    found = np.where(rows[:, COLUMN["tag_figcaption"]] > 0, 0, left * chances)
    found = _with_likeliest(found, lengths, left, rows)
    for name, enough in (("in_comments", _ENOUGH_ABOVE), ("named_hidden", _ENOUGH_SHOWN)):
        marked = rows[:, COLUMN[name]] > 0
        if marked.any() and prose[(found > KEPT) & ~marked].sum() >= enough:
            found = np.where(marked, 0, found)
    return _with_plain_lists(blocks, _with_whole_tables(blocks, found, lengths), rows)


def _left(rows: Floats) -> Floats:
    """What is left of the chance of each block where HTML itself says that it stands beside the text, or a short
    line asks to follow its link: a factor.
    """

    def column(name: str) -> Floats:
        return rows[:, COLUMN[name]]

    beside = rows[:, _BESIDE].any(axis=1)
    asks = (column("calls_read_more") > 0) & (column("linked") > _SOME_LINKED)
    asks |= (column("calls_sign_up") > 0) & (column("linked") > 0)
    asks &= column("size") < _LONG_SIZE
    left = np.where(beside | asks, _DOUBT, 1)
    return np.where(asks & (column("size") < _SHORT_SIZE), _REFUSED, left).astype(np.float32)


def _with_likeliest(chances: Floats, lengths: npt.NDArray[np.int64], left: Floats, rows: Floats) -> Floats:
    """On a page of which the forest is unsure as a whole, less of a chance is needed, if nothing speaks against it: a
    share of the best F1, in characters, that can be expected of its blocks.
    """
    least = max(_LEAST, _SHARE * expected(chances, lengths))
    is_plain = (left == 1) & (rows[:, COLUMN["is_title"]] == 0)
    return np.where((chances > least) & (chances <= KEPT) & is_plain, JUST_KEPT, chances)


def expected(chances: Floats, lengths: npt.NDArray[np.int64]) -> float:
    """The best F1, in characters, that can be expected of keeping the likeliest blocks."""
    order = np.argsort(-chances, kind="stable")
    right, read = np.cumsum((chances * lengths)[order]), np.cumsum(lengths[order])
    return float((2 * right / (read + right[-1] + 1)).max())


def _with_whole_tables(blocks: Sequence[Block], chances: Floats, lengths: npt.NDArray[np.int64]) -> Floats:
    """All rows of a table, if most speaks for them."""
    tables: dict[int, list[int]] = {}
    for block in blocks:
        if block.element.tag == "tr" and block.element.parent:
            tables.setdefault(block.element.parent.order, []).append(block.place)
    for places in tables.values():
        mean = float(np.average(chances[places], weights=lengths[places]))
        if len(places) > 1 and mean > _TABLE:
            chances[places] = np.maximum(chances[places], JUST_KEPT)
    return chances


def _with_plain_lists(blocks: Sequence[Block], chances: Floats, rows: Floats) -> Floats:
    """All items of a list without name and links that stands between lines of text in the same part: its short
    items look like those of a menu to a forest that is asked about each alone.
    """
    listed = np.flatnonzero(rows[:, COLUMN["in_li"]]).tolist()
    likely = (_outermost_list(blocks[place].element) for place in listed if chances[place] > _LIST)
    for holder in dict.fromkeys(filter(None, likely)):
        places = [place for place in listed if holder.holds(blocks[place].element)]
        before, behind = places[0] - 1, places[-1] + 1
        if before < 0 or behind == len(blocks) or holder.marks.strip() or holder.parent is None:
            continue
        is_inside = all(
            chances[at] > KEPT and holder.parent.holds(blocks[at].element) for at in (before, behind)
        )
        is_plain = rows[places, COLUMN["linked"]].max() <= _LIST_LINKED
        if is_inside and is_plain and chances[places].mean() > _LIST:
            chances[places] = np.maximum(chances[places], JUST_KEPT)
    return chances


def _outermost_list(element: Element) -> Element | None:
    found = None
    for above in element.ancestors():
        if above.tag in {"ul", "ol"}:
            found = above
    return found

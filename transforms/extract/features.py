"""What is told about each block of a page, in numbers: the input of the block model.

Structure, place, punctuation and the names of the parts of the page; of the words, only a few calls to act
("sign up", "read more") in many languages.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

from transforms.extract.calls import CALLS
from transforms.extract.forest import Floats
from transforms.extract.hints import HINTS
from transforms.extract.markup import Block, Markup
from transforms.extract.spots import AROUND, SPOT, Numbers, Places, spots
from transforms.extract.wording import WORDING, Known, bits_of, wording

_TAGS = (
    *("p", "li", "h1", "h2", "h3", "h4", "blockquote", "td", "div", "figcaption", "pre", "dd", "button"),
    "other",
)
_TAG = {tag: place for place, tag in enumerate(_TAGS)}
_TAG |= {"h5": _TAG["h4"], "h6": _TAG["h4"], "th": _TAG["td"], "tr": _TAG["td"], "dt": _TAG["dd"]}
_PROSE, _SENTENCE, _MOST_LINKED = 80, 20, 0.4  # characters, characters that end a sentence, share of link

_SPAN = (1, 2, 3)  # blocks before and after that are told about each
_NEIGHBOUR = ("size", "linked", "ends_sentence", "heading", "calls", "same_parent", "same_form")
#: What blocks have in common, the rows of `groups_of`.
GROUPS = ("holder", "parent", "grandparent", "form", "page_form")
_GROUP = ("blocks", "prose", "share", "mean_size", "mean_linked", "best")
#: Columns of where a block stands along the page.
ALONG = (
    "copies",
    "place",
    "prose_before",
    "prose_after",
    "since_h1",
    "since_title",
    "page_blocks",
    "page_prose",
)
_PLACE = (
    *ALONG,
    *("in_best", "in_best_above", "same_place"),
)
_WINDOWS = (3, 8)
#: Columns of what a block says that others say as well.
ECHO = ("repeats", "within")
_ECHOES, _MOST_WITHIN = 25, 400  # characters
_MOST_COMPARED = 200_000_000  # characters of all blocks for each of them: 0.2 s at most
_QUOTES = "\"'“”„«»‘’ "

#: Names of the columns of `features`.
NAMES: tuple[str, ...] = (
    *WORDING,
    *(f"tag_{tag}" for tag in _TAGS),
    *(f"near_{hint}" for hint in HINTS),
    *(f"far_{hint}" for hint in HINTS),
    *(f"in_{tag}" for tag in AROUND),
    *SPOT,
    *_PLACE,
    *(f"{group}_{what}" for group in GROUPS for what in _GROUP),
    *(f"{what}_{where}{n}" for n in _SPAN for where in ("before", "after") for what in _NEIGHBOUR),
    *(f"prose_within_{n}" for n in _WINDOWS),
    *ECHO,
)
#: The column of each name.
COLUMN = {name: place for place, name in enumerate(NAMES)}


def features(page: Markup, known: Known, groups: Places) -> Floats:
    """One row per block of the page, one column per name in `NAMES`; `groups` are those of its blocks."""
    blocks = page.blocks
    own = wording(blocks, known)
    size, linked, ends, is_title = (
        own[WORDING.index(name)] for name in ("size", "linked", "ends_sentence", "is_title")
    )
    calls = own[-len(CALLS) :].sum(axis=0)
    tags = np.array([_TAG.get(block.element.tag, len(_TAGS) - 1) for block in blocks])
    texts = [block.text for block in blocks]
    lengths = np.array([len(text) for text in texts], np.float32)
    prose = prose_of(lengths, linked, ends)
    at = spots(page, known.titles, lengths, prose)
    copies = Counter(texts)
    is_heading = (tags >= _TAG["h1"]) & (tags <= _TAG["h4"])
    columns = (
        own,
        np.arange(len(_TAGS))[:, None] == tags,
        bits_of(at.near, len(HINTS)),
        bits_of(at.far, len(HINTS)),
        bits_of(at.around, len(AROUND)),
        at.numbers,
        [np.minimum([copies[text] for text in texts], 5)],
        _places(blocks, tags, is_title, prose, groups),
        _of_groups(groups, prose, size, linked),
        _neighbours((size, linked, ends, is_heading, calls), groups),
        [np.convolve(prose, np.ones(2 * n + 1))[n : n + len(prose)] / (prose.sum() + 1) for n in _WINDOWS],
        _echoes(texts, lengths, copies, linked),
    )
    return np.ascontiguousarray(np.concatenate(columns, dtype=np.float32, casting="same_kind").T)


def prose_of(lengths: Places | Floats, linked: Floats, ends_sentence: Floats) -> Floats:
    """The characters of each block that reads like prose, 0 of others."""
    is_prose = (linked < _MOST_LINKED) & ((lengths >= _PROSE) | ((ends_sentence > 0) & (lengths > _SENTENCE)))
    return np.where(is_prose, lengths, 0).astype(np.float32)


def groups_of(blocks: Sequence[Block]) -> Places:
    """What blocks have in common, as numbers from 0 on: one row a kind in `GROUPS`, one column a block."""
    holders = [block.element for block in blocks]
    parents = [element.parent or element for element in holders]
    forms: dict[tuple[int, str, str], int] = {}
    page_forms: dict[tuple[str, str, str, str], int] = {}
    together = list(zip(holders, parents, strict=True))
    return np.array(
        [
            [e.order for e in holders],
            [above.order for above in parents],
            [(above.parent or above).order for above in parents],
            [forms.setdefault((above.order, e.tag, e.marks), len(forms)) for e, above in together],
            [
                page_forms.setdefault((e.tag, e.marks, above.tag, above.marks), len(page_forms))
                for e, above in together
            ],
        ]
    )


def _places(
    blocks: Sequence[Block], tags: Places, is_title: Floats, prose: Floats, groups: Places
) -> list[Numbers]:
    """The columns of `_PLACE` behind the first."""
    count, total = len(blocks), prose.sum() + 1
    so_far = np.cumsum(prose)
    return [
        np.arange(count) / count,
        (so_far - prose) / total,
        (total - so_far) / total,
        _since(tags == _TAG["h1"]),
        _since(is_title > 0),
        np.full(count, math.log2(count)),
        np.full(count, math.log2(total)),
        *_best_places(blocks, prose, groups),
    ]


def _echoes(texts: Sequence[str], lengths: Floats, copies: Mapping[str, int], linked: Floats) -> Numbers:
    """Whether each block says the same as one before it, and whether it stands in a longer one but for quotation
    marks, as a pull quote does. Not told of short blocks and of links, nor on enormous pages.
    """
    found = np.zeros((len(ECHO), len(texts)), np.bool_)
    whole = "\n".join(texts)
    if len(whole) * len(texts) >= _MOST_COMPARED:
        return found
    seen: set[str] = set()
    for place in np.flatnonzero((linked < _MOST_LINKED) & (lengths >= _ECHOES)).tolist():
        text = texts[place]
        found[0, place] = text in seen
        seen.add(text)
        if len(text) <= _MOST_WITHIN:
            found[1, place] = whole.count(text.strip(_QUOTES)) > copies[text]
    return found


def _since(marked: npt.NDArray[np.bool_]) -> Places:
    """Blocks since the last marked one, at most 60; -1 before the first."""
    places = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, places, -1))
    return np.where(last < 0, -1, np.minimum(places - last, 60))


def _best_places(blocks: Sequence[Block], prose: Floats, groups: Places) -> Iterator[Numbers]:
    """Whether each block is inside of the element with most prose right in it, inside of the one above it, and
    how many of the four inmost elements around the block with the most prose are around it as well.
    """
    orders, parents, *_ = groups
    first = blocks[int(np.bincount(parents, prose)[parents].argmax())].element
    inside = first.parent or first
    for element in (inside, inside.parent or inside):
        yield (orders >= element.order) & (orders < element.end)
    shared = np.zeros(len(blocks), np.int64)
    longest = blocks[int(prose.argmax())].element
    for above in islice(longest.ancestors(), 4):
        shared += (orders > above.order) & (orders < above.end)
    yield shared


def _of_groups(groups: Places, prose: Floats, size: Floats, linked: Floats) -> Numbers:
    """The columns of `_GROUP` for each kind in `GROUPS`, all counted at once."""
    kinds, count = groups.shape
    numbers = groups + np.arange(kinds)[:, None] * (groups.max() + 1)
    blocks, text, long, sizes, links = (
        np.bincount(numbers.ravel(), np.concatenate([values] * kinds)).take(numbers)
        for values in (np.ones(count), prose, prose > 0, size, linked)
    )
    told = (
        np.log2(1 + blocks),
        long / blocks,
        text / (prose.sum() + 1),
        sizes / blocks,
        links / blocks,
        text == text.max(axis=1, keepdims=True),
    )
    return np.stack(told, axis=1).reshape(-1, count)


def _neighbours(values: Sequence[Numbers], groups: Places) -> Numbers:
    """Values of the blocks before and after each, -1 beyond the page's ends; whether they are of its groups."""
    count, most = groups.shape[1], max(_SPAN)
    kinds = groups[[GROUPS.index(kind) for kind in ("parent", "page_form")]]
    here = np.full((len(values) + len(kinds), most + count + most), -1, np.float32)
    here[:, most : most + count] = [*values, *kinds]
    steps = [step for n in _SPAN for step in (-n, n)]
    moved = np.stack([here[:, most + step : most + step + count] for step in steps])
    moved[:, len(values) :] = moved[:, len(values) :] == kinds
    return moved.reshape(-1, count)

"""What is told about each block of a page, in numbers: the input of the block model.

Structure, place, punctuation and the names of the parts of the page; of the words, only a few calls to act
("sign up", "read more") in many languages.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import count as numbering

import numpy as np
import numpy.typing as npt

from transforms.extract.calls import CALLS
from transforms.extract.forest import Floats
from transforms.extract.hints import HINTS
from transforms.extract.markup import Block, Markup
from transforms.extract.spots import AROUND, SPOT, Places, spots
from transforms.extract.wording import WORDING, Known, wording

Numbers = npt.NDArray[np.generic]

_TAGS = (
    *("p", "li", "h1", "h2", "h3", "h4", "blockquote", "td", "div", "figcaption", "pre", "dd", "button"),
    "other",
)
_TAG = {tag: place for place, tag in enumerate(_TAGS)}
_TAG |= {"h5": _TAG["h4"], "h6": _TAG["h4"], "th": _TAG["td"], "tr": _TAG["td"], "dt": _TAG["dd"]}
_HEADINGS = [_TAG[tag] for tag in ("h1", "h2", "h3", "h4")]
_PROSE, _SENTENCE, _MOST_LINKED = 80, 20, 0.4  # characters, characters that end a sentence, share of link

_SPAN = (1, 2, 3)  # blocks before and after that are told about each
_NEIGHBOUR = ("size", "linked", "ends_sentence", "heading", "calls", "same_parent", "same_form")
#: What blocks have in common, the keys of `groups_of`.
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


def features(page: Markup, known: Known) -> Floats:
    """One row per block of the page, one column per name in `NAMES`."""
    blocks = page.blocks
    count = len(blocks)
    own = wording(blocks, known)
    size, linked, ends, is_title = (
        own[:, WORDING.index(name)] for name in ("size", "linked", "ends_sentence", "is_title")
    )
    calls = own[:, -len(CALLS) :].sum(axis=1)
    tags = np.array([_TAG.get(block.element.tag, len(_TAGS) - 1) for block in blocks])
    lengths = np.array([len(block.text) for block in blocks], np.float32)
    prose = prose_of(lengths, linked, ends)
    total = prose.sum() + 1
    at = spots(page, known.titles, lengths, prose)
    groups = groups_of(blocks)
    texts = [block.text for block in blocks]
    copies = Counter(texts)
    shares = np.stack(
        [
            np.minimum([copies[text] for text in texts], 5),
            *_places(blocks, tags, is_title, prose, groups),
            *(column for group in groups.values() for column in _of_group(group, prose, size, linked)),
            *_neighbours((size, linked, ends, np.isin(tags, _HEADINGS), calls), groups),
            *(np.convolve(prose, np.ones(2 * n + 1), "full")[n : n + count] / total for n in _WINDOWS),
            *_echoes(texts, copies, linked),
        ],
        axis=1,
    )
    parts = (
        own,
        tags[:, None] == np.arange(len(_TAGS)),
        _bits(at.near, len(HINTS)),
        _bits(at.far, len(HINTS)),
        _bits(at.around, len(AROUND)),
        at.numbers,
        shares,
    )
    return np.concatenate(parts, axis=1, dtype=np.float32)


def prose_of(lengths: Places | Floats, linked: Floats, ends_sentence: Floats) -> Floats:
    """The characters of each block that reads like prose, 0 of others."""
    is_prose = (linked < _MOST_LINKED) & ((lengths >= _PROSE) | ((ends_sentence > 0) & (lengths > _SENTENCE)))
    return np.where(is_prose, lengths, 0).astype(np.float32)


def groups_of(blocks: Sequence[Block]) -> dict[str, Places]:
    """What blocks have in common, as numbers from 0 on, one array a kind in `GROUPS`."""
    holders = [block.element for block in blocks]
    parents = [element.parent or element for element in holders]
    grands = [element.parent or element for element in parents]
    tags, marks = [e.tag for e in holders], [e.marks for e in holders]
    above = [(e.tag, e.marks) for e in parents]
    return {
        "holder": _numbered(holders),
        "parent": _numbered(parents),
        "grandparent": _numbered(grands),
        "form": _numbered(zip(tags, marks, parents, strict=True)),
        "page_form": _numbered(zip(tags, marks, above, strict=True)),
    }


def _numbered(keys: Iterable[Hashable]) -> Places:
    numbers: defaultdict[Hashable, int] = defaultdict(numbering().__next__)
    return np.array([numbers[key] for key in keys], np.int64)


def _bits(sets: Places, count: int) -> npt.NDArray[np.int64]:
    return sets[:, None] >> np.arange(count) & 1


def _places(
    blocks: Sequence[Block],
    tags: Places,
    is_title: Floats,
    prose: Floats,
    groups: dict[str, Places],
) -> Iterator[Numbers]:
    """The columns of `_PLACE` behind the first."""
    count, total = len(blocks), prose.sum() + 1
    so_far = np.cumsum(prose)
    yield np.arange(count) / count
    yield (so_far - prose) / total
    yield (total - so_far) / total
    yield _since(tags == _TAG["h1"])
    yield _since(is_title > 0)
    yield np.full(count, math.log2(count))
    yield np.full(count, math.log2(total))
    yield from _best_places(blocks, prose, groups)


def _echoes(texts: Sequence[str], copies: Mapping[str, int], linked: Floats) -> Iterator[Numbers]:
    """Whether each block says the same as one before it, and whether it stands in a longer one but for quotation
    marks, as a pull quote does. Not told of short blocks and of links, nor on enormous pages.
    """
    found = np.zeros((len(ECHO), len(texts)), np.float32)
    whole = "\n".join(texts)
    seen: set[str] = set()
    is_read = (linked < _MOST_LINKED) & (len(whole) * len(texts) < _MOST_COMPARED)
    for place in np.flatnonzero(is_read).tolist():
        text = texts[place]
        if len(text) < _ECHOES:
            continue
        found[0, place] = text in seen
        seen.add(text)
        if len(text) <= _MOST_WITHIN:
            found[1, place] = whole.count(text.strip(_QUOTES)) > copies[text]
    yield from found


def _since(marked: npt.NDArray[np.bool_]) -> Floats:
    """Blocks since the last marked one, at most 60; -1 before the first."""
    places = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, places, -1))
    return np.where(last < 0, -1, np.minimum(places - last, 60)).astype(np.float32)


def _best_places(blocks: Sequence[Block], prose: Floats, groups: dict[str, Places]) -> Iterator[Places]:
    """Whether each block is inside of the element with most prose right in it, inside of the one above it, and
    how many of the four inmost elements around the block with the most prose are around it as well.
    """
    orders = np.array([block.element.order for block in blocks])
    best = int(np.bincount(groups["parent"], prose).argmax())
    inside = blocks[int((groups["parent"] == best).argmax())].element.parent or blocks[0].element
    for element in (inside, inside.parent or inside):
        yield ((orders >= element.order) & (orders < element.end)).astype(np.int64)
    shared = np.zeros(len(blocks), np.int64)
    longest = blocks[int(prose.argmax())].element
    for above, _ in zip(longest.ancestors(), range(4), strict=False):
        shared += (orders > above.order) & (orders < above.end)
    yield shared


def _of_group(group: Places, prose: Floats, size: Floats, linked: Floats) -> Iterator[Numbers]:
    blocks = np.bincount(group)
    sums = np.bincount(group, prose)
    yield np.log2(1 + blocks)[group]
    yield (np.bincount(group, prose > 0) / blocks)[group]
    yield (sums / (prose.sum() + 1))[group]
    yield (np.bincount(group, size) / blocks)[group]
    yield (np.bincount(group, linked) / blocks)[group]
    yield (sums == sums.max())[group]


def _neighbours(values: Sequence[Numbers], groups: dict[str, Places]) -> Iterator[Numbers]:
    """Values of the blocks before and after each, -1 beyond the page's ends; whether they are of its groups."""
    count = len(groups["parent"])
    told = np.stack([np.asarray(value, np.float32) for value in values])
    kinds = np.stack([groups["parent"], groups["page_form"]])
    for n in _SPAN:
        for step in (n, -n):
            moved = np.full(told.shape, -1, np.float32)
            alike = np.full(kinds.shape, -1)
            if n < count:
                to, back = (np.s_[step:], np.s_[:-step]) if step > 0 else (np.s_[:step], np.s_[-step:])
                moved[:, to], alike[:, to] = told[:, back], kinds[:, back]
            yield from moved
            yield from alike == kinds

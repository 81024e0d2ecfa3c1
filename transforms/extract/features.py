"""What is told about each block of a page, in numbers: the input of the block model.

Structure, place, punctuation and the names of the parts of the page; of the words, only a few calls to act
("sign up", "read more") in many languages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from transforms.extract.calls import CALLS, calls_in
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.markup import Block, Element, Markup, fold

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_TAGS = (
    *("p", "li", "h1", "h2", "h3", "h4", "blockquote", "td", "div", "figcaption", "pre", "dd", "button"),
    "other",
)
_TAG = {tag: place for place, tag in enumerate(_TAGS)}
_TAG |= {"h5": _TAG["h4"], "h6": _TAG["h4"], "th": _TAG["td"], "dt": _TAG["dd"]}
_HEADINGS = [_TAG[tag] for tag in ("h1", "h2", "h3", "h4")]
_AROUND = (
    *(
        "article",
        "main",
        "section",
        "aside",
        "nav",
        "header",
        "footer",
        "form",
        "figure",
        "table",
        "ul",
        "ol",
    ),
    *("blockquote", "a", "li", "details", "button"),
)
_BODY, _COMMENT = (1 << HINTS.index(name) for name in ("body", "comment"))
_AROUND_BIT = {tag: 1 << place for place, tag in enumerate(_AROUND)}
# Words in class and id of what stands beside the text wherever it is put, unless it holds much of it …
_BESIDE = re.compile(
    r"newsletter|promo|related|read-?(more|also|next)|recommend|(^|[-_ ])shar(e|ing)\b|social|side-?bar|sign-?up|"
    r"advert|outbrain|taboola|comments|bread-?crumb|trending|most-?(read|popular|viewed)|teaser|cookie|consent|"
    r"author-?(bio|box|info)|about-?(the-)?author|disqus|carousel|linklist|recirc|popup|modal"
)
# … and of what does if it is small: sites put such names around the text as well.
_BESIDE_IF_SMALL = re.compile(r"paywall|subscri|premium|donat|caption|credit|copyright|agency|byline|tags?\b")
_BESIDE_TAGS = frozenset(("aside", "nav", "form", "figcaption", "button", "footer"))
_SMALL = 300  # characters
# An element with more than this share of the page's prose, or with more than two long blocks, is the article.
_LARGEST_SHARE, _LONG, _MOST_LONG = 0.3, 200, 2
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")

SENTENCE_END = re.compile(r"""[.!?…。！？।؟۔।][\s"'»”’“)\]\d*]*$""")
_SIGNS = {
    "stop": re.compile(r"[.!?。！？।؟۔]"),
    "comma": re.compile(r"[,،、，;]"),
    "digit": re.compile(r"\d"),
    "odd": re.compile(r"[|©@#/→›»•·]"),
    "quote": re.compile(r"[\"“”„«「]"),
}
_CLOCK = re.compile(r"\d{1,2}\s*[:.h]\s*\d{2}\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}\b")
_ADDRESS = re.compile(r"https?://|www\.|@\w|©|\(c\)", re.IGNORECASE)
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_READ = 400  # characters of a block that are looked at for signs and calls
_LINK, _SHORT = 0.9, 40  # share that is link, and characters: menus, of which no more has to be known
_PROSE = 80
_ALMOST = 0.9  # of the most text in one element

_OWN = (
    *("size", "linked", "strong", "anchors", "ends_sentence", "starts_upper", "starts_odd", "capitals"),
    *(f"has_{sign}" for sign in _SIGNS),
    *("clock", "address", "ends_colon", "is_title", "is_description", "in_description", "is_label", "author"),
    *(f"calls_{name}" for name in CALLS),
)
_NOTHING = (0.0,) * (len(_OWN) - 4)  # of all but the first four
_SPAN = (1, 2, 3)  # blocks before and after that are told about each
_NEIGHBOUR = ("size", "linked", "ends_sentence", "heading", "same_parent", "same_form", "calls")
_GROUPS = ("holder", "parent", "grandparent", "form", "page_form")
_GROUP = ("blocks", "prose", "share", "mean_size", "mean_linked", "best")
_WINDOWS = (3, 8)

#: Names of the columns of `features`.
NAMES: tuple[str, ...] = (
    *_OWN,
    *(f"tag_{tag}" for tag in _TAGS),
    *(f"near_{hint}" for hint in HINTS),
    *(f"far_{hint}" for hint in HINTS),
    *(f"in_{tag}" for tag in _AROUND),
    *(
        "hidden",
        "in_body",
        "levels_to_heading",
        "heading_below",
        "shared_with_heading",
        "alike",
        "parents_alike",
    ),
    *(
        "beside",
        "beside_if_small",
        "beyond_comments",
        "in_best_body",
        "best_body_prose",
        "depth",
        "copies",
        "place",
        "prose_before",
        "prose_after",
        "since_h1",
        "since_title",
    ),
    *("page_blocks", "page_prose", "in_best", "in_best_above", "same_place"),
    *(f"{group}_{what}" for group in _GROUPS for what in _GROUP),
    *(f"{what}_{where}{n}" for n in _SPAN for where in ("before", "after") for what in _NEIGHBOUR),
    *(f"prose_within_{n}" for n in _WINDOWS),
)


@dataclass(frozen=True)
class Known:
    """What the page's fields say, folded: titles, descriptions, labels (section, tags, outlet), authors."""

    titles: frozenset[str] = frozenset()
    descriptions: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an element stands: hints of its own and its parent's, of all around it, the tags around it; whether
    it is hidden; how many elements named for the body are around; how far the main heading is.

    Names of an element that is half of the page say nothing about a part of it and are left out.
    """

    near: int = 0
    far: int = 0
    around: int = 0
    hidden: bool = False
    bodies: int = 0
    heading: tuple[int, int, float] = (0, 0, 0.0)


def features(page: Markup, known: Known) -> Floats:
    """One row per block of the page, one column per name in `NAMES`."""
    blocks = page.blocks
    spots = _Spots(page, known)
    own = np.array([_own(block, known) for block in blocks], np.float32)
    at = [spots.of(block.element) for block in blocks]
    tags = np.array([_TAG.get(block.element.tag, len(_TAGS) - 1) for block in blocks])
    near, far, around = (np.array([getattr(spot, name) for spot in at]) for name in ("near", "far", "around"))
    parts = [
        own,
        tags[:, None] == np.arange(len(_TAGS)),
        _bits(near, len(HINTS)),
        _bits(far, len(HINTS)),
        _bits(around, len(_AROUND)),
        np.array([(spot.hidden, min(spot.bodies, 3), *spot.heading) for spot in at]),
        np.array([spots.alike(block.element) for block in blocks]),
        _context(page, spots, own, tags),
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def groups_of(blocks: list[Block]) -> dict[str, Places]:
    """What blocks have in common, as numbers from 0 on, one array a kind in `_GROUPS`."""
    holders = [block.element for block in blocks]
    parents = [element.parent or element for element in holders]
    grands = [element.parent or element for element in parents]
    forms = [(e.tag, e.marks, p.order) for e, p in zip(holders, parents, strict=True)]
    page_forms = [(e.tag, e.marks, p.tag, p.marks) for e, p in zip(holders, parents, strict=True)]
    return {
        "holder": _numbered([e.order for e in holders]),
        "parent": _numbered([e.order for e in parents]),
        "grandparent": _numbered([e.order for e in grands]),
        "form": _numbered(forms),
        "page_form": _numbered(page_forms),
    }


def _numbered(keys: Sequence[Hashable]) -> Places:
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], np.int64)


def size_of(text: str) -> int:
    """Length in characters of Latin script: one of a script that needs fewer counts as three."""
    return len(text) if text.isascii() else len(text) + 2 * len(_UNSPACED.findall(text[:_READ]))


def _own(block: Block, known: Known) -> tuple[float, ...]:
    text = block.text
    size = size_of(text)
    length = max(1, len(text))
    linked, strong = min(1.0, block.linked / length), min(1.0, block.strong / length)
    start = (math.log2(1 + size), linked, strong, min(len(block.anchors), 10))
    if linked > _LINK and size < _SHORT:
        return (*start, *_NOTHING)
    seen = text[:_READ]
    per = 100 / len(seen)
    words = fold(text) if size < 4 * _READ else ""
    return (
        *start,
        SENTENCE_END.search(text[-40:]) is not None,
        seen[0].isupper(),
        not seen[0].isalnum(),
        seen.isupper(),
        *(len(sign.findall(seen)) * per for sign in _SIGNS.values()),
        _CLOCK.search(seen) is not None,
        _ADDRESS.search(seen) is not None,
        text[-1] in ":：",
        words in known.titles if words else False,
        words in known.descriptions if words else False,
        any(words in one for one in known.descriptions) if len(words) > _SHORT else False,
        words in known.labels if words else False,
        any(name in words for name in known.authors) if 0 < len(words) < 5 * _SHORT else False,
        *_call_bits(calls_in(text) if size < _READ else 0),
    )


class _Spots:
    """The spots of a page's elements, each found once."""

    def __init__(self, page: Markup, known: Known) -> None:
        self.page = page
        self.found: dict[int, Spot] = {}
        self.bodies: list[Element] = []
        self.comments = len(page.elements)
        self.most = len(page.elements) / 2
        headings = page.all("h1")
        heading = next(
            (h for h in headings if fold(h.text) in known.titles), headings[0] if headings else None
        )
        way = [heading, *heading.ancestors()] if heading else []
        self.above_heading = {element.order: level for level, element in enumerate(way)}
        self.siblings: dict[tuple[int, str, str], int] = {}
        for element in page.elements:
            if element.parent:
                key = (element.parent.order, element.tag, element.marks)
                self.siblings[key] = self.siblings.get(key, 0) + 1

    def of(self, element: Element) -> Spot:
        """The element's spot."""
        way: list[Element] = []
        above: Element | None = element
        while above is not None and above.order not in self.found:
            way.append(above)
            above = above.parent
        spot = self.found[above.order] if above is not None else Spot()
        for step in reversed(way):
            spot = self.found[step.order] = self._below(spot, step)
        return spot

    def alike(self, element: Element) -> tuple[float, float]:
        """How many siblings of the element, and of its parent, are marked as it is (log2)."""
        return self._alike(element), self._alike(element.parent) if element.parent else 0.0

    def _alike(self, element: Element) -> float:
        above = element.parent.order if element.parent else -1
        return math.log2(self.siblings.get((above, element.tag, element.marks), 1))

    def _below(self, above: Spot, element: Element) -> Spot:
        own = self._hints(element)
        is_body = bool(own & _BODY) or element.get("itemprop") == "articleBody"
        if is_body:
            self.bodies.append(element)
        if own & _COMMENT:
            self.comments = min(self.comments, element.order)
        level = self.above_heading.get(element.order)
        return Spot(
            near=own | (self._hints(element.parent) if element.parent else 0),
            far=above.far | own,
            around=above.around | _AROUND_BIT.get(element.tag, 0),
            hidden=above.hidden
            or "hidden" in element.attributes
            or ("style" in element.attributes and bool(_HIDDEN.search(element.get("style")))),
            bodies=above.bodies + is_body,
            heading=(above.heading[0] + 1, *above.heading[1:])
            if level is None
            else (0, level, (element.end - element.order) / len(self.page.elements)),
        )

    def _hints(self, element: Element) -> int:
        if not element.marks or element.tag in {"html", "body"}:
            return 0
        found = hints_in(element.marks)
        return found if element.end - element.order < self.most else found & _BODY


@lru_cache(maxsize=1 << len(CALLS))
def _call_bits(calls: int) -> tuple[bool, ...]:
    return tuple(bool(calls >> place & 1) for place in range(len(CALLS)))


def _bits(sets: Places, count: int) -> npt.NDArray[np.int64]:
    return sets[:, None] >> np.arange(count) & 1


def _context(page: Markup, spots: _Spots, own: Floats, tags: Places) -> Floats:
    blocks = page.blocks
    count = len(blocks)
    size, linked, ends = (own[:, _OWN.index(name)] for name in ("size", "linked", "ends_sentence"))
    lengths = np.array([len(block.text) for block in blocks], np.float32)
    prose = np.where((linked < 0.4) & ((lengths >= _PROSE) | ((ends > 0) & (lengths > 20))), lengths, 0)
    total = prose.sum() + 1
    so_far = np.cumsum(prose)
    groups = groups_of(blocks)
    texts: dict[str, int] = {}
    for block in blocks:
        texts[block.text] = texts.get(block.text, 0) + 1
    orders = np.array([block.element.order for block in blocks])
    parts = [
        *_beside(page, lengths, prose),
        orders > spots.comments,
        *_best_body(orders, prose, spots.bodies),
        np.array([min(block.element.depth, 60) for block in blocks]),
        np.array([min(texts[block.text], 5) for block in blocks]),
        np.arange(count) / count,
        (so_far - prose) / total,
        (total - so_far) / total,
        _since(tags == _TAG["h1"]),
        _since(own[:, _OWN.index("is_title")] > 0),
        np.full(count, math.log2(count)),
        np.full(count, math.log2(total)),
        *_best_places(blocks, orders, prose, groups),
    ]
    heading = np.isin(tags, _HEADINGS)
    calls = own[:, -len(CALLS) :].sum(axis=1)
    for group in groups.values():
        parts.extend(_of_group(group, prose, size, linked))
    parts.extend(_neighbours((size, linked, ends, heading, calls), groups))
    parts.extend(np.convolve(prose, np.ones(2 * n + 1), "full")[n : n + count] / total for n in _WINDOWS)
    return np.column_stack(parts).astype(np.float32)


def _since(marked: npt.NDArray[np.bool_]) -> Floats:
    """Blocks since the last marked one, at most 60; -1 before the first."""
    places = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, places, -1))
    return np.where(last < 0, -1, np.minimum(places - last, 60)).astype(np.float32)


def _beside(page: Markup, lengths: Floats, prose: Floats) -> list[Floats]:
    """Whether each block is inside of an element that by its tag or name stands beside the text."""
    wherever, if_small = np.zeros(len(lengths), np.float32), np.zeros(len(lengths), np.float32)
    so_far = np.concatenate([[0], np.cumsum(prose)])
    long = np.concatenate([[0], np.cumsum(prose > _LONG)])
    text = np.concatenate([[0], np.cumsum(lengths)])
    for element in page.elements:
        start, end = element.first_block, min(element.last_block, len(lengths))
        if start >= end:
            continue
        kind = _stands_beside(element.marks) | (element.tag in _BESIDE_TAGS)
        if (
            kind & 1
            and so_far[end] - so_far[start] <= _LARGEST_SHARE * so_far[-1]
            and long[end] - long[start] <= _MOST_LONG
        ):
            wherever[start:end] = 1
        if kind & 2 and text[end] - text[start] <= _SMALL:
            if_small[start:end] = 1
    return [wherever, if_small]


@lru_cache(maxsize=50_000)
def _stands_beside(marks: str) -> int:
    """1 if the name is of what stands beside the text wherever it is put, plus 2 if of what does if small."""
    return bool(_BESIDE.search(marks)) | bool(_BESIDE_IF_SMALL.search(marks)) << 1


def _best_body(orders: Places, prose: Floats, bodies: list[Element]) -> list[Floats]:
    """Whether each block is in the element named for the body that holds most, the smallest such; its share."""
    masses = [prose[(orders >= body.order) & (orders < body.end)].sum() for body in bodies]
    most = max(masses, default=0)
    if not most:
        return [np.zeros(len(orders), np.float32)] * 2
    best = min(
        (body for body, mass in zip(bodies, masses, strict=True) if mass >= _ALMOST * most),
        key=lambda body: body.end - body.order,
    )
    inside = (orders >= best.order) & (orders < best.end)
    return [inside.astype(np.float32), np.full(len(orders), most / (prose.sum() + 1), np.float32)]


def _best_places(
    blocks: list[Block], orders: Places, prose: Floats, groups: dict[str, Places]
) -> list[Floats]:
    """Whether each block is inside of the element with most prose right in it, inside of the one above it, and
    how many of its three nearest elements are around the block with the most prose as well."""
    found: list[Floats] = []
    best = int(np.bincount(groups["parent"], prose).argmax())
    inside = blocks[int((groups["parent"] == best).argmax())].element.parent or blocks[0].element
    for element in (inside, inside.parent or inside):
        found.append(((orders >= element.order) & (orders < element.end)).astype(np.float32))
    longest = blocks[int(prose.argmax())].element
    chain = [(above.order, above.end) for above in longest.ancestors()][:4]
    found.append(
        np.sum([(orders > start) & (orders < end) for start, end in chain] or [orders < 0], axis=0).astype(
            np.float32
        )
    )
    return found


def _of_group(group: Places, prose: Floats, size: Floats, linked: Floats) -> list[Floats]:
    blocks = np.bincount(group)
    sums = np.bincount(group, prose)
    per = (
        np.log2(1 + blocks),
        np.bincount(group, prose > 0) / blocks,
        sums / (prose.sum() + 1),
        np.bincount(group, size) / blocks,
        np.bincount(group, linked) / blocks,
        sums == sums.max(),
    )
    return [values[group].astype(np.float32) for values in per]


def _neighbours(values: Sequence[npt.NDArray[np.generic]], groups: dict[str, Places]) -> list[Floats]:
    size, linked, ends, heading, calls = values
    parent, form = groups["parent"], groups["page_form"]
    found: list[Floats] = []
    for n in _SPAN:
        for step in (n, -n):
            found.extend(_shifted(value, step) for value in (size, linked, ends, heading))
            found.extend(
                _shifted(kind.astype(np.float32), step) == kind.astype(np.float32) for kind in (parent, form)
            )
            found.append(_shifted(calls, step))
    return found


def _shifted(values: npt.NDArray[np.generic], step: int) -> Floats:
    """The values `step` blocks before each block (after it, if negative); -1 beyond the page's ends."""
    moved = np.full(len(values), -1, np.float32)
    if abs(step) < len(values):
        if step > 0:
            moved[step:] = values[:-step]
        else:
            moved[:step] = values[-step:]
    return moved

"""Where the blocks of a page stand: the names and tags of the elements around each, and the way to the heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, compress

import numpy as np
import numpy.typing as npt

from transforms.extract.forest import Floats
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.markup import Element, Markup, fold, marks_in

Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.generic]

#: Tags that are told about each block if one of them is around it; a bit's place in `Spots.around` is its place here.
AROUND = (
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
#: Columns of `Spots.numbers`.
SPOT = (
    *("hidden", "in_body", "levels_to_heading", "heading_below", "shared_with_heading", "alike"),
    *("parents_alike", "beside", "beside_if_small", "in_comments", "named_hidden", "beyond_comments"),
    *("in_best_body", "best_body_prose", "depth"),
)
_BODY, _COMMENT = (1 << HINTS.index(name) for name in ("body", "comment"))
# Words in a class or id of what stands beside the text wherever it is put, unless it holds much of it …
_BESIDE = re.compile(
    r"newsletter|promo|related|read-?(more|also|next)|recommend|(^|[-_])shar(e|ing)\b|social|side-?bar|sign-?up|"
    r"advert|outbrain|taboola|comments|bread-?crumb|trending|most-?(read|popular|viewed)|teaser|cookie|consent|"
    r"author-?(bio|box|info)|about-?(the-)?author|disqus|carousel|linklist|recirc|popup|modal"
)
# … and of what does if it is small: sites put such names around the text as well.
_BESIDE_IF_SMALL = re.compile(r"paywall|subscri|premium|donat|caption|credit|copyright|agency|byline|tags?\b")
_BESIDE_TAGS = frozenset(("aside", "nav", "form", "figcaption", "button", "footer"))
# Names by which style sheets hide, unless another name shows it on large screens.
_NAMED_HIDDEN = re.compile(
    r"(is-|u-|js-)?(hidden|hide)|d-none|display-none|invisible|visually-?hidden|sr-only|screen-reader-text"
)
_SHOWN = re.compile(
    r"(?<![a-z])(sm|md|lg|xl|2xl|xxl)[:-](d-)?(block|flex|inline|grid|table|contents)|d-(sm|md|lg|xl)"
)
_COMMENTS = re.compile(
    r"(?<![a-z])(comments|comment-?(list|area|section|body|content|text|thread|wrap|wrapper|container|box|item)s?|"
    r"commentlist|disqus-?thread|discussion|kommentare|commentaires|comentarios)(?![a-z])"
)
_WHEREVER, _IF_SMALL, _OF_COMMENTS, _HIDES, _SHOWS, _IS_BODY, _IS_HIDDEN = (1 << bit for bit in range(7))
_STATED = _IS_BODY | _IS_HIDDEN
#: Tag → its bit of those around, and what else it says.
_SAID_BY_TAG = {
    tag: (1 << AROUND.index(tag) if tag in AROUND else 0, _WHEREVER * (tag in _BESIDE_TAGS))
    for tag in {*AROUND, *_BESIDE_TAGS}
}
_WHOLE = frozenset(("html", "body"))  # their names speak of the page
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_SMALL = 300  # characters
# An element with more than this share of the page's prose, or with more than two long blocks, is the article.
_LARGEST_SHARE, _LONG, _MOST_LONG = 0.3, 200, 2
_ALMOST = 0.9  # of the most prose in one element named for the body
_DEEPEST = 60


@dataclass(frozen=True)
class Spots:
    """Of each block: hints of the element that holds it and of the one above, of all around it, and the tags around
    it, as bits; and one row for each name in `SPOT`.

    Names of an element that is half of the page say nothing about a part of it and are left out.
    """

    near: Places
    far: Places
    around: Places
    numbers: Floats


def spots(page: Markup, known_titles: frozenset[str], lengths: Floats, prose: Floats) -> Spots:
    """Where each block stands. `lengths` and `prose` have the characters, and those of prose, of each block."""
    way = _way_to_heading(page, known_titles)
    found = _look_around(page, way)
    holders = [block.element for block in page.blocks]
    told = np.fromiter(chain.from_iterable(found.standing[holder] for holder in holders), np.int64)
    own, form, near, form_above, far, around, bodies, hidden, level = told.reshape(len(holders), -1).T
    orders, depths = np.array([e.order for e in holders]), np.array([e.depth for e in holders])
    alike = np.log2(np.bincount([numbers[1] for numbers in found.standing.values()]))
    numbers = [
        hidden > 0,
        np.minimum(bodies, 3),
        *_to_heading(way, level, depths, len(page.elements)),
        alike[form],
        alike[form_above],
        *_beside(found.beside, lengths, prose),
        orders > found.comments,
        *_best_body(found.bodies, orders, prose),
        np.minimum(depths, _DEEPEST),
    ]
    return Spots(own | near, far, around, np.array(numbers, np.float32))


@dataclass
class _Around:
    """What the elements around blocks say: of each, its own hints, the number of its form, both of the one above, the
    hints and tags of all around, bodies around, whether it is hidden, the first level of the way to the heading that is
    around it (-1 if none is); those named for the body; those that stand beside the text, with how; the first comments.
    """

    standing: dict[Element | None, tuple[int, ...]]
    bodies: list[Element]
    beside: list[tuple[int, Element]]
    comments: int


def _look_around(page: Markup, way: Sequence[Element]) -> _Around:
    most = len(page.elements) / 2
    levels = {element: level for level, element in enumerate(way)}
    forms: dict[tuple[Element | None, str, str], int] = {}  # above, tag, class and id → number
    standing: dict[Element | None, tuple[int, ...]] = {None: (0, 0, 0, 0, 0, 0, 0, 0, -1)}
    found = _Around(standing, [], [], len(page.elements))
    for element in _around_blocks(page):
        above, tag = element.parent, element.tag
        near, form_above, _, _, far, around, bodies, hidden, level = standing[above]
        form = forms.setdefault((above, tag, element.marks), len(forms) + 1)
        bit, kind = _SAID_BY_TAG.get(tag, (0, 0))
        hints = 0
        if element.written:
            hints, said = _said_by(element.written)
            if tag in _WHOLE:
                hints, said = 0, said & _STATED
            elif hints and element.end - element.order >= most:
                hints &= _BODY
            if hints & _BODY or said & _IS_BODY:
                found.bodies.append(element)
                bodies += 1
            if hints & _COMMENT:
                found.comments = min(found.comments, element.order)
            hidden |= said & _IS_HIDDEN
            kind |= said
        if kind:
            found.beside.append((kind, element))
        level = levels.get(element, level)
        standing[element] = hints, form, near, form_above, far | hints, around | bit, bodies, hidden, level
    return found


def _around_blocks(page: Markup) -> Iterator[Element]:
    """The elements that hold blocks and all around them, in document order."""
    are_around = [False] * len(page.elements)
    for block in page.blocks:
        element: Element | None = block.element
        while element is not None and not are_around[element.order]:
            are_around[element.order] = True
            element = element.parent
    return compress(page.elements, are_around)


def _way_to_heading(page: Markup, known_titles: frozenset[str]) -> list[Element]:
    """The main heading and the elements above it."""
    headings = page.all("h1")
    heading = next((h for h in headings if fold(h.text) in known_titles), headings[0] if headings else None)
    return [heading, *heading.ancestors()] if heading else []


def _to_heading(way: Sequence[Element], shared: Places, depths: Places, elements: int) -> Iterator[Numbers]:
    """For each block levels up to the inmost element shared with the heading, whose level on the `way` is `shared`, -1
    if there is none; levels from there down to it; that element's share of the page's `elements`.
    """
    yield depths - np.array([*(element.depth for element in way), -1])[shared]
    yield np.maximum(shared, 0)
    yield np.array([*((element.end - element.order) / elements for element in way), 0])[shared]


@lru_cache(maxsize=50_000)
def _said_by(written: str) -> tuple[int, int]:
    """What its attributes say of an element: its hints; as bits, that it stands beside the text wherever it is put, or
    if small, is of comments, or is hidden by name; is the body, or hidden, whatever it is named.
    """
    marks = marks_in(written)
    said = 0
    for name in marks.split():
        said |= _said_by_name(name)
    if said & _SHOWS:
        said &= ~_HIDES
    if 'itemprop="articleBody"' in written:
        said |= _IS_BODY
    if _is_hidden(written):
        said |= _IS_HIDDEN
    return hints_in(marks), said & ~_SHOWS


@lru_cache(maxsize=50_000)
def _said_by_name(name: str) -> int:
    return (
        bool(_BESIDE.search(name)) * _WHEREVER
        | bool(_BESIDE_IF_SMALL.search(name)) * _IF_SMALL
        | bool(_COMMENTS.search(name)) * _OF_COMMENTS
        | bool(_NAMED_HIDDEN.fullmatch(name)) * _HIDES
        | bool(_SHOWN.search(name)) * _SHOWS
    )


def _is_hidden(written: str) -> bool:
    """Whether its attributes hide an element."""
    return ' hidden="' in written or (' style="' in written and bool(_HIDDEN.search(written)))


def _beside(beside: Sequence[tuple[int, Element]], lengths: Floats, prose: Floats) -> Iterator[Floats]:
    """Whether each block is inside of an element that by its tag or name stands beside the text."""
    count = len(lengths)
    found = np.zeros((4, count), np.float32)
    so_far = [0.0, *np.cumsum(prose).tolist()]
    long = [0, *np.cumsum(prose > _LONG).tolist()]
    text = [0.0, *np.cumsum(lengths).tolist()]
    most = _LARGEST_SHARE * so_far[-1]
    for kind, element in beside:
        start, end = element.first_block, min(element.last_block, count)
        if kind & _WHEREVER and so_far[end] - so_far[start] <= most and long[end] - long[start] <= _MOST_LONG:
            found[0, start:end] = 1
        if kind & _IF_SMALL and text[end] - text[start] <= _SMALL:
            found[1, start:end] = 1
        if kind & _OF_COMMENTS:
            found[2, start:end] = 1
        if kind & _HIDES:
            found[3, start:end] = 1
    yield from found


def _best_body(named: Sequence[Element], orders: Places, prose: Floats) -> tuple[Floats, Floats]:
    """Whether each block is in the element named for the body that holds most, the smallest such; its share."""
    so_far = np.concatenate([[0], np.cumsum(prose)])
    masses = [so_far[min(body.last_block, len(prose))] - so_far[body.first_block] for body in named]
    most = max(masses, default=0)
    if not most:
        nothing = np.zeros(len(orders), np.float32)
        return nothing, nothing
    best = min(
        (body for body, mass in zip(named, masses, strict=True) if mass >= _ALMOST * most),
        key=lambda body: body.end - body.order,
    )
    inside = (orders >= best.order) & (orders < best.end)
    return inside.astype(np.float32), np.full(len(orders), most / (prose.sum() + 1), np.float32)

"""Where the blocks of a page stand: the names and tags of the elements around each, and the way to the heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress

import numpy as np
import numpy.typing as npt

from transforms.extract.forest import Floats
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.markup import Element, Markup, fold

Places = npt.NDArray[np.int64]

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
_AROUND_BIT = {tag: 1 << place for place, tag in enumerate(AROUND)}
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
_WHEREVER, _IF_SMALL, _OF_COMMENTS, _HIDES, _SHOWS = 1, 2, 4, 8, 16
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
_SMALL = 300  # characters
# An element with more than this share of the page's prose, or with more than two long blocks, is the article.
_LARGEST_SHARE, _LONG, _MOST_LONG = 0.3, 200, 2
_ALMOST = 0.9  # of the most prose in one element named for the body
_DEEPEST = 60


@dataclass(frozen=True)
class Spots:
    """Of each block: hints of the element that holds it and of the one above, of all around it, and the tags around
    it, as bits; then the columns of `SPOT`.

    Names of an element that is half of the page say nothing about a part of it and are left out.
    """

    near: Places
    far: Places
    around: Places
    numbers: Floats


def spots(page: Markup, known_titles: frozenset[str], lengths: Floats, prose: Floats) -> Spots:
    """Where each block stands. `lengths` and `prose` have the characters, and those of prose, of each block."""
    elements, most = page.elements, len(page.elements) / 2
    size = len(elements) + 1  # the last place stands for what is above the root
    own, far, around, hidden, bodies, form = ([0] * size for _ in range(6))
    way = _way_to_heading(page, known_titles)
    on_way = [-1] * size  # the inmost element around each that is around the heading as well
    named: list[Element] = []
    beside: list[tuple[int, Element]] = []
    forms: dict[tuple[int, str, str], int] = {}  # the element above, tag, class and id → their number
    comments = size
    for element in _around_blocks(page):
        at, tag, marks, written = element.order, element.tag, element.marks, element.written
        above = element.parent.order if element.parent else -1
        form[at] = forms.setdefault((above, tag, marks), len(forms) + 1)
        hints, kind = _said_by(marks) if marks else (0, 0)
        if tag in {"html", "body"}:
            hints = kind = 0
        elif element.end - at >= most:
            hints &= _BODY
        is_body = bool(hints & _BODY) or 'itemprop="articleBody"' in written
        if is_body:
            named.append(element)
        if hints & _COMMENT and comments == size:
            comments = at
        if tag in _BESIDE_TAGS:
            kind |= _WHEREVER
        if kind:
            beside.append((kind, element))
        own[at] = hints
        far[at] = far[above] | hints
        around[at] = around[above] | _AROUND_BIT.get(tag, 0)
        hidden[at] = hidden[above] or _is_hidden(written)
        bodies[at] = bodies[above] + is_body
        on_way[at] = at if at in way else on_way[above]
    holders = [block.element for block in page.blocks]
    at_them = [holder.order for holder in holders]
    above_them = [holder.parent.order if holder.parent else -1 for holder in holders]
    orders, depths = np.array(at_them), np.array([holder.depth for holder in holders])
    alike = np.log2(np.bincount(form))
    alike[0] = 0  # above the root
    numbers = np.column_stack(
        [
            [hidden[at] for at in at_them],
            np.minimum([bodies[at] for at in at_them], 3),
            *_to_heading(elements, way, [on_way[at] for at in at_them], depths),
            *(alike[[form[at] for at in places]] for places in (at_them, above_them)),
            *_beside(beside, lengths, prose),
            orders > comments,
            *_best_body(named, orders, prose),
            np.minimum(depths, _DEEPEST),
        ]
    )
    return Spots(
        np.array([own[at] | own[above] for at, above in zip(at_them, above_them, strict=True)]),
        np.array([far[at] for at in at_them]),
        np.array([around[at] for at in at_them]),
        numbers.astype(np.float32),
    )


def _around_blocks(page: Markup) -> Iterator[Element]:
    """The elements that hold blocks and all around them, in document order."""
    are_around = [False] * len(page.elements)
    for block in page.blocks:
        element: Element | None = block.element
        while element is not None and not are_around[element.order]:
            are_around[element.order] = True
            element = element.parent
    return compress(page.elements, are_around)


def _way_to_heading(page: Markup, known_titles: frozenset[str]) -> dict[int, int]:
    """The main heading and the elements above it: order → levels above the heading."""
    headings = page.all("h1")
    heading = next((h for h in headings if fold(h.text) in known_titles), headings[0] if headings else None)
    way = [heading, *heading.ancestors()] if heading else []
    return {element.order: level for level, element in enumerate(way)}


def _to_heading(
    elements: Sequence[Element], way: dict[int, int], shared: Sequence[int], depths: Places
) -> Iterator[npt.ArrayLike]:
    """For each block levels up to the inmost element shared with the heading (`shared`, -1 if there is none), levels
    from there down to it, that element's share of the page's elements.
    """
    yield depths - [elements[at].depth if at >= 0 else -1 for at in shared]
    yield [way.get(at, 0) for at in shared]
    yield [(elements[at].end - at) / len(elements) if at >= 0 else 0.0 for at in shared]


@lru_cache(maxsize=50_000)
def _said_by(marks: str) -> tuple[int, int]:
    """What its names say of an element: its hints; as bits, that it stands beside the text wherever it is put, or if
    small, is of comments, or is hidden.
    """
    found = 0
    for name in marks.split(" "):
        found |= _said_by_name(name)
    return hints_in(marks), found & ~_HIDES if found & _SHOWS else found


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
    for kind, element in beside:
        start, end = element.first_block, min(element.last_block, count)
        is_small_part = (
            so_far[end] - so_far[start] <= _LARGEST_SHARE * so_far[-1]
            and long[end] - long[start] <= _MOST_LONG
        )
        if kind & _WHEREVER and is_small_part:
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

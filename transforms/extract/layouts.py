"""What an outlet's file says of its pages: selectors that tell a field, and beat the engine where they do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.outlet import Layout, split_attribute
from schemas.page import Page, Statement
from transforms.extract.forest import Floats
from transforms.extract.head import value_of
from transforms.extract.markup import Markup, squeeze

#: Source of the evidence that a layout's selectors of a field found nothing; its value is the selectors.
MISSED = "layout:missed"
_VALUES, _PLACES = ("title", "authors", "published_at", "section"), ("dek", "text")
_SEVERAL = frozenset(["authors"])
_NO_TEXT = frozenset(["figcaption", "h1"])
_LONGEST = 2_000  # characters of a value


@dataclass(frozen=True)
class Marked:
    """Places of blocks: all that are text (None where the engine decides), the standfirst's, what is dropped."""

    text: list[int] | None
    dek: list[int]
    drop: list[int]

    def applied(self, chances: Floats) -> Floats:
        """The chances of a page's blocks, certain where a layout says so."""
        certain = chances.copy()
        if self.text is not None:
            certain[:] = 0
            certain[self.text] = 1
        certain[[*self.dek, *self.drop]] = 0
        return certain


@dataclass(frozen=True)
class Told:
    """What layouts told of a page: field → statements; its blocks; evidence of text, standfirst and misses."""

    fields: dict[str, list[Statement]] = field(default_factory=dict)
    marked: Marked | None = None
    notes: tuple[Statement, ...] = ()


def in_force(layouts: Sequence[Layout], page: Page) -> tuple[Layout, ...]:
    """The layouts for a page: those its URL matches that had not ended when it was fetched."""
    url, on = page.final_url or page.url, page.fetched_at.date()
    return tuple(
        one
        for one in layouts
        if (one.until is None or on <= one.until) and (one.match is None or re.search(one.match, url))
    )


def selectors_of(layouts: Sequence[Layout]) -> list[str]:
    """Every CSS selector in the layouts, once; `tell` needs a page that was parsed with them."""
    names = (*_VALUES, *_PLACES, "drop")
    stated = (getattr(one, name) for one in layouts for name in names)
    return list(dict.fromkeys(split_attribute(selector)[0] for selector in stated if selector))


def tell(page: Markup, layouts: Sequence[Layout]) -> Told:
    """What the layouts tell: of each field the first whose selector finds something."""
    fields: dict[str, list[Statement]] = {}
    places: dict[str, list[int]] = {}
    notes: list[Statement] = []
    for name in (*_VALUES, *_PLACES):
        selectors = [selector for one in layouts if (selector := getattr(one, name))]
        for selector in selectors:
            source = f"layout:{selector}"
            if name in _VALUES and (values := _values(page, name, selector)):
                fields[name] = [Statement(name, source, value) for value in values]
                break
            if name in _PLACES and (found := _places(page, selector)):
                places[name] = found
                notes.append(Statement(name, source, ""))
                break
        else:
            if selectors:
                notes.append(Statement(name, MISSED, "; ".join(selectors)))
    drop = [place for one in layouts if one.drop for place in _places(page, one.drop)]
    return Told(fields, Marked(places.get("text"), places.get("dek", []), drop), tuple(notes))


def _values(page: Markup, name: str, selector: str) -> list[str]:
    css, attribute = split_attribute(selector)
    read = (squeeze(one.get(attribute)) if attribute else value_of(one) for one in page.selected[css])
    values = [value for value in read if 0 < len(value) <= _LONGEST]
    return values if name in _SEVERAL else values[:1]


def _places(page: Markup, selector: str) -> list[int]:
    """Places of the blocks in the elements a selector finds, in order, without headline and captions."""
    found = {
        place
        for element in page.selected[selector]
        for place in range(element.first_block, min(element.last_block, len(page.blocks)))
    }
    return sorted(place for place in found if page.blocks[place].element.tag not in _NO_TEXT)

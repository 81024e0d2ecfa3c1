"""Whether a page is a live report by its form: a run of entries, each with a time and prose of its own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator

from schemas.page import Statement
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.markup import Element, Markup

_FEWEST = 6  # entries
_LEVELS = 6  # between the time of an entry and the entry
_PROSE = 100  # characters of a block
_OTHERS = sum(1 << HINTS.index(name) for name in ("comment", "related", "promo", "nav", "footer"))


def stated(page: Markup) -> Iterator[Statement]:
    """A statement of the kind if the page is a live report."""
    times = page.all("time")
    if len(times) < _FEWEST:
        return
    prose = sorted(
        b.element.order for b in page.blocks if len(b.text) >= _PROSE and 3 * b.linked < len(b.text)
    )
    entries = (_entry(time, prose) for time in times)
    runs = Counter(entry.parent for entry in dict.fromkeys(filter(None, entries)))
    for run, number in runs.most_common(1):
        if run and number >= _FEWEST and not any(_is_other(above) for above in (run, *run.ancestors())):
            yield Statement("kind", "entries with times", f"live report of {number} entries")


def _entry(time: Element, prose: list[int]) -> Element | None:
    """The smallest element around a time that holds prose as well."""
    for _, above in zip(range(_LEVELS), time.ancestors(), strict=False):
        if bisect_left(prose, above.end) > bisect_right(prose, above.order):
            return above
    return None


def _is_other(element: Element) -> bool:
    """Whether comments, teasers or menus stand in it, or a form."""
    return element.tag in {"aside", "form", "nav"} or bool(hints_in(element.marks) & _OTHERS)

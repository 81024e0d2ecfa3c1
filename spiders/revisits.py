"""When a known article is looked at again: at which ages, by how often its outlet edits. Pure.

An outlet has edited where a look found another body, beyond the share of looks at old articles that found one:
what changes after days as often as in the first hour is an advertisement or a counter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

#: Ages in hours at which looks are counted; a look belongs to the last of them that has passed.
GRID = (1 / 3, 1.0, 3.0, 6.0, 24.0, 72.0, 168.0)
#: Nobody edits much at these places of `GRID` and later: what changes there is noise.
_OLD = GRID.index(72.0)
#: Every article is looked at once at this age, however seldom its outlet edits.
_ALWAYS = 24.0
# An age is worth a look at every article where at least this share of looks finds an edit, else at one in ten,
# so that a new habit is noticed.
_WORTH = 0.05
_SAMPLE = 10
_PRIOR_LOOKS = 20


def place(age: timedelta) -> int:
    """The place of an age in `GRID`."""
    return max(bisect_right(GRID, age / timedelta(hours=1)) - 1, 0)


def edits(usual: float, place: int, looked: Sequence[int], changed: Sequence[int]) -> float:
    """The share of looks at a place of `GRID` that find an edit, from those so far; `usual` before there are any."""
    noise = sum(changed[_OLD:]) / max(sum(looked[_OLD:]), 1)
    edited = max(changed[place] - noise * looked[place], 0)
    return (edited + usual * _PRIOR_LOOKS) / (looked[place] + _PRIOR_LOOKS)


def ages(usual: Sequence[float], looked: Sequence[int], changed: Sequence[int]) -> dict[float, int]:
    """Ages in hours at which articles of an outlet are looked at, in order, each with one in how many.

    `usual` are the ages of an outlet nobody knows yet; `looked` and `changed` count looks at each place of `GRID`.
    """
    chosen = {}
    for age in sorted({*GRID, *usual}):
        share = edits(_WORTH * (2 if age in usual else 0.5), place(timedelta(hours=age)), looked, changed)
        chosen[age] = 1 if share >= _WORTH or age == _ALWAYS else _SAMPLE
    return chosen


def next_look(
    first_seen_at: datetime, looked_at: datetime, chosen: dict[float, int], number: int
) -> datetime | None:
    """When an article is to be looked at next; `number` is its own and says of which samples it is."""
    for turn, (age, one_in) in enumerate(chosen.items()):
        moment = first_seen_at + timedelta(hours=age)
        if moment > looked_at and (number >> 4 * turn) % one_in == 0:
            return moment
    return None

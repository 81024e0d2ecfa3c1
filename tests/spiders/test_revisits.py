"""At which ages articles are looked at again, replayed on outlets of different habits."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from spiders.revisits import GRID, ages, next_look, place

T0 = datetime(2026, 11, 1, tzinfo=UTC)
USUAL = (1.0, 6.0, 24.0, 168.0)
NONE = [0] * len(GRID)
Edits = Callable[[random.Random], list[float]]
"""Ages in hours at which one article is edited."""


def every(chosen: dict[float, int]) -> list[float]:
    return [age for age, one_in in chosen.items() if one_in == 1]


def looks_of(chosen: dict[float, int], number: int) -> list[float]:
    found, at = [], T0
    while (moment := next_look(T0, at, chosen, number)) is not None:
        found.append((moment - T0) / timedelta(hours=1))
        at = moment
    return found


def replay(edits: Edits, *, learns: bool, articles: int = 1_000, noise: float = 0.0) -> tuple[int, int]:
    """(looks, revisions they found) at some articles after as many others have shown the outlet's habit."""
    rng = random.Random(7)
    looked, changed = NONE.copy(), NONE.copy()
    looks = revisions = 0
    chosen = dict.fromkeys(USUAL, 1)
    for number in range(2 * articles):
        if learns and number % 50 == 0:
            chosen = ages(USUAL, looked, changed)
        edited = sorted(edits(rng))
        before = 0.0
        for age in looks_of(chosen, rng.getrandbits(60)):
            is_revised = any(before < moment <= age for moment in edited)
            where = place(timedelta(hours=age))
            looked[where] += 1
            changed[where] += is_revised or rng.random() < noise
            before = age
            if number >= articles:
                looks += 1
                revisions += is_revised
    return looks, revisions


def never(_: random.Random) -> list[float]:
    return []


def early(rng: random.Random) -> list[float]:
    """Corrected within minutes, and rarely once more."""
    return [rng.uniform(0.05, 0.3), rng.uniform(0.4, 0.9)] if rng.random() < 0.4 else []


def live(rng: random.Random) -> list[float]:
    """Rewritten all day."""
    return [rng.uniform(0, 20) for _ in range(6)]


def test_until_an_outlet_is_known_the_usual_ages_are_taken() -> None:
    assert every(ages(USUAL, NONE, NONE)) == list(USUAL)
    assert every(ages((0.5,), NONE, NONE)) == [0.5, 24.0]


def test_an_outlet_that_never_edits_is_looked_at_once_and_at_samples() -> None:
    looks, _ = replay(never, learns=True)
    fixed, _ = replay(never, learns=False)
    assert fixed == 4 * 1_000
    assert 1_000 < looks < 1_000 * 1.8


def test_looks_go_where_the_edits_are() -> None:
    looks, revisions = replay(early, learns=True)
    fixed_looks, fixed_revisions = replay(early, learns=False)
    assert revisions > 1.2 * fixed_revisions
    assert revisions / looks > 1.2 * fixed_revisions / fixed_looks
    looks, revisions = replay(live, learns=True)
    fixed_looks, fixed_revisions = replay(live, learns=False)
    assert revisions > 1.1 * fixed_revisions
    assert looks < 1.5 * fixed_looks


def test_pages_that_always_change_are_not_taken_for_edited() -> None:
    looks, _ = replay(never, learns=True, noise=1.0)
    assert looks < 1_000 * 2
    quiet = replay(early, learns=True)
    noisy = replay(early, learns=True, noise=0.5)
    assert noisy[1] > 0.8 * quiet[1]


def test_a_new_habit_is_noticed() -> None:
    looked = [10_000] * len(GRID)
    changed = [0] * len(GRID)
    assert every(ages(USUAL, looked, changed)) == [24.0]
    changed[0] = 900
    assert every(ages(USUAL, looked, changed)) == [GRID[0], 24.0]


def test_looks_that_were_missed_are_made_up_by_one() -> None:
    chosen = dict.fromkeys(USUAL, 1)
    assert next_look(T0, T0 + timedelta(hours=7), chosen, 0) == T0 + timedelta(hours=24)
    assert next_look(T0, T0 + timedelta(hours=200), chosen, 0) is None


def test_samples_are_spread_over_articles_and_ages() -> None:
    rng = random.Random(1)
    chosen = dict.fromkeys(GRID, 10)
    taken = [looks_of(chosen, rng.getrandbits(64) - (1 << 63)) for _ in range(5_000)]
    for age in GRID:
        assert 350 < sum(age in looks for looks in taken) < 650


def test_an_age_belongs_to_the_last_place_that_has_passed() -> None:
    assert [place(timedelta(hours=h)) for h in (0, 0.4, 1, 2.9, 23, 24, 1_000)] == [0, 0, 1, 1, 3, 4, 6]

"""Scores are told of learned parts that have not seen the page's site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from schemas.page import Page
from tests.bench.blind import (
    FOLDS,
    blocks_without,
    company_without,
    fold_of,
    pages_without,
    read_unseen,
    words_without,
)
from tests.bench.losses import classes_of
from tests.bench.quality import Reading, page_of
from transforms.extract import chances, kind

SEA = (
    "The harbour council met on Tuesday evening and agreed to dredge the eastern channel before winter comes."
)
PIER = "Two ferries will be moved to the southern pier while the work goes on, said the captain of the port."
OFFER = (
    "Read our weekly letter with news from the coast, and never miss a tide or a storm again, free of charge."
)


def captured(host: str) -> Page:
    return page_of("blind", f"https://{host}/a/pier", b"<p>x", datetime(2026, 3, 28, tzinfo=UTC))


def test_every_page_is_read_by_what_was_learned_without_its_site() -> None:
    def read(pages: Sequence[Page]) -> list[tuple[str, bool]]:
        (fold,) = {fold_of(page.url) for page in pages}
        blind = blocks_without(fold), company_without(fold), words_without(fold), pages_without(fold)
        return [(page.url, used() == blind) for page in pages]

    def used() -> tuple[object, ...]:
        of = vars(chances)
        learned = (of[name]() for name in ("block_forest", "company_forest", "block_words"))
        return *learned, vars(kind)["page_weights"]()

    shipped = used()
    pages = [captured(f"paper{number}.example.org") for number in range(5)] + [captured("harbour.test")]
    assert read_unseen(pages, read) == [(page.url, True) for page in pages]
    assert used() == shipped


def test_a_site_is_in_one_fold_and_each_fold_has_parts_of_its_own() -> None:
    assert len({fold_of(f"https://{sub}.example.org/{n}") for sub in ("www", "m") for n in range(9)}) == 1
    for without in (blocks_without, company_without):
        assert len({without(fold).values[-1].tobytes() for fold in range(FOLDS)}) == FOLDS
    assert len({tuple(words_without(fold).weights) for fold in range(FOLDS)}) == FOLDS
    assert len({np.asarray(pages_without(fold).weight).tobytes() for fold in range(FOLDS)}) == FOLDS


def test_losses_are_told_by_where_the_letters_go_wrong() -> None:
    gold = f"{SEA}\n{PIER}"
    assert not classes_of(gold, Reading(text=gold))
    assert classes_of(gold, Reading()).most_common(1)[0][0] == "nothing is read"
    assert classes_of(gold, Reading(text=SEA)) == {"missed, paragraphs": len(PIER)}
    for text, where in (
        (f"{gold}\n{OFFER}", "below"),
        (f"{OFFER}\n{gold}", "above"),
        (f"{SEA}\n{OFFER}\n{PIER}", "inside"),
    ):
        assert classes_of(gold, Reading(text=text)) == {f"false, {where} the text": len(OFFER)}

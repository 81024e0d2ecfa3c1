"""Our learned parts as they would be had they never seen a page's site: what scores on the corpus are told of.

For each fifth of the sites, `folds/` holds forests and words of blocks and weights of pages that were learned on the
rest (`train_blocks`, `train_pages`). The forests of documents have their own cross-validation in `plain`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from schemas.page import Page
from schemas.urls import site_of
from transforms.extract.forest import Forest, read_forest
from transforms.extract.pages import Weights, read_weights
from transforms.extract.words import Words, read_words

FOLDS = 5
_FOLDER = Path(__file__).parent / "folds"
Read = TypeVar("Read")


def part_of(site: str, parts: int) -> int:
    """The part, of so many, that a site belongs to."""
    return zlib.crc32(site.encode()) % parts


def fold_of(url: str) -> int:
    """The fifth a page belongs to: the same for all of its site."""
    return part_of(site_of(url), FOLDS)


def blocks_file(fold: int) -> Path:
    """Where the forest that has not seen a fold is kept."""
    return _FOLDER / f"blocks-{fold}.npz"


def company_file(fold: int) -> Path:
    """Where the second forest that has not seen a fold is kept."""
    return _FOLDER / f"company-{fold}.npz"


def words_file(fold: int) -> Path:
    """Where the words learned without a fold are kept."""
    return _FOLDER / f"words-{fold}.npz"


def pages_file(fold: int) -> Path:
    """Where the weights that have not seen a fold are kept."""
    return _FOLDER / f"pages-{fold}.csv"


@cache
def blocks_without(fold: int) -> Forest:
    """The forest of blocks that has not seen a fold."""
    return read_forest(blocks_file(fold))


@cache
def company_without(fold: int) -> Forest:
    """The second forest that has not seen a fold."""
    return read_forest(company_file(fold))


@cache
def words_without(fold: int) -> Words:
    """The words learned without a fold."""
    return read_words(words_file(fold))


@cache
def pages_without(fold: int) -> Weights:
    """The weights of pages that have not seen a fold."""
    return read_weights(pages_file(fold))


@contextmanager
def forest_without(fold: int) -> Iterator[None]:
    """Bodies are read with the forests that have not seen a fold."""
    with (
        patch("transforms.extract.chances.block_forest", lambda: blocks_without(fold)),
        patch("transforms.extract.chances.company_forest", lambda: company_without(fold)),
        patch("transforms.extract.chances.block_words", lambda: words_without(fold)),
    ):
        yield


def read_unseen(pages: Sequence[Page], read: Callable[[Sequence[Page]], Sequence[Read]]) -> list[Read]:
    """What `read` makes of each page with what was learned on other sites."""
    found: dict[int, Read] = {}
    for fold in range(FOLDS):
        places = [place for place, page in enumerate(pages) if fold_of(page.url) == fold]
        if places:
            with (
                forest_without(fold),
                patch("transforms.extract.kind.page_weights", lambda fold=fold: pages_without(fold)),
            ):
                found |= zip(places, read([pages[place] for place in places]), strict=True)
    return [found[place] for place in range(len(pages))]

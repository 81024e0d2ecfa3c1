"""Learns what the words of a block say of it: `transforms/extract/words.npz`; part of `train_blocks`.

A logistic regression on all blocks, not on those alone that the forests leave open: in menus and footers it is easy to
see what the words of a call or a notice are, and they are the same where it is hard. How long a block is counts in
learning, so that words need not tell it, and is left out of what is kept. A term counts that stands on eight sites.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from transforms.extract.words import Words, digests, terms

LEAST_SITES = 8
_CAUTION = 20  # L2, at a mean weight of 1 a block
_KEPT = 20_000  # terms that say most

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Told:
    """The terms of all blocks: a row a block, a column a term, behind them one for each length."""

    terms: list[str]
    cells: Any  # a sparse matrix


def tell(texts: Sequence[str], sites: Sequence[str]) -> Told:
    """The terms of the blocks, each of the site beside it."""
    from sklearn.feature_extraction.text import CountVectorizer

    seen: defaultdict[str, set[str]] = defaultdict(set)
    for text, site in dict.fromkeys(zip(texts, sites, strict=True)):
        for term in terms(text):
            seen[term].add(site)
    known = sorted(term for term, where in seen.items() if len(where) >= LEAST_SITES)
    lengths = sorted({_length(text) for text in texts})
    table = CountVectorizer(
        analyzer=lambda text: [*terms(text), _length(text)], vocabulary=[*known, *lengths], dtype=np.float64
    )
    return Told(known, table.transform(texts))


def _length(text: str) -> str:
    return f"length {min(int(2 * np.log2(1 + len(text))), 22)}"


def learn_words(
    told: Told, labels: npt.NDArray[np.int8], weights: Floats, asked: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a model of the blocks that are marked, those of no weight left out."""
    from sklearn.linear_model import LogisticRegression

    marked = np.flatnonzero(asked & (weights > 0))
    model = LogisticRegression(C=1 / _CAUTION, max_iter=200)
    model.fit(told.cells[marked], labels[marked], weights[marked] / weights[weights > 0].mean())
    found = model.coef_[0, : len(told.terms)]
    most = np.sort(np.argsort(-np.abs(found), kind="stable")[:_KEPT])
    return {
        "digest": np.array([*digests(told.terms[place] for place in most)], np.uint32),
        "weight": found[most].astype(np.float16),
    }


def keep_words(arrays: dict[str, npt.NDArray[Any]], path: Path) -> Words:
    """Write a model's file."""
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    print(f"{path.name}: {path.stat().st_size:,} bytes", flush=True)
    return Words.of(arrays)

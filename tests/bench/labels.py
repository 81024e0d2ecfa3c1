"""Which blocks of a page are its text, told by eye: `labels.csv`, for pages of the corpus without an annotated text.

A line a page: the blocks that are text, and those that learn nothing, as annotators do not agree on them (posts of
others, notes and addresses at the end). Any other is no text. Nothing of a page's words is kept: it and its blocks
are known by digests of its id and of their letters, so that a block keeps its label when lines are cut otherwise.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.quality import fold

LABELS = Path(__file__).with_name("labels.csv")


@dataclass(frozen=True)
class Labels:
    """Digests of a page's blocks, as `digests` gives them."""

    text: frozenset[str]
    skipped: frozenset[str]


def read_labels(path: Path = LABELS) -> dict[tuple[str, str], Labels]:
    """(set, digest of the page's id) → the labels of its blocks."""
    with path.open(encoding="ascii", newline="") as lines:
        return {
            (row["set"], row["page"]): Labels(
                frozenset(row["text"].split()), frozenset(row["skipped"].split())
            )
            for row in csv.DictReader(lines)
        }


def page_digest(page_id: str) -> str:
    """What a page is known by."""
    return hashlib.sha256(page_id.encode()).hexdigest()[:16]


def digests(texts: Iterable[str]) -> Iterator[str]:
    """What each block is known by: its letters, and which one it is of those with the same."""
    seen: Counter[str] = Counter()
    for text in texts:
        digest = hashlib.sha256(fold(text).encode()).hexdigest()[:8]
        seen[digest] += 1
        yield digest if seen[digest] == 1 else f"{digest}.{seen[digest]}"

"""Which lines of a document without markup are its headline and its text, as two forests judge it.

They are learned by `tests/bench/train_lines.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from transforms.extract.forest import Floats, Forest, stored
from transforms.extract.line_features import Marks, below_title, features, may_be_text, may_be_title, words_of
from transforms.extract.markup import fold

#: What headlines have behind them: a sign, and the outlet's name.
BEHIND_TITLE = re.compile(r"\s[|\-–—·•»]\s+([^|]{2,60})$")
_LIKELY = 0.3


class Forests(NamedTuple):
    """The one that tells headlines, by `NAMES`, and the one that tells text, by `NAMES` and `BELOW_TITLE`."""

    titles: Forest
    text: Forest


@dataclass(frozen=True)
class Judged:
    """The place of the headline, None if there is none, and each line's chance to be text, 0 to 1."""

    title: int | None
    chances: Floats


def judge(lines: list[str], forests: Forests | None = None) -> Judged:
    """Headline and text among the lines of a document, none of them empty."""
    if not lines:
        return Judged(None, np.zeros(0, np.float32))
    forests = forests or Forests(stored("headlines"), stored("lines"))
    words = [words_of(line) for line in lines]
    table = features(lines, words)
    titles = _chances(forests.titles, table, may_be_title(table))
    rows = np.column_stack((table, below_title(table, words, titles)))
    return Judged(_headline(lines, titles), _chances(forests.text, rows, may_be_text(table)))


def _headline(lines: list[str], titles: Floats) -> int | None:
    """The place of the likeliest headline; if an outlet's name is behind it, of a likely one below without."""
    best = int(titles.argmax())
    words = fold(BEHIND_TITLE.sub("", lines[best]))
    bare = (int(at) for at in np.flatnonzero(titles > _LIKELY) if at > best and fold(lines[at]) == words)
    return next(bare, best) if titles[best] > 0 else None


def _chances(forest: Forest, rows: Floats, asked: Marks) -> Floats:
    chances = np.zeros(len(rows), np.float32)
    chances[asked] = forest.chances(rows[asked])
    return chances

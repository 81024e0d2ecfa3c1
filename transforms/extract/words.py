"""What the words of a block say of it, wherever it stands: "Subscribe to …" is no text, whatever the page is made of.

A linear model of the words a block begins with, in any language, learned from all blocks of all pages
(`tests/bench/learn_words.py`) and kept beside this module as one file of arrays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Self
from zlib import crc32

import numpy as np

from transforms.extract.forest import Floats

_READ, _READ_LAST = 240, 60  # characters at the start and at the end of a block
_FIRST, _LAST, _LETTERS = 30, 4, 6  # words, and how much of each, so that its endings do not count
_DIGITS = re.compile(r"\d+")
# What is written without spaces counts by the character, signs that part or quote as words.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|[^\W\d_]++|\d|[|©@#/→›»•·:?!…\"“”„«]"
)


@dataclass(frozen=True)
class Words:
    """Digest of a term → how much it speaks for text, in log odds; nothing of terms that are not known."""

    weights: Mapping[int, float]

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> Self:
        """The model in the arrays of a file."""
        return cls(dict(zip(arrays["digest"].tolist(), arrays["weight"].tolist(), strict=True)))

    def says(self, texts: Sequence[str]) -> Floats:
        """The sum of what speaks for and against each text."""
        of = self.weights.get
        return np.array([sum(filter(None, map(of, digests(terms(text))))) for text in texts], np.float32)


def terms(text: str) -> set[str]:
    """The words a block begins with, once each; its first one, two and three and its last four, marked as such."""
    words = _words(text[:_READ])
    last = words if len(text) <= _READ else _words(text[-_READ_LAST:])
    starts = ["^" + " ".join(words[:count]) for count in (1, 2, 3) if words]
    return {*words[:_FIRST], *starts, *["$" + end for end in last[-_LAST:]]}


def digests(found: Iterable[str]) -> Iterator[int]:
    """What terms are known by, in order; 0 of no terms."""
    return map(crc32, "\n".join(found).encode("utf-8", "surrogatepass").split(b"\n"))


def _words(text: str) -> list[str]:
    return [word[:_LETTERS] for word in _WORD.findall(_DIGITS.sub("0", text.lower()))]


@lru_cache
def block_words() -> Words:
    """The model of the package."""
    return read_words(files("transforms.extract") / "words.npz")


def read_words(path: Traversable) -> Words:
    """A model from its file."""
    with path.open("rb") as file, np.load(file) as arrays:
        return Words.of(arrays)

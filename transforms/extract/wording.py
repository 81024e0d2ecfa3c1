"""What the text of each block shows by itself: length, links, punctuation, calls to act, words the page is known by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from transforms.extract.calls import CALLS, calls_in
from transforms.extract.characters import Marks, codes_of, matched_by, text_of
from transforms.extract.forest import Floats
from transforms.extract.markup import Block, fold

_SIGNS = {
    "stop": ".!?。！？।؟۔",
    "comma": ",،、，;",
    "digit": "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯０１２３４５６７８９",
    "odd": "|©@#/→›»•·",
    "quote": '"“”„«「',
}
# A time, a year or a day. What begins with a set of characters is found twice as fast.
CLOCK = re.compile(r"\d(?:\d?\s*[:.h]\s*\d{2}\b|(?<=\b1)9\d\d\b|(?<=\b2)0\d\d\b|(?<=\b\d)\d?[./-]\d{1,2}\b)")
_ADDRESS = re.compile(r"https?://|@\w|©|www\.|\(c\)")
_PLAIN_ADDRESSES = ("www.", "(c)")  # the others have a sign that is odd
_STOPS = frozenset(".!?…。！？।؟۔")
_BEHIND_STOP = " \u3000\"'»”’“)]*" + _SIGNS["digit"]
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_READ = 400  # characters of a block that are looked at for signs and calls
_LINK, _SHORT = 0.9, 40  # share that is link, and characters: menus, of which no more has to be known

#: Columns of `wording`.
WORDING = (
    *("size", "linked", "strong", "anchors"),
    *(f"has_{sign}" for sign in _SIGNS),
    *("ends_sentence", "starts_upper", "starts_odd", "capitals", "clock", "address", "ends_colon"),
    *("is_title", "is_description", "in_description", "is_label", "author"),
    *(f"calls_{name}" for name in CALLS),
)
_SHOWN, _FAMILIAR = 7, 5  # columns from `ends_sentence` and from `is_title` on
_ALWAYS = 4 + len(_SIGNS)  # columns that menus have as well
_SIGN = {name: place for place, name in enumerate(_SIGNS)}
_PLACES = 10 * np.arange(len(_SIGNS) + 1)  # of the bits in which signs are counted
_MOST_SIGNS = (1 << 10) - 1

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """What the page's fields say, folded: titles, descriptions, labels (section, tags, outlet), authors."""

    titles: frozenset[str] = frozenset()
    descriptions: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()


def wording(blocks: Sequence[Block], known: Known) -> Floats:
    """One row per name in `WORDING`, one column per block."""
    texts = [block.text for block in blocks]
    lengths = np.array([len(text) for text in texts])
    shares = np.array([[block.linked for block in blocks], [block.strong for block in blocks]]) / lengths
    anchors = [len(block.anchors) for block in blocks]
    spelt = _spelt([text[:_READ] for text in texts])
    signs = spelt.signs * (100 / np.minimum(lengths, _READ))
    sizes = lengths + 2 * spelt.unspaced
    told = np.flatnonzero((shares[0] <= _LINK) | (sizes >= _SHORT)).tolist()
    digits, odd = (spelt.signs[_SIGN[name]].tolist() for name in ("digit", "odd"))
    described = "\n".join(known.descriptions)
    wordings = "\n".join((*known.titles, *known.descriptions, *known.labels))
    shown = [_shown(texts[at], spelt.lines[at], digits[at], odd[at] or spelt.has_address) for at in told]
    familiar = [_familiar(texts[at], spelt.folded[at], known, described, wordings) for at in told]
    calls = calls_in([spelt.lines[at] if lengths[at] < _READ else "" for at in told])
    seen = np.array([shown, familiar, calls], np.int64)
    flags = np.zeros(len(blocks), np.int64)
    flags[told] = seen[0] | seen[1] << _SHOWN | seen[2] << _SHOWN + _FAMILIAR
    parts = (
        [np.log2(1 + sizes)],
        np.minimum(shares, 1),
        [np.minimum(anchors, 10)],
        signs,
        bits_of(flags, len(WORDING) - _ALWAYS),
    )
    return np.concatenate(parts, dtype=np.float32, casting="same_kind")


def bits_of(sets: Counts, count: int) -> Counts:
    """One row a bit, one column a set."""
    return sets >> np.arange(count)[:, None] & 1


@dataclass(frozen=True)
class _Spelt:
    """Of each text: itself without case, how many of each kind of sign and of the characters of `UNSPACED` it has, its
    letters and digits without case; of all, whether one may have an address without an odd sign.
    """

    lines: list[str]
    signs: Counts
    unspaced: Counts
    folded: list[str]
    has_address: bool


def _spelt(texts: Sequence[str]) -> _Spelt:
    """All at once, by the codes of their characters: to look for words in each takes ten times as long."""
    lines = [text.casefold() for text in texts]  # one with other letters than English takes ten times as long
    written = "\n".join((*lines, ""))
    codes = codes_of(written)
    is_read, signs = _characters()
    starts = np.cumsum([0, *map(len, lines[:-1])]) + np.arange(len(lines))
    counts = np.add.reduceat(signs.take(codes, mode="clip"), starts) >> _PLACES[:, None] & _MOST_SIGNS
    return _Spelt(
        lines,
        counts[:-1],
        counts[-1],
        text_of(codes[is_read.take(codes, mode="clip")]).split("\n"),
        any(sign in written for sign in _PLAIN_ADDRESSES),
    )


@lru_cache(maxsize=1)
def _characters() -> tuple[Marks, Counts]:
    """By the code of a character, whether it is part of a word or the end of a line; and, of each kind of sign and of
    `UNSPACED`, a 1 in ten bits of its own, so that sums are counts.
    """
    signs = matched_by(f"{UNSPACED.pattern}+") * np.int64(1 << _PLACES[-1])
    for place, characters in zip(_PLACES, _SIGNS.values(), strict=False):
        signs[codes_of(characters)] |= 1 << place
    return matched_by(r"[\w\n]+"), signs


def _shown(text: str, lower: str, has_digit: int, may_have_address: int) -> int:
    """The columns from `ends_sentence` to `ends_colon`, as bits; `lower` is the start of the text, without case."""
    seen = text[:_READ]
    first = seen[0]
    return (
        (text[-40:].rstrip(_BEHIND_STOP)[-1:] in _STOPS)
        | first.isupper() << 1
        | (not first.isalnum()) << 2
        | seen.isupper() << 3
        | (has_digit > 0 and CLOCK.search(seen) is not None) << 4
        | (may_have_address > 0 and _ADDRESS.search(lower) is not None) << 5
        | (text[-1] in ":：") << 6
    )


def _familiar(text: str, words: str, known: Known, described: str, wordings: str) -> int:
    """Whether the block is one of the page's wordings, is in its description, or names its authors, as bits; `words` is
    the start of the text, folded.
    """
    if len(text) > _READ:
        if len(text) >= 4 * _READ or (len(words) >= 5 * _SHORT and words not in wordings):
            return 0
        words = fold(text)
    if not words:
        return 0
    length = len(words)
    return (
        (words in known.titles)
        | (words in known.descriptions) << 1
        | (length > _SHORT and words in described) << 2
        | (words in known.labels) << 3
        | (length < 5 * _SHORT and any(map(words.__contains__, known.authors))) << 4
    )

"""What the text of each block shows by itself: length, links, punctuation, calls to act, words the page is known by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from transforms.extract.calls import CALLS, calls_of
from transforms.extract.forest import Floats
from transforms.extract.markup import Block, fold

SENTENCE_END = re.compile(r"""[.!?…。！？।؟۔।][\s"'»”’“)\]\d*]*$""")
_SIGNS = {
    "stop": ".!?。！？।؟۔",
    "comma": ",،、，;",
    "digit": "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯０１２３４５６７８９",
    "odd": "|©@#/→›»•·",
    "quote": '"“”„«「',
}
_CODES = 0x33000  # beyond are neither letters nor signs
# A time, a year or a day. What begins with a set of characters is found twice as fast.
CLOCK = re.compile(r"\d(?:\d?\s*[:.h]\s*\d{2}\b|(?<=\b1)9\d\d\b|(?<=\b2)0\d\d\b|(?<=\b\d)\d?[./-]\d{1,2}\b)")
_ADDRESS = re.compile(r"https?://|@\w|©", re.IGNORECASE)  # each has a sign that is odd
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
_ALWAYS = 4 + len(_SIGNS)  # columns that menus have as well
_UNFAMILIAR = (False,) * 5
_PLACES = 10 * np.arange(len(_SIGNS) + 1)  # of the bits in which signs are counted
_MOST_SIGNS = (1 << 10) - 1
_LINE_END, _GAP = ord("\n"), np.uint32(ord(" "))

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """What the page's fields say, folded: titles, descriptions, labels (section, tags, outlet), authors."""

    titles: frozenset[str] = frozenset()
    descriptions: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()


def wording(blocks: Sequence[Block], known: Known) -> Floats:
    """One row per block, one column per name in `WORDING`."""
    texts = [block.text for block in blocks]
    lengths = np.array([len(text) for text in texts])
    linked = np.minimum(np.array([block.linked for block in blocks]) / lengths, 1)
    strong = np.minimum(np.array([block.strong for block in blocks]) / lengths, 1)
    anchors = np.minimum([len(block.anchors) for block in blocks], 10)
    spelt = _spelt([text[:_READ] for text in texts])
    signs = np.asarray(spelt.signs * (100 / np.minimum(lengths, _READ))[:, None], np.float32)
    sizes = lengths + 2 * spelt.unspaced
    described = "\n".join(known.descriptions)
    wordings = "\n".join((*known.titles, *known.descriptions, *known.labels))
    told = np.flatnonzero((linked <= _LINK) | (sizes >= _SHORT)).tolist()
    rest = np.zeros((len(blocks), len(WORDING) - _ALWAYS), np.float32)
    if told:
        has = spelt.signs.tolist()
        rest[told] = [
            (
                *_shown(text, has[at]),
                *_familiar(text, spelt.folded[at], known, described, wordings),
                *_call_bits(calls_of(text, spelt.words[at].split()) if len(text) < _READ else 0),
            )
            for at in told
            if (text := texts[at])
        ]
    return np.column_stack([np.log2(1 + sizes), linked, strong, anchors, signs, rest]).astype(np.float32)


@dataclass(frozen=True)
class _Spelt:
    """Of each text: how many of each kind of sign and of the characters of `UNSPACED` it has, its letters and digits
    without case, its words without case and apart.
    """

    signs: Counts
    unspaced: Counts
    folded: list[str]
    words: list[str]


def _spelt(texts: Sequence[str]) -> _Spelt:
    """All at once, by the codes of their characters: to look for words in each takes ten times as long."""
    written = "\n".join((*texts, "")).casefold().encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(written, np.uint32)
    kinds, signs = _characters()
    known = np.minimum(codes, _CODES - 1)
    starts = np.concatenate([[0], np.flatnonzero(codes == _LINE_END)[:-1] + 1])
    counts = np.add.reduceat(signs.take(known), starts)[:, None] >> _PLACES & _MOST_SIGNS
    kind = kinds.take(known)
    return _Spelt(
        counts[:, :-1], counts[:, -1], _lines(codes[kind > 0]), _lines(np.where(kind > 1, codes, _GAP))
    )


def _lines(codes: npt.NDArray[np.uint32]) -> list[str]:
    return codes.tobytes().decode("utf-32-le", "surrogatepass").split("\n")


@lru_cache(maxsize=1)
def _characters() -> tuple[npt.NDArray[np.uint8], Counts]:
    """Code of a character → 2 for a letter and the end of a line, 1 for what else is part of a word; and, of each kind
    of sign and of `UNSPACED`, a 1 in ten bits of its own, so that sums are counts.
    """
    everything = np.arange(_CODES, dtype=np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    kinds, signs = np.zeros(_CODES, np.uint8), np.zeros(_CODES, np.int64)
    for match in re.finditer(r"([^\W\d_]+|\n)|\w", everything):
        kinds[match.start() : match.end()] = 2 if match[1] else 1
    unspaced = UNSPACED.findall(everything[: 1 << 16])
    for place, characters in zip(_PLACES, (*_SIGNS.values(), unspaced), strict=True):
        signs[np.frombuffer("".join(characters).encode("utf-32-le"), np.uint32)] |= 1 << place
    return kinds, signs


def _shown(text: str, has: Sequence[float]) -> tuple[bool, ...]:
    seen = text[:_READ]
    lower = seen.lower()
    return (
        SENTENCE_END.search(text[-40:]) is not None,
        seen[0].isupper(),
        not seen[0].isalnum(),
        seen.isupper(),
        has[2] > 0 and CLOCK.search(seen) is not None,
        "www." in lower or "(c)" in lower or (has[3] > 0 and _ADDRESS.search(seen) is not None),
        text[-1] in ":：",
    )


def _familiar(text: str, words: str, known: Known, described: str, wordings: str) -> tuple[bool, ...]:
    """Whether the block is one of the page's wordings, is in its description, or names its authors; `words` is the
    start of the text, folded.
    """
    if len(text) > _READ:
        if len(text) >= 4 * _READ or (len(words) >= 5 * _SHORT and words not in wordings):
            return _UNFAMILIAR
        words = fold(text)
    if not words:
        return _UNFAMILIAR
    length = len(words)
    return (
        words in known.titles,
        words in known.descriptions,
        length > _SHORT and words in described,
        words in known.labels,
        length < 5 * _SHORT and any(name in words for name in known.authors),
    )


@lru_cache(maxsize=1 << 12)
def _call_bits(calls: int) -> tuple[bool, ...]:
    return tuple(bool(calls >> place & 1) for place in range(len(CALLS)))

"""What the text of each block shows by itself: length, links, punctuation, calls to act, words the page is known by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from transforms.extract.calls import CALLS, calls_in
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
_CODES = 1 << 16
CLOCK = re.compile(r"\d{1,2}\s*[:.h]\s*\d{2}\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}\b")
_ADDRESS = re.compile(r"https?://|@\w|©", re.IGNORECASE)  # each has a sign that is odd; others are:
_ODDLESS_ADDRESS = ("www.", "(c)")
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


@dataclass(frozen=True)
class Known:
    """What the page's fields say, folded: titles, descriptions, labels (section, tags, outlet), authors."""

    titles: frozenset[str] = frozenset()
    descriptions: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()


def wording(blocks: Sequence[Block], known: Known) -> Floats:
    """One row per block, one column per name in `WORDING`."""
    lengths = np.array([len(block.text) for block in blocks])
    sizes = np.array([size_of(block.text) for block in blocks])
    linked = np.minimum(np.array([block.linked for block in blocks]) / lengths, 1)
    strong = np.minimum(np.array([block.strong for block in blocks]) / lengths, 1)
    anchors = np.minimum([len(block.anchors) for block in blocks], 10)
    signs = _signs([block.text[:_READ] for block in blocks])
    described = "\n".join(known.descriptions)
    wordings = "\n".join((*known.titles, *known.descriptions, *known.labels))
    told = np.flatnonzero((linked <= _LINK) | (sizes >= _SHORT)).tolist()
    rest = np.zeros((len(blocks), len(WORDING) - _ALWAYS), np.float32)
    if told:
        has = signs.tolist()
        rest[told] = [
            (*_shown(text, has[at]), *_familiar(text, known, described, wordings), *_asks(text))
            for at in told
            if (text := blocks[at].text)
        ]
    return np.column_stack([np.log2(1 + sizes), linked, strong, anchors, signs, rest]).astype(np.float32)


def size_of(text: str) -> int:
    """Length in characters of Latin script: one of a script that needs fewer counts as three."""
    return len(text) if text.isascii() else len(text) + 2 * len(UNSPACED.findall(text[:_READ]))


def _signs(texts: Sequence[str]) -> Floats:
    """How many of each kind of sign a text has, per 100 characters."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds().take(np.minimum(codes, _CODES - 1))
    lengths = np.array([len(text) for text in texts])
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    places = (np.flatnonzero(kinds & np.uint8(1 << sign)) for sign in range(len(_SIGNS)))
    counts = np.stack([np.diff(np.searchsorted(found, bounds)) for found in places], axis=1)
    return np.asarray(counts * (100 / lengths)[:, None], np.float32)


@lru_cache(maxsize=1)
def _kinds() -> npt.NDArray[np.uint8]:
    """Code of a character → the kinds of signs it is, as bits."""
    kinds = np.zeros(_CODES, np.uint8)
    for place, signs in enumerate(_SIGNS.values()):
        kinds[[ord(sign) for sign in signs]] |= 1 << place
    return kinds


def _shown(text: str, has: Sequence[float]) -> tuple[bool, ...]:
    seen = text[:_READ]
    lower = seen.lower()
    return (
        SENTENCE_END.search(text[-40:]) is not None,
        seen[0].isupper(),
        not seen[0].isalnum(),
        seen.isupper(),
        has[2] > 0 and CLOCK.search(seen) is not None,
        any(one in lower for one in _ODDLESS_ADDRESS) or (has[3] > 0 and _ADDRESS.search(seen) is not None),
        text[-1] in ":：",
    )


def _familiar(text: str, known: Known, described: str, wordings: str) -> tuple[bool, ...]:
    """Whether the block is one of the page's wordings, is in its description, or names its authors."""
    words = fold(text[:_READ])
    if len(text) >= 4 * _READ or not words or (len(words) >= 5 * _SHORT and words not in wordings):
        return _UNFAMILIAR
    words = fold(text)
    length = len(words)
    return (
        words in known.titles,
        words in known.descriptions,
        length > _SHORT and words in described,
        words in known.labels,
        length < 5 * _SHORT and any(name in words for name in known.authors),
    )


def _asks(text: str) -> tuple[bool, ...]:
    return _call_bits(calls_in(text) if len(text) < _READ else 0)


@lru_cache(maxsize=1 << 12)
def _call_bits(calls: int) -> tuple[bool, ...]:
    return tuple(bool(calls >> place & 1) for place in range(len(CALLS)))

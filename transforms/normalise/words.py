"""Words, quotes and shingles of a text, in scripts with and without spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

# Written without spaces between words: Han and kana; Thai, Lao, Myanmar and Khmer.
_HAN_KANA = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED_ALPHABETS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNSPACED = re.compile(f"[{_HAN_KANA}{_UNSPACED_ALPHABETS}]")
_CHARACTERS = re.compile(f"[{_HAN_KANA}]")
_CHARACTERS_A_WORD = 1.7  # of Han and kana
_LETTERS_A_WORD = 4  # of the unspaced alphabets, vowel signs and tone marks counted
#: From a letter or digit to the next gap: vowel signs, apostrophes and hyphens are inside of it.
_SPELT = re.compile(r"[^\W_][^ \n\u3000—–―…/|:;!?()\[\]«»“”„\"]*+")
_QUOTES = re.compile(
    r"“([^“”]{15,600})”|„([^„“”]{15,600})[“”]|«\s*([^«»]{15,600}?)\s*»|»([^«»]{15,600})«|「([^「」]{8,400})」|"
    r"\"(?<![\w\"]\")([^\"\n]{15,600})\"(?!\w)"
)
_MOST_QUOTES = 50

_SIGNATURE = 64
_WORDS_A_SHINGLE, _CHARACTERS_A_SHINGLE = 4, 5
# Odd constants of SplitMix64 (Steele, Lea, Flood 2014), whose finaliser mixes a hash well.
_GAMMA, _MIX_1, _MIX_2 = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_BLOCK = 8_192  # shingles hashed at a time: 64 × 8,192 × 4 bytes = 2 MB


def word_count(text: str) -> int:
    """Words; in scripts without spaces, characters over 1.7 (Han, kana) or 4 (Thai and alike), rounded."""
    if not (unspaced := _unspaced_in(text)):
        return len(_SPELT.findall(text))
    characters = len(_CHARACTERS.findall(text))
    letters = unspaced - characters
    spelt = len(_SPELT.findall(_UNSPACED.sub(" ", text)))
    return spelt + round(characters / _CHARACTERS_A_WORD + letters / _LETTERS_A_WORD)


def quotes_of(text: str) -> list[str]:
    """Passages in quotation marks, in order, long enough to be somebody's words."""
    found = (next(filter(None, match.groups())) for match in _QUOTES.finditer(text))
    return list(dict.fromkeys(found))[:_MOST_QUOTES]


def minhash(words: Sequence[str]) -> list[int]:
    """Signature of the bare words of a text: 64 integers of 32 bits, the least hash of its shingles under 64 hash
    functions.

    Shingles are 4 words, or 5 characters where most of the text is in a script without spaces. The share of
    equal integers in two signatures estimates the Jaccard similarity. Stable across processes; [] for no words.
    """
    if not words:
        return []
    letters = "".join(words)
    unspaced = _unspaced_in(letters) > len(letters) / 4
    tokens = "\n".join(letters if unspaced else words).encode("utf-8", "surrogatepass").split(b"\n")
    hashed = np.fromiter(map(crc32, tokens), np.uint64, len(tokens))
    size = min(len(tokens), _CHARACTERS_A_SHINGLE if unspaced else _WORDS_A_SHINGLE)
    shingles = np.zeros(len(tokens) - size + 1, np.uint64)
    for offset in range(size):
        shingles = shingles * _GAMMA + hashed[offset : offset + len(shingles)]
    mixed = _high(_mix(shingles))
    least = np.full(_SIGNATURE, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, len(mixed), _BLOCK):
        hashes = mixed[start : start + _BLOCK] * _FACTORS
        hashes += _OFFSETS
        least = np.minimum(least, hashes.min(axis=1))
    return list[int](least.tolist())


def _unspaced_in(text: str) -> int:
    """Characters of scripts without spaces; told by the first at once where there are none."""
    return len(_UNSPACED.findall(text)) if not text.isascii() else 0


def _mix(values: Hashes) -> Hashes:
    """SplitMix64's finaliser, in place."""
    for shift, factor in ((30, _MIX_1), (27, _MIX_2)):
        values ^= values >> np.uint64(shift)
        values *= factor
    values ^= values >> np.uint64(31)
    return values


def _high(values: Hashes) -> npt.NDArray[np.uint32]:
    return (values >> np.uint64(32)).astype(np.uint32)


# Hash functions of a well-mixed hash: an odd factor and an offset each (multiply-shift, Dietzfelbinger et al. 1997).
_RANDOM = _high(_mix(np.arange(1, 2 * _SIGNATURE + 1, dtype=np.uint64) * _GAMMA))[:, None]
_FACTORS, _OFFSETS = _RANDOM[:_SIGNATURE] | np.uint32(1), _RANDOM[_SIGNATURE:]

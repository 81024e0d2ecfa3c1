"""Words, quotes and shingles of a text, in scripts with and without spaces."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

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
_SPELT = re.compile(r"[^\W_][^ \n\u3000—–―…/|:;!?()\[\]«»“”„\"]*")
_WORD = re.compile(r"[a-z0-9\w]+(?:['’.,\-\u200c\u200d][a-z0-9\w]+)*")  # ASCII first: it is told faster
_QUOTES = re.compile(
    r"“([^“”]{15,600})”|„([^„“”]{15,600})[“”]|«\s*([^«»]{15,600}?)\s*»|»([^«»]{15,600})«|「([^「」]{8,400})」|"
    r"\"(?<![\w\"]\")([^\"\n]{15,600})\"(?!\w)"
)
_MOST_QUOTES = 50

_SIGNATURE = 64
_WORDS_A_SHINGLE, _CHARACTERS_A_SHINGLE = 4, 5
# Odd constants of SplitMix64 (Steele, Lea, Flood 2014): its finaliser makes one well-mixed hash a seed.
_GAMMA, _MIX_1, _MIX_2 = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_SEEDS = np.arange(1, _SIGNATURE + 1, dtype=np.uint64)[:, None] * _GAMMA
_BLOCK = 4096  # shingles hashed at a time: 64 × 4,096 × 8 bytes = 2 MB


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


def minhash(text: str) -> list[int]:
    """Signature of a text: 64 integers of 63 bits, the least hash of its shingles under 64 hash functions.

    Shingles are 4 words, or 5 characters where most of the text is in a script without spaces. The share of
    equal integers in two signatures estimates the Jaccard similarity. Stable across processes; [] for no text.
    """
    lowered = text.casefold()
    unspaced = _unspaced_in(lowered) > len(lowered) / 4
    tokens = [c for c in lowered if c.isalnum()] if unspaced else _WORD.findall(lowered.replace("_", " "))
    if not tokens:
        return []
    size = min(len(tokens), _CHARACTERS_A_SHINGLE if unspaced else _WORDS_A_SHINGLE)
    row = np.fromiter(map(_hash64, tokens), dtype=np.uint64, count=len(tokens))
    shingles = np.zeros(len(tokens) - size + 1, dtype=np.uint64)
    for offset in range(size):
        shingles = _mix(shingles * _GAMMA + row[offset : offset + len(shingles)])
    least = np.full(_SIGNATURE, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(shingles), _BLOCK):
        hashes = _mix(shingles[None, start : start + _BLOCK] + _SEEDS)
        least = np.minimum(least, hashes.min(axis=1))
    return list[int]((least >> np.uint64(1)).tolist())


def _unspaced_in(text: str) -> int:
    """Characters of scripts without spaces; told by the first at once where there are none."""
    return len(_UNSPACED.findall(text)) if not text.isascii() else 0


@lru_cache(maxsize=50_000)
def _hash64(token: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )


def _mix(values: Hashes) -> Hashes:
    """SplitMix64's finaliser, in place."""
    for shift, factor in ((30, _MIX_1), (27, _MIX_2)):
        values ^= values >> np.uint64(shift)
        values *= factor
    values ^= values >> np.uint64(31)
    return values

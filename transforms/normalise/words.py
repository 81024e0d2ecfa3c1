"""Words, quotes and shingles of a text, in scripts with and without spaces."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

# Han, kana, Thai, Lao, Khmer, Myanmar: written without spaces between words.
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff]"
)
_WORD = re.compile(r"[^\W_]+(?:['’.,\-\u200c\u200d][^\W_]+)*")
_CHARACTERS_A_WORD = 1.7
_QUOTES = re.compile(
    r"“([^“”]{15,600})”|„([^„“”]{15,600})[“”]|«\s*([^«»]{15,600}?)\s*»|»([^«»]{15,600})«|「([^「」]{8,400})」|"
    r"(?<![\w\"])\"([^\"\n]{15,600})\"(?!\w)"
)
_MOST_QUOTES = 50

_SIGNATURE = 64
_WORDS_A_SHINGLE, _CHARACTERS_A_SHINGLE = 4, 5
# Odd constants of SplitMix64 (Steele, Lea, Flood 2014): its finaliser makes one well-mixed hash a seed.
_GAMMA, _MIX_1, _MIX_2 = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_SEEDS = np.arange(1, _SIGNATURE + 1, dtype=np.uint64)[:, None] * _GAMMA
_BLOCK = 4096  # shingles hashed at a time: 64 × 4,096 × 8 bytes = 2 MB


def word_count(text: str) -> int:
    """Words; where a script has no spaces, its characters over 1.7, rounded."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + round(unspaced / _CHARACTERS_A_WORD)


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
    unspaced = len(_UNSPACED.findall(lowered)) > len(lowered) / 4
    tokens = [c for c in lowered if c.isalnum()] if unspaced else _WORD.findall(lowered)
    if not tokens:
        return []
    size = min(len(tokens), _CHARACTERS_A_SHINGLE if unspaced else _WORDS_A_SHINGLE)
    codes = {token: _hash64(token) for token in set(tokens)}
    row = np.fromiter((codes[token] for token in tokens), dtype=np.uint64, count=len(tokens))
    shingles = np.zeros(len(tokens) - size + 1, dtype=np.uint64)
    for offset in range(size):
        shingles = _mix(shingles * _GAMMA + row[offset : offset + len(shingles)])
    shingles = np.unique(shingles)
    least = np.full(_SIGNATURE, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(shingles), _BLOCK):
        hashes = _mix(shingles[None, start : start + _BLOCK] + _SEEDS)
        least = np.minimum(least, hashes.min(axis=1))
    return [int(value) for value in least >> np.uint64(1)]


def _hash64(token: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )


def _mix(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))

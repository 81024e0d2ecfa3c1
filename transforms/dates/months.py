"""Names of the months in 94 languages, as one table: next to no name means two months."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

#: Written by `python -m tests.bench.months`.
TABLE = "months.json"

# Where months are numbers: Vietnamese, Chinese and Japanese, Korean, Mongolian.
_NUMBERED = ("thang {}", "{} 月", "{} 월", "{} сар", "{} сарын", "{} р сар", "{} р сарын")
# Months of the Persian calendar: in Persian, as said in Dari, in Pashto.
_PERSIAN = (
    "فروردین,حمل,وری|اردیبهشت,ثور,غویی|خرداد,جوزا,غبرگولی|تیر,سرطان,چنگاښ|مرداد,امرداد,اسد,زمری|شهریور,سنبله,وږی|"
    "مهر,میزان,تله|آبان,عقرب,لړم|آذر,قوس,لیندۍ|دی,جدی,مرغومی|بهمن,دلو,سلواغه|اسفند,حوت,کب"
)
# Letters that Arabic and Persian keyboards write differently; marks that are not seen.
_SAME = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "\u200c": None, "\u200e": None, "\u200f": None})


def fold(text: str) -> str:
    """Lower case without accents, vowel points and other marks that combine.

    >>> fold("Février")
    'fevrier'
    """
    text = text.casefold()
    if text.isascii():
        return text
    bare = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(bare).translate(_SAME))


@lru_cache(maxsize=128)
def months(language: str) -> Mapping[str, int]:
    """Folded name → month, of our calendar or the Persian one; `listopad` is as the language means it."""
    by_language, merged = _tables()
    return merged | by_language.get(language, {})


@lru_cache(maxsize=128)
def starts_of_months(language: str) -> frozenset[str]:
    """First words of the names of `months` that have several."""
    return frozenset(name.partition(" ")[0] for name in months(language) if " " in name)


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    text = files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
    by_language = {language: _numbered(names) for language, names in json.loads(text).items()}
    merged = _numbered(_PERSIAN) | {form.format(i): i for form in _NUMBERED for i in range(1, 13)}
    merged |= {form.format(f"0{i}"): i for form in _NUMBERED for i in range(1, 10)}
    for names in by_language.values():
        merged |= names
    return by_language, merged


def _numbered(names: str) -> dict[str, int]:
    return {fold(name): i for i, forms in enumerate(names.split("|"), 1) for name in forms.split(",")}

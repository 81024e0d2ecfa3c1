"""Language of a text: what it reads like, with the page's claim as a second voice."""

from __future__ import annotations

from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_GLANCE = 400  # characters; the model needs 0.4 ms for them, and a claim they bear out is right
_SAMPLE = 3_000  # characters; more changes nothing
_ENOUGH = 200  # bytes from which the text outweighs the claim: a sign of Chinese says more than a letter
_SURE, _CERTAIN = 0.9, 0.99
_NONE = "zxx"  # the model's word for tables, code and the like
#: Written so alike that a claim within the group is better evidence than n-grams.
_ALIKE = (
    {"bs", "cnr", "hr", "me", "sh", "sr"},
    {"id", "ms"},
    {"da", "nn", "no"},
    {"cs", "sk"},
    {"gl", "pt"},
    {"xh", "zu"},
)
#: Codes that are out of use or mistaken, and speech forms of one written language.
_TODAY = {
    "nb": "no",
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jp": "ja",
    "cn": "zh",
    "gr": "el",
    "ua": "uk",
    "kr": "ko",
    "fil": "tl",
    "ary": "ar",
    "arz": "ar",
    "grc": "el",
    "hbo": "he",
    "wuu": "zh",
    "yue": "zh",
}
_VARIED = {"ar", "el", "he", "zh"}  # those of which the model tells such forms apart


def language_of(text: str, claim: str | None) -> str | None:
    """ISO 639-1 code, or None where neither text nor claim says anything."""
    stated = claimed_language(claim)
    if not any(map(str.isalpha, text)):
        return stated
    middle = max(0, (len(text) - _GLANCE) // 2)  # openings quote, and speak of cookies
    found, confidence = _read(text[middle : middle + _GLANCE])
    is_plain = found == stated or (stated is None and confidence >= _CERTAIN)
    if len(text) > _GLANCE and not is_plain:
        found, confidence = _read(text[:_SAMPLE])
    if found == _NONE:
        return stated
    if stated is None or found == stated:
        return found
    if any(stated in group and found in group for group in _ALIKE):
        return stated
    says_enough = len(text[:_ENOUGH].encode("utf-8", "replace")) >= _ENOUGH
    return found if says_enough and confidence >= _SURE else stated


def claimed_language(claim: str | None) -> str | None:
    """The language of a tag such as `en-US` or `pt_BR`; None if it is no such tag."""
    code = (claim or "").strip().lower().replace("_", "-").split("-")[0]
    return _TODAY.get(code, code) if len(code) in {2, 3} and code.isalpha() and code.isascii() else None


def _read(text: str) -> tuple[str, float]:
    """(language, confidence between 0 and 1)."""
    code, chance = _identifier().classify(text)
    found = _TODAY.get(code, code)
    if found in _VARIED:
        chance = sum(one for code, one in _identifier().rank(text) if _TODAY.get(code, code) == found)
    return found, chance


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

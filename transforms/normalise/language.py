"""Language of a text: what it reads like, with the page's claim as a second voice."""

from __future__ import annotations

from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_SAMPLE = 3_000  # characters; more changes nothing
_ENOUGH = 200  # characters from which the text outweighs the claim
_SURE = 0.9
#: Written so alike that a claim within the group is better evidence than n-grams.
_ALIKE = (
    {"bs", "hr", "me", "sh", "sr"},
    {"id", "ms"},
    {"da", "nb", "nn", "no"},
    {"cs", "sk"},
    {"gl", "pt"},
    {"xh", "zu"},
)
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
}


def language_of(text: str, claim: str | None) -> str | None:
    """ISO 639-1 code, or None where neither text nor claim says anything."""
    stated = claimed_language(claim)
    if not any(map(str.isalpha, text)):
        return stated
    found, confidence = _identifier().classify(text[:_SAMPLE])
    found = _TODAY.get(found, found)
    if stated is None or found == stated:
        return str(found)
    if any(stated in group and found in group for group in _ALIKE):
        return stated
    return str(found) if len(text) >= _ENOUGH and confidence >= _SURE else stated


def claimed_language(claim: str | None) -> str | None:
    """The language of a tag such as `en-US` or `pt_BR`; None if it is no such tag."""
    code = (claim or "").strip().lower().replace("_", "-").split("-")[0]
    return _TODAY.get(code, code) if len(code) in {2, 3} and code.isalpha() and code.isascii() else None


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

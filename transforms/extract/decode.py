"""Bytes and what was said about them → text. Evidence in the bytes outranks what is claimed."""

from __future__ import annotations

import re
from codecs import utf_8_decode
from collections.abc import Sequence

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

from transforms.normalise.language import language_of

_MOST_BYTES = 12_000_000  # the largest of 2,550 real pages has 3.1 million
# Markup and ASCII words say nothing about the charset and would drown what does. What is not closed runs
# to the end: to look for its end from every start would take minutes.
_MARKUP = re.compile(rb"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^>]*>?", re.DOTALL | re.IGNORECASE)
_FOREIGN = re.compile(rb"\S*[\x80-\xff]\S*")
_SEARCHED_BYTES, _SAMPLE_BYTES = 400_000, 20_000
_FEWEST = 8  # bytes beyond ASCII that say anything
_MUCH = 0.1  # of the ASCII letters; fewer, and none within a word, are damage if the page says it is UTF-8
_IN_WORD = rb"[A-Za-z][\x80-\xff]+[A-Za-z]"
_FEW_WRONG = 0.1  # share of the characters beyond ASCII that a cut or spliced page gets wrong
# A byte of another charset among ASCII letters, as `surrogateescape` shows it; and any wrong byte.
_STRAY = re.compile(r"(?<=[A-Za-z])[\udc80-\udcff](?=[ -~])|(?<=[ -~])[\udc80-\udcff](?=[A-Za-z])")
_WRONG = re.compile(r"[\udc80-\udcff]+")
# ASCII on the wire: valid UTF-8, and yet something else.
_DISGUISED = ("iso2022", "hz")
# Not believed: bytes tell UTF-16 by themselves, and browsers read UTF-7 no more.
_UNBELIEVED = ("utf-16", "utf_16", "utf-32", "utf_32", "utf-7", "utf_7")
_NOT_LATIN = (
    *("cp1251", "cp1253", "cp1255", "cp1256", "koi8_r"),
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
)
# Alike in most bytes: the language tells them apart, not the shape of the letters.
_LATIN = re.compile(
    r"(cp|windows[-_]?)(125[02478])$|(iso-?|latin)[-_]?(8859[-_])?(\d|9|1[03456])$|mac[-_]roman"
)
_CENTRAL_EUROPEAN = {"bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq"}


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Text of a page, and what said so: `bom:…`, `utf-8`, `header:…`, `meta:…` or `detected:…`.

    Never raises: bytes that fit nothing become U+FFFD. What lies beyond 12 MB is not read.
    """
    whole = len(body) <= _MOST_BYTES
    body = body[:_MOST_BYTES]
    bom_encoding, bom = read_bom(body)
    if bom_encoding is not None and bom is not None:
        return to_unicode(body[len(bom) :], bom_encoding), f"bom:{bom_encoding}"
    claims: dict[str, str] = {}
    for source, name in (
        ("header", http_content_type_encoding(content_type)),
        ("meta", html_body_declared_encoding(body[:8192])),
    ):
        if name and not name.startswith(_UNBELIEVED):
            claims.setdefault(name, source)
    if wide := _wide(body):
        return to_unicode(body, wide), f"detected:{wide}"
    if not any(name.startswith(_DISGUISED) for name in claims):
        try:
            return utf_8_decode(body, "strict", whole)[0], "utf-8"
        except UnicodeDecodeError:
            pass
        if (text := _mostly_utf_8(body)) is not None:
            return text, "utf-8"
    said = claims.pop("utf-8", None)
    visible = _MARKUP.sub(b" ", body[:_SEARCHED_BYTES])
    words = b" ".join(_FOREIGN.findall(visible))[:_SAMPLE_BYTES]
    credible = [name for name in claims if _fits(body, name)]
    foreign = len(re.findall(rb"[\x80-\xff]", words))
    if said and foreign < _MUCH * len(re.findall(rb"[A-Za-z]", visible)) and not re.search(_IN_WORD, words):
        return to_unicode(body, "utf-8"), f"{said}:utf-8"
    if foreign < _FEWEST:
        name = credible[0] if credible else "cp1252"
    elif len(re.findall(rb"[A-Za-z]", words)) >= foreign:
        name = _latin(visible[:_SAMPLE_BYTES], [name for name in credible if _LATIN.match(name)])
    else:
        name = _not_latin(words, [name for name in credible if not _LATIN.match(name)])
    return to_unicode(body, name), f"{claims.get(name, 'detected')}:{name}"


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its ASCII characters is null."""
    start = body[:2_000]
    high, low = start[::2].count(0), start[1::2].count(0)
    if max(high, low) <= len(start) / 20 or min(high, low) > len(start) / 100:
        return None
    return "utf-16-be" if high > low else "utf-16-le"


def _mostly_utf_8(body: bytes) -> str | None:
    """UTF-8 in which some characters are cut, or bytes of another charset were pasted."""
    text = body.decode("utf-8", "surrogateescape")
    wrong = len(text) - len(_WRONG.sub("", text))
    if wrong > _FEW_WRONG * (len(text) - len(text.encode("ascii", "ignore"))):
        return None
    pasted = _STRAY.sub(lambda byte: bytes([ord(byte[0]) - 0xDC00]).decode("cp1252", "replace"), text)
    return _WRONG.sub("\ufffd", pasted)


def _fits(body: bytes, name: str) -> bool:
    """Whether next to all bytes are characters in a charset."""
    text = to_unicode(body[:_SEARCHED_BYTES], name)
    return text.count("\ufffd") <= _FEW_WRONG * (len(text) - len(text.encode("ascii", "ignore")))


def _latin(visible: bytes, credible: Sequence[str]) -> str:
    """The Latin charset that is claimed, or that the language is written in.

    Servers say Windows-1252 (or ISO 8859-1, its alias) when they know nothing.
    """
    if knowing := [name for name in credible if name != "cp1252"]:
        return knowing[0]
    language = language_of(visible.decode("cp1252", "replace"), None)
    if language in _CENTRAL_EUROPEAN:
        # ISO 8859-2 has control characters where Windows-1250 has quotes, ś, š and ž.
        return "cp1250" if re.search(rb"[\x80-\x9f]", visible) else "iso8859_2"
    return "cp1254" if language == "tr" else "cp1252"


def _not_latin(words: bytes, credible: Sequence[str]) -> str:
    """The claim, or which of several charsets gives letters that belong together."""
    if len(credible) == 1:
        return credible[0]
    best = from_bytes(words, cp_isolation=list(credible or _NOT_LATIN)).best()
    return best.encoding if best else [*credible, "cp1252"][0]

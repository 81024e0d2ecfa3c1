"""Bytes and what was said about them → text. Evidence in the bytes outranks what the server claims."""

from __future__ import annotations

import re

import py3langid
from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, to_unicode

# Markup and ASCII words say nothing about the charset and would drown what does.
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_FOREIGN = re.compile(rb"\S*[\x80-\xff]\S*")
_SAMPLE_BYTES = 20_000
_FEW_WRONG = 0.02  # share of the non-ASCII characters that a cut or spliced UTF-8 page gets wrong
_LIKELY = [
    *("cp1251", "cp1252", "cp1250", "cp1256", "cp1253", "cp1254", "cp1255", "koi8_r", "iso8859_2"),
    *("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"),
]
# Alike in most bytes: the language tells them apart better than the shape of the letters.
_LATIN = {"cp1250", "cp1252", "cp1254", "iso8859_2"}
_CENTRAL_EUROPEAN = {"bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq"}


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Text of a page, and what said so: `bom:…`, `utf-8`, `header:…`, `meta:…` or `detected:…`.

    Never raises: bytes that fit nothing become U+FFFD.
    """
    encoding, bom = read_bom(body)
    if encoding is not None and bom is not None:
        return to_unicode(body[len(bom) :], encoding), f"bom:{encoding}"
    declared = {
        "header": http_content_type_encoding(content_type),
        "meta": html_body_declared_encoding(body[:8192]),
    }
    claims = [(source, name) for source, name in declared.items() if name]
    # ISO-2022 and HZ are ASCII on the wire: valid UTF-8, and yet something else.
    if not any(name.startswith(("iso2022", "hz", "utf-16", "utf_16")) for _, name in claims):
        try:
            return body.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    for source, name in claims:
        try:
            return body.decode(name), f"{source}:{name}"
        except (UnicodeDecodeError, LookupError):
            continue
    mended = body.decode("utf-8", "replace")
    if mended.count("\ufffd") <= _FEW_WRONG * sum(not c.isascii() for c in mended):
        return mended, "utf-8"
    if claims:
        source, name = claims[0]
        return to_unicode(body, name), f"{source}:{name}"
    return _detected(body)


def _detected(body: bytes) -> tuple[str, str]:
    words = _MARKUP.sub(b" ", body[: 20 * _SAMPLE_BYTES])
    best = from_bytes(b" ".join(_FOREIGN.findall(words))[:_SAMPLE_BYTES], cp_isolation=_LIKELY).best()
    encoding = best.encoding if best else "cp1252"
    if encoding in _LATIN:
        language = py3langid.classify(words.decode("cp1252", "replace")[:_SAMPLE_BYTES])[0]
        if language in _CENTRAL_EUROPEAN:
            # ISO 8859-2 has control characters where Windows-1250 has quotes, ś, š and ž.
            encoding = "cp1250" if re.search(rb"[\x80-\x9f]", words) else "iso8859_2"
        else:
            encoding = "cp1254" if language == "tr" else "cp1252"
    return to_unicode(body, encoding), f"detected:{encoding}"

"""Text made comparable: one form for what looks the same, nothing a reader would miss."""

from __future__ import annotations

import html
import re
import unicodedata
from hashlib import sha256

# Soft hyphen, zero-width space, word joiner, byte order mark, and controls. The zero-width joiners stay:
# Persian, Indic scripts and emoji need them; so do the marks that order right-to-left text.
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\ufffe\uffff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES = re.compile(r"[^\S\n\u3000]+")  # the ideographic space is punctuation
_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)


def clean_text(raw: str) -> str:
    """Paragraphs, one a line: NFC, plain spaces, no invisible characters, no empty lines.

    Entities are not touched here: the parser has decoded them once, and what is left was meant.
    """
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", raw)).replace("\u2028", "\n").replace("\u2029", "\n")
    lines = (_SPACES.sub(" ", line).strip() for line in re.split(r"[\n\r\x0b\x0c\x85]+", text))
    return "\n".join(line for line in lines if line)


def clean_line(raw: str) -> str:
    """A field of one line; entities left over from being encoded twice (heads and JSON-LD) are decoded."""
    return clean_text(_ENTITY.sub(lambda match: html.unescape(match.group()), raw)).replace("\n", " ")


def folded(text: str) -> str:
    """Letters and digits only, without case or compatibility forms."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def digest(*parts: str) -> str:
    """SHA-256 of parts, hex."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

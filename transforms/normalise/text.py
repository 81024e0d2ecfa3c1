"""Text made comparable: one form for what looks the same, nothing a reader would miss."""

from __future__ import annotations

import html
import re
import unicodedata
from hashlib import sha256

from ftfy import fix_encoding

# Soft hyphen, zero-width space, invisible operators, byte order mark, anchors, controls, lone surrogates.
_UNSEEN = re.compile(
    "[\u00ad\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff\ud800-\udfff"
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
# Joiners shape letters of Arabic, Indic and their neighbours, and emoji; behind any other they say nothing.
_IDLE_JOINER = re.compile(
    "(?<![\u0600-\u1cff\u203c-\u3299\ufb50-\ufdff\ufe0f\ufe70-\ufefc\U00010a00-\U00011fff\U0001f000-\U0001faff])"
    "[\u200c\u200d]"
)
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NESTING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CLOSED_BY = dict.fromkeys("\u202a\u202b", "\u202c") | dict.fromkeys("\u2066\u2067\u2068", "\u2069")
# Unicode's stream-safe format has 30 marks on a letter at most; to sort 40,000 takes seconds.
_MARKS = "".join(filter(unicodedata.combining, map(chr, range(0x300, 0x10000))))
_PILED = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")
_LIGATURE = re.compile("[\ufb00-\ufb06\ufb13-\ufb17]")
_SPACES = re.compile(r"[^\S\u3000]+")  # the ideographic space is punctuation
_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)

# What UTF-8 read as a single-byte charset shows: a capital or accented letter before a character that
# ends no word. It is in 4 % of the lines that are not ASCII, and ftfy's own test costs ten times as much.
_SUSPECT = re.compile(
    "[^\x00-\x7f](?:(?<=[\x80-\x84\x86-\x9f])|(?<=[À-ß])[\x80-\xbfŒœŠšŽžŸƒ\u02c6\u02dc\u2010-\u2122]|(?<=[ÂÃ]) |"
    r"(?<=\w)[^\x00-\x7f\w\s»”’“…–—])"
)
# One letter alone of a script whose letters take three bytes: a chance find in quotes and accents.
_CHANCE = re.compile(
    r"(?<![\u0800-\u1fff\u2e80-\ud7ff])[\u0800-\u1dff\u3040-\ud7ff](?![\u0800-\u1fff\u2e80-\ud7ff])"
)
_BETWEEN = re.compile(r"[^a-z0-9\s\w]++")  # ASCII first: it is told faster
_LONGEST_MENDED = 20_000  # characters of a line


def clean_text(raw: str) -> str:
    """Paragraphs, one a line: mojibake mended, NFC, plain spaces, no invisible characters, no empty lines.

    Entities are not touched here: the parser has decoded them once, and what is left was meant.
    """
    return "\n".join(line for part in raw.splitlines() if (line := _clean(part)))


def clean_line(raw: str) -> str:
    """A field of one line; entities left over from being encoded twice (heads and JSON-LD) are decoded."""
    if "&" in raw:
        raw = _ENTITY.sub(lambda match: html.unescape(match.group()), raw)
    return _clean(" ".join(raw.splitlines()))


def folded(text: str) -> str:
    """Letters and digits only, without case or compatibility forms."""
    return "".join(bare_words(text))


def bare_words(text: str) -> list[str]:
    """What stands between white space, `folded`."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold().replace("_", "")).split()


def digest(*parts: str) -> str:
    """SHA-256 of parts, hex."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _clean(line: str) -> str:
    """One line; what a step uncovers is cleaned too, so that a clean line stays as it is."""
    if line.isascii() and line.isprintable():
        return " ".join(line.split())
    before = None
    while line != before:
        before = line
        if len(line) <= _LONGEST_MENDED and _SUSPECT.search(line):
            line = _mended(line)
        line = unicodedata.normalize("NFC", _PILED.sub(r"\1", line))
        line = _LIGATURE.sub(_spelt_out, line)
        if not line.isprintable():
            line = _without_idle_marks(_UNSEEN.sub("", line))
            line = _SPACES.sub(" ", line).strip()
    return _SPACES.sub(" ", line).strip() if "  " in line else line.strip()


def _mended(line: str) -> str:
    """UTF-8 that was read as another charset, once or twice, put right where that is sure."""
    mended = fix_encoding(line)
    return line if _CHANCE.search(mended) else mended


def _spelt_out(ligature: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", ligature.group())


def _without_idle_marks(line: str) -> str:
    """No joiners between letters that do not join, no marks of direction where nothing runs both ways.

    Overrides and embeddings that are not closed are dropped: they would turn the text that follows.
    """
    line = _IDLE_JOINER.sub("", line)
    if not _RIGHT_TO_LEFT.search(line):
        return _DIRECTION.sub("", line)
    return line if _is_balanced(_NESTING.findall(line)) else _NESTING.sub("", line)


def _is_balanced(marks: list[str]) -> bool:
    awaited: list[str] = []
    for mark in marks:
        if mark in _CLOSED_BY:
            awaited.append(_CLOSED_BY[mark])
        elif not awaited or awaited.pop() != mark:
            return False
    return not awaited

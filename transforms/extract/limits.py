"""Markup that no newspaper prints and no parser survives, found before it is parsed.

lexbor needs time that grows with the square of the depth, of the options of a list and of the attributes of
a tag, and memory that grows with the square of the formatting left open: 3,000 unclosed fonts took 1.6 GB.
The largest of 2,550 real pages has 2.2 million characters without its scripts, or 25,097 tags; the deepest
has 181 levels by the count below, and formatting left open times tags is 21,210 at most.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from schemas.errors import Reject

MOST_CHARACTERS = 2_500_000
_MOST_TAGS = 40_000
_HARMLESS_TAGS = 12_000  # nested in each other they take 0.4 s
_FEW_TAGS = 2_000  # left open they make half a million nodes: 190 MB
_DEEPEST, _MOST_OPTIONS, _MOST_ATTRIBUTES, _MOST_REOPENED = 500, 10_000, 5_000, 600_000
_LONG_TAG = 10_000  # characters

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# Elements without an end, or whose end is commonly left out.
_NEVER_DEEP = frozenset(
    [
        "a",
        "area",
        "base",
        "br",
        "col",
        "colgroup",
        "dd",
        "dt",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "li",
        "link",
        "meta",
        "p",
        "param",
        "rp",
        "rt",
        "source",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "track",
        "wbr",
    ]
)
# What is still open when a block ends is opened again in the next: three times if it is the same. Capitals
# are spelt out because ignoring case takes four times as long.
_FORMATTING = (
    r"(?:[bisuBISU]|[eE][mM]|[tT][tT]|[bB][iI][gG]|[cC][oO][dD][eE]|[fF][oO][nN][tT]|[nN][oO][bB][rR]|"
    r"[sS][mM][aA][lL]{2}|[sS][tT][rR][iI][kK][eE]|[sS][tT][rR][oO][nN][gG])(?=[\s>/])"
)
_FORMATTING_STARTS = re.compile(f"<{_FORMATTING}")
_FORMATTING_TAGS = re.compile(f"<(/?)({_FORMATTING})([^<>]*)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def bounded(text: str) -> str:
    """The text as far as it is read: 2.5 million characters, 40,000 tags.

    Raises `Reject` where the tags would take a parser minutes, or gigabytes.
    """
    text = text[:MOST_CHARACTERS]
    tags = text.count("<")
    if tags > _MOST_TAGS:
        text = text[: len(text) - len(text.split("<", _MOST_TAGS)[-1]) - 1]
        tags = _MOST_TAGS
    if tags > _HARMLESS_TAGS:
        _refuse_deep(text)
    if tags > _FEW_TAGS and len(_FORMATTING_STARTS.findall(text)) * tags > _MOST_REOPENED:
        _refuse_reopened(text, tags)
    if any(text.find(">", at, at + _LONG_TAG) < 0 for at in range(0, len(text) - _LONG_TAG, _LONG_TAG)):
        _refuse_attributes(text)
    return text


def _refuse_deep(text: str) -> None:
    is_open: Counter[str] = Counter()
    depth = options = 0
    for closes, written in _TAG.findall(text):
        name = written.lower()
        if name in _NEVER_DEEP:
            continue
        if not closes:
            is_open[name] += 1
            depth += 1
            options += name == "option"
        elif is_open[name]:
            is_open[name] -= 1
            depth -= 1
        if depth > _DEEPEST or options > _MOST_OPTIONS:
            raise Reject(f"more than {_DEEPEST} elements in each other, or {_MOST_OPTIONS} options")


def _refuse_reopened(text: str, tags: int) -> None:
    is_open: defaultdict[str, list[str]] = defaultdict(list)
    count = 0
    for closes, written, attributes in _FORMATTING_TAGS.findall(text):
        alike = is_open[written.lower()]
        if closes and alike:
            alike.pop()
            count -= 1
        elif not closes and alike.count(attributes) < 3:
            alike.append(attributes)
            count += 1
        if count * tags > _MOST_REOPENED:
            raise Reject(f"{count} formatting elements left open, among {tags} tags")


def _refuse_attributes(text: str) -> None:
    for piece in text.split(">"):
        tag = piece[piece.rfind("<") :]
        if not (len(tag) > _LONG_TAG and _TAG.match(tag)):
            continue
        if (count := len(_QUOTED.sub("", tag).split())) > _MOST_ATTRIBUTES:
            raise Reject(f"{count} attributes in one tag")

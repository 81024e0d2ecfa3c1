"""What an article is, from what it calls itself, its section and its address."""

from __future__ import annotations

import re

from schemas.vocabulary import Kind

_STATED = (
    (re.compile(r"liveblog", re.IGNORECASE), Kind.LIVE),
    (re.compile(r"opinion|editorial", re.IGNORECASE), Kind.OPINION),
    (re.compile(r"gallery", re.IGNORECASE), Kind.GALLERY),
    (re.compile(r"video", re.IGNORECASE), Kind.VIDEO),
    (re.compile(r"press-?release", re.IGNORECASE), Kind.PRESS_RELEASE),
)
_PLACES = (
    (
        re.compile(
            r"(^|[/\W_])(opinions?|comment(ary|isfree)?|kommentare?|meinung|opinión|tribunes?|editorials?|colum(ns|nistas)|мнени[ея]|رأي|社説|社论)([/\W_]|$)",
            re.IGNORECASE,
        ),
        Kind.OPINION,
    ),
    (
        re.compile(
            r"(^|[/\W_])(live|liveblog|live-?ticker|newsticker|en-direct|en-vivo)([/\W_]|$)", re.IGNORECASE
        ),
        Kind.LIVE,
    ),
    (
        re.compile(
            r"(^|[/\W_])(press-?releases?|pressemitteilung(en)?|prnewswire|business-?wire)([/\W_]|$)",
            re.IGNORECASE,
        ),
        Kind.PRESS_RELEASE,
    ),
)


def kind_of(stated: str | None, section: str | None, path: str, agency: str | None) -> Kind:
    """The kind; `path` is that of the canonical URL, `agency` whom the text comes from."""
    for pattern, kind in _STATED:
        if stated and pattern.search(stated):
            return kind
    for pattern, kind in _PLACES:
        if pattern.search(section or "") or pattern.search(path):
            return kind
    return Kind.WIRE if agency else Kind.ARTICLE

"""What an article is: from the types it claims, its labels, its sections and its address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from schemas.vocabulary import Kind
from transforms.genres import kind_of_label, kind_of_path

# schema.org and Open Graph types, and what extract sees in the form of the page.
_TYPES = (
    (re.compile(r"live-?blog|live report", re.IGNORECASE), Kind.LIVE),
    (re.compile(r"press-?release", re.IGNORECASE), Kind.PRESS_RELEASE),
    (re.compile(r"opinion|editorial", re.IGNORECASE), Kind.OPINION),
    (re.compile(r"gallery", re.IGNORECASE), Kind.GALLERY),
    (re.compile(r"^video", re.IGNORECASE), Kind.VIDEO),
)
_WRITTEN = re.compile(r"(article|posting|news)$", re.IGNORECASE)
_FEW_WORDS = 150  # a page with more has an article beside its video or pictures


def kind_of(
    types: Iterable[str], labels: Iterable[str], path: str, agency: str | None, word_count: int
) -> Kind:
    """The kind of an article.

    `labels` stand with the headline or name a section, `path` is that of the canonical URL, `agency` whom the
    text comes from. What is shown as a video or a gallery and tells a story in words is an article.
    """
    types = [*types]
    claimed = [kind for type_ in types for pattern, kind in _TYPES if pattern.search(type_)]
    named = [*map(kind_of_label, labels), kind_of_path(path)]
    for kind in (Kind.LIVE, Kind.PRESS_RELEASE, Kind.OPINION):
        if kind in claimed or kind in named:
            return kind
    is_written = any(_WRITTEN.search(type_) for type_ in types)
    for kind in (Kind.VIDEO, Kind.GALLERY):
        if word_count < _FEW_WORDS and (kind in named or (kind in claimed and not is_written)):
            return kind
    return Kind.WIRE if agency else Kind.ARTICLE

"""Tags as stated → tags: parted, without those a CMS keeps for itself, each once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.normalise.text import clean_line, folded

_COMMA = re.compile(r"[,;|、،，；]")
# "@meter", "_index", "type: news", "layout_wide", a UUID: a newsroom's own switches.
_SWITCH = re.compile(
    r"^[@_]|^(type|section|category|format|template|layout|tag)\s?[:_]|^[0-9a-f-]{32,36}$", re.IGNORECASE
)
_MOST, _LONGEST = 50, 80


def tags_of(stated: Sequence[str]) -> list[str]:
    """Up to 50 tags, in the order stated. One statement may hold several; of several, each is one.

    >>> tags_of(["harbour, storm, Harbour, @meter"])
    ['harbour', 'storm']
    >>> tags_of(["Paris, Texas", "storm"])
    ['Paris, Texas', 'storm']
    """
    parts = _COMMA.split(stated[0]) if len(stated) == 1 else stated
    found: dict[str, str] = {}
    for part in parts:
        tag = clean_line(part).lstrip("#").strip()
        if tag and len(tag) <= _LONGEST and not _SWITCH.search(tag):
            found.setdefault(folded(tag) or tag, tag)
    return list(found.values())[:_MOST]

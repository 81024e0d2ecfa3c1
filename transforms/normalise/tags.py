"""Tags as stated → tags: parted, without those a CMS keeps for itself, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from transforms.genres import is_vague
from transforms.normalise.text import clean_line, folded

_COMMA = re.compile(r"[,;|、،，；]")
# "@meter", "_index", "type: news", "layout_wide", "Main Category: x", a UUID: a newsroom's own switches.
_SWITCH = re.compile(
    r"^[@_]|"
    r"^([\w-]+ ){0,2}(type|section|category|format|template|layout|tag|brand|region|page|subject|path|clone)\s?[:_]|"
    r"^[0-9a-f-]{32,36}$",
    re.IGNORECASE,
)
_MOST, _LONGEST = 50, 80
_WORD = re.compile(r"\w+")
_ENOUGH = 500  # letters of a text that has a word of most of its keywords
_STEM = 5  # letters that forms of a word share
_FEWEST = 4  # tags from which they can be told from the site's words, or the title's
_SHARE = 0.4  # of the keywords of an article that its text has a word of, at least


def tags_of(stated: Sequence[str], title: str = "", own: Iterable[str] = ()) -> list[str]:
    """Up to 50 tags, in the order stated. One statement may hold several; of several, each is one.

    Left out: the title, its words cut at spaces, the outlet (`own` names), and what fits every article.

    >>> tags_of(["harbour, storm, Harbour, @meter"])
    ['harbour', 'storm']
    >>> tags_of(["Paris, Texas", "storm"])
    ['Paris, Texas', 'storm']
    """
    parts = _COMMA.split(stated[0]) if len(stated) == 1 else stated
    untold = {folded(name) for name in (title, *own)} - {""}
    found: dict[str, str] = {}
    for part in parts:
        tag = clean_line(part).lstrip("#").strip()
        is_tag = tag and len(tag) <= _LONGEST and not _SWITCH.search(tag) and not is_vague(tag)
        if is_tag and (name := folded(tag) or tag) not in untold:
            found.setdefault(name, tag)
    is_title = len(found) >= _FEWEST and set(found) <= set(map(folded, title.split()))
    return [] if is_title else list(found.values())[:_MOST]


def are_sites(keywords: Sequence[str], text: str) -> bool:
    """Whether keywords are those of the whole site: of several, the text has next to none."""
    if len(keywords) < _FEWEST or len(letters := folded(text)) < _ENOUGH:
        return False
    told = sum(any(word[:_STEM] in letters for word in _WORD.findall(tag.casefold())) for tag in keywords)
    return told < _SHARE * len(keywords)

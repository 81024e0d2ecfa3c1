"""Author statements → people, in the order stated."""

from __future__ import annotations

import re
from collections.abc import Iterable

from transforms.normalise.syndication import is_agency
from transforms.normalise.text import clean_line, folded

_BY = r"by|von|par|por|door|от|автор(?:ы)?|przez|autor(?:es)?|текст|بقلم|作者|撰文|文|(?-i:de|di|da|av|af|od)"
_CREDITED = (
    r"(?:written|posted|published|reported|reviewed|edited|words?|story|report|text|by-?line|author(?:s|ed)?|auteur|"
    r"autor(?:es|as|en)?|автор(?:ы)?|текст|كتبت?|記者|기자)"
)
_LEAD = re.compile(
    rf"^\W*(?:{_CREDITED}\s*(?:(?:by|von|par|por)\b|[:：/])\s*|(?:{_BY})\s*[:：/・\s]\s*)+", re.IGNORECASE
)
# In lower case only: "João E Silva" is one person.
_AND = re.compile(
    r"\s*(?:[;/、،\n]|\s(?:&|and|und|et|och|og|en|ja|ve|with|mit|avec|con|(?-i:y|e|i|и))(?=\s))\s*",
    re.IGNORECASE,
)
_ROLE = re.compile(r"\s*[|•·]|\s[-–—]\s|\s\d")  # what follows is a role, an employer or a date
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|(?<!\w)@\w+")
_TAIL = re.compile(r"\s*\([^)]*\)|\s*\[[^\]]*\]|[\s,.:;|•·–—/-]+$|\s+(기자|記者)$")
_NOBODY = re.compile(
    r"^(by|von|par|por|de|от|admin(istrator)?|author|guest|staff|editor(s|ial)?|reporter|redaktion|redacción|redação|none|null|unknown|"
    r"anonymous|web ?desk|news ?desk|online|contributor|posted|published|follow|share|\d+)$",
    re.IGNORECASE,
)
_LONGEST_NAME = 60
_MOST = 30


def people_in(statements: Iterable[str], outlet: str | None = None) -> list[str]:
    """Names, each once: no "By", no addresses, no roles after a comma, not the outlet itself."""
    found: dict[str, str] = {}
    for statement in statements:
        for part in _AND.split(_LEAD.sub("", _ADDRESS.sub(" ", clean_line(statement)))):
            for name in _names(part):
                if outlet is None or folded(name) != folded(outlet):
                    found.setdefault(folded(name), name)
    return list(found.values())[:_MOST]


def _names(part: str) -> list[str]:
    """Names in a part without conjunctions: all of `Ann Lee, Bo Ray`, the first of `Ann Lee, Reporter`."""
    pieces = [name for piece in _ROLE.split(part.strip(" |•·-–—"))[0].split(",") if (name := _trimmed(piece))]
    if len(pieces) > 1 and not all(
        len(piece.split()) in {2, 3} and not is_agency(piece) for piece in pieces[1:]
    ):
        pieces = pieces[:1]
    return [piece for piece in pieces if len(piece) <= _LONGEST_NAME and not _NOBODY.match(piece)]


def _trimmed(name: str) -> str:
    name = _LEAD.sub("", name.strip())
    while (shorter := _TAIL.sub("", name)) != name:
        name = shorter
    return name.strip(" \"'*.,:;|-–—") if any(map(str.isalpha, name)) else ""

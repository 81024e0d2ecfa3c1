"""The agency a text comes from, where the text, its credit line or its byline says so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from transforms.normalise.text import folded

# "ROME (Agency) – " opens an agency's text in every language.
_DATELINE = re.compile(r"^(?P<place>[^\n()]{0,60})\((?P<agency>[^()\n]{2,30})\)\.?\s*(?P<mark>[-–—:])")
_CALL_SIGN = re.compile(r"[KW][A-Z]{2,3}(?:-TV)?")  # of a station in the United States
_CREDIT_WORDS = (
    r"agenc(?:y|e|ia|ies)|agentur(?:en)?|agenzia|agentschap|byrå|news agency|wire|агентство|وكالة|المصدر|通信社|配信|"
    r"source|quelle|fuente|fonte|bron|źródło|источник|出典|来源"
)
_CREDIT = re.compile(rf"^\W*(?:{_CREDIT_WORDS})\s*[:：/]\s*(.{{2,40}}?)\W*$", re.IGNORECASE | re.MULTILINE)
_CLOSING = re.compile(r"\(([^()\n]{2,40})\)\W*$")
_PIECES = re.compile(
    r"\s*[,;|()]\s*|\s+(?:[-–—&]|and|und|et|y|e|i|og|och|en|with|mit|avec|con)\s+", re.IGNORECASE
)
_BY = re.compile(
    r"^\W*(?:(?:by|von|par|por|door|av|af|di|from|source|quelle|fuente|fonte)\b\s*:?\s*)+", re.IGNORECASE
)
# Known by their initials, in capitals or in small letters; and by their names, however they are written.
_INITIALS = re.compile(
    r"ap|afp|dpa|efe|ansa|tass|pti|ani|ians|uni|apa|sda|ats|ntb|tt|stt|anp|ctk|čtk|pap|mti|upi|sid|kna|epd|cp|aap|pa|"
    r"sapa|nan|rtr|aa|iha|dha|agi|bns|elta|leta|sta|hina|fena|bta|tasr|sita|irna|isna|wafa|spa|kuna|wam|qna|sana|mena|"
    r"aps|vna|cna|тасс|риа|унн"
)
_NAMES = re.compile(
    r"reuters|associated press|agence france-presse|france presse|deutsche presse-agentur|press association|pa media|"
    r"interfax(?:-ukraine)?|xinhua|kyodo|jiji(?: press)?|yonhap|keystone-sda|dpa-afx|dpa-infocom|ritzau|lusa|belga|"
    r"agerpres|anadolu|europa press|bloomberg|canadian press|la presse canadienne|antara|bernama|austria presse|"
    r"adnkronos|askanews|italpress|telam|télam|prensa latina|notimex|colpisa|servimedia|kathpress|tanjug|lehtikuva|"
    r"ria novosti|ukrinform|unian|panapress|press trust of india|united press international|itar-tass|"
    r"интерфакс|риа новости|укринформ|رويترز|فرانس برس|新华社|新華社|中新社|共同通信|時事通信|연합뉴스|뉴시스|뉴스1"
)
_GENERIC = re.compile(
    r"\b(?:the|news|agency|agencia|agência|agence|agentur|agenzia|ajansı|haber|agentschap|wire|staff|service)\b\s*"
)


def agency_in(text: str, authors: list[str], credit_lines: list[str], own: Iterable[str] = ()) -> str | None:
    """From a dateline `PLACE (Agency) –`, a credit line, a closing `(dpa/AFP)`, or an agency in a byline.

    `authors` are statements of authors or names; `credit_lines` are lines the page marks as credits; `own` are names
    of the outlet: stations open their own texts as agencies do.
    """
    found = _credited(text, authors, credit_lines)
    is_own = found and not is_agency(found) and any(folded(found) in folded(name) for name in own)
    return None if is_own else found


def _credited(text: str, authors: list[str], credit_lines: list[str]) -> str | None:
    if (match := _DATELINE.match(text)) and (is_agency(match["agency"]) or _is_dateline(**match.groupdict())):
        return match["agency"].strip()
    if match := next(filter(None, map(_CREDIT.search, [*credit_lines, text[-300:]])), None):
        return match[1].strip()
    if (match := _CLOSING.search(text[-60:])) and is_agency(match[1]):
        return match[1].strip()
    pieces = (piece for author in authors for piece in _PIECES.split(_BY.sub("", author)))
    return next((piece.strip() for piece in pieces if is_agency(piece)), None)


def _is_dateline(place: str, agency: str, mark: str) -> bool:
    """Whether there are only names in it: no ordinary words, in scripts that have small letters for them.

    Before a colon, brackets hold the district of a place.
    """
    return (
        len(place) > 1
        and mark != ":"
        and not agency[0].islower()
        and not _CALL_SIGN.fullmatch(agency)
        and not any(w[0].islower() and len(w) > 3 for w in place.split())
    )


def is_agency(name: str) -> bool:
    """Whether a name is that of a news agency known by name: `dpa`, `AFP/AP`, `Reuters Staff`, `Agencia EFE`."""
    core = _GENERIC.sub("", name.strip().casefold()).strip()
    if _NAMES.fullmatch(core) or _INITIALS.fullmatch(core):
        return True
    first, *others = re.split(r"[/\s+-]+", name.strip())
    is_acronym = _INITIALS.fullmatch(first.casefold()) and (first.isupper() or first.islower())
    is_branch = len(first) > 2 and first.isupper() and not name.isupper()
    return bool(is_acronym and others and ("/" in name or is_branch))

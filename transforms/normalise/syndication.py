"""The agency a text comes from, where the text or its credit line says so."""

from __future__ import annotations

import re

# "ROME (Agency) – " opens an agency's text in every language.
_DATELINE = re.compile(r"^[^\n()]{2,60}\(([^()\n]{2,30})\)\s*[-–—:]")
_CREDIT_WORDS = (
    *(
        "agenc(?:y|e|ia|ies)",
        "agentur(?:en)?",
        "agenzia",
        "agentschap",
        "byrå",
        "news agency",
        "wire",
        "агентство",
    ),
    *(
        "وكالة",
        "المصدر",
        "通信社",
        "配信",
        "source",
        "quelle",
        "fuente",
        "fonte",
        "bron",
        "źródło",
        "источник",
    ),
    *("出典", "来源"),
)
_CREDIT = re.compile(
    rf"^\W*(?:{'|'.join(_CREDIT_WORDS)})\s*[:：/]\s*(.{{2,40}}?)\W*$", re.IGNORECASE | re.MULTILINE
)
_AGENCIES = {
    *(
        "reuters",
        "ap",
        "associated press",
        "the associated press",
        "afp",
        "agence france-presse",
        "dpa",
        "efe",
        "ansa",
    ),
    *(
        "tass",
        "interfax",
        "xinhua",
        "kyodo",
        "jiji",
        "yonhap",
        "pti",
        "ani",
        "ians",
        "pa media",
        "apa",
        "sda",
        "ritzau",
    ),
    *(
        "ntb",
        "tt",
        "stt",
        "lusa",
        "belga",
        "anp",
        "ctk",
        "čtk",
        "pap",
        "mti",
        "agerpres",
        "anadolu",
        "upi",
        "sid",
        "kna",
    ),
    *(
        "europa press",
        "bloomberg",
        "cp",
        "the canadian press",
        "aap",
        "sapa",
        "nan",
        "antara",
        "bernama",
        "rtr",
        "aa",
    ),
}
_CLOSING = re.compile(r"\(([^()\n]{2,40})\)\W*$")


def agency_in(text: str, authors: list[str], credit_lines: list[str]) -> str | None:
    """From a dateline `PLACE (Agency) –`, a credit line, a closing `(dpa/AFP)`, or an agency as the author.

    `credit_lines` are lines the page marks as credits.
    """
    if match := _DATELINE.match(text):
        return match[1].strip()
    if match := next(filter(None, map(_CREDIT.search, [*credit_lines, text[-300:]])), None):
        return match[1].strip()
    if (match := _CLOSING.search(text[-60:])) and is_agency(re.split(r"[/,]", match[1])[0]):
        return match[1].strip()
    return next((author for author in authors if is_agency(author)), None)


def is_agency(name: str) -> bool:
    """Whether a name is that of a news agency known by name."""
    return name.strip().casefold() in _AGENCIES

"""Statements an outlet's file corrects: by the raw string, what to read instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.outlet import Corrections
from transforms.normalise.people import people_in
from transforms.normalise.text import clean_line

#: Source of the evidence that a statement was corrected; its value is the raw string.
CORRECTED = "corrected"


def line_of(raw: str | None, corrections: Mapping[str, str | None]) -> str | None:
    """A field of one line, made clean; a corrected one is taken as the file has it."""
    raw = raw or ""
    return corrections[raw] if raw in corrections else clean_line(raw) or None


def authors_of(raw: Iterable[str], corrections: Mapping[str, str | None], outlet: str | None) -> list[str]:
    """People in author statements; a corrected statement is taken as the file has it."""
    statements = list(raw)
    if not corrections.keys() & set(statements):
        return people_in(statements, outlet)
    read = ([corrections[one]] if one in corrections else people_in([one], outlet) for one in statements)
    return list(dict.fromkeys(name for names in read for name in names if name))


def corrected(stated: Mapping[str, Any], corrections: Corrections) -> list[dict[str, str]]:
    """Evidence of each statement of an extraction that a correction applies to."""
    said = {
        "title": [stated["title_raw"]],
        "authors": stated["authors_raw"] or [],
        "section": [stated["section_raw"]],
    }
    return [
        {"field": field, "source": CORRECTED, "value": raw}
        for field, found in said.items()
        for raw in found
        if raw in getattr(corrections, field)
    ]

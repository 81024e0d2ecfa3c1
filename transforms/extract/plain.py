"""One document without markup (a .txt file, a WET record) → the fields of an extraction."""

from __future__ import annotations

import re
from typing import Any

from schemas.vocabulary import BlockKind, PageOutcome, Reason
from transforms.extract.markup import squeeze

_SENTENCE_END = re.compile(r"[.!?…。！？।؟।]['\"»”’)\]]*$")
_PROSE_LENGTH = 80
_FEWEST_CHARACTERS = 200


def read_plain(text: str, charset: str) -> dict[str, Any]:
    """Columns of `EXTRACTIONS` for one plain document.

    A paragraph is a line that ends like a sentence or is long enough to be one; short lines without an
    end are menus, labels and credits. The title is the last short line before the first paragraph's run.
    """
    lines = [line for raw in text.splitlines() if (line := squeeze(raw))]
    prose = [_is_prose(line) for line in lines]
    first = prose.index(True) if True in prose else len(lines)
    title = next((line for line in reversed(lines[:first]) if _is_title(line)), None)
    paragraphs = list(dict.fromkeys(line for line, keep in zip(lines, prose, strict=True) if keep))
    body = "\n".join(paragraphs)
    columns: dict[str, Any] = {
        "title_raw": title,
        "text_raw": body or None,
        "kinds_raw": [BlockKind.PARAGRAPH for _ in paragraphs],
        "authors_raw": [],
        "tags_raw": [],
        "kind_raw": "text/plain",
        "images": [],
        "links": [],
        "evidence": [
            {"field": "charset", "source": charset, "value": None},
            {"field": "title", "source": "line before the first paragraph", "value": title},
        ],
    }
    if len(body) < _FEWEST_CHARACTERS:
        columns |= {
            "outcome": PageOutcome.NOT_ARTICLE,
            "reason": Reason.TOO_SHORT,
            "detail": f"{len(body)} characters of prose in {len(lines)} lines",
        }
    return columns


def _is_prose(line: str) -> bool:
    return len(line) >= _PROSE_LENGTH or (bool(_SENTENCE_END.search(line)) and len(line.split()) > 3)


def _is_title(line: str) -> bool:
    return len(line) >= 15 and not re.search(r"https?://|©|\bsays…?$", line)

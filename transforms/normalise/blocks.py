"""The text of an article and its structure: a line a block, each with what it is and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from schemas.vocabulary import BlockKind
from transforms.normalise.text import clean_text


def structured(raw: str, kinds: Sequence[str]) -> tuple[str, list[dict[str, Any]]]:
    """(clean text, its blocks as `kind`, `start`, `end`): `text[start:end]` is one line, in order.

    `kinds` are those of the raw lines; lines without one are paragraphs.
    """
    lines: list[str] = []
    blocks: list[dict[str, Any]] = []
    place = 0
    for line, kind in zip_longest(raw.split("\n"), kinds):
        for part in clean_text(line or "").split("\n"):
            if part:
                lines.append(part)
                blocks.append({"kind": kind or BlockKind.PARAGRAPH, "start": place, "end": place + len(part)})
                place += len(part) + 1
    return "\n".join(lines), blocks

"""Which pages are set aside, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import ARTICLES, PAGES, QUARANTINE
from schemas.vocabulary import PageOutcome


class Mark(NamedTuple):
    """What becomes of a page: quarantined or withheld, with what was seen per failed expectation."""

    outcome: PageOutcome
    reasons: Mapping[str, str]

    @property
    def sentences(self) -> list[str]:
        """Each reason as `expectation: observed`."""
        return [f"{expectation}: {seen}" for expectation, seen in self.reasons.items()]


def marked(pages: pa.Table, marks: Mapping[str, Mark]) -> pa.Table:
    """PAGES with outcome, reason and detail of the marked captures replaced."""
    rows = pages.select(["capture_id", "outcome", "reason", "detail"]).to_pylist()
    for row in rows:
        if mark := marks.get(row["capture_id"]):
            row |= {"outcome": mark.outcome, "reason": next(iter(mark.reasons))}
            row["detail"] = "; ".join(mark.sentences)
    columns: dict[str, Any] = {name: pages[name] for name in pages.column_names}
    for name in ("outcome", "reason", "detail"):
        columns[name] = [row[name] for row in rows]
    return pa.table(columns, schema=PAGES.schema)


def quarantine(pages: pa.Table, marks: Mapping[str, Mark]) -> pa.Table:
    """QUARANTINE rows of the marked captures, in order of capture_id."""
    aside = pages.filter(pc.is_in(pages["capture_id"], pa.array(list(marks), pa.string())))
    columns = [column.name for column in ARTICLES.columns]
    rows = [
        {
            **row,
            "outcome": marks[row["capture_id"]].outcome,
            "reasons": marks[row["capture_id"]].sentences,
            "row": json.dumps(
                {name: row[name] for name in columns}, ensure_ascii=False, default=lambda at: at.isoformat()
            ),
        }
        for row in aside.sort_by("capture_id").to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=QUARANTINE.schema)

"""The conservation equation of a slot: every URL discovered is a capture, every page fetched has an outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa

from schemas.tables import LEDGER
from schemas.vocabulary import CAPTURE_OUTCOMES, PAGE_OUTCOMES, CaptureOutcome


def ledger(slot: str, captures: pa.Table, pages: pa.Table, discovered: Mapping[str, int]) -> pa.Table:
    """LEDGER of one slot, one row per outlet in order of slug.

    `captures` are the slot's rows of `captures`; `pages` needs outlet and outcome of the slot's pages (staged
    PAGES, or `outcomes`), where a page without an outcome is left over; `discovered` says how many URLs the
    crawl named per outlet, also those that named none.
    """
    by_capture = _count(captures)
    by_page = _count(pages)
    rows = []
    for outlet in sorted(discovered.keys() | {outlet for outlet, _ in by_capture | by_page}):
        captured = {f"capture_{o}": by_capture[outlet, o] for o in CAPTURE_OUTCOMES}
        paged = {f"page_{o}": by_page[outlet, o] for o in PAGE_OUTCOMES}
        named = discovered.get(outlet, 0)
        rows.append(
            {"slot": slot, "outlet": outlet, "discovered": named}
            | captured
            | paged
            | {
                "captures_left_over": named - sum(captured.values()),
                "pages_left_over": by_capture[outlet, CaptureOutcome.FETCHED] - sum(paged.values()),
            }
        )
    return pa.Table.from_pylist(rows, schema=LEDGER.schema)


def _count(table: pa.Table) -> Counter[tuple[str, str]]:
    """How many rows there are per (outlet, outcome)."""
    counted = table.group_by(["outlet", "outcome"]).aggregate([([], "count_all")]).to_pylist()
    return Counter({(row["outlet"], row["outcome"]): row["count_all"] for row in counted})

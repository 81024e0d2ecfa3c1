"""The conservation equation adds up, and shows what is missing."""

from __future__ import annotations

import pyarrow as pa

from schemas.tables import LEDGER
from transforms.ledger import ledger

SHAPE = pa.schema([("outlet", pa.string()), ("outcome", pa.string())])


def counted(**outcomes: list[str | None]) -> pa.Table:
    rows = [{"outlet": outlet, "outcome": one} for outlet, ones in outcomes.items() for one in ones]
    return pa.Table.from_pylist(rows, schema=SHAPE)


def test_a_slot_that_adds_up() -> None:
    captures = counted(alpha=["fetched", "fetched", "not_due"], beta=["failed"])
    pages = counted(alpha=["published", "not_article"])
    table = ledger("s", captures, pages, {"alpha": 3, "beta": 1, "silent": 0})
    assert table.schema == LEDGER.schema
    alpha, beta, silent = table.to_pylist()
    assert [row["outlet"] for row in (alpha, beta, silent)] == ["alpha", "beta", "silent"]
    assert {row["slot"] for row in (alpha, beta, silent)} == {"s"}
    assert (alpha["capture_fetched"], alpha["capture_not_due"], alpha["page_published"]) == (2, 1, 1)
    assert beta["capture_failed"] == 1
    assert not any(row["captures_left_over"] or row["pages_left_over"] for row in (alpha, beta, silent))


def test_what_is_missing_is_left_over() -> None:
    captures = counted(alpha=["fetched", "fetched"], ghost=["gone"])
    rows = ledger("s", captures, counted(alpha=["published", None]), {"alpha": 5}).to_pylist()
    assert [(r["captures_left_over"], r["pages_left_over"]) for r in rows] == [(3, 1), (-1, 0)]


def test_nothing_at_all() -> None:
    assert ledger("s", counted(), counted(), {}).num_rows == 0

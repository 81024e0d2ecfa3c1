"""Causes in words: counted in a balance, explained in a life."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from rich.console import Console

from presslake.show import arrow_table, why_other
from presslake.trace import _of_captures
from schemas.tables import CAPTURES, OUTCOMES, VISITS, Table


def rows(table: Table, *given: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{"outlet": "paper"} | one for one in given], table.schema)


def test_a_balance_names_causes_in_plain_words() -> None:
    captures = rows(
        CAPTURES,
        {"outcome": "fetched"},
        {"outcome": "failed", "reason": "http_5xx", "status": 502, "detail": "HTTP 502"},
        {"outcome": "failed", "reason": "http_5xx", "status": 502, "detail": "HTTP 502"},
        {"outcome": "blocked", "reason": "bot_challenge", "status": 403, "detail": "DataDome: x-datadome"},
        {"outcome": "not_due"},
    )
    outcomes = rows(
        OUTCOMES,
        {"outcome": "not_article", "reason": "needs_script"},
        {"outcome": "quarantined", "reason": "not_null(title)"},
    )
    visits = rows(VISITS, {"kind": "feed", "outcome": "gone", "reason": "feed_gone", "status": 410})
    assert why_other(captures, outcomes, visits) == {
        "paper": "feed gone (feed gone); 2 failed (HTTP 502), 1 blocked (bot challenge by DataDome), 1 not_due, "
        "1 not_article (needs script), 1 quarantined (not_null(title))"
    }


def test_a_life_says_what_the_cause_means_and_its_evidence_once() -> None:
    captures = rows(CAPTURES, {"outcome": "gone", "reason": "http_4xx", "status": 404, "detail": "HTTP 404"})
    [event] = _of_captures([row | {"found_in": ["feed f"]} for row in captures.to_pylist()])
    assert event.detail == "feed f · http_4xx: the site refuses the URL or does not know it · HTTP 404"


def test_rows_of_many_columns_can_be_read() -> None:
    console = Console(width=80, color_system=None)
    rows = VISITS.schema.empty_table().to_pydict() | {"outlet": ["paper"], "reason": ["feed_gone"]}
    rows = {name: values or [None] for name, values in rows.items()}
    with console.capture() as said:
        console.print(arrow_table(pa.table(rows)))
    assert [line.strip("│ ").split() for line in said.get().splitlines() if "reason" in line] == [
        ["reason", "│", "feed_gone"]
    ]

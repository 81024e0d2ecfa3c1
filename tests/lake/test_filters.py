"""Plain values select the rows one reads into them."""

from __future__ import annotations

from datetime import timedelta

from lake import Lake
from lake.filters import Where
from schemas.tables import CAPTURES
from tests.lake.rows import SLOT, START, made_up

CASES: list[tuple[Where, list[int]]] = [
    ({}, list(range(10))),
    ({"slot": SLOT, "outlet": "it's"}, list(range(10))),
    ({"slot": "another"}, []),
    ({"status": 203}, [3]),
    ({"status": [201, 203, 999]}, [1, 3]),
    ({"status": []}, []),
    ({"status": None}, [9]),
    ({"status": slice(205, 207)}, [5, 6]),
    ({"found_at": slice(START + timedelta(minutes=7), None)}, [7, 8, 9]),
    ({"found_at": slice(None, START + timedelta(minutes=2)), "status": slice(201, None)}, [1]),
]


def test_where(lake: Lake) -> None:
    lake.upsert(CAPTURES, made_up(CAPTURES, 10, status=lambda n: None if n == 9 else 200 + n, outlet="it's"))
    for where, rows in CASES:
        found = lake.read(CAPTURES, where=where, columns=["capture_id"])["capture_id"].to_pylist()
        assert sorted(found) == [f"capture_id {n} «ü»" for n in rows], where

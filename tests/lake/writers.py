"""What the racing processes of `test_races` do."""

from __future__ import annotations

from lake import Conflict, Lake
from schemas.settings import Settings
from schemas.tables import VERDICTS
from tests.lake.rows import made_up


def upsert_overlapping(settings: Settings, writer: int, rounds: int) -> None:
    """Each round: the five rows everybody writes, and one of its own."""
    with Lake(settings) as lake:
        for number in range(rounds):
            lake.upsert(VERDICTS, made_up(VERDICTS, 5, observed=f"writer {writer}"))
            lake.upsert(VERDICTS, made_up(VERDICTS, 1, first=100 * (writer + 1) + number))


def count_up(settings: Settings, rounds: int) -> None:
    """Adds 1 to the one row of the table, so many times, by compare and set."""
    with Lake(settings) as lake:
        for _ in range(rounds):
            while True:
                seen = lake.snapshot_id(VERDICTS)
                rows = lake.read(VERDICTS, columns=["checked"], snapshot=seen)
                value = rows["checked"][0].as_py() if len(rows) else 0
                try:
                    lake.upsert(VERDICTS, made_up(VERDICTS, 1, checked=value + 1), expected_snapshot=seen)
                    break
                except Conflict:
                    continue

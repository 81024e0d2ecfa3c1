"""Laying rows over a file's rows is what a dict does."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.merge import overlay
from schemas.tables import QUARANTINE
from tests.lake.rows import by_key, made_up

SLOTS = ("2026-11-22T12:15:00", "2026-11-22T12:30:00")
keyed = st.dictionaries(
    st.integers(0, 7),
    st.tuples(st.sampled_from(["a", "b"]), st.lists(st.sampled_from(["x", "y"]), max_size=2)),
)


def quarantine(values: dict[int, tuple[str, list[str]]]) -> pa.Table:
    """One row a number; odd ones belong to the second slot."""
    rows = [
        made_up(QUARANTINE, 1, first=n, slot=SLOTS[n % 2], row=row, reasons=reasons)
        for n, (row, reasons) in values.items()
    ]
    return pa.concat_tables([QUARANTINE.schema.empty_table(), *rows])


@settings(max_examples=60)
@given(old=keyed, new=keyed, whole_slot=st.sampled_from([None, *SLOTS]))
def test_overlay_is_a_dict_update(old: Any, new: Any, whole_slot: str | None) -> None:
    there, coming = quarantine(old), quarantine(new)
    result = overlay(QUARANTINE, there, coming, whole_slot)

    stale = {n for n in old if n not in new and SLOTS[n % 2] == whole_slot}
    changed = {n for n in old if n in new and old[n] != new[n]}
    wanted = {n: new.get(n, value) for n, value in old.items() if n not in stale}
    after = there if result.merged is None else result.merged
    assert by_key(QUARANTINE, after) == by_key(QUARANTINE, quarantine(wanted))
    assert (result.merged is None) == (not stale and not changed)
    assert (result.replaced, result.removed) == (len(changed), len(stale))
    assert {list(new)[position] for position in result.known} == old.keys() & new.keys()

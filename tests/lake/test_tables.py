"""Rows of every table come back as they were written, once, whatever is repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake import Commit, Conflict, Lake
from schemas.errors import Halt, TryLater
from schemas.tables import ARTICLES, CAPTURES, LAKE_TABLES, QUARANTINE, VERDICTS, VISITS, Column, Table
from tests.lake.rows import SLOT, START, by_key, made_up

DAY = timedelta(days=1)


@pytest.mark.parametrize("spec", LAKE_TABLES, ids=lambda spec: spec.name)
def test_round_trip(lake: Lake, spec: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.door._ROWS_AT_ONCE", 2)
    assert lake.read(spec).equals(spec.schema.empty_table())
    assert lake.snapshot_id(spec) is None
    rows = made_up(spec, 7)
    commit = lake.upsert(spec, rows)
    assert commit == Commit(spec.name, lake.snapshot_id(spec) or 0, added=7, replaced=0, removed=0)
    assert lake.read(spec).schema.equals(spec.schema)
    assert by_key(spec, lake.read(spec)) == by_key(spec, rows)
    assert by_key(spec, pa.Table.from_batches(lake.scan_batches(spec))) == by_key(spec, rows)


@pytest.mark.parametrize("spec", LAKE_TABLES, ids=lambda spec: spec.name)
def test_declared_as_iceberg(lake: Lake, spec: Table) -> None:
    table = lake.table(spec)
    fields = table.schema().fields
    assert [f.name for f in fields] == spec.schema.names
    assert [f.doc for f in fields] == [c.doc for c in spec.columns]
    assert {f.name for f in fields if f.required} == set(spec.required)
    assert table.schema().identifier_field_names() == set(spec.key)
    parts = [(str(f.transform), table.schema().find_column_name(f.source_id)) for f in table.spec().fields]
    assert parts == ([("day", spec.partition_by_day)] if spec.partition_by_day else [])
    assert [table.schema().find_column_name(f.source_id) for f in table.sort_order().fields] == list(
        spec.sort
    )
    assert table.location() == f"{lake.uri}/tables/{spec.name}"


def test_the_same_rows_again_change_nothing(lake: Lake) -> None:
    rows = made_up(ARTICLES, 20)
    lake.upsert(ARTICLES, rows)
    before = lake.table(ARTICLES).metadata_location
    assert lake.upsert(ARTICLES, rows) is None
    assert lake.upsert(ARTICLES, rows.slice(3, 5)) is None
    assert lake.upsert(ARTICLES, rows.slice(0, 0)) is None
    assert lake.table(ARTICLES).metadata_location == before


def test_differing_rows_replace_and_new_ones_are_added_in_one_snapshot(lake: Lake) -> None:
    days: dict[str, Any] = {"first_seen_at": lambda n: START + DAY * n}  # a partition for each row
    lake.upsert(ARTICLES, made_up(ARTICLES, 4, **days))
    files = lake.table(ARTICLES).inspect.files()["file_path"].to_pylist()

    rows = made_up(ARTICLES, 4, first=2, title=lambda n: "new" if n != 2 else "title 2 «ü»", **days)
    commit = lake.upsert(ARTICLES, rows, note={"slot": SLOT, "step": "publish"})

    assert commit is not None
    assert (commit.added, commit.replaced, commit.removed) == (2, 1, 0)
    found = by_key(ARTICLES, lake.read(ARTICLES))
    wanted = by_key(ARTICLES, made_up(ARTICLES, 4, **days)) | by_key(ARTICLES, rows)
    assert found == wanted
    assert len(lake.table(ARTICLES).snapshots()) == 2
    summary = lake.table(ARTICLES).current_snapshot().summary
    assert summary["presslake.slot"] == SLOT
    assert summary["presslake.step"] == "publish"
    kept = set(files) & set(lake.table(ARTICLES).inspect.files()["file_path"].to_pylist())
    assert len(kept) == 3  # only the file with the replaced row was written anew


def test_rows_that_break_the_contract_are_not_written(lake: Lake) -> None:
    with pytest.raises(Halt, match="captures"):
        lake.upsert(CAPTURES, made_up(CAPTURES, 2).drop_columns(["rights"]))
    assert lake.snapshot_id(CAPTURES) is None


def test_replace_slot(lake: Lake) -> None:
    for spec in (VERDICTS, QUARANTINE):
        other = made_up(spec, 2, first=90, slot="2026-11-22T12:30:00")
        lake.replace_slot(spec, "2026-11-22T12:30:00", other)
        lake.replace_slot(spec, SLOT, made_up(spec, 5))
        rows = made_up(spec, 5, first=2, outlet="outlet")
        commit = lake.replace_slot(spec, SLOT, rows)
        assert commit is not None
        assert lake.replace_slot(spec, SLOT, rows) is None
        assert by_key(spec, lake.read(spec)) == by_key(spec, pa.concat_tables([rows, other]))
        lake.replace_slot(spec, SLOT, spec.schema.empty_table())
        assert by_key(spec, lake.read(spec)) == by_key(spec, other)


def test_a_whole_slot_replaces_its_rows_and_those_of_its_keys_wherever_they_are(lake: Lake) -> None:
    """Rows may come in with another slot, another day or not at all, as when a slot is read again."""
    days: dict[str, Any] = {"first_seen_at": lambda n: START + DAY * n}
    other = made_up(ARTICLES, 4, first=2, slot="another", **days)
    lake.upsert(ARTICLES, pa.concat_tables([made_up(ARTICLES, 2, **days), other]))

    moved = made_up(ARTICLES, 1, first=1, first_seen_at=START + 9 * DAY)
    latest = pa.concat_tables([moved, made_up(ARTICLES, 1, first=2, slot="a third", title="new", **days)])
    commit = lake.upsert(ARTICLES, latest, whole_slot=SLOT)

    assert commit is not None
    assert (commit.added, commit.replaced, commit.removed) == (0, 2, 1)
    wanted = by_key(ARTICLES, other) | by_key(ARTICLES, latest)
    assert by_key(ARTICLES, lake.read(ARTICLES)) == wanted
    assert lake.upsert(ARTICLES, latest, whole_slot=SLOT) is None
    assert lake.upsert(ARTICLES, latest.slice(0, 0), whole_slot="another") is not None
    assert by_key(ARTICLES, lake.read(ARTICLES)) == by_key(ARTICLES, latest)


def test_replace_slot_takes_only_rows_of_the_slot(lake: Lake) -> None:
    with pytest.raises(Halt, match="verdicts: rows of another slot"):
        lake.replace_slot(VERDICTS, "another", made_up(VERDICTS, 1))
    with pytest.raises(Halt, match="articles: rows of another slot"):
        lake.replace_slot(ARTICLES, SLOT, made_up(ARTICLES, 1))


def test_a_table_that_moved_is_a_conflict(lake: Lake, lake_settings: Any) -> None:
    seen = lake.snapshot_id(VISITS)
    assert lake.upsert(VISITS, made_up(VISITS, 1), expected_snapshot=seen)
    with Lake(lake_settings) as other, pytest.raises(Conflict):
        other.upsert(VISITS, made_up(VISITS, 2), expected_snapshot=seen)
    assert len(lake.read(VISITS)) == 1
    assert lake.upsert(VISITS, made_up(VISITS, 2), expected_snapshot=lake.snapshot_id(VISITS))


def test_a_commit_that_slips_in_is_a_conflict_and_leaves_no_data_file(
    lake: Lake, lake_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look at the table and our commit: the catalog itself must refuse."""
    from lake import door

    with Lake(lake_settings) as other:
        write = door.write_change

        def slow(*args: Any) -> Any:
            change = write(*args)
            monkeypatch.setattr(door, "write_change", write)
            other.upsert(VISITS, made_up(VISITS, 1, outlet="quick"))
            return change

        for expected, raised in ((None, True), (..., False)):
            files = list(lake.list("tables/visits/data/"))
            monkeypatch.setattr(door, "write_change", slow)
            if raised:
                with pytest.raises(Conflict):
                    lake.upsert(VISITS, made_up(VISITS, 3, outlet="slow"), expected_snapshot=expected)
                assert len(list(lake.list("tables/visits/data/"))) == len(files) + 1
            else:
                lake.upsert(VISITS, made_up(VISITS, 3, outlet="slow"))
    assert sorted(lake.read(VISITS)["outlet"].to_pylist()) == ["quick", "slow", "slow", "slow"]


def test_an_older_snapshot_can_be_read(lake: Lake) -> None:
    lake.upsert(VISITS, made_up(VISITS, 1))
    seen = lake.snapshot_id(VISITS)
    lake.upsert(VISITS, made_up(VISITS, 3))
    assert len(lake.read(VISITS, snapshot=seen)) == 1
    assert len(lake.read(VISITS)) == 3
    with pytest.raises(TryLater, match="snapshot 1 of visits has expired"):
        lake.read(VISITS, snapshot=1)


def test_a_column_the_declaration_gained_is_added(lake: Lake) -> None:
    full = VISITS
    older = replace(full, columns=tuple(c for c in full.columns if c.name not in {"detail", "etag"}))
    lake.upsert(older, made_up(older, 2))
    assert lake.read(full).select(["detail", "etag"]).to_pylist() == [{"detail": None, "etag": None}] * 2
    lake.upsert(full, made_up(full, 3))
    assert by_key(full, lake.read(full)) == by_key(full, made_up(full, 3))


@pytest.mark.parametrize(
    "column",
    [Column("status", pa.string(), "Another type."), Column("more", pa.string(), "Never null.", True)],
)
def test_any_other_difference_halts(lake: Lake, column: Column) -> None:
    lake.upsert(VISITS, made_up(VISITS, 2))
    changed = tuple(column if c.name == column.name else c for c in VISITS.columns)
    newer = replace(VISITS, columns=changed if changed != VISITS.columns else (*changed, column))
    with pytest.raises(Halt, match=rf"visits: .* differ in \['{column.name}'\]"):
        lake.read(newer)


numbers = st.dictionaries(st.integers(0, 5), st.sampled_from(["a", "b"]), max_size=4)


@pytest.mark.slow
@settings(max_examples=6)
@given(
    writes=st.lists(st.tuples(st.sampled_from(["upsert", "replace_slot"]), numbers), min_size=2, max_size=4)
)
def test_writes_are_what_a_dict_does(services: Any, writes: list[tuple[str, dict[int, str]]]) -> None:
    """Keys of two days; one slot."""
    from uuid import uuid4

    name = uuid4().hex[:12]
    own = services.model_copy(update={"s3_prefix": name, "namespace": f"lake_{name}"})
    model: dict[int, str] = {}
    with Lake(own) as lake:
        for how, values in writes:
            rows = pa.concat_tables(
                [QUARANTINE.schema.empty_table()]
                + [
                    made_up(QUARANTINE, 1, first=n, row=v, fetched_at=START + DAY * (n % 2))
                    for n, v in values.items()
                ]
            )
            model = dict(values) if how == "replace_slot" else model | values
            commit = (
                lake.upsert(QUARANTINE, rows)
                if how == "upsert"
                else lake.replace_slot(QUARANTINE, SLOT, rows)
            )
            found = lake.read(QUARANTINE).to_pylist()
            assert sorted((r["capture_id"], r["row"]) for r in found) == sorted(
                (f"capture_id {n} «ü»", v) for n, v in model.items()
            )
            assert commit is None or commit.snapshot_id == lake.snapshot_id(QUARANTINE)

"""Rows of any table, made up from its declaration."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from schemas.tables import INSTANT, Column, Table

START = datetime(2026, 11, 22, 12, 15, tzinfo=UTC)
SLOT = "2026-11-22T12:15:00"


def made_up(spec: Table, count: int, *, first: int = 0, **given: Any) -> pa.Table:
    """Rows `first` … of the table, every column filled; `given` columns have one value, or one made by row number."""
    rows = [
        {c.name: _given(given[c.name], n) if c.name in given else _value(c, n) for c in spec.columns}
        for n in range(first, first + count)
    ]
    return pa.Table.from_pylist(rows, schema=spec.schema)


def by_key(spec: Table, rows: pa.Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows as plain data by key; fails on a key that occurs twice."""
    found = {tuple(row[k] for k in spec.key): row for row in rows.to_pylist()}
    assert len(found) == len(rows)
    return found


def _given(value: Any, number: int) -> Any:
    return value(number) if callable(value) else value


def _value(column: Column, number: int) -> Any:
    if column.name == "slot":
        return SLOT
    if column.values:
        return list(column.values)[number % len(column.values)].value
    return _of_type(column.dtype, column.name, number)


def _of_type(dtype: pa.DataType, name: str, number: int) -> Any:
    if pa.types.is_list(dtype):
        return [_of_type(dtype.value_type, name, number + n) for n in range(number % 3)]
    if pa.types.is_struct(dtype):
        return {field.name: _of_type(field.type, field.name, number) for field in dtype}
    simple = {
        pa.bool_(): number % 2 == 0,
        pa.date32(): date(2026, 11, 1 + number % 28),
        pa.int16(): number,
        pa.int32(): number,
        pa.int64(): number,
        pa.float32(): number / 4,
        pa.string(): f"{name} {number} «ü»",
        INSTANT: START + timedelta(minutes=number),
    }
    return simple[dtype]

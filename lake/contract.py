"""The check at the door: a table is written only if it is exactly what `schemas.tables` declares."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import Halt
from schemas.tables import Column, Table

Strings: TypeAlias = "pa.Array[pa.StringScalar]"


def conform(spec: Table, rows: pa.Table) -> pa.Table:
    """The rows with exactly the declared schema.

    Raises `Halt` naming the table, the column and the first offending key, when a column is missing,
    surplus or out of order, has another type, is null though required, has a value outside its
    closed list, or a key occurs twice.
    """
    declared = spec.schema
    if rows.column_names != declared.names:
        missing = [n for n in declared.names if n not in rows.column_names]
        surplus = [n for n in rows.column_names if n not in declared.names]
        raise Halt(f"{spec.name}: columns differ: missing {missing}, surplus {surplus}, or out of order")
    for column in spec.columns:
        if rows.schema.field(column.name).type != column.dtype:
            raise Halt(
                f"{spec.name}.{column.name}: type is {rows.schema.field(column.name).type}, not {column.dtype}"
            )
    for column in spec.columns:
        _check_values(spec, column, rows)
    keys = row_keys(spec, rows)
    if len(keys.unique()) != len(keys):
        twice, _ = Counter(keys.to_pylist()).most_common(1)[0]
        raise Halt(f"{spec.name}: key {_show(twice)} occurs more than once")
    return pa.Table.from_arrays(rows.columns, schema=declared)


def row_keys(spec: Table, rows: pa.Table) -> Strings:
    """One string a row that identifies it: the key columns joined."""
    columns: list[Any] = [rows[name].combine_chunks().cast(pa.string()) for name in spec.key]
    joined: Strings = pc.binary_join_element_wise(*columns, "\x1f")
    return joined


def _check_values(spec: Table, column: Column, rows: pa.Table) -> None:
    values = rows[column.name].combine_chunks()
    if column.required and values.null_count:
        raise Halt(f"{spec.name}.{column.name}: null at key {_first(spec, rows, values.is_null())}")
    if column.values:
        wrong = pc.invert(pc.is_in(values, pa.array([*column.values, None], pa.string())))
        if wrong.true_count:
            found = values.filter(wrong)[0].as_py()
            raise Halt(
                f"{spec.name}.{column.name}: {found!r} at key {_first(spec, rows, wrong)} is not one of "
                + ", ".join(column.values)
            )


def _first(spec: Table, rows: pa.Table, mask: pa.BooleanArray) -> str:
    return _show(row_keys(spec, rows.filter(mask).slice(0, 1))[0].as_py())


def _show(key: str | None) -> str:
    return repr((key or "null").replace("\x1f", " | "))

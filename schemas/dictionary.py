"""The data dictionary: `docs/data.md`, printed from the declarations."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import pyarrow as pa

from schemas import tables, vocabulary


def data_dictionary() -> str:
    """Markdown of every table, column and closed list."""
    lines = [
        "# The tables",
        "",
        "Printed from `schemas/` by `make docs`; a check holds it to the code.",
        "",
        "Columns that end in `_at` are instants in UTC, in `_on` dates, in `_url` URLs; `_raw` is as stated,",
        "`_from` says where it was read. **Bold** columns are never null.",
        "",
        "## In the lake",
        "",
        "Iceberg tables, data files in Parquet (zstd).",
        "",
    ]
    for table in sorted(tables.LAKE_TABLES, key=lambda table: table.name != tables.ARTICLES.name):
        lines += _table(table)
    lines += [
        "## Between stages",
        "",
        "Staged Parquet of a slot; gone a day after the slot was settled, or later.",
        "",
    ]
    for table in tables.STAGED:
        lines += _table(table)
    lines += ["## Closed lists", ""]
    lines += _values("Capture outcomes", vocabulary.CAPTURE_OUTCOMES.items())
    lines += _values("Page outcomes", vocabulary.PAGE_OUTCOMES.items())
    lines += _values("Reasons", vocabulary.REASONS.items())
    return "\n".join(lines).rstrip() + "\n"


def _table(table: tables.Table) -> list[str]:
    facts = [f"key `{', '.join(table.key)}`"]
    if table.partition_by_day:
        facts.append(f"partitioned by the day of `{table.partition_by_day}`")
    if table.sort:
        facts.append(f"sorted by `{', '.join(table.sort)}`")
    lines = [
        f"### {table.name}",
        "",
        table.doc,
        "",
        f"{'; '.join(facts)[:1].upper()}{'; '.join(facts)[1:]}.",
        "",
    ]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    for column in table.columns:
        name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
        allowed = f" One of {', '.join(f'`{v}`' for v in column.values)}." if column.values else ""
        lines.append(f"| {name} | {_type(column.dtype)} | {column.doc}{allowed} |")
    return [*lines, ""]


def _values(title: str, values: Iterable[tuple[StrEnum, str]]) -> list[str]:
    rows = [f"| `{value}` | {doc} |" for value, doc in values]
    return [f"### {title}", "", "| value | meaning |", "|---|---|", *rows, ""]


def _type(dtype: pa.DataType) -> str:
    if pa.types.is_list(dtype):
        return f"list of {_type(dtype.value_type)}"
    if pa.types.is_struct(dtype):
        return "(" + ", ".join(f"{field.name} {_type(field.type)}" for field in dtype) + ")"
    if pa.types.is_timestamp(dtype):
        return "instant (UTC, µs)"
    return {"date32[day]": "date", "bool": "boolean"}.get(str(dtype), str(dtype))

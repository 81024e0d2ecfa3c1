"""Which rows: plain Python values as Iceberg filters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
)

Value = str | int | bool | datetime | date | None
#: Column → a value, a collection of values, or a `slice(from, to)` that leaves out `to`; all must hold.
Where = Mapping[str, Value | Collection[Value] | slice]


def expression(where: Where) -> BooleanExpression:
    """The Iceberg filter of `where`; an empty one takes every row."""
    whole: BooleanExpression = AlwaysTrue()
    for column, value in where.items():
        whole = And(whole, _term(column, value))
    return whole


# mypy's pydantic plugin gives pyiceberg's predicates another constructor than they have.
def _term(column: str, value: Value | Collection[Value] | slice) -> BooleanExpression:
    if isinstance(value, slice):
        lower = AlwaysTrue() if value.start is None else GreaterThanOrEqual(column, value.start)  # type: ignore[call-arg, misc]
        upper = AlwaysTrue() if value.stop is None else LessThan(column, value.stop)  # type: ignore[call-arg, misc]
        return And(lower, upper)
    if value is None:
        return IsNull(column)  # type: ignore[call-arg, misc]
    if isinstance(value, Collection) and not isinstance(value, str):
        return In(column, set(value))  # type: ignore[call-arg, misc]
    return EqualTo(column, value)  # type: ignore[call-arg, misc]

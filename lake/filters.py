"""Which rows: plain Python values as Iceberg filters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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
_Predicate = Callable[..., BooleanExpression]
_AT_LEAST: _Predicate = GreaterThanOrEqual
_BELOW: _Predicate = LessThan
_NULL: _Predicate = IsNull
_AMONG: _Predicate = In
_EQUAL: _Predicate = EqualTo


def _term(column: str, value: Value | Collection[Value] | slice) -> BooleanExpression:
    if isinstance(value, slice):
        lower = AlwaysTrue() if value.start is None else _AT_LEAST(column, value.start)
        upper = AlwaysTrue() if value.stop is None else _BELOW(column, value.stop)
        return And(lower, upper)
    if value is None:
        return _NULL(column)
    if isinstance(value, Collection) and not isinstance(value, str):
        return _AMONG(column, set(value))
    return _EQUAL(column, value)

"""What does not keep to `schemas.tables` is refused at the door, by name."""

from __future__ import annotations

import pyarrow as pa
import pytest

from lake.contract import conform
from schemas.errors import Halt
from schemas.tables import ARTICLES, LAKE_TABLES, OUTCOMES, STAGED, VERDICTS, Table
from tests.lake.rows import made_up


@pytest.mark.parametrize("spec", [*LAKE_TABLES, *STAGED], ids=lambda spec: spec.name)
@pytest.mark.parametrize("count", [0, 3])
def test_rows_as_declared_pass_unchanged(spec: Table, count: int) -> None:
    rows = made_up(spec, count)
    assert conform(spec, rows).equals(rows)
    assert conform(spec, rows).schema.equals(spec.schema)


def _set(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, values)


def test_each_violation_names_table_column_and_key() -> None:
    rows = made_up(OUTCOMES, 3)
    strings = pa.string()
    broken = {
        r"outcomes: columns differ: missing \['reason'\]": rows.drop_columns(["reason"]),
        r"surplus \['extra'\]": rows.append_column("extra", rows["url"]),
        r"or out of order": rows.select(rows.column_names[::-1]),
        r"outcomes\.revision: type is int64, not int32": _set(
            rows, "revision", pa.array([1, 2, 3], pa.int64())
        ),
        r"outcomes\.outlet: null at key 'capture_id 1 ": _set(
            rows, "outlet", pa.array(["a", None, "c"], strings)
        ),
        r"outcomes\.outcome: 'lost' at key 'capture_id 2 .* is not one of published, ": _set(
            rows, "outcome", pa.array(["published", "failed", "lost"], strings)
        ),
        r"outcomes: key 'x' occurs more than once": _set(
            rows, "capture_id", pa.array(["x", "y", "x"], strings)
        ),
    }
    for message, table in broken.items():
        with pytest.raises(Halt, match=message):
            conform(OUTCOMES, table)


def test_a_closed_list_may_be_null_where_the_column_may() -> None:
    rows = made_up(ARTICLES, 2, published_zone=None)
    assert conform(ARTICLES, rows)["published_zone"].null_count == 2


def test_columns_of_a_joint_key_do_not_run_together() -> None:
    pairs = [("ab", "c"), ("a", "bc")]
    rows = made_up(VERDICTS, 2, suite=lambda n: pairs[n][0], expectation=lambda n: pairs[n][1], outlet="")
    assert len(conform(VERDICTS, rows)) == 2

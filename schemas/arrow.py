"""pyarrow without pandas, until a DataFrame is asked for: imported by whatever makes Arrow values."""

from __future__ import annotations

import sys

import pyarrow as pa


class _Hidden:
    """Says that there is no pandas, and nothing of other modules."""

    @staticmethod
    def find_spec(fullname: str, _path: object, _target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _leave_pandas() -> None:
    """Have pyarrow look for pandas now, while it is hidden.

    pyarrow 26 looks with the first value it makes, to know a Series when it is given one: 0.4 s of CPU and 30 MB
    wherever pandas is installed. It looks again when a DataFrame is asked for.
    """
    sys.meta_path.insert(0, _Hidden)
    try:
        pa.scalar(True)
    finally:
        sys.meta_path.remove(_Hidden)


_leave_pandas()

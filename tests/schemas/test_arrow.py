"""pandas is loaded when a DataFrame is asked for, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from schemas.settings import REPO


@pytest.mark.slow
def test_pandas_waits_until_a_frame_is_asked_for() -> None:
    code = """if True:
        import sys, lake, pyarrow as pa
        table = pa.table({"a": [1, 2]})
        before = "pandas" in sys.modules
        frame = table.to_pandas()
        print(before, frame["a"].tolist(), pa.array(frame["a"]).to_pylist())"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.split(" ", 1) == ["False", "[1, 2] [1, 2]\n"]

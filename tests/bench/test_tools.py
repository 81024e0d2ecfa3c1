"""The rulers are straight: costs of processes, and sections of the document."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.measure import run
from tests.bench.report import table, write_section


def test_a_process_is_measured_with_its_descendants() -> None:
    child = "import time; kept = bytearray(90_000_000); time.sleep(1.5)"
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    script = "import json, subprocess, sys; [subprocess.run([sys.executable, '-c', c]) for c in sys.argv[1:]]"
    cost = run([sys.executable, "-c", f"{script}; print(json.dumps(dict(told=1)))", child, burn])
    assert cost.said == {"told": 1}
    assert 0.3 <= cost.cpu_s <= cost.wall_s
    assert cost.peak_mb < 60
    assert 90 < cost.child_peak_mb < 150


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="no such thing"):
        run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_a_section_replaces_only_itself(tmp_path: Path) -> None:
    document = tmp_path / "figures.md"
    kept = "# Prose\n<!-- a: written by make bench -->\nold\n<!-- end of a -->\nmore\n"
    document.write_text(kept)
    write_section("a", "new \\1", document)
    write_section("a", "new \\1", document)
    assert document.read_text() == kept.replace("\nold\n", "\n\nnew \\1\n\n")
    with pytest.raises(ValueError, match="no place for b"):
        write_section("b", "text", document)


def test_a_table_aligns() -> None:
    assert table(["stage", "s"], [("gate", 1234), ("**all**", 0.126), ("none", None)]).splitlines() == [
        "| stage   |     s |",
        "| :------ | ----: |",
        "| gate    | 1,234 |",
        "| **all** |  0.13 |",
        "| none    |       |",
    ]

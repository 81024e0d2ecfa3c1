"""Sections of docs/benchmarks.md: tables that align, and whose figures they are."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from schemas.settings import REPO

DOCUMENT = REPO / "docs" / "benchmarks.md"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; columns but the first are numbers and stand right. Floats are rounded to fit."""
    cells = [list(heads), *([_cell(value) for value in row] for row in rows)]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(heads))]
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = ["| " + " | ".join(pad(row, widths)) + " |" for row in (cells[0], rule, *cells[1:])]
    return "\n".join(lines)


def pad(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The cells of a row at their widths."""
    return [
        row[0].ljust(widths[0]),
        *(text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)),
    ]


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def where_and_when(packages: Sequence[str]) -> str:
    """One line: date, commit, machine, versions."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPO, capture_output=True, text=True, check=False
    ).stdout.strip()
    facts = [
        f"{datetime.now(UTC):%Y-%m-%d}",
        *([f"commit {commit}"] if commit else []),
        f"{os.cpu_count()} cores",
        f"{psutil.virtual_memory().total / 1e9:.0f} GB of memory",
        f"Python {platform.python_version()}",
        *(f"{package} {version(package)}" for package in packages),
    ]
    return f"*Measured {', '.join(facts)}.*"


def write_section(name: str, text: str, document: Path = DOCUMENT) -> None:
    """Replace what stands between the section's markers; raises ValueError where they are missing."""
    before = document.read_text("utf-8")
    pattern = re.compile(
        rf"(<!-- {name}: written by make bench -->\n).*?(\n<!-- end of {name} -->)", re.DOTALL
    )
    after, found = pattern.subn(lambda match: f"{match[1]}\n{text.strip()}\n{match[2]}", before)
    if found != 1:
        raise ValueError(f"{document.name} has no place for {name}")
    document.write_text(after, "utf-8")

"""Docs that must not lag behind the code: `make check` runs this, and it says what to do."""

from __future__ import annotations

import sys
from pathlib import Path

from presslake.reference import pages
from schemas.errors import Reject
from schemas.outlet import read_outlets
from schemas.settings import REPO


def problems() -> list[str]:
    """One sentence for each thing that is undocumented or stale."""
    found = []
    for path, text in pages().items():
        file = REPO / "docs" / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            found.append(f"docs/{path} lags behind the code: run `make docs`")
    runbook = (REPO / "docs" / "runbook.md").read_text(encoding="utf-8")
    for file in sorted((REPO / "dags").glob("*.py")):
        source = file.read_text(encoding="utf-8")
        if "@dag(" not in source:
            continue
        if "doc_md=__doc__" not in source or ("**Red?**" not in source and "example" not in source):
            found.append(f"dags/{file.name}: its docstring is its runbook: say what to do when it is red")
        if f"`{file.stem}`" not in runbook:
            found.append(f"docs/runbook.md does not name the DAG `{file.stem}`")
    try:
        read_outlets(REPO / "spiders" / "outlets")
    except Reject as error:
        found += str(error).splitlines()
    for file in sorted((REPO / "docs").rglob("*.md")):
        found += _broken_links(file)
    return found + _broken_links(REPO / "README.md")


def _broken_links(file: Path) -> list[str]:
    import re

    text = file.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    return [
        f"{file.relative_to(REPO)} links to {t}, which is not there"
        for t in targets
        if not (file.parent / t).exists()
    ]


if __name__ == "__main__":
    lines = problems()
    sys.stdout.write("\n".join(lines) + "\n" if lines else "docs are in step with the code\n")
    sys.exit(bool(lines))

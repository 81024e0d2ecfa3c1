"""`python -m tests.goldens` renews the goldens; read the difference before you keep it."""

from __future__ import annotations

from tests.goldens import FOLDER, record, templates

for name, paper in templates().items():
    (FOLDER / f"{name}.json").write_text(record(paper), encoding="utf-8")

"""The demo's templates are read as they were when a person last looked."""

from __future__ import annotations

import pytest

from tests.goldens import FOLDER, record, templates


@pytest.mark.parametrize("name", templates())
def test_a_template_is_read_as_its_golden_says(name: str) -> None:
    golden = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert record(templates()[name]) == golden, (
        "if this is meant: python -m tests.goldens, and read the difference"
    )


def test_every_golden_has_its_template() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(templates())

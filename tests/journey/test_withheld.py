"""An outlet under its stated minimum is withheld, and released by running the slot again once it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from presslake import steps
from presslake.pipeline import open_pipeline
from schemas import tables
from schemas.settings import Settings
from tests.journey.conftest import SLOT, Desk, open_desk

pytestmark = pytest.mark.slow

MINIMUM = "expect:\n  coverage: {authors: 1.0}\n"


def test_an_outlet_under_its_minimum_is_withheld_until_it_is_mended(
    lake_settings: Settings, tmp_path: Path
) -> None:
    """Wire stories name no author, so an outlet that promises authors on all articles is under its minimum."""
    with open_desk(lake_settings, tmp_path) as desk:
        slug = next(
            page.outlet
            for page in desk.room.truth()
            if page.is_listed and page.expected == "published" and not page.authors
        )
        (file,) = (tmp_path / "outlets").glob(f"*/{slug}.yml")
        mended = file.read_text(encoding="utf-8")
        assert "expect:" not in mended
        file.write_text(mended + MINIMUM, encoding="utf-8")
        with open_pipeline(desk.pipeline.settings) as strict:
            Desk(desk.room, strict).run(SLOT)
        withheld = desk.rows(tables.QUARANTINE)
        assert set(withheld["outlet"].to_pylist()) == {slug}
        assert set(withheld["outcome"].to_pylist()) == {"withheld"}
        assert all("authors" in reason for reasons in withheld["reasons"].to_pylist() for reason in reasons)
        assert slug not in desk.rows(tables.ARTICLES)["outlet"].to_pylist()
        assert len(desk.rows(tables.ARTICLES)) > len(withheld)
        failed = [
            row
            for row in desk.rows(tables.VERDICTS).to_pylist()
            if not row["success"] and row["outlet"] == slug
        ]
        assert [row["severity"] for row in failed] == ["outlet"]
        assert steps.owed(desk.pipeline) == []

        file.write_text(mended, encoding="utf-8")
        steps.refine(desk.pipeline, SLOT)
        assert len(desk.rows(tables.QUARANTINE)) == 0
        released = {
            row["capture_id"] for row in desk.rows(tables.ARTICLES).to_pylist() if row["outlet"] == slug
        }
        assert released == set(withheld["capture_id"].to_pylist())


def test_tidy_clears_what_is_settled_and_leaves_the_tables_as_they_are(
    lake_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slot whose files are young may be in the hands of a replay."""
    with open_desk(lake_settings, tmp_path) as desk:
        desk.run(SLOT)
        before = desk.contents()
        assert steps.tidy(desk.pipeline)["staged_slots_cleared"] == 0
        monkeypatch.setattr(steps, "AT_REST", -steps.AT_REST)
        assert steps.tidy(desk.pipeline)["staged_slots_cleared"] == 1
        assert list(desk.pipeline.lake.list("staged/")) == []
        assert desk.contents() == before
        steps.refine(desk.pipeline, SLOT)
        assert desk.contents() == before

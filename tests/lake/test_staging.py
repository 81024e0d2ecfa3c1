"""Staged files keep their stage's schema and belong to their slot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lake import Lake
from schemas.errors import Halt, Reject
from schemas.tables import EXTRACTIONS, MEMORY, PAGES
from schemas.vocabulary import Stage
from tests.lake.rows import made_up

SOON = datetime.now(UTC) + timedelta(hours=1)


def test_parts_of_a_stage(lake: Lake) -> None:
    first, second = made_up(EXTRACTIONS, 2), made_up(EXTRACTIONS, 3, first=2)
    lake.stage("s1", Stage.EXTRACT, "1", second)
    lake.stage("s1", Stage.EXTRACT, "0", first)
    lake.stage("s2", Stage.LINK, "pages", made_up(PAGES, 1))
    assert lake.staged_parts("s1", "extract") == ["0", "1"]
    assert lake.staged("s1", Stage.EXTRACT).to_pylist() == [*first.to_pylist(), *second.to_pylist()]
    assert lake.staged("s1", "extract", "1").equals(second)
    assert lake.staged("s1", Stage.LINK).equals(PAGES.schema.empty_table())
    assert lake.staged_slots(SOON) == ["s1", "s2"]
    assert lake.staged_slots(datetime.now(UTC) - timedelta(hours=1)) == []

    lake.clear_staged("s1")
    assert lake.staged_slots(SOON) == ["s2"]
    with pytest.raises(Reject):
        lake.staged("s1", Stage.EXTRACT, "1")


def test_staged_again_replaces(lake: Lake) -> None:
    for count in (3, 1):
        lake.stage("s", Stage.GATE, "pages", made_up(PAGES, count))
    assert len(lake.staged("s", Stage.GATE)) == 1


def test_another_schema_is_refused(lake: Lake) -> None:
    with pytest.raises(Halt, match="pages: columns differ"):
        lake.stage("s", Stage.LINK, "pages", made_up(EXTRACTIONS, 1))
    with pytest.raises(Halt, match="extractions: columns differ"):
        lake.stage("s", Stage.EXTRACT, "pages", made_up(PAGES, 1))


def test_what_was_known_is_kept_beside_the_staged_files(lake: Lake) -> None:
    assert lake.memory("s", "0") is None
    for count in (3, 1):
        lake.keep_memory("s", "0", made_up(MEMORY, count))
    lake.clear_staged("s")
    kept = lake.memory("s", "0")
    assert kept is not None
    assert kept.equals(made_up(MEMORY, 1))
    assert lake.memory("s", "1") is None
    assert lake.staged_slots(SOON) == []

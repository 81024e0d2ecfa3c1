"""Running again changes nothing; running at the same time loses and duplicates nothing."""

from __future__ import annotations

from collections import Counter

import pyarrow.compute as pc
import pytest

from presslake import steps
from presslake.pipeline import open_pipeline
from schemas import tables
from schemas.settings import Settings
from tests.journey.conftest import SLOT, Desk
from tests.processes import forked

pytestmark = pytest.mark.slow

PROCESSES = forked("presslake.steps")


def _publish(settings: Settings, slot: str) -> None:
    with open_pipeline(settings) as pipeline:
        steps.publish(pipeline, slot)


def assert_conserved(desk: Desk, slot: str) -> None:
    """Every URL has one capture, every fetched page one outcome."""
    equation = steps.balance(desk.pipeline, slot)
    assert len(equation)
    assert sum(equation["discovered"].to_pylist()) > 0
    for column in ("captures_left_over", "pages_left_over"):
        assert pc.sum(pc.abs(equation[column])).as_py() == 0, f"{column} of {slot}"


def test_a_slot_run_again_from_any_stage_makes_no_commit(desk: Desk) -> None:
    """And it is owed from its collection until it is refined."""
    desk.collect(SLOT)
    assert steps.owed(desk.pipeline) == [SLOT]
    steps.refine(desk.pipeline, SLOT)
    assert steps.owed(desk.pipeline) == []
    assert_conserved(desk, SLOT)
    before, contents = desk.snapshots(), desk.contents()
    desk.room.set_clock(desk.room.now.replace(hour=20))
    desk.collect(SLOT)
    for number, _ in enumerate((steps.link, steps.gate, steps.publish)):
        for step in (steps.link, steps.gate, steps.publish)[number:]:
            step(desk.pipeline, SLOT)
    steps.refine(desk.pipeline, SLOT)
    assert desk.snapshots() == before
    assert desk.contents() == contents


def test_two_slots_that_publish_at_the_same_time_lose_and_duplicate_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both slots fetched the same articles as new, and were judged on an empty lake."""
    slots = [SLOT, SLOT.replace(":00:00", ":15:00")]
    monkeypatch.setattr(steps, "renew_known", lambda *_: None)
    monkeypatch.setattr(steps, "_visits", lambda *_: [tables.VISITS.schema.empty_table()] * 2)
    for slot in slots:
        desk.collect(slot)
        for part in steps.parts(desk.pipeline, slot):
            steps.extract(desk.pipeline, slot, part)
            steps.normalise(desk.pipeline, slot, part)
        steps.link(desk.pipeline, slot)
    for slot in slots:
        steps.gate(desk.pipeline, slot)
    workers = [PROCESSES.Process(target=_publish, args=(desk.pipeline.settings, slot)) for slot in slots]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
        assert worker.exitcode == 0
    for slot in slots:
        assert_conserved(desk, slot)
    articles = desk.rows(tables.ARTICLES)
    assert len(articles) == len(set(articles["article_id"].to_pylist()))
    versions = Counter(
        zip(*(desk.rows(tables.VERSIONS)[c].to_pylist() for c in ("article_id", "revision")), strict=True)
    )
    assert set(versions.values()) == {1}
    listed = {
        page.canonical_url for page in desk.room.truth() if page.expected == "published" and page.is_listed
    }
    assert set(articles["canonical_url"].to_pylist()) == listed

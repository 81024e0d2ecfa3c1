"""Which run of a slot is followed, and when one is started because none comes by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from presslake import newsdesk
from presslake.newsdesk import follow_slot
from presslake.services.airflow_api import AirflowApi, DagRun, TaskInstance

EARLIER, SLOT = "2026-11-22T12:15:00", "2026-11-22T12:30:00"


class Scheduler:
    """Airflow's answers as a story: a queued run of `slot` turns up at every entry of `comes`, by look."""

    def __init__(self, comes: dict[int, str], running_until: dict[str, int] | None = None) -> None:
        self.comes, self.running_until = comes, running_until or {}
        self.looks = 0
        self.triggered: list[str] = []

    def runs(self, dag_id: str) -> list[DagRun]:
        self.looks += dag_id == "collect"
        slots = [slot for look, slot in self.comes.items() if look <= self.looks] + self.triggered
        return [self._run(dag_id, slot) for slot in slots]

    def state(self, run: DagRun) -> str:
        return "success"

    def tasks(self, run: DagRun) -> list[TaskInstance]:
        return []

    def trigger(self, dag_id: str, slot: str) -> DagRun:
        self.triggered.append(slot)
        return self._run(dag_id, slot)

    def _run(self, dag_id: str, slot: str) -> DagRun:
        state = "running" if self.looks < self.running_until.get(slot, 0) else "success"
        when: Any = datetime(2026, 11, 22, 12, tzinfo=UTC)
        return DagRun(
            dag_id=dag_id,
            dag_run_id=f"of {slot}",
            partition_key=slot,
            state=state,
            run_type="scheduled",
            run_after=when,
            start_date=when,
            end_date=None,
        )


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds pass between two looks."""
    seconds = iter(range(5, 10**6, 5))
    now = [0]
    monkeypatch.setattr(newsdesk.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(newsdesk.time, "sleep", lambda _: now.__setitem__(0, next(seconds)))


def follow(scheduler: Scheduler) -> str:
    return follow_slot(cast("AirflowApi", scheduler), SLOT)


def test_the_slot_that_cron_brings_is_followed() -> None:
    scheduler = Scheduler({3: SLOT})
    assert follow(scheduler) == SLOT
    assert scheduler.triggered == []


def test_a_slot_that_nobody_brings_is_started() -> None:
    scheduler = Scheduler({})
    assert follow(scheduler) == SLOT
    assert scheduler.triggered == [SLOT]


def test_cron_is_awaited_while_an_earlier_slot_keeps_it_busy() -> None:
    """Airflow makes the run of the next slot only when the last has ended; ours would be a second one."""
    scheduler = Scheduler({0: EARLIER, 30: SLOT}, running_until={EARLIER: 29})
    assert follow(scheduler) == SLOT
    assert scheduler.triggered == []

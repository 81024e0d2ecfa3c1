"""Two processes that write at the same time lose nothing and duplicate nothing; neither does a dying server."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lake import Lake
from presslake.services import running, status
from presslake.services.ports import free_ports
from schemas.errors import TryLater
from schemas.settings import REPO, Settings
from schemas.tables import VERDICTS, VISITS
from tests.lake import writers
from tests.lake.rows import by_key, made_up

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(REPO)  # spawned processes inherit it


def _at_once(*calls: tuple[Callable[..., None], tuple[Any, ...]]) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=target, args=args) for target, args in calls]
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
    assert [process.exitcode for process in processes] == [0] * len(calls)


def test_overlapping_upserts(lake_settings: Settings) -> None:
    """Both start on a lake without tables, so they race for making those too."""
    _at_once(*((writers.upsert_overlapping, (lake_settings, n, 3)) for n in range(2)))
    with Lake(lake_settings) as lake:
        found = by_key(VERDICTS, lake.read(VERDICTS))
        own = [made_up(VERDICTS, 3, first=100 * (n + 1)) for n in range(2)]
        assert found.keys() == set().union(*(by_key(VERDICTS, t) for t in [made_up(VERDICTS, 5), *own]))
        shared = {row["observed"] for row in found.values()} & {"writer 0", "writer 1"}
        assert len(shared) == 1


def test_compare_and_set_counts_every_step(lake_settings: Settings) -> None:
    _at_once(*((writers.count_up, (lake_settings, 4)) for _ in range(2)))
    with Lake(lake_settings) as lake:
        assert lake.read(VERDICTS, columns=["checked"]).to_pylist() == [{"checked": 8}]


def test_s3_killed_while_writing(tmp_path: Path) -> None:
    """What was committed stays, what was not is written by the same call again."""
    settings = Settings(
        state_dir=tmp_path / "state",
        s3_port=free_ports(1)[0],
        catalog={"type": "sql", "uri": f"sqlite:///{tmp_path / 'catalog.db'}"},
    )
    with running(settings, {"s3"}) as live, Lake(live) as lake:
        kills = [threading.Timer(seconds, _kill_s3, [live]) for seconds in (0.3, 4, 8)]
        for kill in kills:
            kill.start()
        wanted: dict[Any, Any] = {}
        failures, count = 0, 0
        while any(kill.is_alive() for kill in kills) or count < 3:
            count += 1
            rows = made_up(VISITS, 3 * count, outlet=f"round {count // 3}")
            wanted |= by_key(VISITS, rows)
            failures += _until_done(lambda rows=rows: lake.upsert(VISITS, rows))
        assert failures
        assert by_key(VISITS, lake.read(VISITS)) == wanted


def _kill_s3(settings: Settings) -> None:
    for service in status(settings):
        if service.name == "s3" and service.pid:
            os.kill(service.pid, signal.SIGKILL)


def _until_done(write: Callable[[], object]) -> int:
    """Calls it until it no longer says `TryLater`; how often it did."""
    deadline, failures = time.monotonic() + 240, 0
    while True:
        try:
            write()
        except TryLater:
            assert time.monotonic() < deadline
            failures += 1
        else:
            return failures

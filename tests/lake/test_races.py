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
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * len(calls)


def test_overlapping_upserts(lake_settings: Settings) -> None:
    """Both start on a lake without tables, so they race for making those too."""
    _at_once(*((writers.upsert_overlapping, (lake_settings, n, 5)) for n in range(2)))
    with Lake(lake_settings) as lake:
        found = by_key(VERDICTS, lake.read(VERDICTS))
        own = [made_up(VERDICTS, 5, first=100 * (n + 1)) for n in range(2)]
        assert found.keys() == set().union(*(by_key(VERDICTS, t) for t in [made_up(VERDICTS, 5), *own]))
        shared = {row["observed"] for row in found.values()} & {"writer 0", "writer 1"}
        assert len(shared) == 1


def test_compare_and_set_counts_every_step(lake_settings: Settings) -> None:
    _at_once(*((writers.count_up, (lake_settings, 6)) for _ in range(2)))
    with Lake(lake_settings) as lake:
        assert lake.read(VERDICTS, columns=["checked"]).to_pylist() == [{"checked": 12}]


def test_s3_killed_while_writing(tmp_path: Path) -> None:
    """What was committed stays, what was not is written by the same call again."""
    settings = Settings(
        state_dir=tmp_path / "state",
        s3_port=free_ports(1)[0],
        catalog={"type": "sql", "uri": f"sqlite:///{tmp_path / 'catalog.db'}"},
    )
    with running(settings, {"s3"}) as live, Lake(live) as lake:
        stop = threading.Event()

        def kill() -> None:
            while not stop.wait(1.5):
                pid = next(one.pid for one in status(live) if one.name == "s3")
                if pid:
                    os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        failures = 0
        try:
            for count in range(1, 9):
                deadline = time.monotonic() + 60
                while True:
                    try:
                        lake.upsert(VISITS, made_up(VISITS, 3 * count, outlet=f"round {count // 3}"))
                        break
                    except TryLater:
                        failures += 1
                        assert time.monotonic() < deadline
        finally:
            stop.set()
            killer.join()
        while True:
            try:
                found = lake.read(VISITS)
                break
            except TryLater:
                time.sleep(0.2)
        assert failures
        rounds = [(made_up(VISITS, 3 * n, outlet=f"round {n // 3}")) for n in range(1, 9)]
        wanted: dict[Any, Any] = {}
        for rows in rounds:
            wanted |= by_key(VISITS, rows)
        assert by_key(VISITS, found) == wanted

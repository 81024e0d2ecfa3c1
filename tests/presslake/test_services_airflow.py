"""Airflow's components under the supervisor, with the newsroom and everything else."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from presslake.services import ServiceStatus, down, status, up, with_secrets
from presslake.services.airflow_api import AirflowApi
from presslake.services.ports import free_ports, require_free
from presslake.services.state import marked, supervisor_pid
from schemas.errors import Reject, TryLater
from schemas.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Everything up, with the DAGs paused so that only the test makes load."""
    s3, postgres, airflow, newsroom = free_ports(4)
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("state"),
        s3_port=s3,
        postgres_port=postgres,
        airflow_port=airflow,
        newsroom_port=newsroom,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION", "True")
        up(settings)
    yield with_secrets(settings)
    down(settings)


def test_everything_is_healthy_and_on_loopback_only(live: Settings) -> None:
    assert {one.name: one.state for one in status(live)} == {
        "s3": "healthy",
        "postgres": "healthy",
        "newsroom": "healthy",
        "airflow-migrate": "done",
        "airflow-api-server": "healthy",
        "airflow-scheduler": "healthy",
        "airflow-dag-processor": "healthy",
        "airflow-triggerer": "healthy",
    }
    assert _listening(live) == {"127.0.0.1"}


def test_runs_are_started_and_found_by_slot(live: Settings) -> None:
    api, slot, deadline = AirflowApi(live), "2026-01-01T00:00:00", time.monotonic() + 60
    while True:
        try:
            run = api.trigger("collect", slot)
            break
        except TryLater:  # the DAG files are not read yet
            assert time.monotonic() < deadline, api.import_errors()
            time.sleep(0.5)
    assert api.import_errors() == {}
    assert [one.dag_run_id for one in api.runs("collect", slot)] == [run.dag_run_id]
    assert api.runs("collect", "2026-01-01T00:15:00") == []
    assert {one.state for one in api.tasks(run)} == {None}  # the DAG is paused
    with pytest.raises(Reject, match="Airflow answered 400"):
        api.trigger("collect", conf={"slot": 1})


def test_a_killed_scheduler_comes_back_without_its_old_workers(live: Settings) -> None:
    pid = _scheduler(live).pid
    assert pid
    old = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while not ((now := _scheduler(live)).restarts == 1 and now.is_up):
        assert time.monotonic() < deadline, now
        time.sleep(0.5)
    assert len(old) > 1
    assert [one for one in old if one.is_running()] == []


def test_down_leaves_nothing(live: Settings) -> None:
    down(live)
    assert supervisor_pid(live.state_dir) is None
    assert list(marked(live.state_dir)) == []
    for name in ("s3_port", "postgres_port", "airflow_port", "newsroom_port"):
        require_free(getattr(live, name), name)


def _scheduler(live: Settings) -> ServiceStatus:
    [scheduler] = [one for one in status(live) if one.name == "airflow-scheduler"]
    return scheduler


def _listening(live: Settings) -> set[str]:
    family = psutil.Process(supervisor_pid(live.state_dir)).children(recursive=True)
    sockets = [one for process in family for one in process.net_connections("inet")]
    return {one.laddr.ip for one in sockets if one.status == psutil.CONN_LISTEN}

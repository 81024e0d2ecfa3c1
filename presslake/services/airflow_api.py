"""What we ask of Airflow's REST API: runs, their tasks and logs, and to start a run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from presslake.services.airflow import USER, airflow_url
from presslake.services.environment import read_secrets
from presslake.services.http import call_json
from schemas.errors import Reject, TryLater
from schemas.settings import Settings

PAGE = 100
"""Rows a request; Airflow gives no more."""


class DagRun(BaseModel):
    """One run of a DAG."""

    dag_id: str
    dag_run_id: str
    partition_key: str | None
    state: str
    run_type: str
    run_after: datetime
    start_date: datetime | None
    end_date: datetime | None


class TaskInstance(BaseModel):
    """One task of a run, or one of its mapped copies (map_index from 0; -1 if not mapped)."""

    dag_id: str
    dag_run_id: str
    task_id: str
    map_index: int
    rendered_map_index: str | None
    state: str | None
    try_number: int
    start_date: datetime | None
    end_date: datetime | None


class AirflowApi:
    """A logged-in client. Every call raises TryLater when Airflow does not answer, Reject when it refuses."""

    def __init__(self, settings: Settings) -> None:
        self._url = airflow_url(settings)
        self._login = {"username": USER, "password": read_secrets(settings.state_dir).airflow_password}
        self._token = ""

    def token(self) -> str:
        """A token of this login, for requests of one's own."""
        return str(call_json("POST", f"{self._url}/auth/token", self._login)["access_token"])

    def runs(self, dag_id: str, partition_key: str | None = None) -> list[DagRun]:
        """Runs of a DAG (``~``: of every DAG), newest first; only those of one slot if a key is given."""
        query = {"order_by": "-run_after"} | (
            {"partition_key_prefix_pattern": partition_key} if partition_key else {}
        )
        rows = self._rows(f"dags/{quote(dag_id)}/dagRuns", "dag_runs", query)
        runs = (DagRun.model_validate(row) for row in rows)
        return [run for run in runs if partition_key in {None, run.partition_key}]

    def state(self, run: DagRun) -> str:
        """The run's state as it is now: queued, running, success or failed."""
        return DagRun.model_validate(self._call("GET", _path(run))).state

    def tasks(self, run: DagRun) -> list[TaskInstance]:
        """Every task instance of the run; the copies of mapped tasks once they exist."""
        rows = self._rows(f"{_path(run)}/taskInstances", "task_instances", {})
        return [TaskInstance.model_validate(row) for row in rows]

    def log(self, task: TaskInstance) -> str:
        """What the task printed in its last try, with type and message of the error that ended it."""
        path = f"{_path(task)}/taskInstances/{quote(task.task_id)}/logs/{task.try_number}"
        lines = self._call("GET", path, {"map_index": task.map_index, "full_content": "true"})["content"]
        return "\n".join(
            text
            for line in lines
            for text in (
                line["event"],
                *(f"{e['exc_type']}: {e['exc_value']}" for e in line.get("error_detail", ())),
            )
        )

    def trigger(
        self, dag_id: str, partition_key: str | None = None, conf: dict[str, Any] | None = None
    ) -> DagRun:
        """Start a run of the slot. Raises TryLater while Airflow has not read the DAG yet."""
        body = {"logical_date": None, "partition_key": partition_key, "conf": conf or {}}
        return DagRun.model_validate(self._call("POST", f"dags/{quote(dag_id)}/dagRuns", body=body))

    def import_errors(self) -> dict[str, str]:
        """File and stack trace of the DAG files that could not be read."""
        rows = self._rows("importErrors", "import_errors", {})
        return {row["filename"]: row["stack_trace"] for row in rows}

    def _rows(self, path: str, key: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        offset = 0
        while rows := self._call("GET", path, {**query, "limit": PAGE, "offset": offset})[key]:
            yield from rows
            if len(rows) < PAGE:
                return
            offset += PAGE

    def _call(self, method: str, path: str, query: dict[str, Any] | None = None, body: Any = None) -> Any:
        url = f"{self._url}/api/v2/{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            self._token = self._token or self.token()
            return call_json(method, url, body, self._token)
        except HTTPError as error:
            if error.code == 401 and self._token:  # it lives for a day
                self._token = ""
                return self._call(method, path, query, body)
            detail = (
                f"Airflow answered {error.code} to {method} {path}: {error.read().decode(errors='replace')}"
            )
            raise (TryLater if error.code in {404, 429} or error.code >= 500 else Reject)(detail) from error
        except OSError as error:
            raise TryLater(f"Airflow at {self._url} did not answer: {error}") from error


def _path(of: DagRun | TaskInstance) -> str:
    return f"dags/{quote(of.dag_id)}/dagRuns/{quote(of.dag_run_id)}"

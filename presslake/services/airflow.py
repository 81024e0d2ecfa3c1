"""Airflow's components, each a supervised process of its own, on one machine.

`airflow standalone` is not used: it restarts nothing, and killing it leaves its children with their ports.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import ClassVar, cast

from presslake.services.environment import read_secrets, settings_env
from presslake.services.http import get_json
from presslake.services.postgres import ask, database_uri
from presslake.services.service import NotReady, Service
from schemas.settings import REPO, Settings

USER = "admin"


def airflow_url(settings: Settings) -> str:
    """Where the UI and the API are, without a slash at the end."""
    host = "127.0.0.1" if settings.bind in {"0.0.0.0", "::"} else settings.bind  # noqa: S104
    return f"http://{host}:{settings.airflow_port}"


def airflow_env(settings: Settings) -> dict[str, str]:
    """Everything an Airflow process of this installation needs, our own settings among it (``with_secrets``)."""
    made, home = read_secrets(settings.state_dir), settings.state_dir / "airflow"
    bundle = {
        "name": "presslake",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(REPO)},
    }
    conn = database_uri(settings, "airflow").replace("postgresql://", "postgresql+psycopg2://", 1)
    options = {
        "core__plugins_folder": str(REPO / "plugins"),
        "core__execution_api_server_url": f"{airflow_url(settings)}/execution/",
        "core__fernet_key": made.airflow_fernet_key,
        "core__simple_auth_manager_users": f"{USER}:admin",
        "core__simple_auth_manager_passwords_file": str(home / "passwords.json"),
        "database__sql_alchemy_conn": conn,
        "dag_processor__dag_bundle_config_list": json.dumps([bundle]),
        "api__host": settings.bind,
        "api__port": str(settings.airflow_port),
        "api__base_url": airflow_url(settings),
        "api__secret_key": made.airflow_secret_key,
        "api_auth__jwt_secret": made.airflow_jwt_secret,
    }
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(REPO / "airflow.cfg"),
        "SPT_NOENV": "1",  # setproctitle leaves /proc/<pid>/environ alone, where the supervisor's mark is
        **{f"AIRFLOW__{name.upper()}": value for name, value in options.items()},
        **settings_env(settings),
    }


@dataclass
class Airflow(Service):
    """What all components share."""

    arguments: ClassVar[tuple[str, ...]]

    def command(self) -> list[str]:
        return [sys.executable, "-m", "airflow", *self.arguments]

    def environment(self) -> dict[str, str]:
        return airflow_env(self.settings)


@dataclass
class Migrate(Airflow):
    """`airflow db migrate`; left out when the database is at the revision this version left it at."""

    name = "airflow-migrate"
    needs = ("postgres",)
    once = True
    arguments = ("db", "migrate")

    def command(self) -> list[str]:
        home = self.settings.state_dir / "airflow"
        home.mkdir(parents=True, exist_ok=True)
        passwords = home / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({USER: read_secrets(self.settings.state_dir).airflow_password}))
        migrated = home / "migrated"
        if migrated.exists() and migrated.read_text() == self._revision():
            return []
        return super().command()

    def ended(self, code: int) -> None:
        if code == 0:
            with suppress(NotReady):  # it is looked at again at the next start
                (self.settings.state_dir / "airflow" / "migrated").write_text(self._revision())

    def _revision(self) -> str:
        """Version of Airflow and revision of its tables; `airflow db check-migrations` takes 5 s to tell."""
        known = ask(self.settings, "airflow", "SELECT to_regclass('alembic_version') IS NOT NULL") == "True"
        revision = (
            ask(self.settings, "airflow", "SELECT version_num FROM alembic_version") if known else "none"
        )
        return f"{version('apache-airflow')} {revision}"


@dataclass
class ApiServer(Airflow):
    """UI and API. It keeps nothing of its own, so it is killed: a gentle end takes it 5 s."""

    name = "airflow-api-server"
    needs = ("airflow-migrate",)
    port_setting = "airflow_port"
    stop_signal = signal.SIGKILL
    arguments = ("api-server",)

    def health(self) -> str:
        return f"Airflow {get_json(f'{airflow_url(self.settings)}/api/v2/version')['version']}"


@dataclass
class Heartbeating(Airflow):
    """A component without a port: its health is the heartbeat it writes to the database, told by the API."""

    needs = ("airflow-migrate",)
    job: ClassVar[str]

    def health(self) -> str:
        job = get_json(f"{airflow_url(self.settings)}/api/v2/monitor/health")[self.job]
        beat = cast("str | None", job[f"latest_{self.job}_heartbeat"])
        last = datetime.fromisoformat(beat) if beat else None
        if last is None or self.started_at is None or last < self.started_at:
            raise NotReady("no heartbeat yet")
        detail = f"heartbeat {(datetime.now(UTC) - last).total_seconds():.0f} s ago"
        if job["status"] != "healthy":
            raise NotReady(detail)
        return detail


# Their log servers would listen on every address; the API server reads the log files of this machine itself.


@dataclass
class Scheduler(Heartbeating):
    """Decides what runs, and runs it in its own workers (LocalExecutor).

    Its first tasks fail if the API server, which every task talks to, is not there yet.
    """

    name = "airflow-scheduler"
    needs = ("airflow-api-server",)
    arguments = ("scheduler", "--skip-serve-logs")
    job = "scheduler"


@dataclass
class DagProcessor(Heartbeating):
    """Reads the DAG files."""

    name = "airflow-dag-processor"
    arguments = ("dag-processor",)
    job = "dag_processor"


@dataclass
class Triggerer(Heartbeating):
    """Waits on behalf of deferred tasks."""

    name = "airflow-triggerer"
    arguments = ("triggerer", "--skip-serve-logs")
    job = "triggerer"


COMPONENTS: tuple[type[Airflow], ...] = (Migrate, ApiServer, Scheduler, DagProcessor, Triggerer)

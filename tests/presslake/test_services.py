"""The embedded S3 and PostgreSQL under their supervisor: they start, survive, end, and leave nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError

import boto3
import psycopg2
import pytest

from presslake.services import ServiceStatus, down, running, status, up, with_secrets
from presslake.services.environment import settings_env
from presslake.services.http import get_text
from presslake.services.ports import free_ports, require_free
from presslake.services.state import marked, supervisor_pid
from schemas.errors import Halt, Reject
from schemas.settings import Settings
from tests.processes import listening
from tests.spiders.tiny import Tiny

BOTH = ("s3", "postgres")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    s3, postgres = free_ports(2)
    return Settings(state_dir=tmp_path / "state", s3_port=s3, postgres_port=postgres)


def test_settings_reach_a_child_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = with_secrets(
        Settings(state_dir=tmp_path, catalog={"type": "glue"}, recheck_hours=(1, 2.5), debug=True)
    )
    for name, value in settings_env(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_secrets_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    first, second = with_secrets(Settings(state_dir=tmp_path)), with_secrets(Settings(state_dir=tmp_path))
    assert first == second
    assert first.s3_secret_key
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]


def test_secrets_leave_servers_alone_that_are_not_ours(tmp_path: Path) -> None:
    elsewhere = Settings(state_dir=tmp_path, s3_embedded=False, postgres_embedded=False)
    assert with_secrets(elsewhere) == elsewhere


def test_a_proxy_is_not_asked_for_our_own_servers() -> None:
    told = "import os, presslake; print(os.environ['no_proxy'], os.environ['NO_PROXY'])"
    environment = {
        **os.environ,
        "http_proxy": "http://127.0.0.1:9",
        "no_proxy": "",
        "NO_PROXY": "inside.example",
    }
    for _ in range(2):  # what a child inherits is not said twice
        done = subprocess.run(
            [sys.executable, "-c", told], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == ["inside.example,127.0.0.1,localhost"] * 2
        environment |= {"no_proxy": done.stdout.split()[0]}


def test_health_is_asked_past_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Tiny() as site, pytest.raises(HTTPError, match="404"):
        get_text(f"http://127.0.0.1:{site.port}/nowhere")


def test_a_busy_port_is_rejected_by_name(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.s3_port)):
        with pytest.raises(
            Reject, match=rf"port {settings.s3_port} .*process {os.getpid()}.*PRESSLAKE_S3_PORT"
        ):
            up(settings, BOTH)
        assert supervisor_pid(settings.state_dir) is None
    require_free(settings.s3_port, "s3_port")


def test_free_ports_are_none_that_others_are_given() -> None:
    ports = free_ports(30)
    assert len(set(ports)) == 30
    for _ in range(300):
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert server.getsockname()[1] not in ports


@pytest.mark.slow
def test_data_survives_kill_nine(settings: Settings) -> None:
    with running(settings, BOTH) as live:
        s3 = _bucket(live)
        for number, size in enumerate((0, 10, 100_000, 9_000_000)):
            s3.put_object(Bucket=live.s3_bucket, Key=str(number), Body=bytes([number]) * size)
        _sql(live, "CREATE TABLE kept AS SELECT 42 AS answer")
        for one in status(live):
            assert one.pid
            os.kill(one.pid, signal.SIGKILL)
        again = _wait_for(live, lambda one: one.is_up and one.restarts == 1)
        assert len(again) == 2

        for number, size in enumerate((0, 10, 100_000, 9_000_000)):
            body = s3.get_object(Bucket=live.s3_bucket, Key=str(number))["Body"].read()
            assert body == bytes([number]) * size
        assert _sql(live, "SELECT answer FROM kept") == 42

        assert listening(supervisor_pid(live.state_dir)) == {"127.0.0.1"}
    _assert_nothing_left(live)


@pytest.mark.slow
def test_a_second_start_finds_the_data_and_a_second_up_does_nothing(settings: Settings) -> None:
    up(settings, BOTH)
    live = with_secrets(settings)
    _bucket(live).put_object(Bucket=live.s3_bucket, Key="kept", Body=b"kept")
    before = supervisor_pid(live.state_dir)
    up(settings, BOTH)
    assert supervisor_pid(live.state_dir) == before
    other = settings.model_copy(update={"s3_port": free_ports(1)[0]})
    with pytest.raises(Reject, match=r"s3: `presslake down` first"):
        up(other, BOTH)
    down(settings)
    down(settings)
    _assert_nothing_left(live)
    assert {one.state for one in status(settings)} == {"stopped"}

    with running(settings, BOTH):
        assert _bucket(live).get_object(Bucket=live.s3_bucket, Key="kept")["Body"].read() == b"kept"


@pytest.mark.slow
def test_a_killed_supervisor_takes_its_servers_along(settings: Settings) -> None:
    up(settings, BOTH)
    pid = supervisor_pid(settings.state_dir)
    assert pid
    os.kill(pid, signal.SIGKILL)
    _until(lambda: not list(marked(settings.state_dir)), "the servers outlive their supervisor")
    with running(settings, BOTH) as live:
        assert _sql(live, "SELECT 1") == 1
    _assert_nothing_left(live)


@pytest.mark.slow
def test_leftovers_are_found_wherever_they_hang(settings: Settings) -> None:
    """A descendant that left its session and outlived everybody is ended by the next `down`."""
    up(settings, BOTH)
    [mine] = [one.environ() for one in marked(settings.state_dir) if one.name() == "weed"]
    orphan = os.posix_spawn("/bin/sleep", ["sleep", "600"], mine, setsid=True)
    down(settings)
    os.waitpid(orphan, 0)
    _assert_nothing_left(with_secrets(settings))


@pytest.mark.slow
def test_a_server_that_cannot_live_is_given_up_with_its_last_words(settings: Settings) -> None:
    (settings.state_dir / "postgres").mkdir(parents=True)
    with pytest.raises(Halt, match=r"(?s)postgres died 5 times, last exit code .*postgres"):
        up(settings, BOTH)
    _assert_nothing_left(with_secrets(settings))
    assert {one.name: one.state for one in status(settings)}["postgres"] == "dead"


def _bucket(live: Settings):  # type: ignore[no-untyped-def]  # boto3 makes its types at run time
    assert live.s3_access_key
    assert live.s3_secret_key
    return boto3.client(
        "s3",
        endpoint_url=live.endpoint,
        region_name=live.s3_region,
        aws_access_key_id=live.s3_access_key.get_secret_value(),
        aws_secret_access_key=live.s3_secret_key.get_secret_value(),
    )


def _sql(live: Settings, statement: str) -> int | None:
    assert live.postgres_uri
    with closing(psycopg2.connect(live.postgres_uri.get_secret_value())) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.fetchone()[0]) if cursor.description else None


def _wait_for(live: Settings, condition: Callable[[ServiceStatus], bool]) -> list[ServiceStatus]:
    _until(lambda: all(map(condition, status(live))), f"{status(live)}")
    return status(live)


def _until(condition: Callable[[], bool], otherwise: str, timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)


def _assert_nothing_left(live: Settings) -> None:
    assert supervisor_pid(live.state_dir) is None
    assert list(marked(live.state_dir)) == []
    for name in ("s3_port", "postgres_port"):
        require_free(getattr(live, name), name)

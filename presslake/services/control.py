"""Up, down, status: what a person, the command line and the tests do with the servers."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress

import psutil

from presslake.services.environment import settings_env, with_secrets
from presslake.services.ports import require_free
from presslake.services.service import tied
from presslake.services.state import (
    ServiceStatus,
    end,
    log_tail,
    marked,
    open_log,
    read_report,
    supervisor_pid,
)
from presslake.services.supervisor import PATIENCE_S, services_of
from schemas.errors import Halt, Reject, TryLater
from schemas.settings import Settings

Progress = Callable[[ServiceStatus], None]


def up(
    settings: Settings,
    names: Collection[str] = (),
    *,
    detach: bool = False,
    progress: Progress = lambda _: None,
    timeout_s: float = 300,
) -> list[ServiceStatus]:
    """Start the services (all, or those named) and return once every one is healthy; if they run already, do nothing.

    ``progress`` is called at every change. Unless ``detach``, the servers end by themselves when the calling
    thread does; ``down`` (or ``running``) waits for that.
    Raises Reject (busy port, already running otherwise), Halt (a server that cannot run, with its last log
    lines), TryLater (not healthy in time); after Halt and TryLater nothing runs.
    """
    settings = with_secrets(settings)
    state_dir = settings.state_dir
    services = services_of(settings, names)
    starting = supervisor_pid(state_dir) is None
    if starting:
        end(marked(state_dir), PATIENCE_S)
        for service in services:
            if service.port and service.port_setting:
                require_free(service.port, service.port_setting)
        (state_dir / "supervisor.json").unlink(missing_ok=True)
        _start(settings, [service.name for service in services], detach=detach)
    else:
        running_now = {(one.name, one.port) for one in read_report(state_dir).services}
        if missing := sorted(
            {service.name for service in services if (service.name, service.port) not in running_now}
        ):
            raise Reject(
                f"Presslake runs already with other settings of {', '.join(missing)}: `presslake down` first"
            )
    try:
        return _wait_until_healthy(settings, {service.name for service in services}, progress, timeout_s)
    except BaseException:
        if starting:
            down(settings)
        raise


def down(settings: Settings) -> None:
    """Stop the servers, and whatever an unclean end left of them; returns when they are gone."""
    state_dir = with_secrets(settings).state_dir
    stop, patience_s = signal.SIGTERM, 4 * PATIENCE_S
    while pid := supervisor_pid(state_dir):  # not the process: it stays visible until its parent takes note
        with suppress(ProcessLookupError):
            os.kill(pid, stop)
        deadline = time.monotonic() + patience_s
        while supervisor_pid(state_dir) == pid and time.monotonic() < deadline:
            time.sleep(0.05)
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        stop = signal.SIGKILL
    end(marked(state_dir), PATIENCE_S)


def status(settings: Settings) -> list[ServiceStatus]:
    """Every service of this installation, as the supervisor saw it within the last seconds."""
    settings = with_secrets(settings)
    seen = read_report(settings.state_dir).services
    if supervisor_pid(settings.state_dir) is None:
        dead = {one.name: one for one in seen if one.state == "dead"}
        known = [ServiceStatus(name=service.name, port=service.port) for service in services_of(settings)]
        return [dead.get(one.name, one) for one in known]
    return [one.model_copy(update={"memory_mb": _memory_mb(one.pid)}) for one in seen]


def watch(settings: Settings) -> None:
    """Block until the servers are stopped. Raises Halt with the cause if the supervisor gave up."""
    state_dir = with_secrets(settings).state_dir
    while supervisor_pid(state_dir) is not None:
        time.sleep(0.5)
    if error := read_report(state_dir).error:
        raise Halt(error)


@contextmanager
def running(
    settings: Settings, names: Collection[str] = (), *, progress: Progress = lambda _: None
) -> Iterator[Settings]:
    """The services, up for the length of a ``with`` block; gives the settings that reach them.

    Those that ran before stay up.
    """
    live = with_secrets(settings)
    ran_before = supervisor_pid(live.state_dir) is not None
    up(live, names, progress=progress)
    try:
        yield live
    finally:
        if not ran_before:
            down(live)


def _start(settings: Settings, names: list[str], *, detach: bool) -> None:
    command = [sys.executable, "-m", "presslake.services", *names]
    command = command if detach else tied(command, signal.SIGTERM)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PRESSLAKE_")}
    with open_log(settings.state_dir, "supervisor") as log:
        os.posix_spawn(  # not Popen, which wants to be waited for
            command[0],
            command,
            {**inherited, **settings_env(settings)},
            setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
        )


def _wait_until_healthy(
    settings: Settings, names: set[str], progress: Progress, timeout_s: float
) -> list[ServiceStatus]:
    started = time.monotonic()
    seen: dict[str, ServiceStatus] = {}
    while (waited := time.monotonic() - started) < timeout_s:
        report = read_report(settings.state_dir)
        for one in report.services:
            if seen.get(one.name) != one:
                progress(one)
        seen = {one.name: one for one in report.services}
        if report.error:
            raise Halt(report.error)
        if names <= {one.name for one in report.services if one.is_up}:
            return list(report.services)
        if supervisor_pid(settings.state_dir) is None and (seen or waited > 20):
            raise Halt(f"the supervisor ended: {log_tail(settings.state_dir, 'supervisor')}")
        time.sleep(0.1)
    late = ", ".join(f"{one.name} ({one.detail or one.state})" for one in seen.values() if not one.is_up)
    raise TryLater(f"not healthy after {timeout_s:.0f} s: {late or 'the supervisor'}")


def _memory_mb(pid: int | None) -> float | None:
    try:
        process = psutil.Process(pid) if pid else None
        family = [process, *process.children(recursive=True)] if process else []
        return sum(one.memory_full_info().pss for one in family) / 1e6 if family else None
    except psutil.NoSuchProcess:
        return None

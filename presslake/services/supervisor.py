"""Starts the servers in order, watches them, restarts what dies, leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.error import URLError

from presslake.services.airflow import COMPONENTS
from presslake.services.newsroom import Newsroom
from presslake.services.postgres import Postgres
from presslake.services.s3 import S3
from presslake.services.service import NotReady, Service, tied
from presslake.services.state import (
    Report,
    ServiceStatus,
    end,
    log_tail,
    mark,
    marked,
    open_log,
    write_report,
)
from schemas.errors import Halt, PresslakeError
from schemas.settings import REPO, Settings

TICK_S = 0.1
PROBE_S = 5
"""Between two looks at a healthy server; one that is not healthy is looked at five times a second."""
LENIENCE_S = 20
"""A healthy server that does not answer for less than this is merely busy."""
MAX_DEATHS, DEATH_WINDOW_S = 5, 300
PATIENCE_S = 15
"""Longest wait for servers to end by themselves before they are killed."""


def services_of(settings: Settings, names: Collection[str] = ()) -> list[Service]:
    """The services of an installation in order of starting; all of them if none is named."""
    kinds: list[tuple[bool, type[Service]]] = [
        (settings.s3_embedded, S3),
        (settings.postgres_embedded, Postgres),
        (settings.outlets == "demo", Newsroom),
        *((True, component) for component in COMPONENTS),
    ]
    return [kind(settings) for wanted, kind in kinds if wanted and (not names or kind.name in names)]


class Child:
    """One service and the process that runs it now."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.process: subprocess.Popen[bytes] | None = None
        self.status = ServiceStatus(name=service.name, state="waiting", port=service.port)
        self.deaths: deque[float] = deque(maxlen=MAX_DEATHS)
        self.start_at = self.probe_at = self.well_at = 0.0

    def look(self, up: set[str]) -> None:
        """One turn: start it when what it needs is up, notice its death, ask for its health.

        Raises Halt if it cannot be kept alive.
        """
        now = time.monotonic()
        if self.process is None:
            if self.status.state != "done" and now >= self.start_at and up.issuperset(self.service.needs):
                self._start(now)
        elif (code := self.process.poll()) is not None:
            self._clear(code)
            self._judge(code, now)
        elif now >= self.probe_at and not self.service.once:
            self._probe()
            self.probe_at = time.monotonic() + (PROBE_S if self.status.is_up else 2 * TICK_S)

    def stop(self) -> None:
        """Ask the process to end; ``wait`` waits for it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.service.stop_signal)

    def wait(self, timeout_s: float) -> None:
        """Wait for the end of the process, kill it after the timeout."""
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(max(timeout_s, 0))
            self.process.kill()
            self._clear(self.process.wait())
        if self.status.state != "dead":
            self._tell(state="stopped", pid=None, detail="")

    def _start(self, now: float) -> None:
        state_dir = self.service.settings.state_dir
        try:
            command = self.service.command()
        except NotReady:
            self.start_at = now + 1
            return
        if not command:
            self._tell(state="done", detail="nothing to do")
            return
        with open_log(state_dir, self.service.name) as log:
            self.process = subprocess.Popen(
                tied(command, self.service.stop_signal, *self.service.privileges()),
                env={**os.environ, **self.service.environment(), **mark(state_dir, self.service.name)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=REPO,
                start_new_session=True,  # Ctrl-C in the terminal reaches only us
            )
        self.service.started_at = datetime.now(UTC)
        self._tell(state="starting", pid=self.process.pid, since=self.service.started_at, detail="")

    def _probe(self) -> None:
        try:
            self._tell(state="healthy", detail=self.service.health())
            self.well_at = time.monotonic()
        except (NotReady, OSError) as error:
            if self.status.state == "starting":
                self._tell(detail=_reason(error))
            elif time.monotonic() - self.well_at > LENIENCE_S:
                self._tell(state="unhealthy", detail=_reason(error))

    def _clear(self, code: int) -> None:
        """The process is gone: so must be its descendants."""
        end(marked(self.service.settings.state_dir, self.service.name), patience_s=0)
        self.process = None
        self.service.ended(code)

    def _judge(self, code: int, now: float) -> None:
        """Done, start again later, or Halt?"""
        if self.service.once and code == 0:
            self._tell(state="done", pid=None, detail="")
            return
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        self._tell(state="dead", pid=None, detail=how, restarts=self.status.restarts + 1)
        self.deaths.append(now)
        if len(self.deaths) == MAX_DEATHS and now - self.deaths[0] < DEATH_WINDOW_S:
            last = log_tail(self.service.settings.state_dir, self.service.name)
            raise Halt(f"{self.service.name} died {MAX_DEATHS} times, last {how}; its log ends:\n{last}")
        self.start_at = now + 0.25 * 2 ** len(self.deaths)

    def _tell(self, **changes: object) -> None:
        self.status = self.status.model_copy(update=changes)


def supervise(settings: Settings, names: Sequence[str] = ()) -> None:
    """Run the services until SIGTERM or SIGINT.

    Raises Halt, with everything stopped, when one of them cannot be kept alive.
    """
    children = [Child(service) for service in services_of(settings, names)]
    present = {child.service.name for child in children}
    told = Report()
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopping.append(number))
    error = None
    try:
        while not stopping:
            up = {child.service.name for child in children if child.status.is_up}
            for child in children:
                child.look(up | set(child.service.needs) - present)
            told = _tell(settings, children, told)
            time.sleep(TICK_S)
    except PresslakeError as cause:
        error = str(cause)
        raise
    finally:
        _stop(children)
        end(marked(settings.state_dir), patience_s=0)
        _tell(settings, children, told, error)


def _tell(settings: Settings, children: Sequence[Child], told: Report, error: str | None = None) -> Report:
    report = Report(services=tuple(child.status for child in children), error=error)
    if report != told:
        write_report(settings.state_dir, report)
    return report


def _stop(children: Sequence[Child]) -> None:
    """End the servers, those that others need last."""
    left = list(children)
    while left:
        needed = {name for child in left for name in child.service.needs}
        wave = [child for child in left if child.service.name not in needed]
        for child in wave:
            child.stop()
        deadline = time.monotonic() + PATIENCE_S
        for child in wave:
            child.wait(deadline - time.monotonic())
        left = [child for child in left if child not in wave]


def _reason(error: Exception) -> str:
    return str(error.reason if isinstance(error, URLError) else error)

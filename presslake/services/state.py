"""What the supervisor and its callers share: lock, report and logs in the state folder, a mark on processes.

``supervisor.lock``  held as long as a supervisor lives: "does it run?" has one answer even after ``kill -9``
``supervisor.json``  what the supervisor sees (Report)
``logs/<name>.log``  what each server and the supervisor printed

Every server carries ``PRESSLAKE_SUPERVISED=<service>@<state folder>`` in its environment, and its children
inherit it: that, and never a program's name, is how leftovers are found.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import psutil
from pydantic import BaseModel, Field

MARK = "PRESSLAKE_SUPERVISED"
LARGE_LOG = 20_000_000
FLOCK = struct.Struct("hhqqi0q")
"""Linux's struct flock on 64 bits: type, whence, start, length, process."""


class ServiceStatus(BaseModel):
    """What is known of one service."""

    name: str
    state: Literal["waiting", "starting", "healthy", "unhealthy", "done", "dead", "stopped"] = "stopped"
    detail: str = ""
    pid: int | None = None
    port: int | None = None
    since: datetime | None = Field(default=None, description="Start of the process, UTC.")
    restarts: int = 0
    memory_mb: float | None = Field(
        default=None, description="Its own and its children's share; see status()."
    )

    @property
    def is_up(self) -> bool:
        """It serves, or its one job is done."""
        return self.state in {"healthy", "done"}


class Report(BaseModel):
    """Content of ``supervisor.json``."""

    services: tuple[ServiceStatus, ...] = ()
    error: str | None = Field(default=None, description="Why the supervisor gave up, if it did.")


def read_report(state_dir: Path) -> Report:
    """The last report; an empty one if there is none."""
    try:
        return Report.model_validate_json((state_dir / "supervisor.json").read_text())
    except FileNotFoundError:
        return Report()


def write_report(state_dir: Path, report: Report) -> None:
    """Replace the report, whole or not at all."""
    draft = state_dir / "supervisor.json.new"
    draft.write_text(report.model_dump_json())
    draft.rename(state_dir / "supervisor.json")


@contextmanager
def locked(state_dir: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises BlockingIOError if another supervisor does."""
    with (state_dir / "supervisor.lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def supervisor_pid(state_dir: Path) -> int | None:
    """Process number of the supervisor of this folder, as the kernel knows it from the lock."""
    try:
        with (state_dir / "supervisor.lock").open() as lock:
            asked = FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, *_, pid = FLOCK.unpack(fcntl.fcntl(lock, fcntl.F_GETLK, asked))
            return None if kind == fcntl.F_UNLCK else pid
    except FileNotFoundError:
        return None


def open_log(state_dir: Path, name: str) -> BinaryIO:
    """A service's log to append to; one that has grown large is put aside first."""
    path = _log_path(state_dir, name)
    if path.exists() and path.stat().st_size > LARGE_LOG:
        path.rename(path.with_suffix(".old.log"))
    return path.open("ab")


def log_tail(state_dir: Path, name: str, lines: int = 8) -> str:
    """The last lines of a service's log."""
    with _log_path(state_dir, name).open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


def mark(state_dir: Path, service: str) -> dict[str, str]:
    """The variable that marks a server and all its descendants."""
    return {MARK: f"{service}@{state_dir}"}


def marked(state_dir: Path, service: str | None = None) -> Iterator[psutil.Process]:
    """Every process of this folder's servers (or of one), wherever it hangs now."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            name, _, folder = process.environ().get(MARK, "").partition("@")
            if folder == str(state_dir) and service in {None, name}:
                yield process


def end(processes: Iterable[psutil.Process], patience_s: float) -> None:
    """Ask the processes to end, kill those that have not in time; returns when they are gone."""
    left = list(processes)
    for stop, wait_s in ((psutil.Process.terminate, patience_s), (psutil.Process.kill, 3)):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                stop(process)
        left = psutil.wait_procs(left, timeout=wait_s)[1]


def _log_path(state_dir: Path, name: str) -> Path:
    path = state_dir / "logs" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path

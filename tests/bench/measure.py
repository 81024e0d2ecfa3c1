"""Processes measured from outside: time, CPU with all descendants, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from presslake.services.environment import settings_env
from presslake.services.state import marked
from schemas.settings import REPO, Settings

_POLL_S = 0.05


@dataclass(frozen=True)
class Cost:
    """What one process took. CPU is user and system time, that of its descendants included."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    child_peak_mb: float
    """Peak of its largest descendant; 0 without."""
    said: dict[str, Any]
    """The JSON object it printed last."""


def run(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end. Raises RuntimeError with the end of what it printed when it fails."""
    began = time.monotonic()
    peaks: dict[bool, float] = {True: 0, False: 0}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, cwd=REPO, env={**os.environ, **(env or {})}, stdout=said, stderr=subprocess.STDOUT
        )
        watched = psutil.Process(process.pid)
        # Not ru_maxrss: a process started by vfork inherits its parent's.
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            with suppress(psutil.Error):
                for one in (watched, *watched.children(recursive=True)):
                    itself = one.pid == process.pid
                    peaks[itself] = max(peaks[itself], peak_mb(one.pid))
            time.sleep(_POLL_S)
        wall_s = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
    if process.returncode:
        raise RuntimeError("\n".join([f"{' '.join(map(str, command))} failed:", *lines[-20:]]))
    usage = ended[2]
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, peaks[True], peaks[False], _last_object(lines))


def job(name: str, settings: Settings, /, **arguments: Any) -> Cost:
    """Run one of `tests.bench.jobs` with these settings; `said` is a `jobs.Work`."""
    command = [sys.executable, "-m", "tests.bench.jobs", name, json.dumps(arguments)]
    return run(command, settings_env(settings))


def servers_cpu_s(settings: Settings) -> float:
    """CPU that the servers of a state folder, and their descendants that ended, have used so far."""
    total = 0.0
    for process in marked(settings.state_dir):
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


def peak_mb(pid: int) -> float:
    """The most memory a live process has held; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _last_object(lines: Sequence[str]) -> dict[str, Any]:
    return next((json.loads(line) for line in reversed(lines) if line.startswith('{"')), {})

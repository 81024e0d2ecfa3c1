"""What a new user waits for: a clean clone, `make`'s environment, the first start, the second."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from presslake.services.ports import free_ports
from schemas.settings import REPO
from tests.bench.report import table

PACKAGES = ("pip", "apache-airflow")
_PORTS = ("S3_PORT", "POSTGRES_PORT", "AIRFLOW_PORT", "NEWSROOM_PORT")


@dataclass(frozen=True)
class Start:
    """One `presslake run --once`: seconds to all services healthy, to the rows published, to the end."""

    services_s: float
    published_s: float
    ended_s: float


def measure(quick: bool, say: Callable[[str], None]) -> str:
    """The section's text; even a quick run installs everything anew."""
    with tempfile.TemporaryDirectory(prefix="presslake-bench-") as folder:
        clone = Path(folder) / "presslake"
        say("clone")
        cloned_s, _ = _timed("git", "clone", "--quiet", f"file://{REPO}", clone)
        say("make the environment, nothing of it in pip's cache")
        installed_s, _ = _timed("make", "--quiet", ".venv/.installed", cwd=clone, PIP_NO_CACHE_DIR="1")
        megabytes = sum(file.lstat().st_blocks for file in (clone / ".venv").rglob("*")) * 512 / 1e6
        ports = {f"PRESSLAKE_{n}": str(p) for n, p in zip(_PORTS, free_ports(len(_PORTS)), strict=True)}
        starts = []
        for which in ("first", "second"):
            say(f"{which} start")
            ended_s, said = _timed(clone / ".venv/bin/presslake", "run", "--once", cwd=clone, **ports)
            starts.append(
                Start(_seconds(r"up after (\d+) s", said), _seconds(r"Published (\d+) s", said), ended_s)
            )
    first, second = starts
    rows = [
        ("`git clone` from this disk", cloned_s),
        ("`make` makes `.venv` from `requirements.lock`", installed_s),
        ("first start: all services are up", first.services_s),
        ("first start: the first slot is published", first.published_s),
        ("second start: all services are up", second.services_s),
        ("second start: a slot is published", second.published_s),
    ]
    return "\n\n".join(
        [
            table(["from a clean clone", "s"], rows),
            f"In all a new user sees the first rows {cloned_s + installed_s + first.published_s:.0f} s after `git "
            f"clone`. The environment takes {megabytes:,.0f} MB on disk; every package was downloaded, which "
            "depends on the network. Starts count from the command on.",
        ]
    )


def _timed(*command: str | Path, cwd: Path = REPO, **env: str) -> tuple[float, str]:
    """(seconds, what it printed); raises RuntimeError with the end of that when it fails."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PRESSLAKE_")}
    began = time.monotonic()
    ended = subprocess.run(
        command,
        cwd=cwd,
        env=inherited | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        last = "\n".join(ended.stdout.splitlines()[-20:])
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{last}")
    return time.monotonic() - began, ended.stdout


def _seconds(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    if not found:
        raise RuntimeError(f"no {pattern!r} in:\n{said[-2000:]}")
    return float(found[1])

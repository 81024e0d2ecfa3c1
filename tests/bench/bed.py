"""What a measurement stands on: real servers on ports of their own, empty lakes, a newsroom in another process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from presslake.demo.papers import PAPERS, outlet_facts
from presslake.services import running
from presslake.services.ports import free_ports
from schemas.settings import REPO, Settings

#: So that only the machine limits a crawl.
NO_LIMITS: dict[str, Any] = {
    "pace_seconds": 0,
    "shards": 1,
    "run_seconds": 3600,
    "run_pages": 10**9,
    "run_bytes": 10**15,
    "outlet_seconds": 3600,
    "outlet_pages": 10**9,
    "outlet_bytes": 10**15,
}
#: The newsroom's papers that answer, and ask for no delay.
QUICK_PAPERS = [paper for paper in PAPERS if not paper.fault and not paper.crawl_delay]


@contextmanager
def lake_servers() -> Iterator[Settings]:
    """A live S3 and PostgreSQL for the length of a `with` block."""
    with tempfile.TemporaryDirectory(prefix="presslake-bench-") as folder:
        s3, postgres = free_ports(2)
        settings = Settings(state_dir=Path(folder), s3_port=s3, postgres_port=postgres)
        with running(settings, {"s3", "postgres"}) as live:
            yield live


@contextmanager
def newsdesk() -> Iterator[Settings]:
    """Everything `make run` starts; slots come only when they are asked for."""
    with tempfile.TemporaryDirectory(prefix="presslake-bench-") as folder:
        names = ("s3_port", "postgres_port", "airflow_port", "newsroom_port")
        ports: dict[str, Any] = dict(zip(names, free_ports(len(names)), strict=True))
        with running(Settings(state_dir=Path(folder), schedule="0 0 * * *", **ports)) as live:
            yield live


def empty_lake(live: Settings, **changes: Any) -> Settings:
    """The same servers, a folder of the bucket and a namespace that nobody else uses."""
    name = uuid4().hex[:12]
    return live.model_copy(update={"s3_prefix": f"lake-{name}", "namespace": f"lake_{name}", **changes})


def collecting_lake(live: Settings, outlets: Path) -> Settings:
    """An empty lake that collects from these outlets as fast as it can."""
    return empty_lake(live, outlets=str(outlets), **NO_LIMITS)


@contextmanager
def newsroom(folder: Path, *, scale: int, page_kb: int) -> Iterator[Path]:
    """A newsroom process with `12 * scale` pages a paper; gives the folder of its outlets, without pace."""
    (port,) = free_ports(1)
    options = ("--port", port, "--state", folder, "--scale", scale, "--page-kb", page_kb)
    room = subprocess.Popen(
        [sys.executable, "-m", "presslake.demo", *map(str, options)],
        cwd=REPO,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=os.environ,
    )
    try:
        if room.stdout is None or not room.stdout.readline():
            raise RuntimeError("the newsroom did not start")
        outlets = folder / "quick-outlets"
        for paper in QUICK_PAPERS:
            path = outlets / paper.country / f"{paper.slug}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            facts = outlet_facts(paper, port) | {"pace_seconds": 0}
            path.write_text(yaml.safe_dump(facts, allow_unicode=True), "utf-8")
        yield outlets
    finally:
        room.send_signal(signal.SIGTERM)
        room.communicate(timeout=10)


def slot_now() -> str:
    """A slot of this second: never one that the schedule makes."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"

"""Peers and ourselves, each a long-lived process in an environment of its own, fed the same pages.

A peer's environment is made once from `peers/locks/PACKAGE.lock`. It lies in the folder `peers` of the
state folder, beside what the peer read of every page: a second run only measures time again.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, fields
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from schemas.page import Page
from schemas.settings import REPO, Settings
from tests.bench.measure import peak_mb
from tests.bench.peers import readers
from tests.bench.quality import Reading

LOCKS = Path(__file__).parent / "peers" / "locks"
BATCH = 16
_WORKER = Path(__file__).parent / "peers" / "worker.py"
_PATIENCE_S = 300

Say = Callable[[str], None]


@dataclass(frozen=True)
class Tool:
    """A way to read pages: a function of `peers/readers.py`. Without a package it is ours, in this environment."""

    name: str
    reader: str
    package: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """As its lock pins it."""
        pins = dict(line.split()[0].split("==") for line in _lock(self).decode().splitlines() if "==" in line)
        return pins.get(self.reader) or pins.get(self.package or "", "")


OURS = Tool("Presslake", "presslake")
#: The same, with learned parts that have not seen the site of the page they read.
BLIND = Tool(OURS.name, OURS.reader, options={"unseen": True})
TRAFILATURA = Tool("trafilatura", "trafilatura", "trafilatura")
HTMLDATE = Tool("htmldate", "htmldate", "trafilatura")
PEERS = (
    TRAFILATURA,
    Tool("trafilatura precision", "trafilatura", "trafilatura", {"favor_precision": True}),
    Tool("trafilatura recall", "trafilatura", "trafilatura", {"favor_recall": True}),
    Tool("trafilatura fast", "trafilatura", "trafilatura", {"fast": True}),
    Tool("newspaper4k", "newspaper4k", "newspaper4k"),
    Tool("news-please", "news_please", "news-please"),
    Tool("goose3", "goose3", "goose3"),
    Tool("readability-lxml", "readability", "readability-lxml"),
    Tool("resiliparse", "resiliparse", "resiliparse"),
    Tool("justext", "justext", "trafilatura"),
    Tool("boilerpy3", "boilerpy3", "boilerpy3"),
)


def peers_folder() -> Path:
    """Where environments and readings of peers are kept."""
    return Settings().state_dir / "peers"


def python_of(tool: Tool, folder: Path, say: Say) -> Path:
    """The interpreter of a tool's environment, made or renewed where its lock asks for it.

    Raises RuntimeError with what pip said when the package does not install.
    """
    if tool.package is None:
        return Path(sys.executable)
    home = folder / tool.package
    python, stamp = home / "bin" / "python", home / ".installed"
    if stamp.exists() and stamp.read_text() == _digest(_lock(tool)):
        return python
    say(f"installing {tool.package}")
    venv.create(home, clear=True, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    done = subprocess.run(
        [*pip, "install", "--quiet", "--require-hashes", "-r", str(LOCKS / f"{tool.package}.lock")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        why = next((line for line in said if line.startswith("ERROR")), *said[-1:])
        raise RuntimeError(f"did not install: {why}")
    stamp.write_text(_digest(_lock(tool)))
    return python


class Worker:
    """A tool's process, made ready: imports and models are loaded. It raises RuntimeError when it dies."""

    def __init__(self, tool: Tool, python: Path) -> None:
        self.tool = tool
        self._connection, theirs = Pipe()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in close()
        self._process = subprocess.Popen(
            [python, _WORKER, str(theirs.fileno()), tool.reader, json.dumps(dict(tool.options))],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            env=os.environ | {"PYTHONPATH": "" if tool.package else str(REPO), "PYTHONWARNINGS": "ignore"},
        )
        theirs.close()
        try:
            self._answer()
        except RuntimeError:
            self.close()
            raise

    def read(self, pages: Sequence[Page]) -> tuple[list[Reading], float]:
        """What it read of each page, and the seconds of CPU that took."""
        found: list[Reading] = []
        cpu_s = 0.0
        for start in range(0, len(pages), BATCH):
            self._connection.send([(p.url, p.body, p.fetched_at) for p in pages[start : start + BATCH]])
            said, took_s = self._answer()
            found += map(_reading, said)
            cpu_s += took_s
        return found, cpu_s

    @property
    def peak_mb(self) -> float:
        """The most memory it has held."""
        return peak_mb(self._process.pid)

    def close(self) -> None:
        """End it."""
        self._connection.close()
        self._process.kill()
        self._process.wait()
        self._said.close()

    def _answer(self) -> Any:
        try:
            if self._connection.poll(_PATIENCE_S):
                return self._connection.recv()
        except (EOFError, ConnectionError):
            self._process.wait()
            self._said.seek(0)
            last = self._said.read().decode(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"died: {''.join(last)}") from None
        raise RuntimeError(f"did not answer within {_PATIENCE_S} s")


@contextmanager
def running(tool: Tool, folder: Path, say: Say) -> Iterator[Worker]:
    """A tool's process for the length of a `with` block. Raises RuntimeError when it cannot be or dies."""
    with closing(Worker(tool, python_of(tool, folder, say))) as worker:
        yield worker


def readings(tool: Tool, pages: Sequence[Page], folder: Path, say: Say) -> list[Reading]:
    """What a tool makes of each page. A peer's are kept, by page, lock and way to call it; ours never are."""
    known: dict[str, Reading] = {}
    keys = [_digest(page.url.encode(), page.body) for page in pages]
    kept = _kept(tool, folder)
    if tool.package and kept.exists():
        for line in kept.read_text("utf-8").splitlines():
            said = json.loads(line)
            known[said["key"]] = _reading(said)
    missing = [(key, page) for key, page in zip(keys, pages, strict=True) if key not in known]
    if missing:
        say(f"{tool.name} reads {len(missing)} pages")
        with running(tool, folder, say) as worker:
            for start in range(0, len(missing), BATCH):
                new, pages_of_batch = zip(*missing[start : start + BATCH], strict=True)
                found = dict(zip(new, worker.read(pages_of_batch)[0], strict=True))
                known |= found
                if tool.package:
                    _keep(found, kept)
    return [known[key] for key in keys]


def _kept(tool: Tool, folder: Path) -> Path:
    call = inspect.getsource(getattr(readers, tool.reader)) + json.dumps(dict(tool.options))
    return folder / "readings" / f"{tool.name}-{_digest(call.encode(), _lock(tool))}.jsonl"


def _keep(found: Mapping[str, Reading], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as lines:
        lines.writelines(f"{json.dumps({'key': key} | asdict(each))}\n" for key, each in found.items())


def _reading(said: Mapping[str, Any]) -> Reading:
    known = {each.name for each in fields(Reading)}
    stated = {name: value for name, value in said.items() if name in known and value is not None}
    return Reading(**stated | {"authors": tuple(filter(None, stated.get("authors", ())))})


def _lock(tool: Tool) -> bytes:
    return (LOCKS / f"{tool.package}.lock").read_bytes() if tool.package else b""


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]

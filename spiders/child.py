"""The crawl process started, watched, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from schemas.errors import Halt, TryLater
from schemas.outlet import Outlet
from schemas.settings import REPO, Settings
from schemas.urls import host_of, is_within
from spiders.journal import INDEX_NAME, Capture, Found, Journal, Stop, Visit, parse_event
from spiders.plan import Plan

Progress = Callable[[str, int, int | None], None]

LOG_NAME = "crawl.log"
_GRACE_SECONDS = (
    20.0  # beyond the crawl's own limit until it is told to end, and from there until it is killed
)
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class CrawlReport:
    """How a crawl ended: `reason` is finished or time_limit; `seconds` are this run's."""

    reason: str
    seconds: float
    found: int
    captures: dict[str, int]  # by outcome


def run_crawl(
    plan: Plan, journal_dir: Path, settings: Settings, progress: Progress | None = None
) -> CrawlReport:
    """Run a plan in a process of its own until it ends; what an earlier run left in the journal is kept.

    What is known of URLs lies in the journal's folder already, or nothing is known.
    `progress` is told ("sources", visited, all) and ("collect", URLs done, URLs found) a few times a second, and
    when it is over.
    A crawl that outlives its own limit is ended and counts as ended by `time_limit`. Raises `TryLater` with the
    last lines of its log when the process died; the journal stays and the same call resumes it. Raises `Halt`
    when real sites would not be told who asks.
    """
    require_contact(settings, (it.outlet for it in plan.outlets))
    started = monotonic()
    tally = _Tally(journal_dir / INDEX_NAME)
    tally.update()
    if tally.ended is None:
        journal_dir.mkdir(parents=True, exist_ok=True)
        plan.write(journal_dir)
        sources = sum(len(it.due_sources()) for it in plan.outlets)
        _supervise(journal_dir, settings.run_seconds + _GRACE_SECONDS, tally, sources, progress)
    return CrawlReport(
        tally.ended or "time_limit", monotonic() - started, len(tally.found), dict(tally.captures)
    )


def require_contact(settings: Settings, outlets: Iterable[Outlet]) -> None:
    """Raises `Halt` when real sites would not be told who asks."""
    if not settings.contact and not all(
        is_within(host_of(it.homepage), settings.allow_hosts) for it in outlets
    ):
        raise Halt(
            "set PRESSLAKE_CONTACT to your page or mailbox: sites must be able to tell who asks, and to object"
        )


def _supervise(
    journal_dir: Path, seconds: float, tally: _Tally, sources: int, progress: Progress | None
) -> None:
    overtime = False

    def look() -> None:
        tally.update()
        if progress:
            progress("sources", tally.visits, sources)
            progress("collect", tally.captures.total(), len(tally.found))

    with (journal_dir / LOG_NAME).open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "spiders.crawl", journal_dir, str(os.getpid())],
            cwd=REPO,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = monotonic() + seconds
        while child.poll() is None:
            sleep(_POLL_SECONDS)  # `wait` would look twenty times a second
            look()
            if overtime := monotonic() > deadline:
                child.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.wait(_GRACE_SECONDS)
                break
    finally:
        with suppress(ProcessLookupError):  # the group outlives its leader only if something was left behind
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
    look()
    if overtime:
        with Journal.open(journal_dir) as journal:
            journal.write(Stop(None, "time_limit"))
    elif code != 0:
        cause = f"exit code {code}" if code > 0 else signal.Signals(-code).name
        lines = (journal_dir / LOG_NAME).read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        raise TryLater(
            "\n".join([f"the crawl died ({cause}); run it again to resume. Its log ends:", *lines])
        )


class _Tally:
    """Counts what a journal holds while another process writes it."""

    def __init__(self, index: Path) -> None:
        self.found: set[int] = set()  # hashes of outlet and URL key, of this process
        self.visits = 0
        self.captures: Counter[str] = Counter()
        self.ended: str | None = None
        self._index = index
        self._offset = 0

    def update(self) -> None:
        """Read what was added since the last time, whole lines only."""
        if not self._index.exists():
            return
        with self._index.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                event = parse_event(line)
                if event is None:
                    return
                self._offset += len(line)
                match event:
                    case Found():
                        self.found.add(hash((event.outlet, event.url_key)))
                    case Visit():
                        self.visits += 1
                    case Capture():
                        self.captures[event.outcome] += 1
                    case Stop(outlet=None, reason=reason):
                        self.ended = reason

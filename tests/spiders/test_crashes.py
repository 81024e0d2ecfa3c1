"""Crawls that are killed, hang, cannot start, or lose their parent."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from fastwarc.warc import ArchiveIterator

from schemas.errors import TryLater
from schemas.outlet import Outlet
from schemas.settings import REPO
from spiders.child import run_crawl
from spiders.journal import WARC_NAME, read_journal
from tests.processes import left_of
from tests.spiders.crawling import SETTINGS, crawl, outlet, plan_for
from tests.spiders.tiny import PAGE, Asked, Reply, Tiny, busy

pytestmark = pytest.mark.slow


VARYING = ["found_at", "fetched_at", "duration_ms", "requests", "received_bytes", "warc_offset", "warc_bytes"]


def children() -> list[psutil.Process]:
    crawls = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended: servers of other tests are among the children too
            if "spiders.crawl" in process.cmdline():
                crawls.append(process)
    return crawls


def paper(site: Tiny, pages: int) -> Outlet:
    names = [f"a.localhost/{n}" for n in range(pages)]
    site.pages |= {name: PAGE + name.encode() for name in names} | {"a.localhost/feed": site.rss(*names)}
    return outlet("a", feeds=[site.url("a.localhost/feed")])


def test_killed_midway_and_run_again_equals_a_crawl_undisturbed(tmp_path: Path) -> None:
    killed = threading.Event()
    with Tiny() as site:
        it = paper(site, 60)
        _, calm = crawl(tmp_path / "calm", it)
        site.asked.clear()

        def waits(asked: Asked) -> Reply:
            killed.wait(200)
            return 200, {}, PAGE + f"a.localhost{asked.path}".encode()

        site.pages |= {f"a.localhost/{n}": waits for n in range(30, 60)}

        def kill(_what: str, done: int, _total: int | None) -> None:
            if done >= 5:
                for child in children():
                    child.send_signal(signal.SIGKILL)

        with pytest.raises(TryLater, match=r"SIGKILL(?s:.*)Spider opened"):
            run_crawl(plan_for(it), tmp_path / "killed", SETTINGS, kill)
        killed.set()
        report, landing = crawl(tmp_path / "killed", it)
        assert report.reason == "finished"
        assert landing.captures.drop_columns(VARYING).equals(calm.captures.drop_columns(VARYING))
        assert landing.discovered == calm.discovered
        asked = [path for path in site.paths("a.localhost") if path.strip("/").isdigit()]
        assert len(asked) <= 60 + 2  # only what was in flight is asked again
        assert site.paths("a.localhost").count("/feed") == 1
        bodies = {}
        with landing.warc_path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.http_headers is not None:
                    bodies[record.stream_pos] = record.reader.read()
        for row in landing.captures.to_pylist():
            name = "a.localhost/" + row["url_key"].rpartition("/")[2]
            assert bodies[row["warc_offset"]] == PAGE + name.encode()
        assert not children()


def test_a_finished_journal_is_not_crawled_again(tmp_path: Path) -> None:
    with Tiny() as site:
        it = paper(site, 3)
        first, landing = crawl(tmp_path, it)
        asked = len(site.asked)
        again, same = crawl(tmp_path, it)
        assert len(site.asked) == asked
        assert (again.reason, again.captures, again.found) == (first.reason, first.captures, first.found)
        assert same.captures.equals(landing.captures)


def test_a_crawl_that_cannot_start_is_a_clear_error(tmp_path: Path) -> None:
    it = outlet("a", feeds=["http://a.localhost:9/feed"])
    (tmp_path / WARC_NAME).mkdir()
    with pytest.raises(TryLater, match=r"exit code 1(?s:.*)IsADirectoryError"):
        run_crawl(plan_for(it), tmp_path, SETTINGS)


def test_the_crawl_dies_with_its_parent(tmp_path: Path) -> None:
    with Tiny() as site:
        site.pages["a.localhost/robots.txt"] = busy(30)
        plan_for(outlet("a", feeds=[site.url("a.localhost/feed")])).write(tmp_path)
        code = f"""
            from pathlib import Path
            from schemas.settings import Settings
            from spiders.child import run_crawl
            from spiders.plan import Plan
            folder = Path({str(tmp_path)!r})
            run_crawl(Plan.read(folder), folder, Settings())
        """
        parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=REPO)
        try:
            while not site.asked:
                assert parent.poll() is None
                time.sleep(0.05)
            (child,) = psutil.Process(parent.pid).children()
        finally:
            parent.kill()
            parent.wait()
        assert not left_of([child])


def test_a_crawl_that_hangs_is_ended_and_its_journal_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives no sign of life any more, and then it is late."""
    late = [0.0]
    monkeypatch.setattr("spiders.child._GRACE_SECONDS", 0.5)
    monkeypatch.setattr("spiders.child.monotonic", lambda: time.monotonic() + late[0])
    with Tiny() as site:
        it = paper(site, 60)
        site.pages |= {f"a.localhost/{n}": busy(200) for n in range(30, 60)}

        def stop(_what: str, done: int, _total: int | None) -> None:
            if done > 3:
                for child in children():
                    child.send_signal(signal.SIGSTOP)
                late[0] = 10 * SETTINGS.run_seconds

        report = run_crawl(plan_for(it), tmp_path, SETTINGS, stop)
        landing = read_journal(tmp_path, "s1")
        assert report.reason == "time_limit"
        assert report.captures["fetched"] > 3
        assert {"fetched", "left"} == set(landing.captures["outcome"].to_pylist())
        assert set(landing.captures["reason"].to_pylist()) == {None, "time_limit"}
        assert not children()

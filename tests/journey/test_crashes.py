"""`kill -9` anywhere: after a rerun every row equals that of a journey nobody disturbed.

One lake is left in peace. Every test starts from a copy of what it held at some moment of its second
slot, so that rows are equal to the microsecond, and every process that is killed is a real one.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import psutil
import pytest
import yaml

from presslake import steps
from presslake.demo.server import Newsroom
from presslake.pipeline import Pipeline, open_pipeline
from presslake.services import running, status
from presslake.services.ports import free_ports
from schemas import tables
from schemas.errors import TryLater
from schemas.settings import Settings
from tests.conftest import empty_lake
from tests.journey.conftest import EPOCH, RUN_TIMES, SLOT, Desk, settings_for
from tests.processes import forked, left_of

pytestmark = pytest.mark.slow

NEXT_SLOT = SLOT.replace("T13", "T14")
PAPERS = ("gb/harbour-gazette", "us/prairie-post", "au/southern-ledger")
PUT_OFF = os.EX_TEMPFAIL
PROCESSES = forked("presslake.steps", "transforms.gate.judge")
Snapshots = dict[str, int | None]
Rows = dict[str, list[dict[str, Any]]]


# --- where it strikes ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """Right before or after a call; `of` is the table, stage or path it must be about.

    `written` names the tables that hold rows of the slot at that moment.
    """

    when: str
    call: str
    of: str = ""
    written: str = ""

    def strike(self, blow: Callable[[], None]) -> None:
        """Let the blow fall in this process when the moment comes."""
        owner_name, _, name = self.call.rpartition(".")
        owner = resolve_name(owner_name)
        original = getattr(owner, name)

        @functools.wraps(original)
        def struck(*args: Any, **kwargs: Any) -> Any:
            hit = any(map(self._is_about, (*args, *kwargs.values())))
            if hit and self.when == "before":
                blow()
            result = original(*args, **kwargs)
            if hit and self.when == "after":
                blow()
            return result

        is_static = isinstance(inspect.getattr_static(owner, name), staticmethod)
        setattr(owner, name, staticmethod(struck) if is_static else struck)

    def _is_about(self, argument: object) -> bool:
        text = argument.name if isinstance(argument, tables.Table) else argument
        return not self.of or (isinstance(text, str) and self.of in text)


JUDGED = "verdicts quarantine"
FOUND = "versions articles sightings"
# Data files and manifests are written before the new metadata file, the catalog is swapped after it.
METADATA = "pyiceberg.catalog:MetastoreCatalog._write_metadata"
MOMENTS = {
    "extract, after the first page": Moment("after", "transforms.extract._row"),
    "before what was known is kept": Moment("before", "lake:Lake.keep_memory"),
    "after staging extract": Moment("after", "lake:Lake.stage", "extract"),
    "in link": Moment("after", "presslake.steps.link_pages"),
    "gate, before verdicts": Moment("before", "lake:Lake.replace_slot", "verdicts"),
    "gate, before quarantine": Moment("before", "lake:Lake.replace_slot", "quarantine", "verdicts"),
    "gate, before staging": Moment("before", "lake:Lake.stage", "gate", JUDGED),
    "publish, before versions": Moment("before", "lake:Lake.upsert", "versions", JUDGED),
    "within the commit of versions": Moment("after", METADATA, "/versions/", JUDGED),
    "publish, before articles": Moment("before", "lake:Lake.upsert", "articles", f"{JUDGED} versions"),
    "within the commit of articles": Moment("before", METADATA, "/articles/", f"{JUDGED} versions"),
    "publish, before sightings": Moment("before", "lake:Lake.upsert", "sightings", f"{JUDGED} versions articles"),
    "publish, before outcomes": Moment("before", "lake:Lake.upsert", "outcomes", f"{JUDGED} {FOUND}"),
    "within the commit of outcomes": Moment("after", METADATA, "/outcomes/", f"{JUDGED} {FOUND}"),
    "publish, after outcomes": Moment("after", "lake:Lake.upsert", "outcomes", f"{JUDGED} {FOUND} outcomes"),
}  # fmt: skip
LANDING = {
    "after the WARC upload": Moment("after", "lake:Lake.put_warc"),
    "between visits and captures": Moment("before", "lake:Lake.upsert", "captures", "visits"),
    "before the manifest": Moment(
        "before", "lake.bucket:Bucket.put", f"{NEXT_SLOT}/shard-0.json", "visits captures"
    ),
}
OUTAGES = {
    "s3 while staging": ("s3", Moment("before", "lake:Lake.stage", "extract")),
    "s3 within a commit": ("s3", Moment("before", METADATA, "/articles/")),
    "postgres while reading": ("postgres", Moment("before", "presslake.steps._known")),
    "postgres within a commit": ("postgres", Moment("after", METADATA, "/versions/")),
}


def _work(settings: Settings, step: str, moment: Moment, victim: int | None) -> None:
    """A step in a process of its own, which kills itself, or once the victim, when the moment comes."""
    doomed = [victim or os.getpid()]
    moment.strike(lambda: os.kill(doomed.pop(), signal.SIGKILL) if doomed else None)
    with open_pipeline(settings) as p:
        try:
            steps.collect(p, NEXT_SLOT, 0) if step == "collect" else steps.refine(p, NEXT_SLOT)
        except TryLater:
            sys.exit(PUT_OFF)


def _strike(p: Pipeline, step: str, moment: Moment, victim: int | None = None) -> int | None:
    """The exit code of a process that works on the slot; nothing of it may be left."""
    worker = PROCESSES.Process(target=_work, args=(p.settings, step, moment, victim))
    worker.start()
    worker.join(300)
    try:
        assert not worker.is_alive(), "the process hangs"
    finally:
        worker.kill()
    assert not left_of(_crawls(p.settings.state_dir)), "a crawl outlives its step"
    return worker.exitcode


def _crawls(state_dir: Path) -> list[psutil.Process]:
    """Crawls of this test's own journals, whoever is their parent by now."""
    crawls = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            command = process.cmdline()
            if "spiders.crawl" in command and any(
                word.startswith(f"{state_dir}/journal/") for word in command
            ):
                crawls.append(process)
    return crawls


def _wait_until(condition: Callable[[], bool], otherwise: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)


# --- the journey nobody disturbs -----------------------------------------------------------------


@dataclass(frozen=True)
class Calm:
    """Two slots, of which the second revises articles of the first; `known` and `collected` are the
    commits before the second was collected and before it was refined."""

    servers: Settings
    desk: Desk
    known: Snapshots
    collected: Snapshots

    @contextmanager
    def copy(self, at: Snapshots, state_dir: Path) -> Iterator[Desk]:
        """A lake of its own that holds what this one held then."""
        lake = self.desk.pipeline.lake
        settings = empty_lake(self.desk.pipeline.settings).model_copy(update={"state_dir": state_dir})
        with open_pipeline(settings) as p:
            for table in tables.LAKE_TABLES:
                if (snapshot := at[table.name]) is not None:
                    p.lake.upsert(table, lake.read(table, snapshot=snapshot))
            if at is self.collected:
                for key in lake.list(f"warc/{NEXT_SLOT}/"):
                    p.lake.put(key, lake.get(key))
            yield Desk(self.desk.room, p)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calm]:
    """Servers of our own, which may be killed; three papers, of which one gives no dates and is withheld."""
    folder = tmp_path_factory.mktemp("calm")
    s3, postgres = free_ports(2)
    mine = Settings(state_dir=folder / "servers", s3_port=s3, postgres_port=postgres, shards=1)
    with Newsroom(epoch=EPOCH, port=0) as room, running(mine, {"s3", "postgres"}) as servers:
        _write_papers(room, folder / "outlets")
        with open_pipeline(settings_for(servers, folder / "outlets", folder / "state")) as p:
            desk = Desk(room, p)
            room.set_clock(EPOCH.replace(hour=13))
            desk.run(SLOT)
            known = desk.snapshots()
            room.set_clock(EPOCH.replace(hour=14))
            desk.collect(NEXT_SLOT)
            collected = desk.snapshots()
            steps.refine(p, NEXT_SLOT)
            yield Calm(servers, desk, known, collected)


def _write_papers(room: Newsroom, folder: Path) -> None:
    room.write_outlets(folder)
    for path in folder.glob("*/*.yml"):
        if str(path.relative_to(folder).with_suffix("")) not in PAPERS:
            path.unlink()
    undated = folder / f"{PAPERS[-1]}.yml"
    facts = yaml.safe_load(undated.read_text("utf-8"))
    del facts["time_zone"]
    facts["expect"] = {"coverage": {"published_at": 0.9}, "min_rows": 1}
    undated.write_text(yaml.safe_dump(facts), "utf-8")


def _rows(desk: Desk) -> Rows:
    """Every row of the lake, whole."""
    ordered = {
        t.name: desk.rows(t).sort_by([(name, "ascending") for name in t.key]) for t in tables.LAKE_TABLES
    }
    return {name: rows.to_pylist() for name, rows in ordered.items()}


def _written(desk: Desk) -> set[str]:
    """Tables with rows of the second slot."""
    return {t.name for t in tables.LAKE_TABLES if len(desk.pipeline.lake.read(t, where={"slot": NEXT_SLOT}))}


def _assert_conserved(desk: Desk) -> None:
    for row in steps.balance(desk.pipeline, NEXT_SLOT).to_pylist():
        assert row["discovered"] > 0
        assert (row["captures_left_over"], row["pages_left_over"]) == (0, 0), row["outlet"]
    assert steps.owed(desk.pipeline) == []


# --- what must hold ------------------------------------------------------------------------------


def test_the_calm_journey_has_something_to_lose(calm: Calm) -> None:
    """New articles, revised ones and withheld ones, without which the other tests would show little."""
    outcomes = calm.desk.pipeline.lake.read(tables.OUTCOMES, where={"slot": NEXT_SLOT})["outcome"].to_pylist()
    assert {"published", "revised", "withheld"} <= set(outcomes)
    _assert_conserved(calm.desk)


@pytest.mark.parametrize("first", range(3))
def test_a_killed_refine(calm: Calm, tmp_path: Path, first: int) -> None:
    """Killed at every third moment: what one kill leaves behind is where the run that is killed next begins."""
    with calm.copy(calm.collected, tmp_path) as desk:
        for name, moment in list(MOMENTS.items())[first::3]:
            assert _strike(desk.pipeline, "refine", moment) == -signal.SIGKILL, name
            assert _written(desk) == {"visits", "captures", *moment.written.split()}, name
            assert steps.owed(desk.pipeline) == ([] if "outcomes" in moment.written else [NEXT_SLOT]), name
        steps.refine(desk.pipeline, NEXT_SLOT)
        assert _rows(desk) == _rows(calm.desk)
        _assert_conserved(desk)


@pytest.mark.parametrize(("server", "moment"), OUTAGES.values(), ids=OUTAGES)
def test_a_killed_server(calm: Calm, tmp_path: Path, server: str, moment: Moment) -> None:
    with calm.copy(calm.collected, tmp_path) as desk:
        before = {one.name: one for one in status(calm.servers)}[server]
        assert _strike(desk.pipeline, "refine", moment, victim=before.pid) in {0, PUT_OFF}

        def is_back() -> bool:
            now = {one.name: one for one in status(calm.servers)}[server]
            return now.is_up and now.restarts == before.restarts + 1

        _wait_until(is_back, f"{server} was not restarted")
        steps.refine(desk.pipeline, NEXT_SLOT)
        assert _rows(desk) == _rows(calm.desk)
        _assert_conserved(desk)


def test_a_killed_crawl_and_a_collect_killed_at_each_moment_of_landing(calm: Calm, tmp_path: Path) -> None:
    """First the crawl in its middle, then the process that lands its journal, again and again."""
    with calm.copy(calm.known, tmp_path) as desk:
        _kill_crawl(desk)
        for name, moment in LANDING.items():
            assert _strike(desk.pipeline, "collect", moment) == -signal.SIGKILL, name
            assert _written(desk) == set(moment.written.split()), name
        steps.collect(desk.pipeline, NEXT_SLOT, 0)
        steps.refine(desk.pipeline, NEXT_SLOT)
        assert _contents(desk) == _contents(calm.desk)
        _assert_conserved(desk)


def test_upkeep_lands_what_a_dead_crawl_left_and_the_next_slot_fetches_the_rest(
    calm: Calm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with calm.copy(calm.known, tmp_path) as desk:
        _kill_crawl(desk)
        assert not steps.land_leftovers(desk.pipeline), "a crawl that may still be at work was landed"
        monkeypatch.setattr(steps, "LEFTOVER_SECONDS", -desk.pipeline.settings.run_seconds)
        counts = steps.land_leftovers(desk.pipeline)
        assert counts["left"] > 0
        assert counts["fetched"] > 0
        steps.refine(desk.pipeline, NEXT_SLOT)
        _assert_conserved(desk)
        desk.run(NEXT_SLOT.replace("T14", "T15"))
        assert _texts(desk) == _texts(calm.desk)


def _kill_crawl(desk: Desk) -> None:
    """Collect the second slot and kill the crawl, a child of ours, once it has some pages."""
    state_dir = desk.pipeline.settings.state_dir

    def kill(_what: str, done: int, _total: int | None) -> None:
        if done > 5:
            for crawl in _crawls(state_dir):
                assert crawl.ppid() == os.getpid()
                crawl.kill()

    with pytest.raises(TryLater, match="SIGKILL"):
        steps.collect(desk.pipeline, NEXT_SLOT, 0, kill)
    assert not _crawls(state_dir)


def _contents(desk: Desk) -> Rows:
    """The rows of another crawl: without run times, also in the rows set aside."""
    contents = desk.contents()
    for aside in contents["quarantine"]:
        aside["row"] = {k: v for k, v in json.loads(str(aside["row"])).items() if k not in RUN_TIMES}
    return contents


def _texts(desk: Desk) -> dict[str, tuple[str, int]]:
    return {
        row["canonical_url"]: (row["text"], row["revision"]) for row in desk.rows(tables.ARTICLES).to_pylist()
    }

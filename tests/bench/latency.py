"""From a page published on the newsroom to its row readable in `articles`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count as counting

from presslake.demo.__main__ import kept_world
from presslake.demo.papers import PAPERS
from presslake.demo.stories import World, appears, kind_of
from presslake.demo.truth import page
from presslake.newsdesk import follow_slot
from presslake.pipeline import open_pipeline
from presslake.services.airflow_api import AirflowApi
from presslake.slots import slot_at
from schemas.errors import TryLater
from schemas.settings import Settings
from schemas.tables import ARTICLES, CAPTURES
from schemas.urls import article_id
from schemas.vocabulary import CaptureOutcome
from tests.bench.bed import empty_lake, newsdesk, slot_now
from tests.bench.jobs import STAGES
from tests.bench.measure import job
from tests.bench.report import table

PACKAGES = ("apache-airflow", "pyiceberg", "great-expectations")
_TASKS = ("shards", "crawl", "announce", "parts", *STAGES)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Slot:
    """One slot on its way: how long until its rows could be read, and what took how long."""

    wall_s: float
    pages: int
    parts_s: dict[str, float]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    with newsdesk() as live:
        world = kept_world(live.state_dir / "newsroom", World(datetime.now(UTC), port=live.newsroom_port))
        say("without Airflow: the first slot")
        lake = empty_lake(live, outlets=str(live.demo_outlets_dir), shards=1)
        began = datetime.now(UTC)
        bare_first = _by_hand(lake)
        say("without Airflow: the next slot")
        bare_next = _by_hand(lake, _fresh_page(world, began))
        say("through Airflow: the first slot")
        api = AirflowApi(live)
        ran_first = _told(live, api, follow_slot(api, slot_at(live.schedule, datetime.now(UTC))))
        say("through Airflow: the next slot")
        ran_next = _through_airflow(live, api, _fresh_page(world, datetime.now(UTC)))
    slots = {
        "first slot, without Airflow": bare_first,
        "first slot, through Airflow": ran_first,
        "next slot, without Airflow": bare_next,
        "next slot, through Airflow": ran_next,
    }
    tasks = {name: ran_next.parts_s.get(name, 0.0) for name in _TASKS}
    work_s, task_s = sum(bare_next.parts_s.values()), sum(tasks.values())
    heads = ["next slot, s", "the stage's work", "its Airflow task"]
    rows = [
        (name, bare_next.parts_s.get("collect" if name == "crawl" else name), took)
        for name, took in tasks.items()
    ]
    shares = {
        "the stages' own work": work_s / ran_next.wall_s,
        "starting the tasks (a process and its imports each)": (task_s - work_s) / ran_next.wall_s,
        "Airflow between two tasks": (ran_next.wall_s - task_s) / ran_next.wall_s,
    }
    named = sorted(shares.items(), key=lambda share: -share[1])
    longest, longest_s = max(bare_next.parts_s.items(), key=lambda part: part[1])
    return "\n\n".join(
        [
            table(
                ["seconds until the rows can be read", "pages fetched", "s"],
                [(name, slot.pages, slot.wall_s) for name, slot in slots.items()],
            ),
            table(heads, [*rows, ("**together**", work_s, task_s)]),
            f"Of the next slot through Airflow, {'; '.join(f'{share:.0%} is {name}' for name, share in named)}. "
            f"What dominates is {named[0][0]}; the longest stage is {longest} with {longest_s:.0f} s (gate imports "
            "Great Expectations each time). A page that appears just after a slot began waits for the next one: "
            "with the default schedule add 0 to 15 minutes, 7.5 on average.",
        ]
    )


def _by_hand(lake: Settings, awaited: str | None = None) -> Slot:
    """A slot in one process, start to end."""
    name = slot_now()
    began = time.monotonic()
    cost = job("journey", lake, slot=name)
    if awaited:
        _check_readable(lake, awaited)
    return Slot(time.monotonic() - began, _pages(lake, name), cost.said["result"])


def _through_airflow(live: Settings, api: AirflowApi, awaited: str) -> Slot:
    name = slot_now()
    began = time.monotonic()
    api.trigger("collect", name)
    for dag_id in ("collect", "refine"):
        while (state := next(iter(_states(api, dag_id, name)), "")) != "success":
            if state == "failed":
                raise RuntimeError(f"{dag_id} of {name} failed")
            time.sleep(0.2)
    _check_readable(live, awaited)
    wall_s = time.monotonic() - began
    return replace(_told(live, api, name), wall_s=wall_s)


def _states(api: AirflowApi, dag_id: str, slot: str) -> Iterator[str]:
    try:
        yield from (run.state for run in api.runs(dag_id, slot))
    except TryLater:
        return


def _told(live: Settings, api: AirflowApi, slot: str) -> Slot:
    """A slot as Airflow saw it, from the start of `collect` to the end of `publish`.

    Of the copies of a mapped task the longest counts: they run side by side.
    """
    runs = [run for dag_id in ("collect", "refine") for run in api.runs(dag_id, slot)]
    tasks = [task for run in runs for task in api.tasks(run)]
    took: dict[str, float] = {}
    for task in tasks:
        took[task.task_id] = max(took.get(task.task_id, 0), _seconds(task.start_date, task.end_date))
    end = next(task.end_date for task in tasks if task.task_id == "publish")
    return Slot(
        _seconds(min(run.start_date for run in runs if run.start_date), end), _pages(live, slot), took
    )


def _pages(lake: Settings, slot: str) -> int:
    where = {"slot": slot, "outcome": CaptureOutcome.FETCHED}
    with open_pipeline(lake, with_outlets=False) as p:
        return len(p.lake.read(CAPTURES, where=where, columns=["url"]))


def _seconds(start: datetime | None, end: datetime | None) -> float:
    return (end - start).total_seconds() if start and end else 0.0


def _fresh_page(world: World, since: datetime) -> str:
    """Canonical URL of the first article that appears after a moment, once it has appeared."""
    candidates = (
        (appears(world, paper, number), paper, number)
        for paper in PAPERS
        if not paper.fault
        for number in _coming(world, paper.pace_minutes, since)
        if kind_of(paper, number) == "article"
    )
    when, paper, number = min((one for one in candidates if one[0] > since), key=lambda one: one[0])
    time.sleep(max(0, (when - datetime.now(UTC)).total_seconds()))
    return page(world, paper, number, when).canonical_url


def _coming(world: World, pace_minutes: int, since: datetime) -> Iterator[int]:
    first = world.backlog + max(0, (since - world.epoch) // timedelta(minutes=pace_minutes))
    return (number for number, _ in zip(counting(first), range(4), strict=False))


def _check_readable(lake: Settings, canonical_url: str) -> None:
    with open_pipeline(lake, with_outlets=False) as p:
        if not len(p.lake.read(ARTICLES, where={"article_id": article_id(canonical_url)}, columns=["url"])):
            raise RuntimeError(f"{canonical_url} was published on the newsroom, but not by us")

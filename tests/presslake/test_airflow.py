"""Real Airflow under the supervisor, and the demo newsroom's first slot through its scheduler."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import polars as pl
import psutil
import pyarrow.compute as pc
import pytest

from lake.readers import duckdb_connection
from presslake import steps
from presslake.demo.__main__ import kept_world
from presslake.demo.stories import World
from presslake.demo.truth import truth
from presslake.newsdesk import follow_slot
from presslake.pipeline import Pipeline, open_pipeline
from presslake.services import ServiceStatus, down, status, up, with_secrets
from presslake.services.airflow import airflow_url
from presslake.services.airflow_api import AirflowApi, DagRun
from presslake.services.ports import free_ports, require_free
from presslake.services.state import marked, supervisor_pid
from presslake.slots import slot_at
from schemas import tables
from schemas.errors import Reject, TryLater
from schemas.settings import Settings
from tests.journey.test_ingest import article, html, prose, record
from tests.processes import left_of, listening

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Everything up, as `make run` has it, on ports of its own; but after this minute's slot none comes for a year,
    so that the tables stand still.
    """
    s3, postgres, airflow, newsroom = free_ports(4)
    now = datetime.now(UTC)
    settings = Settings(
        schedule=f"{now.minute} {now.hour} {now.day} {now.month} *",
        state_dir=tmp_path_factory.mktemp("state"),
        s3_port=s3,
        postgres_port=postgres,
        airflow_port=airflow,
        newsroom_port=newsroom,
    )
    up(settings)
    yield with_secrets(settings)
    down(settings)


@pytest.fixture(scope="module")
def slot(live: Settings) -> str:
    """The slot that cron, collect and refine have brought to the tables."""
    return follow_slot(AirflowApi(live), slot_at(live.schedule, datetime.now(UTC)))


@pytest.fixture
def pipeline(live: Settings) -> Iterator[Pipeline]:
    with open_pipeline(live) as pipeline:
        yield pipeline


def test_everything_is_healthy_and_on_loopback_only(live: Settings) -> None:
    assert {one.name: one.state for one in status(live)} == {
        "s3": "healthy",
        "postgres": "healthy",
        "newsroom": "healthy",
        "airflow-migrate": "done",
        "airflow-api-server": "healthy",
        "airflow-scheduler": "healthy",
        "airflow-dag-processor": "healthy",
        "airflow-triggerer": "healthy",
    }
    assert listening(supervisor_pid(live.state_dir)) == {"127.0.0.1"}


def test_the_first_slot_is_published_by_cron_and_adds_up(slot: str, pipeline: Pipeline) -> None:
    equation = steps.balance(pipeline, slot)
    assert len(equation) == len(pipeline.outlets)
    for column in ("captures_left_over", "pages_left_over"):
        assert pc.sum(pc.abs(equation[column])).as_py() == 0
    rows = pipeline.lake.read(tables.ARTICLES, where={"slot": slot}).to_pylist()
    world = kept_world(
        pipeline.settings.state_dir / "newsroom",
        World(datetime.now(UTC), port=pipeline.settings.newsroom_port),
    )
    assert len(rows) > 50
    for row in rows:
        pages = {page.canonical_url: page for page in truth(world, row["fetched_at"])}
        page = pages[row["canonical_url"]]
        assert (row["title"], row["text"], row["published_on"]) == (page.title, page.text, page.published_on)


@pytest.mark.filterwarnings("ignore:.*polars_iceberg", "ignore:.*region")
def test_duckdb_polars_and_pandas_read_the_same_table(slot: str, pipeline: Pipeline) -> None:
    expected = sorted(pipeline.lake.read(tables.ARTICLES)["title"].to_pylist())
    articles = pipeline.lake.table(tables.ARTICLES)
    in_duckdb = duckdb_connection(pipeline.lake).sql("SELECT title FROM articles").fetchall()
    assert sorted(title for (title,) in in_duckdb) == expected
    key, secret = pipeline.settings.s3_access_key, pipeline.settings.s3_secret_key
    assert key
    assert secret
    options = {
        "aws_endpoint_url": str(pipeline.settings.endpoint),
        "aws_allow_http": "true",
        "aws_region": pipeline.settings.s3_region,
        "aws_access_key_id": key.get_secret_value(),
        "aws_secret_access_key": secret.get_secret_value(),
    }
    in_polars = pl.scan_iceberg(articles, storage_options=options).select("title").collect()
    assert sorted(in_polars["title"]) == expected
    assert sorted(articles.scan(selected_fields=("title",)).to_pandas()["title"]) == expected


def test_runs_carry_the_slot_and_tasks_their_names(slot: str, live: Settings) -> None:
    api = AirflowApi(live)
    [collect], [refine] = api.runs("collect", slot), api.runs("refine", slot)
    names = {(task.task_id, task.rendered_map_index) for run in (collect, refine) for task in api.tasks(run)}
    assert {
        ("crawl", "shard 0"),
        ("crawl", "shard 1"),
        ("extract", "shard-0"),
        ("normalise", "shard-0"),
    } <= names
    events = _get(live, "/api/v2/assets/events?order_by=-timestamp")["asset_events"]
    counts = {event["name"]: event["extra"] for event in events if event["extra"].get("slot") == slot}
    assert counts["captures"]["fetched"] > 50
    assert counts["articles"]["published"] > 50
    assert _await_end(api, "headlines", slot).state == "success"


def test_data_docs_are_a_button_on_the_gate_for_those_who_are_logged_in(slot: str, live: Settings) -> None:
    [run] = AirflowApi(live).runs("refine", slot)
    path = f"/api/v2/dags/refine/dagRuns/{run.dag_run_id}/taskInstances/gate/links"
    link = _get(live, path.replace("+", "%2B"))["extra_links"]["Data Docs"]
    assert slot in _open(live, link, token=AirflowApi(live).token())
    with pytest.raises(HTTPError, match="401"):
        _open(live, link)


def test_a_halted_gate_is_red_at_once_with_what_failed_in_its_log(
    slot: str, live: Settings, pipeline: Pipeline
) -> None:
    """The crawl says it has seen one URL more than the tables have."""
    key = f"warc/{slot}/shard-0.json"
    manifest = json.loads(pipeline.lake.get(key))
    outlet = next(iter(manifest["discovered"]))
    manifest["discovered"][outlet] += 1
    before = _articles(pipeline)
    pipeline.lake.put(key, json.dumps(manifest).encode())
    api = AirflowApi(live)
    run = api.trigger("refine", slot)
    assert _await_end(api, "refine", slot, run.dag_run_id).state == "failed"
    [gate] = [task for task in api.tasks(run) if task.task_id == "gate"]
    assert (gate.state, gate.try_number) == ("failed", 1)
    log = api.log(gate)
    assert "captures_left_over" in log
    assert outlet in log
    assert _articles(pipeline) == before
    manifest["discovered"][outlet] -= 1
    pipeline.lake.put(key, json.dumps(manifest).encode())
    steps.refine(pipeline, slot)
    assert _articles(pipeline) == before


def test_archives_are_replayed_side_by_side_and_a_bad_one_alone_is_red(
    live: Settings, pipeline: Pipeline, tmp_path: Path
) -> None:
    urls = [f"https://paper.example/{number}" for number in range(2)]
    for url in urls:
        page = article(f"Winter news of the meadow {url}", prose(url))
        (tmp_path / f"good-{url[-1]}.warc").write_bytes(record(url, html(page)))
    (tmp_path / "noise.warc").write_bytes(b"nothing that anybody reads\n" * 40)
    api = AirflowApi(live)
    replay = api.trigger("replay", conf={"paths": [str(tmp_path)]})
    assert _await_end(api, "replay", None, replay.dag_run_id).state == "failed"
    states = {(task.task_id, task.rendered_map_index): task.state for task in api.tasks(replay)}
    assert states == {
        ("slots", None): "success",
        ("sight", None): "skipped",
        ("correct", None): "skipped",
        ("paths", None): "success",
        ("archives", "0"): "failed",
    }
    [run] = api.runs("ingest", None)
    assert run.state == "failed"
    states = {(task.task_id, task.rendered_map_index): task.state for task in api.tasks(run)}
    assert states["source.land", "good-0.warc"] == states["source.land", "good-1.warc"] == "success"
    assert sorted(state or "" for (task, _), state in states.items() if task == "source.settle") == [
        "success",
        "success",
        "upstream_failed",
    ]
    [red] = [task for task in api.tasks(run) if task.state == "failed"]
    assert (red.rendered_map_index, red.try_number) == ("noise.warc", 1)
    assert "noise.warc is no WARC file" in api.log(red)
    rows = pipeline.lake.read(tables.ARTICLES, where={"outlet": "paper-example"}).to_pylist()
    assert sorted(row["url"] for row in rows) == urls
    assert _await_end(api, "headlines", rows[0]["slot"]).state == "success"


def test_a_run_without_a_slot_is_refused(live: Settings) -> None:
    api = AirflowApi(live)
    with pytest.raises(Reject, match="Airflow answered 4"):
        api.trigger("collect", conf={"slot": 1})


def test_a_killed_scheduler_comes_back_without_its_old_workers(live: Settings) -> None:
    before = _scheduler(live)
    scheduler = psutil.Process(before.pid)
    old = [scheduler, *scheduler.children(recursive=True)]
    scheduler.kill()
    deadline = time.monotonic() + 240
    while not ((now := _scheduler(live)).restarts == before.restarts + 1 and now.is_up):
        assert time.monotonic() < deadline, now
        time.sleep(0.5)
    assert len(old) > 1
    assert left_of(old) == []


def test_down_leaves_nothing(live: Settings) -> None:
    down(live)
    assert supervisor_pid(live.state_dir) is None
    assert list(marked(live.state_dir)) == []
    for name in ("s3_port", "postgres_port", "airflow_port", "newsroom_port"):
        require_free(getattr(live, name), name)


def _articles(pipeline: Pipeline) -> list[dict[str, Any]]:
    """All rows; not the snapshot, which changes when `upkeep`, that runs by night, merges small files."""
    return pipeline.lake.read(tables.ARTICLES).sort_by("article_id").to_pylist()


def _await_end(api: AirflowApi, dag_id: str, slot: str | None, run_id: str | None = None) -> DagRun:
    deadline = time.monotonic() + 900
    while True:
        with suppress(TryLater):  # a busy machine's API server may be slow to answer
            for run in api.runs(dag_id, slot):
                if run.state in {"success", "failed"} and run_id in {None, run.dag_run_id}:
                    return run
        assert time.monotonic() < deadline, f"{dag_id} did not end"
        time.sleep(1)


def _get(live: Settings, path: str) -> Any:
    return json.loads(_open(live, path, token=AirflowApi(live).token()))


def _open(live: Settings, path: str, token: str | None = None) -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urlopen(Request(airflow_url(live) + path, headers=headers), timeout=30) as answer:
        return str(answer.read().decode())


def _scheduler(live: Settings) -> ServiceStatus:
    [scheduler] = [one for one in status(live) if one.name == "airflow-scheduler"]
    return scheduler

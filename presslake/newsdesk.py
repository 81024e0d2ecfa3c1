"""`make run`: every service, the first slot through Airflow, and what came of it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from types import FrameType

from rich.markup import escape
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from lake.readers import snippets
from presslake import show, steps
from presslake.pipeline import open_pipeline
from presslake.services import ServiceStatus, down, status, up
from presslake.services.airflow import USER, airflow_url
from presslake.services.airflow_api import AirflowApi, DagRun, TaskInstance
from presslake.services.environment import read_secrets, with_secrets
from presslake.show import console
from presslake.slots import slot_at
from schemas.errors import Halt, PresslakeError, TryLater
from schemas.settings import Settings

#: Seconds an idle `collect` is given to begin a slot by itself, before it is triggered.
TRIGGER_AFTER = 20
#: Seconds a slot may take before we say that something is stuck.
SLOT_SECONDS = 1800
_ENDED = {"success", "failed", "upstream_failed", "skipped", "removed"}
_MARKS = {
    "success": "[green]✓[/]",
    "failed": "[red]✗[/]",
    "upstream_failed": "[red]·[/]",
    "skipped": "[dim]·[/]",
}


def run_newsdesk(settings: Settings, *, once: bool) -> int:
    """Start everything, bring the present slot to the tables, and stay up until Ctrl-C (or end: `once`).

    Returns the exit code: 0, or 1 with the cause printed when the first slot was not published.
    """
    settings = with_secrets(settings)
    started = time.monotonic()
    since = slot_at(settings.schedule, datetime.now(UTC))  # Airflow may begin it while the rest still starts
    with _interruptible(), _services(settings):
        console.print(f"[bold]All services are up[/] after {time.monotonic() - started:.0f} s.\n")
        api = AirflowApi(settings)
        slot = follow_slot(api, since)
        _print_result(settings, slot, api, started)
        if once:
            return 0
        console.print(f"\nSlots keep coming ([bold]{settings.schedule}[/]). Ctrl-C stops everything.\n")
        _keep_telling(settings, api, slot)
    return 0


def start(settings: Settings) -> None:
    """Start every service in the background and say where things are."""
    settings = with_secrets(settings)
    with console.status("Starting …"):
        up(settings, detach=True, progress=_ServiceLines())
    _print_where(settings)


def services_table(settings: Settings) -> tuple[Table, bool]:
    """The services as they are now, and whether all are healthy."""
    services = status(settings)
    return show.services_table(services), all(service.is_up for service in services)


def follow_slot(api: AirflowApi, since: str) -> str:
    """Wait until a slot, this one or the first to come, has gone through `collect` and `refine`.

    Prints a line for each task that ends. Raises `Halt` with the end of the log when one fails for good.
    """
    collect = _await_run(api, "collect", lambda run: (run.partition_key or "") >= since, since)
    slot = collect.partition_key or since
    console.print(f"[bold]Slot {slot}[/]")
    _follow(api, collect)
    _follow(api, _await_run(api, "refine", lambda run: run.partition_key == slot))
    return slot


def _await_run(
    api: AirflowApi, dag_id: str, wanted: Callable[[DagRun], bool], trigger: str | None = None
) -> DagRun:
    """The oldest wanted run of a DAG; with `trigger`, a slot, one is started if none comes by itself."""
    began = time.monotonic()
    idle_since = None
    with console.status(f"Waiting for a run of {dag_id} …"):
        while time.monotonic() - began < SLOT_SECONDS:
            try:
                runs = api.runs(dag_id)
                if found := [run for run in runs if wanted(run)]:
                    return min(found, key=lambda run: (run.partition_key or "", run.run_after))
                # The scheduler makes no run of a DAG that is not read yet, or beside one that is under way.
                idle = all(run.state in _ENDED for run in runs)
                idle_since = (idle_since or time.monotonic()) if idle else None
                if trigger and idle_since and time.monotonic() - idle_since > TRIGGER_AFTER:
                    return api.trigger(dag_id, trigger)
            except TryLater:  # the DAG is not read yet, or the API is busy
                _check_dags(api)
            time.sleep(1)
    raise Halt(f"Airflow started no run of {dag_id} in {SLOT_SECONDS} s; see the scheduler's log")


def _check_dags(api: AirflowApi) -> None:
    broken: dict[str, str] = {}
    with suppress(TryLater):
        broken = api.import_errors()
    for file, trace in broken.items():
        raise Halt(f"Airflow cannot read {file}: {trace.strip().splitlines()[-1]}")


def _follow(api: AirflowApi, run: DagRun) -> None:
    """Print each task of the run as it ends; raises `Halt` when the run has failed."""
    told: set[tuple[str, int]] = set()
    began = time.monotonic()
    with console.status(f"{run.dag_id} …") as line:
        while time.monotonic() - began < SLOT_SECONDS:
            with suppress(TryLater):  # the API server may be busy, or being restarted
                tasks = api.tasks(run)
                _print_ended(run, tasks, told)
                now = [_name(task) for task in tasks if task.state == "running"]
                line.update(f"{run.dag_id}: {', '.join(now) or 'waiting for a worker'} …")
                state = api.state(run)
                if state == "success":
                    _print_ended(run, api.tasks(run), told)
                    return
                if state == "failed":
                    raise Halt(_cause(api, tasks))
            time.sleep(1)
    raise Halt(f"{run.dag_id} has not ended after {SLOT_SECONDS} s; see it in the Airflow UI")


def _print_ended(run: DagRun, tasks: list[TaskInstance], told: set[tuple[str, int]]) -> None:
    ended = [task for task in tasks if task.state in _ENDED and (task.task_id, task.map_index) not in told]
    for task in sorted(ended, key=lambda task: (task.end_date is None, task.end_date, task.map_index)):
        told.add((task.task_id, task.map_index))
        _print_task(run, task)


def _cause(api: AirflowApi, tasks: list[TaskInstance]) -> str:
    failed = [task for task in tasks if task.state == "failed"]
    if not failed:
        return "the run failed without a failed task; see it in the Airflow UI"
    tail = "\n".join(api.log(failed[0]).strip().splitlines()[-25:])
    return f"task {_name(failed[0])} failed. The end of its log:\n{tail}"


def _print_task(run: DagRun, task: TaskInstance) -> None:
    took = (task.end_date - task.start_date).total_seconds() if task.start_date and task.end_date else 0
    console.print(
        f"  {_MARKS.get(task.state or '', ' ')} {run.dag_id:<9}{escape(_name(task)):<28}{took:6.1f} s"
    )


def _name(task: TaskInstance) -> str:
    return (
        f"{task.task_id} {task.rendered_map_index or task.map_index}" if task.map_index >= 0 else task.task_id
    )


def _print_result(settings: Settings, slot: str, api: AirflowApi, started: float) -> None:
    with open_pipeline(settings, with_outlets=False) as p:
        table = show.balance_table(slot, steps.balance(p, slot), show.why_other(*steps.rows_of(p, slot)))
        queries = snippets(p.lake)
    console.print()
    console.print(table)
    console.print(f"\nPublished {time.monotonic() - started:.0f} s after the start.")
    _print_where(settings)
    for name, code in queries.items():
        console.print(
            Panel(Syntax(code, "python", theme="ansi_dark", background_color="default"), title=name)
        )


def _print_where(settings: Settings) -> None:
    password = read_secrets(settings.state_dir).airflow_password
    console.print(f"Airflow: [link]{airflow_url(settings)}[/link]   login: {USER} / {password}")
    if settings.outlets == "demo":
        console.print(f"The demo newsroom: [link]http://localhost:{settings.newsroom_port}/[/link]")


def _keep_telling(settings: Settings, api: AirflowApi, last: str) -> None:
    """One line for each slot that ends; raises `Halt` when the supervisor has given up."""
    while True:
        time.sleep(5)
        if not any(service.is_up for service in status(settings)):
            raise Halt("the services have stopped; see .presslake/logs/supervisor.log")
        try:
            ended = [r for r in api.runs("refine") if (r.partition_key or "") > last and r.end_date]
        except PresslakeError:
            continue  # a component is being restarted
        for run in sorted(ended, key=lambda r: r.partition_key or ""):
            last = run.partition_key or last
            with open_pipeline(settings, with_outlets=False) as p:
                console.print(show.balance_line(last, run.state, steps.balance(p, last)))


class _ServiceLines:
    """Prints a line when a service becomes healthy or dies."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.told: dict[str, str] = {}

    def __call__(self, service: ServiceStatus) -> None:
        if self.told.get(service.name) == service.state:
            return
        self.told[service.name] = service.state
        if service.is_up or service.state == "dead":
            mark = "[green]✓[/]" if service.is_up else "[red]✗[/]"
            port = f"port {service.port}" if service.port else ""
            after = time.monotonic() - self.began
            console.print(
                f"  {mark} {service.name:<24}{port:<11}{after:5.1f} s  {escape(service.detail or '')}"
            )


@contextmanager
def _services(settings: Settings) -> Iterator[None]:
    console.print("[bold]Starting the services[/]")
    with console.status("Starting … (the first start of Airflow makes its database: about a minute)"):
        up(settings, progress=_ServiceLines())
    try:
        yield
    finally:
        with console.status("Stopping …"):
            down(settings)
        console.print("Everything is stopped.")


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends us as Ctrl-C does: in order."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

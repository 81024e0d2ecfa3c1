"""### Replay: read old slots again, or pages from archives and files

Reads the archived pages of some slots with today's extractor and with all that is known of their outlets
now, and corrects what was published of them. Trigger it by hand: after the extractor was changed, or to
have boilerplate that was not known yet removed from an outlet's first days. Running it again changes nothing.

With paths in the form it reads these instead (WARC and WET archives, HTML and text files, on disk or S3): it triggers
`ingest` with them, and ends as that run does.

**Red?** As for `refine`: the log of the red task names its slot. What was replayed before stays corrected;
clear the task, or trigger the rest. `archives`: its button leads to the run of `ingest`; go on there.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, get_current_context, task

from dags.assets import DEFAULT_ARGS, articles
from dags.running import run_for_slot, run_step

_FORM = {
    name: Param(None, type=["null", "string"], title=title, description=f"{what} Empty: no bound.")
    for name, title, what in (
        ("start", "From slot", "The first, e.g. 2026-11-22T12:15:00."),
        ("end", "To slot", "The last."),
        ("outlet", "Outlet", "A slug: only slots in which it has pages. With paths: of all pages."),
    )
} | {
    "paths": Param(
        None,
        type=["null", "array"],
        items={"type": "string"},
        title="Paths, instead of slots",
        description="Archives and files, folders, patterns, S3 objects or prefixes, one a line, as in the form of "
        "ingest. Empty: slots are read.",
    )
}


@dag(
    schedule=None,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params=_FORM,
    doc_md=__doc__,
    tags=["presslake"],
)
def replay() -> None:
    @task
    def slots() -> list[str]:
        """The slots, oldest first; none where paths are given."""
        params = get_current_context()["params"]
        return [] if params["paths"] else run_step("slots", params["start"], params["end"], params["outlet"])

    @task
    def paths() -> list[dict[str, Any]]:
        """What `ingest` is triggered with, where paths are given."""
        params = get_current_context()["params"]
        return [{name: params[name] for name in ("paths", "outlet")}] if params["paths"] else []

    @task(map_index_template="{{ slot_name }}", max_active_tis_per_dag=1)
    def sight(slot: str) -> str:
        """What the slot's articles showed, as today's extractor sees it: all of it before the first replay."""
        get_current_context()["slot_name"] = slot
        run_step("sight", slot)
        return slot

    @task(outlets=[articles], map_index_template="{{ slot_name }}", max_active_tis_per_dag=1)
    def correct(slot: str) -> dict[str, int]:
        """Refine the slot again and correct what changes."""
        return run_for_slot("replay", slot)

    todo = slots()
    sight.expand(slot=todo) >> correct.expand(slot=todo)
    TriggerDagRunOperator.partial(
        task_id="archives",
        trigger_dag_id="ingest",
        wait_for_completion=True,
        deferrable=True,
        poke_interval=10,
        retries=0,  # what failed there is tried again there
    ).expand(conf=paths())


replay()

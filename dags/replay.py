"""### Replay: read old slots again

Reads the archived pages of some slots with today's extractor and with all that is known of their outlets
now, and corrects what was published of them. Trigger it by hand: after the extractor was changed, or to
have boilerplate that was not known yet removed from an outlet's first days. Running it again changes nothing.

**Red?** As for `refine`: the log of the red task names its slot. What was replayed before stays corrected;
clear the task, or trigger the rest.
"""

from __future__ import annotations

from airflow.sdk import Param, dag, get_current_context, task

from dags.assets import DEFAULT_ARGS, articles
from dags.running import run_for_slot, run_step

_SPAN = {
    name: Param(None, type=["null", "string"], title=title, description=f"{what} Empty: no bound.")
    for name, title, what in (
        ("start", "From slot", "The first, e.g. 2026-11-22T12:15:00."),
        ("end", "To slot", "The last."),
        ("outlet", "Outlet", "A slug: only slots in which it has pages."),
    )
}


@dag(
    schedule=None,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params=_SPAN,
    doc_md=__doc__,
    tags=["presslake"],
)
def replay() -> None:
    @task
    def slots() -> list[str]:
        """The slots, oldest first."""
        params = get_current_context()["params"]
        return run_step("slots", params["start"], params["end"], params["outlet"])

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


replay()

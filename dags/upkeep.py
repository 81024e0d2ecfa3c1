"""### Upkeep: what is owed, and keeping the tables small

Once a day: land journals that dead crawls left behind, refine every slot that has fetched pages
without an outcome (oldest first), expire old snapshots and compact small files.

**Red?** A red `settle` names its slot: it is halted or a server is away; see the log as for `refine`.
Trigger this DAG by hand at any time to have owed work done at once.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from dags.assets import DEFAULT_ARGS, articles
from dags.running import run_for_slot, run_step


@dag(
    schedule="@daily",
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["presslake"],
)
def upkeep() -> None:
    @task
    def owed() -> list[str]:
        """Slots with fetched pages that have no outcome."""
        run_step("land_leftovers")
        return run_step("owed")

    @task(outlets=[articles], map_index_template="{{ slot_name }}", max_active_tis_per_dag=1)
    def settle(slot: str) -> dict[str, int]:
        """Refine one owed slot."""
        return run_for_slot("refine", slot)

    @task
    def tidy() -> dict[str, int]:
        """Expire old snapshots, compact small files, clear staged files of settled slots."""
        return run_step("tidy")

    # Side by side, so that each one's failure makes the run red.
    tidy()
    settle.expand(slot=owed())


upkeep()

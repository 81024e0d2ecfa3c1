"""### Refine: from pages to published articles

Runs once for every slot that has landed captures: `extract` and `normalise` per capture file, then
`link`, `gate` and `publish` for the slot as a whole. Running it again changes no row.

**Red?**

- `gate`: *slot … is halted*. The task's log begins with the expectations that failed, what was
  observed and which URLs; the button *Data Docs* shows the same with all rows. Nothing of the slot is
  published. Mend the cause (an outlet's file, a transform), then clear from `extract` on.
- `extract`: the log names the capture file. Clear it; if it stays red, `presslake trace URL`.
- *did not answer*: a server is away. `presslake status`, then clear the task.

What is owed is found by the ledger: `upkeep` picks up every page without an outcome.
"""

from __future__ import annotations

from airflow.sdk import PartitionedAssetTimetable, TriggerRule, dag, get_current_context, task

from dags.assets import DEFAULT_ARGS, articles, captures
from dags.links import DataDocs
from dags.running import SLOT_PARAM, current_slot, run_step, tell


@dag(
    schedule=PartitionedAssetTimetable(assets=captures),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params=SLOT_PARAM,
    doc_md=__doc__,
    tags=["presslake"],
)
def refine() -> None:
    @task
    def parts() -> list[str]:
        """Capture files of the slot."""
        return run_step("parts", current_slot())

    @task(map_index_template="{{ part_name }}")
    def extract(part: str) -> str:
        """Read the pages of one capture file."""
        get_current_context()["part_name"] = part
        run_step("extract", current_slot(), part)
        return part

    @task(map_index_template="{{ part_name }}")
    def normalise(part: str) -> dict[str, int]:
        """Make the fields of one part comparable."""
        get_current_context()["part_name"] = part
        return run_step("normalise", current_slot(), part)

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def link() -> dict[str, int]:
        """New, revised, unchanged, duplicate; which story."""
        return run_step("link", current_slot())

    @task
    def gate() -> dict[str, int]:
        """Great Expectations: set rows aside, withhold outlets, or halt the slot."""
        return run_step("gate", current_slot())

    @task(outlets=[articles])
    def publish() -> dict[str, int]:
        """Commit versions, articles and outcomes."""
        counts = run_step("publish", current_slot())
        tell(articles, current_slot(), counts)
        return counts

    gated = gate()
    gated.operator.operator_extra_links = (DataDocs(),)
    normalise.expand(part=extract.expand(part=parts())) >> link() >> gated >> publish()


refine()

"""### Headlines: an example consumer

Runs once for every slot that is published, reads the slot's articles with pyiceberg and writes the
newest headlines per language to `exports/headlines/<slot>.parquet` in the bucket. Copy it to start a
consumer of your own: schedule on the `articles` asset, read by slot.
"""

from __future__ import annotations

from airflow.sdk import PartitionedAssetTimetable, dag, task

from dags.assets import DEFAULT_ARGS, articles
from dags.running import SLOT_PARAM, current_slot, run_step


@dag(
    schedule=PartitionedAssetTimetable(assets=articles),
    catchup=False,
    default_args=DEFAULT_ARGS,
    params=SLOT_PARAM,
    doc_md=__doc__,
    tags=["presslake", "example"],
)
def headlines() -> None:
    @task
    def export() -> int:
        """Newest headlines of the slot per language, as Parquet in the bucket."""
        return run_step("export_headlines", current_slot())

    export()


headlines()

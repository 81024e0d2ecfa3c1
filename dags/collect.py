"""### Collect: discover and fetch what is new

Every slot (by default 15 minutes) each shard of outlets is crawled by one Scrapy process; what it
brings is landed as one WARC object and rows in `captures` and `visits`.

**Red?** A red `crawl` names its shard. Read the last lines of its log:

- *the crawl of shard … died*: clear the task. The journal is resumed, nothing is fetched twice.
- *S3 at … did not answer*, *the catalog at …*: `presslake status`, then clear the task.

An outlet that is down makes no task red: the log of `balance` and `presslake balance SLOT` show it
per outlet, with the reason. What the other shards landed goes on to `refine` in any case.

**Backfill** fetches what the sources offer now, each source once: a source is due by the clock, whichever
slot is run. A slot that has landed is left as it is.
"""

from __future__ import annotations

from collections import Counter

from airflow.sdk import CronPartitionTimetable, TriggerRule, dag, get_current_context, task

from dags.assets import DEFAULT_ARGS, captures
from dags.running import SLOT_PARAM, current_slot, run_step, tell
from schemas.settings import Settings


@dag(
    schedule=CronPartitionTimetable(Settings().schedule, timezone="UTC", run_immediately=True),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params=SLOT_PARAM,
    doc_md=__doc__,
    tags=["presslake"],
)
def collect() -> None:
    @task
    def shards() -> list[int]:
        """Shards of outlets, one crawl process each."""
        return list(range(Settings().shards))

    @task(map_index_template="{{ shard_name }}")
    def crawl(shard: int) -> dict[str, int]:
        """Crawl the outlets of one shard and land what came."""
        get_current_context()["shard_name"] = f"shard {shard}"
        return run_step("collect", current_slot(), shard)

    @task(outlets=[captures], trigger_rule=TriggerRule.ALL_DONE_MIN_ONE_SUCCESS)
    def announce(landed: list[dict[str, int]]) -> dict[str, int]:
        """Tell `refine` that captures of this slot have landed, even if a shard is missing."""
        counts = sum((Counter(counts) for counts in landed), Counter())
        tell(captures, current_slot(), counts)
        return dict(counts)

    @task(trigger_rule=TriggerRule.ALL_DONE)
    def balance() -> None:
        """Print the slot's balance; fails if a shard did not land, so that the run is red."""
        run_step("check_collected", current_slot())

    crawled = crawl.expand(shard=shards())
    crawled >> balance()
    announce(crawled)


collect()

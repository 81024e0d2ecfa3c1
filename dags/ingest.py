"""### Ingest: pages that were not crawled

Reads WARC and WET archives, HTML and text documents from disk or S3 (files, folders, patterns, `s3://bucket/key`
and prefixes, lists such as Common Crawl's `warc.paths.gz`), lands their pages as slots of bounded size and refines
these like any other. Trigger it by hand, with the paths in the form. One archive, or 2,000 documents, is one
source: a `land` and a `settle`, which do not wait for those of other sources. Running it again changes nothing,
and goes on where it ended.

**Red?** The red task names its source; the others go on.

- `land`: *… is no WARC file*, *holds no page*: leave that path out. *S3 at … did not answer*: clear the task, it goes
  on behind the last slot that landed.
- `settle`: as for `refine`; its log names the slot. Clear the task: slots that are settled are left alone.
- `sources`: nothing to read at a path, or S3 refuses us; the log says which.
"""

from __future__ import annotations

from airflow.sdk import Param, dag, get_current_context, task, task_group

from dags.assets import DEFAULT_ARGS, articles
from dags.running import run_step

_FORM = {
    "paths": Param(
        [],
        type="array",
        items={"type": "string"},
        minItems=1,
        title="Paths",
        description_md="""Files, folders, patterns, S3 objects or prefixes, one a line:

- s3://commoncrawl/crawl-data/CC-NEWS/2026/11/warc.paths.gz
- s3://archive/2026/*.warc.gz
- /data/pages/

WARC and WET archives, lists of them (.paths), HTML and text documents; all but documents may be gzipped. Files and
folders must be on the disks of Airflow's workers.""",
    ),
    "outlet": Param(
        None,
        type=["null", "string"],
        pattern="^[a-z0-9-]*$",
        title="Outlet of all pages",
        description="Its slug, which is the name of its file: daily-example for daily-example.yml. Empty: told by "
        "the host of each page's URL. Documents without a canonical link need it.",
    ),
    "known_only": Param(
        False,
        type="boolean",
        title="Known outlets only",
        description="On: pages of hosts that no outlet has are left out, and counted as unknown_outlet. Off: such a "
        "host becomes an outlet named after it, paper-example.",
    ),
}


@dag(
    schedule=None,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params=_FORM,
    doc_md=__doc__,
    tags=["presslake"],
)
def ingest() -> None:
    @task
    def sources() -> list[list[str]]:
        """The paths of each source."""
        return run_step("ingest.list_sources", get_current_context()["params"]["paths"])

    @task(map_index_template="{{ source_name }}", max_active_tis_per_dag=2)
    def land(paths: list[str]) -> list[str]:
        """Land one source; gives its slots."""
        context = get_current_context()
        context["source_name"] = paths[0].rpartition("/")[2]
        params = context["params"]
        return run_step("ingest.land_paths", paths, params["outlet"] or None, params["known_only"])

    @task(outlets=[articles], map_index_template="{{ source_name }}", max_active_tis_per_dag=1)
    def settle(slots: list[str]) -> dict[str, int]:
        """Refine the source's slots, one after the other."""
        context = get_current_context()
        context["source_name"] = slots[0] if slots else "no slot"
        counts: dict[str, int] = run_step("settle", slots)
        event = context["outlet_events"][articles]
        event.extra = {"slots": len(slots), **counts}
        event.add_partitions(slots)
        return counts

    @task_group
    def source(paths: list[str]) -> None:
        """One source, from landing to publishing."""
        settle(land(paths))

    source.expand(paths=sources())


ingest()

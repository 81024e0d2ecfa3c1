"""The DAGs load, say what to do when they are red, and their graph is a reviewable file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.settings import REPO

GRAPH = Path(__file__).with_name("graph.txt")

#: Run in a process of its own: importing Airflow makes files and warnings we have no say in.
PRINT_GRAPH = """
from pathlib import Path
from airflow.dag_processing.dagbag import DagBag

bag = DagBag(dag_folder=Path("dags"), bundle_path=Path.cwd())
assert not bag.import_errors, bag.import_errors
print("GRAPH")
for dag in sorted(bag.dags.values(), key=lambda dag: dag.dag_id):
    assert dag.doc_md and ("**Red?**" in dag.doc_md or "example" in dag.tags), dag.dag_id
    table = dag.timetable
    when = getattr(table, "expression", None) or getattr(table, "asset_condition", table)
    when = getattr(when, "name", when)
    print(f"{dag.dag_id}: {type(table).__name__} {when}, at most {dag.max_active_runs} at a time")
    for task in sorted(dag.tasks, key=lambda task: task.task_id):
        mapped = "[]" if task.is_mapped else ""
        outlets = "".join(f" => {asset.name}" for asset in task.outlets)
        after = ", ".join(sorted(task.upstream_task_ids)) or "-"
        print(f"  {task.task_id}{mapped} after {after} when {task.trigger_rule.value}{outlets}")
"""


@pytest.mark.slow
def test_the_graph_of_dags_tasks_and_assets_is_the_one_on_file(tmp_path: Path) -> None:
    """To accept a change: run with PRESSLAKE_ACCEPT=1 and review the diff."""
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
    }
    result = subprocess.run(
        [sys.executable, "-c", PRINT_GRAPH],
        cwd=REPO,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    graph = result.stdout.partition("GRAPH\n")[2]
    if os.environ.get("PRESSLAKE_ACCEPT"):
        GRAPH.write_text(graph)
    assert graph == GRAPH.read_text()

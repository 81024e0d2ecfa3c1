"""Buttons on tasks in the Airflow UI."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperatorLink

from dags.running import current_slot


class DataDocs(BaseOperatorLink):
    """Opens the Data Docs of the run's slot, served from the lake's bucket by the Presslake plugin."""

    name = "Data Docs"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Path of the page on the Airflow server."""
        # Links are made after the task, when there is no current context any more.
        return f"/presslake/docs/{current_slot(ti_key.get_template_context())}/index.html"

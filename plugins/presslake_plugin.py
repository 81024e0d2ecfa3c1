"""Presslake inside the Airflow UI: the Data Docs of every slot, served from the lake's bucket.

The pages are made of what outlets wrote, so they are served without scripts of other hosts and
only to a logged-in user.
"""

from __future__ import annotations

import mimetypes
from collections import Counter
from functools import cache
from html import escape
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response

from lake import Lake
from presslake.services.environment import with_secrets
from schemas.errors import PresslakeError
from schemas.settings import Settings
from schemas.tables import VERDICTS
from schemas.vocabulary import Severity

app = FastAPI(title="Presslake", docs_url=None, redoc_url=None, openapi_url=None)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
}
INDEX = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Data Docs</title>
<style>body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em; }}
td, th {{ padding: .2em 1.5em .2em 0; text-align: left; }} .batch {{ color: #b00020; font-weight: bold; }}</style>
<h1>Data Docs</h1>
<p>What Great Expectations said of each slot, newest first.</p>
<table><tr><th>slot<th>what failed</tr>{rows}</table>"""


@cache
def _lake() -> Lake:
    return Lake(with_secrets(Settings()))


@app.get("/docs/")
def index(_user: GetUserDep) -> HTMLResponse:
    """The slots that have Data Docs, newest first, with what failed in each."""
    verdicts = _lake().read(VERDICTS, columns=["slot", "severity", "success"]).to_pylist()
    failed: dict[str, Counter[str]] = {}
    for row in verdicts:
        failed.setdefault(row["slot"], Counter())[row["severity"]] += not row["success"]
    rows = "".join(_row(slot, failed[slot]) for slot in sorted(failed, reverse=True))
    empty = "<tr><td colspan=2>No slot has been judged yet.</td></tr>"
    return HTMLResponse(INDEX.format(rows=rows or empty), headers=HEADERS)


def _row(slot: str, failed: Counter[str]) -> str:
    said = ", ".join(f"{failed[severity]} {severity}" for severity in Severity if failed[severity])
    mark = ' class="batch"' if failed[Severity.BATCH] else ""
    link = f'<a href="{quote(slot)}/index.html">{escape(slot)}</a>'
    return f"<tr><td>{link}</td><td{mark}>{said or 'nothing'}</td></tr>"


@app.get("/docs/{path:path}")
def document(path: str, _user: GetUserDep) -> Response:
    """One file of a slot's Data Docs."""
    key = f"docs/{path}"
    if ".." in path.split("/") or not _lake().exists(key):
        raise HTTPException(404, "no such page of Data Docs")
    try:
        content = _lake().get(key)
    except PresslakeError as error:
        raise HTTPException(503, str(error)) from error
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(content, media_type=kind, headers=HEADERS)


class PresslakePlugin(AirflowPlugin):
    """Mounts the pages under /presslake and names them in the navigation."""

    name = "presslake"
    fastapi_apps = [{"app": app, "url_prefix": "/presslake", "name": "Presslake"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Data Docs",
            "href": "/presslake/docs/",
            "destination": "nav",
            "category": "browse",
            "url_route": "data_docs",
        }
    ]

"""Presslake inside the Airflow UI: the Data Docs of every slot, served from the lake's bucket.

The pages are made of what outlets wrote, so they are served without scripts of other hosts and
only to a logged-in user.
"""

from __future__ import annotations

import mimetypes
from functools import cache
from html import escape

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response

from lake import Lake
from presslake.services.environment import with_secrets
from schemas.errors import PresslakeError
from schemas.settings import Settings

app = FastAPI(title="Presslake", docs_url=None, redoc_url=None, openapi_url=None)

POLICY = "default-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; frame-ancestors 'self'"


@cache
def _lake() -> Lake:
    return Lake(with_secrets(Settings()))


@app.get("/docs/")
def index(_user: GetUserDep) -> HTMLResponse:
    """The slots that have Data Docs, newest first."""
    keys = [key for key in _lake().list("docs/") if key.endswith("/index.html") and key.count("/") == 2]
    slots = sorted((key.split("/")[1] for key in keys), reverse=True)
    items = "".join(f'<li><a href="{escape(slot)}/index.html">{escape(slot)}</a></li>' for slot in slots)
    body = f"<ul>{items}</ul>" if items else "<p>No slot has been judged yet.</p>"
    page = f"<!doctype html><meta charset=utf-8><title>Data Docs</title><h1>Data Docs</h1>{body}"
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


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
    return Response(
        content,
        media_type=kind,
        headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"},
    )


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

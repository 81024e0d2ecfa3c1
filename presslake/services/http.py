"""Requests to our own servers."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen


def get_text(url: str) -> str:
    """The body of the page. Raises OSError if it is not had within 3 s (an HTTPError is one, too)."""
    return _send(Request(url), 3)  # noqa: S310


def get_json(url: str) -> Any:
    """The JSON that the page holds. Raises OSError as ``get_text``."""
    return json.loads(get_text(url))


def call_json(method: str, url: str, body: Any = None, token: str = "") -> Any:
    """The JSON answer to a request with an optional JSON body. Raises OSError if it is not had within 15 s."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if body is not None:
        headers["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    return json.loads(_send(Request(url, data, headers, method=method), 15))  # noqa: S310


def _send(request: Request, timeout_s: float) -> str:
    try:
        with urlopen(request, timeout=timeout_s) as answer:  # noqa: S310
            return str(answer.read(), "utf-8")
    except HTTPException as error:  # cut off in the middle
        raise OSError(f"{request.full_url}: {error!r}") from error

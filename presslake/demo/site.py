"""What stands at an address: from host, path and time to a response, without network or clock."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from urllib.parse import urlsplit

from presslake.demo import feeds, pages, trouble
from presslake.demo.papers import BY_HOST, PAPERS, Paper, SourceForm
from presslake.demo.stories import (
    World,
    article,
    edits_until,
    kind_of,
    last_change,
    named_path,
    number_at,
    path_of,
)


@dataclass(frozen=True)
class Response:
    """An answer before it is put on the wire."""

    status: int
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    last_modified: datetime | None = None


@dataclass(frozen=True)
class Resource:
    """An address that can be answered; equal `version`s have equal answers."""

    version: Hashable
    render: Callable[[], Response]


def find(world: World, host: str, target: str, now: datetime) -> Resource:
    """The resource at a host (without port) and request target. Anything is found: a 404 is a resource."""
    path = urlsplit(target).path
    if path == "/_newsroom/health":
        facts = {
            "status": "ok",
            "now": now.isoformat(),
            "epoch": world.epoch.isoformat(),
            "outlets": len(PAPERS),
        }
        return Resource(now, lambda: Response(200, "application/json", json.dumps(facts).encode()))
    paper = BY_HOST.get(host)
    minute = now.replace(second=0, microsecond=0)
    if host in trouble.HOSTS:
        return Resource(minute, partial(_trouble, world, host, path, minute))
    if paper is None:
        return Resource(minute, lambda: _html(200, pages.index(world, now)))
    return _paper(world, paper, path, now)


def _paper(world: World, paper: Paper, path: str, now: datetime) -> Resource:
    number = number_at(world, paper, path, now)
    if number is not None:
        version = edits_until(world, paper, number, now)
        return Resource(version, lambda: _numbered(world, paper, number, path, now))
    renders: dict[str, Callable[[], Response]] = {
        source_path: partial(_source, world, paper, form, now) for form, source_path in paper.sources
    }
    renders["/"] = lambda: _html(200, pages.front_page(world, paper, now), paper)
    renders["/robots.txt"] = lambda: Response(200, body=feeds.robots(world, paper))
    render = renders.get(path) or partial(_other, world, paper, path, now)
    return Resource(last_change(world, paper, now), render)


def _trouble(world: World, host: str, path: str, now: datetime) -> Response:
    reply = trouble.reply_at(host, path, world.port, now)
    return Response(reply.status, reply.content_type, reply.body, reply.headers)


def _source(world: World, paper: Paper, form: SourceForm, now: datetime) -> Response:
    content_type, body = feeds.source(world, paper, form, now)
    return Response(200, content_type, body, last_modified=last_change(world, paper, now))


def _other(world: World, paper: Paper, path: str, now: datetime) -> Response:
    if re.fullmatch(r"/img/\d+\.svg", path):
        return Response(200, "image/svg+xml", _picture(world, paper, path))
    if (child := re.fullmatch(r"/sitemaps/(\d{4}-\d\d-\d\d)\.xml", path)) and (day := _day(child[1])):
        return Response(200, "application/xml", feeds.child_sitemap(world, paper, day, now))
    return _html(404, pages.missing(world, paper), paper)


def _numbered(world: World, paper: Paper, number: int, path: str, now: datetime) -> Response:
    kind = kind_of(paper, number)
    if kind == "gone":
        return _html(410, pages.missing(world, paper), paper)
    if kind == "missing":
        return _html(404, pages.missing(world, paper), paper)
    if kind == "moved" and path == named_path(world, paper, number):
        return Response(301, headers={"Location": paper.home(world.port) + path_of(world, paper, number)})
    shown = article(world, paper, number, now)
    return _html(200, pages.page_of(world, paper, shown), paper, shown.modified)


def _html(
    status: int, page: str, paper: Paper | None = None, last_modified: datetime | None = None
) -> Response:
    encoding = paper.encoding if paper else "utf-8"
    charset = f"; charset={encoding}" if paper is None or paper.is_charset_stated else ""
    return Response(
        status, f"text/html{charset}", page.encode(encoding, "xmlcharrefreplace"), last_modified=last_modified
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _picture(world: World, paper: Paper, path: str) -> bytes:
    """A landscape of its own for every address."""
    random = world.random(paper.slug, path)
    hills = "".join(
        f'<path d="M0 360V{random.randint(120, 300)}Q160 {random.randint(60, 300)} 320 {random.randint(140, 300)}'
        f'T640 {random.randint(120, 300)}V360Z" fill="{paper.colour}" opacity=".{3 + 2 * layer}"/>'
        for layer in range(3)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360">'
        f'<rect width="640" height="360" fill="hsl({random.randint(20, 220)} 45% 82%)"/>'
        f'<circle cx="{random.randint(60, 580)}" cy="{random.randint(50, 130)}" r="34" fill="#fff6d8"/>{hills}</svg>'
    ).encode()

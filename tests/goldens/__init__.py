"""What the demo's templates are read as: one page of each, and its record as JSON for a person to judge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from presslake.demo.layouts import View, article_page
from presslake.demo.papers import PAPERS, Paper
from presslake.demo.stories import World, article, kind_of
from schemas.outlet import Outlet
from schemas.page import Page
from schemas.urls import capture_id, url_key
from transforms.extract import extract
from transforms.normalise import normalise

FOLDER = Path(__file__).parent
_WORLD = World(datetime(2026, 11, 22, 12, tzinfo=UTC))
# What a reader of the table sees, without what follows from the rest.
_COLUMNS = (
    *("outcome", "title", "description", "dek", "authors", "section", "tags", "language", "kind", "is_free"),
    *(
        "published_at",
        "published_on",
        "published_precision",
        "published_zone",
        "published_from",
        "modified_at",
    ),
    *("canonical_url", "syndicated_from", "word_count", "images", "links", "quotes"),
)


def templates() -> dict[str, Paper]:
    """One paper for each of the demo's templates, by the template's name."""
    return {paper.layout: paper for paper in reversed(PAPERS)}


def record(paper: Paper) -> str:
    """The record of the paper's first plain article, as JSON."""
    number = next(n for n in range(_WORLD.backlog) if kind_of(paper, n) == "article")
    shown = article(_WORLD, paper, number, _WORLD.epoch)
    url = View(_WORLD, paper, shown).url
    page = Page(
        capture_id=capture_id("golden", paper.slug, url_key(url)),
        slot="golden",
        outlet=paper.slug,
        url=url,
        url_key=url_key(url),
        final_url=None,
        found_at=_WORLD.epoch,
        fetched_at=_WORLD.epoch,
        status=200,
        content_type=f"text/html; charset={paper.encoding}",
        body=article_page(_WORLD, paper, shown).encode(paper.encoding),
        error=None,
    )
    outlet = Outlet(
        slug=paper.slug,
        name=paper.name,
        country=paper.country,
        language=paper.language,
        homepage=paper.home(_WORLD.port),
    )
    outlets = {paper.slug: outlet}
    [row] = normalise(extract([page], outlets), outlets).to_pylist()
    told = {name: row[name] for name in _COLUMNS} | {"text": list(_lines(row))}
    return json.dumps(told, default=str, ensure_ascii=False, indent=1) + "\n"


def _lines(row: dict[str, Any]) -> Iterator[str]:
    """Lines of the text, each behind what it is."""
    for block in row["blocks"] or ():
        yield f"{block['kind']}: {row['text'][block['start'] : block['end']]}"

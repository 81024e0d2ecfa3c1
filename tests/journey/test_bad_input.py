"""Bad input ends as a clear error or as an outcome with its reason, and the good page beside it is published."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from presslake import steps
from presslake.pipeline import Pipeline, open_pipeline
from schemas import tables
from schemas.errors import Reject
from schemas.settings import Settings
from tests.journey.conftest import SLOT, settings_for
from tests.web.site import ARTICLE, BOMB_BYTES, HUGE_PAGE_BYTES, Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: What becomes of each path of the site: (outcome, reason), of the page if it was fetched, else of the capture.
BECOMES: dict[str, tuple[str, str | None]] = {
    "/good": ("published", None),
    "/invalid-utf8": ("published", None),
    "/truncated-gzip": ("failed", "truncated"),
    "/huge-page": ("failed", "too_large"),
    "/gzip-bomb": ("failed", "too_large"),
    "/empty": ("failed", "empty_body"),
    "/drip": ("failed", "timeout"),
    "/hang": ("failed", "timeout"),
    "/redirect-loop": ("failed", "redirect_loop"),
    "/redirect-to-metadata": ("disallowed", "private_address"),
    "/redirect-to-private": ("disallowed", "private_address"),
    "/reset": ("failed", "truncated"),
    "/short-body": ("failed", "truncated"),
    "/unavailable": ("failed", "http_503"),
    "/private/page": ("disallowed", "robots"),
    "/nowhere": ("gone", "http_404"),
}


@dataclass
class Gathering:
    """The lake after a slot of one outlet whose every page but one is bad, and of a good neighbour."""

    site: Site
    pipeline: Pipeline

    def rows(self, table: tables.Table, key: str = "url") -> dict[str, dict[str, Any]]:
        """Rows by path on the site."""
        found = self.pipeline.lake.read(table).to_pylist()
        return {"/" + row[key].split("/", 3)[3]: row for row in found}


def write_outlet(folder: Path, slug: str, **facts: object) -> Path:
    path = folder / "de" / f"{slug}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"name": slug, "language": "en", **facts}), "utf-8")
    return path


@pytest.fixture(scope="module")
def gathering(services: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gathering]:
    folder = tmp_path_factory.mktemp("gathering")
    own = {"s3_prefix": "bad-input", "namespace": "bad_input", "page_seconds": 3, "shards": 1}
    with Site() as site:
        site.listed = [site.url(path) for path in BECOMES]
        feeds = [site.url(path) for path in ("/feed.xml", "/feed-is-html", "/feed-entity-bomb", "/hang")]
        write_outlet(folder, "bad", homepage=site.url("/"), feeds=feeds, pace_seconds=0.01)
        good = site.url("/good", "fine.localhost")
        write_outlet(folder, "fine", homepage=site.url("/", "fine.localhost"), sections=[good])
        settings = settings_for(services, folder, folder / "state").model_copy(update=own)
        with open_pipeline(settings) as p:
            steps.collect(p, SLOT, 0)
            steps.refine(p, SLOT)
            yield Gathering(site, p)


def test_every_page_has_its_outcome_and_reason(gathering: Gathering) -> None:
    captures, outcomes = gathering.rows(tables.CAPTURES), gathering.rows(tables.OUTCOMES)
    became = {path: outcomes.get(path, row) for path, row in captures.items()}
    found = {path: (row["outcome"], row["reason"]) for path, row in became.items()}
    assert found == BECOMES

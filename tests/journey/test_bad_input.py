"""Bad input ends as a clear error or as an outcome with its reason, and the good page beside it is published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from presslake import steps
from presslake.pipeline import Pipeline, open_pipeline
from schemas import tables
from schemas.errors import Reject
from schemas.settings import Settings
from tests.journey.conftest import SLOT, settings_for
from tests.web.site import ARTICLE, Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

#: What becomes of each path of the site: (outcome, reason), of the page if it was fetched, else of the capture.
BECOMES: dict[str, tuple[str, str | None]] = {
    "/good": ("published", None),
    "/invalid-utf8": ("published", None),
    "/truncated-gzip": ("failed", "truncated"),
    "/huge-page": ("failed", "too_large"),
    "/gzip-bomb": ("failed", "too_large"),
    "/empty": ("failed", "empty_body"),
    "/short-body": ("failed", "truncated"),
    "/redirect-to-metadata": ("disallowed", "private_address"),
    "/private/page": ("disallowed", "robots"),
    "/nowhere": ("gone", "http_404"),
}
SOURCES: dict[str, tuple[str, str | None]] = {
    "/feed.xml": ("fetched", None),
    "/feed-is-html": ("failed", "not_a_feed"),
    "/feed-entity-bomb": ("failed", "entity_expansion"),
    "/empty": ("failed", "empty_body"),
}


@dataclass
class Gathering:
    """The lake after a slot of a bad outlet and of its good neighbour."""

    pipeline: Pipeline

    def rows(self, table: tables.Table, outlet: str = "bad", url: str = "url") -> dict[str, dict[str, Any]]:
        """Rows of an outlet by the path of their URL."""
        found = self.pipeline.lake.read(table, where={"outlet": outlet}).to_pylist()
        return {urlsplit(row[url]).path: row for row in found}


def write_outlet(folder: Path, slug: str, **facts: object) -> Path:
    path = folder / "de" / f"{slug}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"name": slug, "language": "en", "pace_seconds": 0.01} | facts), "utf-8")
    return path


@pytest.fixture(scope="module")
def gathering(services: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gathering]:
    folder = tmp_path_factory.mktemp("gathering")
    with Site() as bad, Site() as fine:
        bad.listed = [bad.url(path) for path in BECOMES]
        fine.listed = [fine.url("/good", "fine.localhost")]
        feeds = [bad.url(path) for path in SOURCES]
        write_outlet(folder / "outlets", "bad", homepage=bad.url("/"), feeds=feeds)
        feed = fine.url("/feed.xml", "fine.localhost")
        write_outlet(folder / "outlets", "fine", homepage=fine.url("/", "fine.localhost"), feeds=[feed])
        own = {"s3_prefix": "bad-input", "namespace": "bad_input", "shards": 1}
        settings = settings_for(services, folder / "outlets", folder / "state").model_copy(update=own)
        with open_pipeline(settings) as p:
            steps.collect(p, SLOT, 0)
            steps.refine(p, SLOT)
            yield Gathering(p)


def test_every_page_has_its_outcome_and_reason(gathering: Gathering) -> None:
    captures, outcomes = gathering.rows(tables.CAPTURES), gathering.rows(tables.OUTCOMES)
    became = {path: outcomes.get(path, capture) for path, capture in captures.items()}
    assert {path: (row["outcome"], row["reason"]) for path, row in became.items()} == BECOMES
    for path, row in became.items():
        assert row["detail"] or row["outcome"] in {"published", "gone"}, f"{path} says nothing of its cause"


def test_every_source_has_its_outcome_and_reason(gathering: Gathering) -> None:
    visits = gathering.rows(tables.VISITS, url="source_url")
    assert {path: (row["outcome"], row["reason"]) for path, row in visits.items()} == SOURCES


def test_nothing_else_is_lost_and_all_adds_up(gathering: Gathering) -> None:
    (neighbour,) = gathering.rows(tables.ARTICLES, outlet="fine").values()
    articles = gathering.rows(tables.ARTICLES)
    assert articles.keys() == {path for path, (outcome, _) in BECOMES.items() if outcome == "published"}
    assert neighbour["text"] == articles["/good"]["text"]
    assert neighbour["text"].splitlines() == re.findall("<p>(.*?)</p>", ARTICLE.decode())
    balance = {row["outlet"]: row for row in steps.balance(gathering.pipeline, SLOT).to_pylist()}
    assert {outlet: row["discovered"] for outlet, row in balance.items()} == {"bad": len(BECOMES), "fine": 1}
    for row in balance.values():
        assert (row["captures_left_over"], row["pages_left_over"]) == (0, 0)
    assert steps.owed(gathering.pipeline) == []


def test_text_that_is_not_utf8_is_readable(gathering: Gathering) -> None:
    assert "certainty" in gathering.rows(tables.ARTICLES)["/invalid-utf8"]["text"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"homepage": "http://a.localhost/", "feed": []}, r"evil\.yml:1: feed: unknown key"),
        (
            {"homepage": "htp:/a.localhost"},
            r"evil\.yml:1: homepage: not an http\(s\) URL: 'htp:/a.localhost'",
        ),
        ({}, r"evil\.yml:1: homepage: missing"),
    ],
    ids=["unknown key", "bad URL", "missing key"],
)
def test_an_outlet_that_is_wrong_is_named_with_its_line(
    lake_settings: Settings, tmp_path: Path, facts: dict[str, object], said: str
) -> None:
    write_outlet(tmp_path / "outlets", "good", homepage="http://good.localhost/")
    write_outlet(tmp_path / "outlets", "evil", **facts)
    settings = settings_for(lake_settings, tmp_path / "outlets", tmp_path / "state")
    with pytest.raises(Reject, match=said), open_pipeline(settings):
        pass

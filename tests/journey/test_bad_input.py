"""Bad input ends as a clear error or as an outcome with its reason, and the good page beside it is published."""

from __future__ import annotations

import json
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
from tests.conftest import empty_lake
from tests.journey.conftest import SLOT, settings_for
from tests.web.site import ARTICLE, Site

pytestmark = pytest.mark.slow

#: What becomes of each path of the site: (outcome, reason), of the page if it was fetched, else of the capture.
BECOMES: dict[str, tuple[str, str | None]] = {
    "/good": ("published", None),
    "/truncated-gzip": ("failed", "truncated"),
    "/huge-page": ("failed", "too_large"),
    "/gzip-bomb": ("failed", "too_large"),
    "/empty": ("failed", "empty_body"),
    "/short-body": ("failed", "truncated"),
    "/redirect-to-metadata": ("disallowed", "private_address"),
    "/private/page": ("disallowed", "robots"),
    "/nowhere": ("gone", "http_4xx"),
}
SOURCES: dict[str, tuple[str, str | None]] = {
    "/feed.xml": ("fetched", None),
    "/feed-is-html": ("failed", "feed_unparseable"),
    "/feed-entity-bomb": ("failed", "feed_unparseable"),
    "/empty": ("failed", "empty_body"),
}


@dataclass
class Gathering:
    """The lake after a slot of a bad outlet and of its neighbour, whose one page is not UTF-8."""

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
    with Site() as bad, Site() as mangled:
        bad.listed = [bad.url(path) for path in BECOMES]
        mangled.listed = [mangled.url("/invalid-utf8", "mangled.localhost")]
        feeds = [bad.url(path) for path in SOURCES]
        write_outlet(folder / "outlets", "bad", homepage=bad.url("/"), feeds=feeds)
        home, feed = (mangled.url(path, "mangled.localhost") for path in ("/", "/feed.xml"))
        write_outlet(folder / "outlets", "mangled", homepage=home, feeds=[feed])
        settings = settings_for(empty_lake(services), folder / "outlets", folder / "state")
        with open_pipeline(settings.model_copy(update={"shards": 1})) as p:
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
    (good,) = gathering.rows(tables.ARTICLES).values()
    assert good["text"].splitlines() == re.findall("<p>(.*?)</p>", ARTICLE.decode())
    balance = {row["outlet"]: row for row in steps.balance(gathering.pipeline, SLOT).to_pylist()}
    assert {outlet: row["discovered"] for outlet, row in balance.items()} == {
        "bad": len(BECOMES),
        "mangled": 1,
    }
    for row in balance.values():
        assert (row["captures_left_over"], row["pages_left_over"]) == (0, 0)
    assert steps.owed(gathering.pipeline) == []


def test_a_page_of_invalid_utf8_is_quarantined_with_all_that_is_readable(gathering: Gathering) -> None:
    (aside,) = gathering.rows(tables.QUARANTINE, outlet="mangled").values()
    assert (aside["outcome"], len(aside["reasons"])) == ("quarantined", 1)
    assert aside["reasons"][0].startswith("readable(text)")
    whole = re.findall("<p>(.*?)</p>", ARTICLE.decode())
    for found, paragraph in zip(json.loads(aside["row"])["text"].splitlines(), whole, strict=True):
        before, after = paragraph.split("certainty")
        assert found.startswith(f"{before}certainty")
        assert found.endswith(after)


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

"""What is published is what the newsroom knows to be true, field by field."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from schemas import tables
from schemas.page import CLAIMED
from schemas.urls import url_key
from tests.journey.conftest import SLOT, Desk

pytestmark = pytest.mark.slow

PRECISION = {"second": "instant", "minute": "minute", "day": "day"}


def _by_key(rows: list[dict[str, Any]], column: str) -> dict[str, dict[str, Any]]:
    return {url_key(row[column]): row for row in rows}


def test_every_field_of_every_article_equals_the_newsroom(published: Desk) -> None:
    desk = published
    articles = _by_key(desk.rows(tables.ARTICLES).to_pylist(), "canonical_url")
    expected = {
        url_key(page.canonical_url): page
        for page in desk.room.truth()
        if page.expected == "published" and page.is_listed
    }
    assert articles.keys() == expected.keys()
    differences = []
    for key, page in expected.items():
        row = articles[key]
        stated = {
            "title": page.title,
            "text": page.text,
            "description": page.description,
            "authors": list(page.authors),
            "published_at": page.published_at,
            "published_on": page.published_on,
            # Where a page tells of a minute or a day, its feed may tell of the second.
            "published_precision": "instant"
            if str(row["published_from"]).startswith(CLAIMED)
            else PRECISION[page.published_precision or "day"],
            "language": page.language,
            "canonical_url": page.canonical_url,
            "is_free": page.is_free,
            "outlet": page.outlet,
        }
        # Many templates state nothing about being free.
        found = {name: row[name] for name in stated} | {"is_free": row["is_free"] is not False}
        differences += [
            f"{key} {name}: {found[name]!r} is not {value!r}"
            for name, value in stated.items()
            if found[name] != value
        ]
        differences += [f"{key}: promo in text: {line!r}" for line in page.promos if line in row["text"]]
    assert not differences, "\n".join(differences)


def test_what_feeds_and_news_sitemaps_say_is_evidence_of_the_article(published: Desk) -> None:
    seen = [one for row in published.rows(tables.ARTICLES).to_pylist() for one in row["evidence"]]
    said = {(one["field"], one["source"]) for one in seen if one["source"].startswith(CLAIMED)}
    assert said >= {
        ("title", "feed:title"),
        ("description", "feed:summary"),
        ("authors", "feed:author"),
        ("tags", "feed:category"),
        ("text", "feed:content"),
        ("title", "news_sitemap:title"),
        ("site", "news_sitemap:publication"),
        ("language", "news_sitemap:language"),
        *(("published_at", f"{kind}published") for kind in CLAIMED),
    }


def test_pages_that_are_no_articles_say_why(published: Desk) -> None:
    desk = published
    captures = _by_key(desk.rows(tables.CAPTURES).to_pylist(), "url")
    outcomes = _by_key(desk.rows(tables.OUTCOMES).to_pylist(), "url")
    wrong = []
    others = [page for page in desk.room.truth() if page.is_listed and page.expected != "published"]
    assert {page.expected for page in others} == {"not_article", "duplicate", "gone", "disallowed"}
    for page in others:
        key = url_key(page.url)
        fetched = key in outcomes
        row = outcomes[key] if fetched else captures[key]
        if row["outcome"] != page.expected or (page.reason and row["reason"] != page.reason):
            wrong.append(f"{key}: {row['outcome']} {row['reason']} is not {page.expected} {page.reason}")
    assert not wrong, "\n".join(wrong)


def test_the_wire_story_is_one_story_with_three_articles(published: Desk) -> None:
    desk = published
    articles = _by_key(desk.rows(tables.ARTICLES).to_pylist(), "canonical_url")
    stories: dict[str, set[str]] = {}
    for page in desk.room.truth():
        if page.story and page.is_listed and page.expected == "published":
            stories.setdefault(page.story, set()).add(url_key(page.canonical_url))
    wire = [keys for keys in stories.values() if len(keys) == 3]
    assert wire, "the newsroom has no wire story"
    for keys in wire:
        found = [articles[key] for key in keys]
        assert len({row["story_id"] for row in found}) == 1
        assert len({row["outlet"] for row in found}) == 3
        assert sum(row["duplicate_of"] is None for row in found) == 1
    told = Counter(row["story_id"] for row in articles.values())
    assert sorted(n for n in told.values() if n > 1) == [3] * len(wire), "unrelated articles share a story"


def test_revisions_become_versions_and_stamps_alone_do_not(published: Desk) -> None:
    """The last test here: it goes on to a later slot."""
    desk = published
    before = {page.url: page for page in desk.room.truth()}
    desk.room.set_clock(desk.room.now.replace(hour=21))
    desk.run(SLOT.replace("T13", "T21"))
    revised = {
        url_key(page.canonical_url)
        for page in desk.room.truth()
        if page.expected == "published"
        and page.url in before
        and before[page.url].is_listed
        and page.revision > before[page.url].revision
    }
    assert revised, "nothing was revised in eight hours"
    versions = Counter(url_key(row["canonical_url"]) for row in desk.rows(tables.VERSIONS).to_pylist())
    assert {key for key, n in versions.items() if n > 1} == revised
    articles = _by_key(desk.rows(tables.ARTICLES).to_pylist(), "canonical_url")
    now = {url_key(page.canonical_url): page for page in desk.room.truth() if page.expected == "published"}
    assert all(articles[key]["text"] == now[key].text for key in revised)
    assert all(articles[key]["revision"] == 2 for key in revised)

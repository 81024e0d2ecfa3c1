"""Whole rows: extract → normalise, held to the schemas, and to the demo newsroom's truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from presslake.demo import site
from presslake.demo.papers import PAPERS
from presslake.demo.stories import World
from presslake.demo.truth import Truth, truth
from schemas.outlet import Outlet
from schemas.page import Page, Statement
from schemas.tables import EXTRACTIONS, PAGES
from schemas.urls import article_id, capture_id, url_key
from tests.transforms.extract.made import BODY, NOON, PROSE, html, page
from transforms.extract import extract
from transforms.normalise import normalise

EPOCH = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORLD = World(epoch=EPOCH)
OUTLETS = {
    paper.slug: Outlet(
        slug=paper.slug,
        name=paper.name,
        country=paper.country,
        language=paper.language,
        homepage=paper.home(WORLD.port),
        time_zone=str(paper.zone),
    )
    for paper in PAPERS
}
PRECISION = {"second": "instant", "minute": "minute", "day": "day"}


def fetched(told: Truth) -> Page:
    """The page as the crawl would have captured it, redirects followed."""
    address, final = urlsplit(told.url), None
    answer = site.find(WORLD, str(address.hostname), address.path, EPOCH).render()
    if answer.status == 301:
        final = answer.headers["Location"]
        answer = site.find(WORLD, str(address.hostname), urlsplit(final).path, EPOCH).render()
    key = url_key(told.url)
    return Page(
        capture_id=capture_id("s", told.outlet, key),
        slot="s",
        outlet=told.outlet,
        url=told.url,
        url_key=key,
        final_url=final,
        found_at=EPOCH,
        fetched_at=EPOCH,
        status=answer.status,
        content_type=answer.content_type,
        body=answer.body,
        error=None,
    )


def test_the_newsroom_is_read_as_it_was_meant() -> None:
    told = [t for t in truth(WORLD, EPOCH) if t.expected in {"published", "duplicate", "not_article"}]
    rows = normalise(extract(map(fetched, told), OUTLETS), OUTLETS).to_pylist()
    assert len(rows) == len(told) > 100
    for page_truth, row in zip(told, rows, strict=True):
        where = f"{page_truth.outlet} {page_truth.number}"
        if page_truth.expected == "not_article":
            assert (row["outcome"], row["reason"]) == ("not_article", page_truth.reason), where
            continue
        assert row["outcome"] is None, (where, row["reason"], row["detail"])
        assert row["text"] == page_truth.text, where
        assert row["title"] == page_truth.title, where
        assert tuple(row["authors"]) == page_truth.authors, where
        assert row["language"] == page_truth.language, where
        assert row["published_at"] == page_truth.published_at, where
        assert row["published_on"] == page_truth.published_on, where
        assert row["published_precision"] == PRECISION[str(page_truth.published_precision)], where
        assert row["modified_at"] == page_truth.modified_at, where
        assert row["is_free"] in {page_truth.is_free, None if page_truth.is_free else False}, where
        if page_truth.expected == "published":
            assert row["canonical_url"] == page_truth.canonical_url, where
            assert row["article_id"] == article_id(page_truth.canonical_url), where


def test_rows_conform_and_repeat_exactly() -> None:
    pages = [page(html()), page(b""), page(html(f"<p>{PROSE[0]}</p>"))]
    extractions = extract(pages, {})
    found = normalise(extractions, {})
    assert extractions.schema.equals(EXTRACTIONS.schema)
    assert found.schema.equals(PAGES.schema)
    assert found.equals(normalise(extract(pages, {}), {}))
    assert found["outcome"].to_pylist() == [None, "failed", "not_article"]
    assert found["text"].to_pylist()[1:] == [None, PROSE[0]]
    assert found["article_id"].to_pylist()[1:] == [None, None]
    assert normalise(extractions.slice(0, 0), {}).num_rows == 0


def test_the_evidence_of_a_date_is_kept_with_what_was_turned_down() -> None:
    head = '<meta name="date" content="2031-01-01"><meta property="article:published_time" content="2026-11-21T10:00Z">'
    [row] = normalise(extract([page(html(head=head))], {}), {}).to_pylist()
    assert (row["published_from"], row["published_raw"]) == (
        "meta:article:published_time",
        "2026-11-21T10:00Z",
    )
    [row] = normalise(
        extract([page(html(head='<meta name="date" content="2031-01-01">'))], {}), {}
    ).to_pylist()
    assert (row["published_at"], row["published_on"], row["published_raw"]) == (None, None, "2031-01-01")
    assert {"field": "published_at", "source": "rejected:future:meta:date", "value": "2031-01-01"} in row[
        "evidence"
    ]


@pytest.mark.parametrize("change", ["title", "text", "authors", "description"])
def test_only_content_makes_another_version(change: str) -> None:
    head = '<meta name="author" content="Ada Wren"><meta name="description" content="A light.">'
    first = html(BODY, head)
    second = {
        "title": first.replace("Lighthouse to be repaired", "Lighthouse to be saved"),
        "text": first.replace("two million", "three million"),
        "authors": first.replace("Ada Wren", "Bo Lund"),
        "description": first.replace("A light.", "A lamp."),
    }[change]
    same = page(
        first.replace("</body>", "<footer>another footer</footer></body>"), fetched_at=NOON.replace(hour=13)
    )
    a, b, c = normalise(extract([page(first), same, page(second)], {}), {})["content_sha256"].to_pylist()
    assert a == b != c


def test_text_is_compared_by_letters_and_digits() -> None:
    shouted = "".join(f"<p>{line.upper()}</p>" for line in PROSE)
    a, b = normalise(extract([page(html()), page(html(shouted))], {}), {})["text_sha256"].to_pylist()
    assert a == b


def test_the_date_in_the_feed_is_evidence_and_dates_a_page_that_is_silent() -> None:
    said = "Sun, 22 Nov 2026 10:30:00 +0100"
    silent = replace(page(html(BODY)), claims=(Statement("published_at", "feed:published", said),))
    [row] = normalise(extract([silent], {}), {}).to_pylist()
    assert (row["published_from"], row["published_raw"]) == ("feed:published", said)
    assert row["published_at"] == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

"""What sources say of a page: believed where the page is silent, heard where it is of two minds, else evidence only."""

from __future__ import annotations

from typing import Any

from presslake.explain import explain
from schemas.page import Statement
from tests.transforms.extract.made import BODY, PROSE, html, page, row, sources

SAID = (
    Statement("title", "feed:title", "The lighthouse of Harbourton is to be repaired"),
    Statement("description", "feed:summary", PROSE[0]),
    Statement("authors", "feed:author", "Bo Ray"),
    Statement("tags", "feed:category", "harbour"),
    Statement("tags", "feed:category", "storms"),
    Statement("language", "news_sitemap:language", "en"),
    Statement("text", "feed:content", "5321 characters"),
)
COLUMNS = (
    "title_raw",
    "description_raw",
    "dek_raw",
    "text_raw",
    "authors_raw",
    "tags_raw",
    "language_raw",
    "outcome",
)
BARE = f"<!DOCTYPE html><html><body><article>{BODY}</article></body></html>"
HEAD = (
    "<meta name='description' content='What the council voted for on Tuesday.'>"
    "<meta name='author' content='Ada Wren'><meta name='keywords' content='lamps'>"
)


def read(body: str, *claims: Statement) -> dict[str, Any]:
    found = row(body, claims=claims)
    return {name: found[name] for name in COLUMNS}


def test_a_page_that_states_nothing_has_what_its_sources_say() -> None:
    assert read(BARE, *SAID) == {
        "title_raw": SAID[0].value,
        "description_raw": PROSE[0],
        "dek_raw": None,
        "text_raw": "\n".join(PROSE),
        "authors_raw": ["Bo Ray"],
        "tags_raw": ["harbour", "storms"],
        "language_raw": "en",
        "outcome": None,
    }


def test_what_a_page_states_comes_first_and_what_its_sources_say_is_evidence() -> None:
    told = html(head=HEAD)
    assert read(told, *SAID) == read(told)
    found = row(told, claims=SAID)
    for field, source, value in SAID:
        seen = sources(found, field)
        assert (source, value) in seen
        assert field == "text" or seen[0][0] != source


def test_the_same_words_in_a_feed_decide_which_of_a_pages_claims_is_the_headline() -> None:
    two = "<h1>Ferries, piers and lamps</h1><h1>Lighthouse to be repaired</h1>"
    told = f"<!DOCTYPE html><html><head><title>News</title></head><body>{two}<article>{BODY}</article></body></html>"
    assert read(told)["title_raw"] != "Lighthouse to be repaired"
    assert (
        read(told, SAID[0]._replace(value="Lighthouse to be repaired"))["title_raw"]
        == "Lighthouse to be repaired"
    )


def test_a_feeds_author_is_heard_among_equals_and_outvotes_nobody() -> None:
    two = "<meta name='author' content='Ada Wren'><meta name='dc.creator' content='Bo Ray'>"
    assert read(html(head=two))["authors_raw"] == ["Ada Wren"]
    assert read(html(head=two), SAID[2])["authors_raw"] == ["Bo Ray"]
    assert read(html(head=HEAD), SAID[2])["authors_raw"] == ["Ada Wren"]
    guest = "<meta name='author' content='Cy Poe'>"
    signed = f"<p>By Ada Wren</p>{BODY}"
    assert read(html(signed, head=guest), SAID[2]._replace(value="Ada Wren"))["authors_raw"] == [
        "By Ada Wren"
    ]


def test_a_page_that_is_gone_is_gone_although_a_feed_names_it() -> None:
    gone = "<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>"
    dated = Statement("published_at", "feed:published", "2026-11-22T09:00:00Z")
    assert row(gone, claims=(*SAID, dated))["reason"] == row(gone)["reason"] == "soft_404"


def test_an_explanation_shows_what_sources_say_beside_what_was_read() -> None:
    told = {one.name: one for one in explain(page(html(head=HEAD), claims=SAID)).fields}
    assert told["title"].source == "h1"
    assert f"feed:title: {SAID[0].value}" in told["title"].others
    assert (told["text"].source, told["text"].others) == (None, ("feed:content: 5321 characters",))
    bare = {one.name: one.source for one in explain(page(BARE, claims=SAID)).fields}
    assert (bare["title"], bare["authors"], bare["tags"]) == ("feed:title", "feed:author", "feed:category")

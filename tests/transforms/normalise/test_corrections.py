"""Corrections of an outlet's file: keyed by the raw string, taken as they are, the raw kept as evidence."""

from __future__ import annotations

from typing import Any

from schemas.outlet import Corrections, Outlet
from tests.transforms.extract.made import BODY, html, page
from transforms.extract import extract
from transforms.normalise import normalise

HEAD = (
    '<meta name="author" content="Robo Quill"><meta name="author" content="jdoe">'
    '<meta name="author" content="Ada Wren"><meta property="article:section" content="nws">'
)


def read(**corrections: dict[str, str | None]) -> dict[str, Any]:
    outlet = Outlet(
        slug="harbour-gazette",
        name="Harbour Gazette",
        country="gb",
        language="en",
        homepage="https://news.example/",
        corrections=Corrections(**corrections),
    )
    papers = {outlet.slug: outlet}
    [row] = normalise(extract([page(html(BODY, HEAD))], papers), papers).to_pylist()
    return dict(row)


def corrected(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(e["field"], e["value"]) for e in row["evidence"] if e["source"] == "corrected"]


def test_a_raw_statement_is_read_as_the_file_says() -> None:
    row = read(
        authors={"Robo Quill": None, "jdoe": "Jane Doe", "nobody": "Nobody"},
        section={"nws": "News"},
        title={"Lighthouse to be repaired": "The lighthouse"},
    )
    assert row["authors"] == ["Jane Doe", "Ada Wren"]
    assert (row["section"], row["title"]) == ("News", "The lighthouse")
    assert corrected(row) == [
        ("title", "Lighthouse to be repaired"),
        ("authors", "Robo Quill"),
        ("authors", "jdoe"),
        ("section", "nws"),
    ]
    assert ("authors", "meta:author", "jdoe") in [tuple(e.values()) for e in row["evidence"]]


def test_a_correction_is_not_read_again() -> None:
    assert "Newsdesk, Harbourton" in read(authors={"jdoe": "Newsdesk, Harbourton"})["authors"]


def test_null_takes_a_field_away() -> None:
    row = read(section={"nws": None})
    assert row["section"] is None
    assert corrected(row) == [("section", "nws")]


def test_what_is_not_stated_is_not_corrected() -> None:
    plain, row = (
        read(),
        read(authors={"Ada": "Eva"}, section={"News": "x"}, title={"": "x", "Lighthouse": "y"}),
    )
    assert row == plain
    assert corrected(row) == []

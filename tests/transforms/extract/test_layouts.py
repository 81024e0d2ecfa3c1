"""Layouts of an outlet's file: they beat the engine where they match, say so, and are missed aloud."""

from __future__ import annotations

from datetime import date
from typing import Any

from schemas.outlet import Layout, Outlet
from tests.transforms.extract.made import BODY, NOON, PROSE, html, page, sources
from transforms.extract import extract
from transforms.extract.memory import Memory, Seen, sighting
from transforms.normalise import normalise

ODD = html(
    head="<meta name='when' content='2026-11-21T09:30:00+01:00'><meta name='author' content='Desk'>",
    main="<p class='stand'>A short line that an editor put above.</p>"
    "<div class='odd'><h2>Menu of the day</h2><p>Soup, fish and a pear.</p><p class='ad'>Buy a boat.</p>"
    "<figcaption>The kitchen.</figcaption></div>"
    "<ul class='who'><li>Ada Wren</li><li>Bo Alder</li></ul><b data-part='Food'>in</b>" + BODY,
)
LAYOUT = Layout(
    title="article h2",
    dek=".stand",
    text="div.odd",
    drop=".ad, .nothing",
    authors=".who li",
    published_at="meta[name=when]@content",
    section="b@data-part",
)


def outlet(*layouts: Layout) -> Outlet:
    return Outlet(
        slug="harbour-gazette",
        name="Harbour Gazette",
        country="gb",
        language="en",
        homepage="https://news.example/",
        layouts=layouts,
    )


def read(body: str, *layouts: Layout, **given: Any) -> dict[str, Any]:
    paper = outlet(*layouts)
    [found] = extract([page(body, **given)], {paper.slug: paper}).to_pylist()
    return dict(found)


def test_what_a_layout_finds_beats_the_engine_and_says_so() -> None:
    row = read(ODD, LAYOUT)
    assert row["title_raw"] == "Menu of the day"
    assert row["dek_raw"] == "A short line that an editor put above."
    assert row["text_raw"].split("\n") == ["Menu of the day", "Soup, fish and a pear."]
    assert row["authors_raw"] == ["Ada Wren", "Bo Alder"]
    assert (row["published_raw"], row["section_raw"]) == ("2026-11-21T09:30:00+01:00", "Food")
    assert sources(row, "title")[0] == ("layout:article h2", "Menu of the day")
    assert ("h1", "Lighthouse to be repaired") in sources(row, "title")
    assert sources(row, "text") == [("layout:div.odd", None)]
    assert sources(row, "dek") == [("layout:.stand", None)]


def test_a_field_without_a_selector_is_the_engines() -> None:
    row = read(ODD, Layout(section="b@data-part"))
    plain = read(ODD)
    assert row["section_raw"] == "Food"
    assert all(row[name] == plain[name] for name in ("title_raw", "text_raw", "authors_raw", "dek_raw"))


def test_only_what_is_dropped_leaves_the_engines_text() -> None:
    page_ = html(BODY.replace("<p>Work", "<p class='no'>Work"))
    assert read(page_)["text_raw"].split("\n") == list(PROSE)
    assert read(page_, Layout(drop="p.no"))["text_raw"].split("\n") == [PROSE[0], *PROSE[2:]]


def test_a_selector_that_finds_nothing_falls_back_and_is_counted() -> None:
    gone = Layout(title="h7", text=".gone", authors="p@nobody", dek=".gone", drop=".gone")
    row, plain = read(html(), gone), read(html())
    assert [row[name] for name in ("title_raw", "text_raw", "authors_raw")] == [
        plain[name] for name in ("title_raw", "text_raw", "authors_raw")
    ]
    missed = {(e["field"], e["value"]) for e in row["evidence"] if e["source"] == "layout:missed"}
    assert missed == {("title", "h7"), ("text", ".gone"), ("authors", "p@nobody"), ("dek", ".gone")}


def test_of_several_layouts_the_first_that_finds_a_field_tells_it() -> None:
    row = read(ODD, Layout(title="h7", section="b@data-part"), Layout(title="article h2"), Layout(title="h1"))
    assert row["title_raw"] == "Menu of the day"
    assert not [e for e in row["evidence"] if e["source"] == "layout:missed"]


def test_a_layout_ends_after_its_last_day_and_keeps_to_its_urls() -> None:
    today = NOON.date()

    def title(**given: Any) -> str:
        return str(read(ODD, Layout(title="article h2", **given))["title_raw"])

    assert title(until=today) == "Menu of the day"
    assert title(until=date(2026, 11, 21)) == "Lighthouse to be repaired"
    assert title(match="/a/") == "Menu of the day"
    assert title(match="^https://news.example/live") == "Lighthouse to be repaired"


def test_a_page_cannot_say_that_a_selector_found_it() -> None:
    row = read(
        html("<p data-found-by='0 1 x'>Buy a boat, a big one, and sail away today.</p>" + BODY), LAYOUT
    )
    missed = {e["field"] for e in row["evidence"] if e["source"] == "layout:missed"}
    assert missed == {"title", "authors", "published_at", "section", "dek", "text"}


def test_the_outlets_memory_is_heard_inside_a_layouts_text() -> None:
    promo = "Our letter brings you the harbour every morning: leave your address with us and be the first to know it."
    paper = outlet(Layout(text="article"))
    memory = Memory(articles=9, lines={sighting([Seen(promo)])[0]["hash"]: 9})
    [row] = extract(
        [page(html(f"{BODY}<p>{promo}</p>"))], {paper.slug: paper}, {paper.slug: memory}
    ).to_pylist()
    assert row["text_raw"].split("\n") == list(PROSE)
    assert ("dropped:recurs in 9 articles", promo) in sources(row, "text")


def test_a_layouts_date_is_not_outdone_by_an_earlier_one_at_the_headline() -> None:
    body = html(
        "<time>3 November 2026</time>" + BODY, head="<meta name='when' content='2026-11-21T09:30:00Z'>"
    )
    paper = outlet(Layout(published_at="meta[name=when]@content"))
    table = extract([page(body)], {paper.slug: paper})
    [row] = normalise(table, {paper.slug: paper}).to_pylist()
    assert row["published_from"] == "layout:meta[name=when]@content"
    assert str(row["published_at"]) == "2026-11-21 09:30:00+00:00"

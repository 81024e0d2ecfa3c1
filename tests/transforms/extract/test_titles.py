"""Which of a page's titles is the headline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.transforms.extract.made import BODY, row, sources
from transforms.extract.titles import labels_in, without_site

LIGHT = "Lighthouse to be repaired"


def page(
    h1: str, title: str = "", headline: str = "", kind: str = "NewsArticle", og: str = ""
) -> dict[str, Any]:
    node = json.dumps({"@type": kind, "headline": headline})
    head = f"<title>{title}</title>" + (
        f'<script type="application/ld+json">{node}</script>' if headline else ""
    )
    head += f'<meta property="og:title" content="{og}">' if og else ""
    return row(f"<html><head>{head}</head><body>{h1}<main>{BODY}</main></body></html>")


@pytest.mark.parametrize(
    ("title", "names", "expected"),
    [
        ("Rain ends | The Example", ["The Example"], "Rain ends"),
        ("Rain ends - News - The Example", ["The Example"], "Rain ends - News"),
        ("The Example | Rain ends", ["The Example"], "Rain ends"),
        ("Paris : la pluie cesse", ["Le Paris"], "Paris : la pluie cesse"),
        ("Rain - at last - ends", ["The Example"], "Rain - at last - ends"),
        ("Summertime | Rain ends", ["Time"], "Summertime | Rain ends"),
        ("Rain ends -- The Example", ["The Example"], "Rain ends"),
        ("雨が止む_例新聞", ["日本例新聞"], "雨が止む"),
        ("雨が止む｜例報", ["例報オンライン"], "雨が止む"),
        ("The rain_gauge is full", ["The Example"], "The rain_gauge is full"),
    ],
)
def test_the_outlets_name_is_no_part_of_a_title(title: str, names: list[str], expected: str) -> None:
    assert without_site(title, names) == expected


def test_a_section_is_left_out_only_where_it_is_a_whole_piece() -> None:
    assert without_site("Film | A light review - at sea", [], ["Film"]) == "A light review - at sea"
    assert without_site("A light review - at sea", [], ["Review"]) == "A light review - at sea"


@pytest.mark.parametrize(
    ("h1", "title", "expected"),
    [
        (f"<h1>{LIGHT} at last</h1>", LIGHT, f"{LIGHT} at last"),
        (f"<h1>News Example</h1><h1>{LIGHT}</h1>", f"{LIGHT} | News Example", LIGHT),
        (f"<h1>More on the light</h1><h1>{LIGHT}</h1>", LIGHT, LIGHT),
        (f'<h1><a href="/">Harbour light news</a></h1><h2>{LIGHT}</h2>', LIGHT, LIGHT),
        (f"<footer><h1>About lighthouses and us</h1></footer><h2>{LIGHT}</h2>", LIGHT, LIGHT),
        ("<h1>Why the old light matters</h1>", LIGHT, "Why the old light matters"),
        ("<h1>Pier</h1>", "Pier - The Encyclopedia of Harbours", "Pier"),
        ("<h1>Pier</h1>", LIGHT, LIGHT),
        (f"<h1>Harbourton this weekend</h1><h2>{LIGHT}</h2>", f"{LIGHT} | Ex", LIGHT),
        (f"<h1>Pier</h1><h1>{LIGHT}</h1><h1>Comments</h1>", "Council to pay for the tower", LIGHT),
    ],
)
def test_the_heading_a_reader_sees_is_the_title(h1: str, title: str, expected: str) -> None:
    assert page(h1, title)["title_raw"] == expected


@pytest.mark.parametrize(
    "h1",
    [
        f'<h1><span class="teaser__kicker">Harbour</span> {LIGHT}</h1>',
        f'<h1><span class="overline">Harbour</span><span class="sr-only"> - </span><span>{LIGHT}</span></h1>',
        f'<h1><span class="topic">Harbour<i class="a11y-hidden">:</i></span> <span>{LIGHT}</span></h1>',
        f"<h1><small>Harbour</small>{LIGHT}</h1>",
        f'<h1><span class="visually-hidden">Headline: </span>{LIGHT}</h1>',
        f"<h1>Opinion | {LIGHT} | Editorial</h1>",
    ],
)
def test_the_line_above_a_headline_is_no_part_of_it(h1: str) -> None:
    assert page(h1, "Light repaired | Other words")["title_raw"] == LIGHT


def test_a_kicker_that_a_claim_leaves_out_is_left_out() -> None:
    assert page(f"<h1><em>Harbour</em> {LIGHT}</h1>", "x", og=LIGHT)["title_raw"] == LIGHT


@pytest.mark.parametrize(
    "h1",
    [
        f'<h1><span class="kicker">Harbour</span>: {LIGHT}</h1>',
        f"<h1>Harbour: {LIGHT}</h1>",
    ],
)
def test_what_a_colon_joins_to_a_headline_or_all_confirm_is_a_part_of_it(h1: str) -> None:
    assert page(h1, f"Harbour: {LIGHT}", headline=LIGHT, kind="Article")["title_raw"] == f"Harbour: {LIGHT}"


@pytest.mark.parametrize(
    ("kind", "title", "headline", "expected"),
    [
        ("NewsArticle", "Light: what we know", "Council to repair old light", "Council to repair old light"),
        ("NewsArticle", "Council to repair old light | Ex", "Council to repair old light", LIGHT),
        ("BlogPosting", "Light: what we know", "Council to repair old light", LIGHT),
        ("NewsArticle", "Light: what we know", "Repair", LIGHT),
    ],
)
def test_a_newsrooms_own_headline_comes_first(kind: str, title: str, headline: str, expected: str) -> None:
    found = page(f"<h1>{LIGHT}</h1>", title, headline, kind)
    assert found["title_raw"] == expected
    assert {LIGHT, headline} <= {value for _, value in sources(found, "title")}


def test_a_headline_cut_for_search_engines_gives_way_to_the_whole_one() -> None:
    whole = "The council of Harbourton votes to repair the old lighthouse before the winter storms arrive in town again"
    assert page(f"<h1>{whole}</h1>", "Light", whole[:101])["title_raw"] == whole
    assert page(f"<h1>{whole}</h1>", "Light", whole[:40] + "…")["title_raw"] == whole


def test_a_page_that_names_its_site_like_its_title_has_one() -> None:
    head = f'<meta property="og:site_name" content="{LIGHT}">'
    found = row(f"<html><head><title>{LIGHT}</title>{head}</head><body><h1>{LIGHT}</h1>{BODY}</body></html>")
    assert found["title_raw"] == LIGHT


def test_an_address_names_the_outlet_by_its_domain() -> None:
    found = row(f"<title>{LIGHT} | Gazette</title>{BODY}", url="https://specialreports.gazette.example.org/a")
    assert found["title_raw"] == f"{LIGHT} | Gazette"
    found = row(f"<title>{LIGHT} | Gazette</title>{BODY}", url="https://specialreports.gazette.org/a")
    assert found["title_raw"] == LIGHT


def test_labels_beside_a_headline_are_evidence() -> None:
    found = page(f'<p class="kicker">Meinung</p><h1>{LIGHT}</h1>', LIGHT, og=f"Opinion | {LIGHT}")
    assert ("above h1", "Meinung") in sources(found, "label")
    assert ("meta:og:title piece", "Opinion") in sources(found, "label")


@pytest.mark.parametrize(
    ("title", "labels"),
    [
        ("Opinion | The light", ["Opinion"]),
        ("Liveticker: The light", ["Liveticker"]),
        ("The light: a video story", []),
        ("Opinion", []),
    ],
)
def test_labels_in_titles(title: str, labels: list[str]) -> None:
    assert list(labels_in(title)) == labels

"""What a page states, and which statement is believed."""

from __future__ import annotations

import json

import pytest

from tests.transforms.extract.made import BODY, html, row, sources
from transforms.extract.fields import stated_free


def ld(*nodes: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes)


NEWS = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Lighthouse to be repaired",
    "description": "The council votes.",
    "datePublished": "2026-11-21T10:00:00+01:00",
    "dateModified": "2026-11-21T11:00:00+01:00",
    "author": [{"@type": "Person", "name": "Ada Wren"}, {"@type": "Person", "name": "Bo Lund"}],
    "articleSection": "Local",
    "keywords": ["harbour", "storm"],
    "inLanguage": "en-GB",
    "isAccessibleForFree": False,
    "image": {"@type": "ImageObject", "url": "/lead.jpg"},
    "mainEntityOfPage": {"@id": "https://news.example/a/lighthouse"},
    "publisher": {"@type": "Organization", "name": "News Example"},
}


def test_json_ld_states_every_field() -> None:
    found = row(html(head=ld(NEWS)))
    assert found["title_raw"] == "Lighthouse to be repaired"
    assert found["description_raw"] == "The council votes."
    assert found["published_raw"] == "2026-11-21T10:00:00+01:00"
    assert found["modified_raw"] == "2026-11-21T11:00:00+01:00"
    assert found["authors_raw"] == ["Ada Wren", "Bo Lund"]
    assert (found["section_raw"], found["tags_raw"]) == ("Local", ["harbour", "storm"])
    assert found["is_free_raw"] is False
    assert found["kind_raw"] == "NewsArticle"
    assert found["images"] == [{"url": "https://news.example/lead.jpg", "caption": None, "credit": None}]
    assert sources(found, "published_at")[0] == ("json-ld:datePublished", "2026-11-21T10:00:00+01:00")


def test_the_article_of_the_page_is_told_from_others_and_references_are_followed() -> None:
    other = NEWS | {
        "headline": "Another story",
        "mainEntityOfPage": "https://news.example/b",
        "author": "Eve Other",
    }
    own = NEWS | {"author": {"@id": "#ada"}}
    graph = {"@graph": [other, own, {"@type": "Person", "@id": "#ada", "name": "Ada Wren"}]}
    assert row(html(head=ld(graph)))["authors_raw"] == ["Ada Wren"]


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "datePublished": "2026-11-21",}',
        '//<![CDATA[\n{"@type": "NewsArticle", "datePublished": "2026-11-21"}\n//]]>',
        '{"@type": "NewsArticle", "headline": "a\nb", "datePublished": "2026-11-21"};',
    ],
)
def test_json_ld_with_common_damage_is_read(script: str) -> None:
    head = f'<script type="application/ld+json">{script}</script>'
    assert row(html(head=head))["published_raw"] == "2026-11-21"


@pytest.mark.parametrize(
    "script", ["{", '{"a":' * 100_000, "[[[[" * 100_000, "null", '"text"', "[1, 2]", '{"@type": 5}']
)
def test_json_ld_beyond_repair_is_left_out(script: str) -> None:
    found = row(html(head=f'<script type="application/ld+json">{script}</script>'))
    assert found["outcome"] is None
    assert found["title_raw"] == "Lighthouse to be repaired"


def test_meta_microdata_and_plain_sight() -> None:
    head = (
        '<meta property="og:title" content="Lighthouse to be repaired"><meta name="description" content="Votes.">'
        '<meta property="article:published_time" content="2026-11-21T10:00:00Z"><meta name="keywords" content="a, b">'
        '<link rel="canonical" href="/a/lighthouse"><meta property="og:site_name" content="News Example">'
    )
    main = f'<p class="byline">By <a href="/author/ada">Ada Wren</a></p><time datetime="2026-11-20">Friday</time>{BODY}'
    found = row(html(main, head))
    assert found["published_raw"] == "2026-11-21T10:00:00Z"
    assert sources(found, "published_at")[-1] == ("headline", "2026-11-20")
    assert found["authors_raw"] == ["By Ada Wren"]
    assert found["canonical_raw"] == "https://news.example/a/lighthouse"
    assert found["text_raw"].splitlines()[0].startswith("The council of Harbourton")


def test_bylines_of_other_articles_are_not_ours() -> None:
    cards = "".join(
        f'<div class="card"><h3>Story</h3><span class="byline">By Eve {i}</span></div>' for i in "ABC"
    )
    found = row(
        html(
            f'<div class="meta"><span class="byline">By Ada Wren</span></div>{BODY}<section>{cards}</section>'
        )
    )
    assert found["authors_raw"] == ["By Ada Wren"]


@pytest.mark.parametrize(
    ("label", "authors"),
    [("Written by", ["Ada Wren"]), ("Verfasst von", ["Ada Wren"]), ("Est. reading time", []), ("", [])],
)
def test_a_labelled_value_names_the_author_if_its_label_says_so(label: str, authors: list[str]) -> None:
    metas = f'<meta name="twitter:label1" content="{label}"><meta name="twitter:data1" content="Ada Wren">'
    assert row(html(head=metas))["authors_raw"] == authors


def test_a_date_only_in_the_address_is_evidence() -> None:
    found = row(html(), url="https://news.example/2026/11/20/lighthouse")
    assert sources(found, "published_at") == [("url", "2026-11-20")]


CRUMBS = {
    "@type": "BreadcrumbList",
    "itemListElement": [
        {"@type": "ListItem", "position": 1, "name": "Home", "item": "https://news.example/"},
        {
            "@type": "ListItem",
            "position": 2,
            "item": {"@id": "https://news.example/harbour", "name": "Harbour"},
        },
        {
            "@type": "ListItem",
            "position": 3,
            "name": "Lighthouse to be repaired",
            "item": "https://news.example/a",
        },
    ],
}


@pytest.mark.parametrize(
    ("head", "main", "section"),
    [
        (ld(NEWS, CRUMBS), "", "Local"),
        (ld(CRUMBS), "", "Harbour"),
        ('<meta property="article:section" content="Town">' + ld(CRUMBS), "", "Town"),
        ('<meta property="article:section" content="https://news.example/town">', "", None),
        ('<meta property="article:section" content="boats, piers, storms, light">', "", None),
        ('<meta property="article:section" content="News">' + ld(CRUMBS), "", "Harbour"),
        ('<meta property="article:section" content="town_town-life">' + ld(CRUMBS), "", "Harbour"),
        ('<meta property="article:section" content="All News, Town">' + ld(CRUMBS), "", "Harbour"),
        ('<meta property="article:section" content="News">', "", "News"),
        ('<meta property="article:section" content="2026">', "", None),
        ("", '<nav class="breadcrumb"><a href="/">Start</a> <a href="/town">Town</a></nav>', "Town"),
        (
            "",
            '<ul class="breadcrumbs"><li><a href="/start">Startseite</a><li><a href="/pier">Pier</a></ul>',
            "Pier",
        ),
    ],
)
def test_the_section_is_none_of_what_stands_beside_it(head: str, main: str, section: str | None) -> None:
    assert row(html(main + BODY, head))["section_raw"] == section


def test_links_of_a_menu_are_no_tags() -> None:
    menu = '<nav><a rel="tag" href="/t/storms">storms</a></nav>'
    assert row(html(menu + BODY + '<a rel="tag" href="/t/lights">lights</a>'))["tags_raw"] == ["lights"]


@pytest.mark.parametrize(
    ("node", "is_free"),
    [
        ({"isAccessibleForFree": "http://schema.org/False"}, False),
        ({"isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": False}}, True),
        ({"hasPart": [{"@type": "WebPageElement", "isAccessibleForFree": "False"}]}, False),
        ({}, None),
    ],
)
def test_whether_it_is_free(node: dict[str, object], is_free: bool | None) -> None:
    assert row(html(head=ld({"@type": "NewsArticle"} | node)))["is_free_raw"] is is_free


@pytest.mark.parametrize(
    ("words", "is_free"),
    [("metered", False), ("free", True), ("FALSE", False), ("perhaps", None), (None, None)],
)
def test_words_for_free(words: str | None, is_free: bool | None) -> None:
    assert stated_free(words) is is_free


def test_strings_in_json_ld_lose_entities_and_markup() -> None:
    found = row(html(head=ld(NEWS | {"articleSection": "Food &amp; <em>Drink</em>"})))
    assert found["section_raw"] == "Food & Drink"


def test_links_marked_as_tags_are_tags_when_nothing_else_says_so() -> None:
    links = '<a rel="tag" href="/t/harbour">Harbour</a><a rel="nofollow tag" href="/t/storm">Storm</a>'
    assert row(html(BODY + links))["tags_raw"] == ["Harbour", "Storm"]
    assert row(html(BODY + links, head=ld(NEWS)))["tags_raw"] == ["harbour", "storm"]

"""What a page states, and which statement is believed."""

from __future__ import annotations

import json

import pytest

from tests.transforms.extract.made import BODY, html, row, sources
from transforms.extract.fields import without_site


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
    assert sources(found, "published_at")[-1] == ("time[datetime]", "2026-11-20")
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


def test_a_date_only_in_the_address_is_evidence() -> None:
    found = row(html(), url="https://news.example/2026/11/20/lighthouse")
    assert sources(found, "published_at") == [("url", "2026-11-20")]


@pytest.mark.parametrize(
    ("title", "names", "expected"),
    [
        ("Rain ends | The Example", ["The Example"], "Rain ends"),
        ("Rain ends - News - The Example", ["The Example"], "Rain ends - News"),
        ("The Example | Rain ends", ["The Example"], "Rain ends"),
        ("Paris : la pluie cesse", ["Le Paris"], "Paris : la pluie cesse"),
        ("Rain - at last - ends", ["The Example"], "Rain - at last - ends"),
        ("Summertime | Rain ends", ["Time"], "Summertime | Rain ends"),
    ],
)
def test_the_outlets_name_is_no_part_of_a_title(title: str, names: list[str], expected: str) -> None:
    assert without_site(title, names) == expected


@pytest.mark.parametrize(
    ("h1", "headline", "expected"),
    [
        (
            "Lighthouse to be repaired at last",
            "Lighthouse to be repaired",
            "Lighthouse to be repaired at last",
        ),
        ("Opinion Lighthouse to be repaired", "Lighthouse to be repaired", "Lighthouse to be repaired"),
        ("News Example", "Lighthouse to be repaired", "Lighthouse to be repaired"),
        ("Why the old light matters", "Lighthouse to be repaired", "Why the old light matters"),
    ],
)
def test_the_heading_a_reader_sees_is_the_title(h1: str, headline: str, expected: str) -> None:
    head = ld(NEWS | {"headline": headline})
    page = f"<html><head><title>{headline}</title>{head}</head><body><h1>{h1}</h1>{BODY}</body></html>"
    assert row(page)["title_raw"] == expected

"""An outlet is added by its homepage: what it offers is found, shown, saved, and read the same later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from presslake.demo.server import Newsroom
from presslake.onepage import pages_at
from presslake.outlets import (
    as_yaml,
    changed,
    country_of,
    feeds_named,
    goldens_of,
    language_of,
    lasting,
    name_of,
    propose,
    save,
    sitemaps_named,
    slug_of,
)
from schemas.errors import Reject, TryLater
from schemas.outlet import Layout, read_outlet, read_outlets
from schemas.page import Page
from tests.spiders.crawling import SETTINGS
from tests.spiders.tiny import Tiny

HOME = "https://www.daily-example.co.uk/"


def head(inner: str, attributes: str = "") -> LexborHTMLParser:
    return LexborHTMLParser(f"<html {attributes}><head>{inner}</head><body></body></html>")


def test_feeds_are_taken_from_link_tags_then_links_then_the_usual_places() -> None:
    tag = '<link rel="alternate" type="application/rss+xml" href="{}">'
    tagged = tag.format("/news.php?x=1") + tag.format("/comments/feed/") + "<a href='/rss'>RSS</a>"
    assert feeds_named(head(tagged), HOME) == [f"{HOME}news.php?x=1"]
    linked = LexborHTMLParser("<a href='/service/rss'>RSS</a><a href='/surfeit'>x</a><a href='/a.rss'>x</a>")
    assert feeds_named(linked, HOME) == [f"{HOME}service/rss", f"{HOME}a.rss"]
    bare = head('<link rel="alternate" hreflang="de" href="/de">')
    assert f"{HOME}feed" in feeds_named(bare, HOME)
    assert f"{HOME}local/feed" in feeds_named(bare, f"{HOME}local/")
    assert feeds_named(head('<base href="/local/">' + tag.format("rss.xml")), HOME) == [
        f"{HOME}local/rss.xml"
    ]


def test_sitemaps_are_taken_from_robots_txt_those_for_news_first() -> None:
    robots = f"User-agent: *\nSitemap: {HOME}all.xml\nsitemap:{HOME}news.xml\nSITEMAP: /more.xml\n"
    assert sitemaps_named(robots, HOME) == [f"{HOME}news.xml", f"{HOME}all.xml", f"{HOME}more.xml"]
    assert f"{HOME}sitemap.xml" in sitemaps_named("User-agent: *", HOME)


@pytest.mark.parametrize("name", ["news-2026-11.xml", "2026/11/news.xml", "news.xml?page=1", "news1.xml.gz"])
def test_a_sitemap_that_another_will_follow_is_found_by_its_index(name: str) -> None:
    assert lasting(f"{HOME}{name}", f"{HOME}index.xml") == f"{HOME}index.xml"


@pytest.mark.parametrize("name", ["news.xml", "sitemap-news.xml.gz", "sitemap.xml?type=news"])
def test_a_sitemap_that_stays_is_a_source_itself(name: str) -> None:
    assert lasting(f"https://www.24-hours.example/{name}", f"{HOME}index.xml").endswith(name)


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        ('<meta property="og:site_name" content=" The Example "><title>x</title>', "The Example"),
        ("<title>News, sport and weather | The Daily Example</title>", "The Daily Example"),
        ("<title>Daily Example – all the news</title>", "Daily Example"),
        ("", "daily-example"),
    ],
)
def test_the_name_is_the_sites_own(inner: str, name: str) -> None:
    assert name_of(head(inner), HOME) == name


@pytest.mark.parametrize(
    ("url", "attributes", "country", "language"),
    [
        (HOME, 'lang="en-US"', "gb", "en"),
        ("https://example.com/", 'lang="de-AT"', "at", "de"),
        ("https://example.tv/", 'lang="pt_BR"', "br", "pt"),
        ("https://example.com/", 'lang="de"', None, "de"),
        ("https://example.com/", 'lang="english"', None, None),
    ],
)
def test_country_and_language_are_what_is_stated_or_unknown(
    url: str, attributes: str, country: str | None, language: str | None
) -> None:
    html = head("", attributes)
    assert (country_of(html, url), language_of(html)) == (country, language)


@pytest.mark.slow
def test_a_homepage_may_be_said_without_its_scheme() -> None:
    with pytest.raises(TryLater, match=r"https://paper\.invalid/ is failed: dns"):
        propose("paper.invalid", SETTINGS)


def test_a_slug_is_ascii() -> None:
    assert slug_of("La Nación (Argentina)", HOME) == "la-nacion-argentina"
    assert slug_of("港新聞", HOME) == "daily-example"


@pytest.mark.slow
def test_an_outlet_of_the_newsroom_is_added_and_its_pages_are_read_the_same_later(tmp_path: Path) -> None:
    epoch = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=3)
    with Newsroom(epoch=epoch) as room:
        home = f"http://harbour-gazette.localhost:{room.port}/"
        proposal = propose(home, SETTINGS, country="gb")
        outlet = proposal.outlet
        assert (outlet.slug, outlet.name, outlet.language) == ("harbour-gazette", "Harbour Gazette", "en")
        assert outlet.sources() == [("feed", f"{home}rss.xml"), ("news_sitemap", f"{home}news.xml.gz")]
        assert outlet.verified.keys() == {url for _, url in outlet.sources()}
        listed = {it.url for it in room.truth() if it.outlet == outlet.slug and it.is_listed}
        assert len(proposal.articles) >= 10
        assert {url.rpartition("-")[2] for url in proposal.articles} == {
            url.rpartition("-")[2] for url in listed
        }
        answers = pages_at([*proposal.articles[:2], f"{home}nothing"], SETTINGS, outlet)
    pages = [it for it in answers if isinstance(it, Page)]
    assert [it.url for it in pages] == list(proposal.articles[:2])
    assert isinstance(answers[2], Reject)
    path = save(outlet, pages, tmp_path)
    assert read_outlet(path) == outlet
    assert list(read_outlets(tmp_path)) == ["harbour-gazette"]  # saved pages are no outlets
    assert "&" not in path.read_text("utf-8")
    assert changed(outlet, tmp_path) == {url: [] for url in proposal.articles[:2]}
    other = outlet.model_copy(update={"layouts": (Layout(title="footer p"),)})
    assert all("title" in fields for fields in changed(other, tmp_path).values())
    assert len(list(goldens_of(outlet, tmp_path).iterdir())) == 4


@pytest.mark.slow
def test_a_page_that_lists_feeds_leads_to_them() -> None:
    with Tiny() as site:
        site.pages |= {
            "hub.localhost/": b"<html lang='de-AT'><title>Hub</title><a href='/service/rss/'>RSS</a></html>",
            "hub.localhost/service/rss/": b"<a href='/service/rss/'>RSS</a><a href='all.rss'>All</a>",
            "hub.localhost/service/rss/all.rss": site.rss("hub.localhost/a/1", "hub.localhost/a/2"),
        }
        outlet = propose(site.url("hub.localhost/"), SETTINGS).outlet
        assert outlet.sources() == [("feed", site.url("hub.localhost/service/rss/all.rss"))]


@pytest.mark.slow
def test_without_feeds_the_front_page_is_a_section_and_without_anything_there_is_no_outlet() -> None:
    links = "".join(f"<a href='/a/{n}00-the-ferry-returns-again'>Ferry {n}</a>" for n in range(9))
    with Tiny() as site:
        item = f"<item><link>{site.url('list.localhost/a/1')}</link>{{}}</item>"
        old = f'<rss version="2.0"><channel>{item}</channel></rss>'
        site.pages |= {
            "list.localhost/rss": old.format("<pubDate>Sat, 03 Jan 2015 10:00:00 GMT</pubDate>").encode(),
            "list.localhost/": f"<html lang='de-AT'><title>List</title>{links}</html>".encode(),
            "bare.localhost/": b"<html lang='de-AT'><title>Bare</title></html>",
        }
        outlet = propose(site.url("list.localhost/"), SETTINGS).outlet
        assert outlet.sources() == [("section", site.url("list.localhost/"))]
        assert "country" not in as_yaml(outlet)
        site.pages["mute.localhost/"] = b"<html><title>Mute</title></html>"
        with pytest.raises(Reject, match="--language de"):
            propose(site.url("mute.localhost/"), SETTINGS)
        asked = [it.path for it in site.asked if it.host == "mute.localhost"]
        assert "/feed" not in asked  # it is said at once
        with pytest.raises(Reject, match="names no feed"):
            propose(site.url("bare.localhost/"), SETTINGS)

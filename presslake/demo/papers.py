"""The outlets of the demo newsroom, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml

Kind = Literal[
    "article", "wire", "paywall", "copy", "moved", "day_only",
    "consent_wall", "soft_404", "list_page", "video_page", "too_short",
    "gone", "missing", "private",
]  # fmt: skip
SourceForm = Literal[
    "rss", "rss_tracked", "rss_full", "rss_broken", "rss_html", "atom",
    "news_sitemap", "sitemap_index", "section",
]  # fmt: skip
Layout = Literal["semantic", "soup", "table", "amp", "blocks"]
Fault = Literal["close", "403", "429", "503", "hang", "drip", "cut"]

_YAML_KEY: dict[SourceForm, str] = {
    "news_sitemap": "news_sitemaps",
    "sitemap_index": "sitemaps",
    "section": "sections",
}


@dataclass(frozen=True, eq=False)
class Paper:
    """An outlet. `path` is the form of its article addresses; `specials` says which numbers are not plain
    articles, counted modulo `stories.CYCLE`."""

    slug: str
    name: str
    country: str
    language: str
    zone: ZoneInfo
    layout: Layout
    path: str
    sources: tuple[tuple[SourceForm, str], ...]
    pace_minutes: int
    colour: str
    specials: Mapping[int, Kind] = field(default_factory=dict)
    stamp: Literal["second", "minute"] = "second"
    is_zone_stated: bool = True
    encoding: str = "utf-8"
    is_charset_stated: bool = True
    fault: Fault | None = None
    crawl_delay: float | None = None
    allow: str = ""
    remark: str = ""

    @property
    def host(self) -> str:
        """Its host name; `*.localhost` is loopback (RFC 6761)."""
        return f"{self.slug}.localhost"

    def home(self, port: int) -> str:
        """Its address, without a slash at the end."""
        return f"http://{self.host}:{port}"


PAPERS = (
    Paper(
        "harbour-gazette", "Harbour Gazette", "gb", "en", ZoneInfo("Europe/London"), "semantic",
        "/news/{date:%Y}/{month}/{date:%d}/{slug}-{id}",
        (("rss_tracked", "/rss.xml"), ("news_sitemap", "/news.xml.gz")), 10, "#0b3d5c",
        {2: "wire", 5: "paywall", 8: "gone", 11: "copy"},
        remark="RSS with tracking parameters and a news sitemap name the same pages; a paywall, a 410, a copy.",
    ),
    Paper(
        "prairie-post", "The Prairie Post", "us", "en", ZoneInfo("America/Chicago"), "soup",
        "/story/{slug}-{id}.html", (("atom", "/atom.xml"),), 10, "#8a3b12",
        {2: "wire", 6: "video_page"}, stamp="minute",
        remark="Atom; nested div elements with Open Graph only; a video page.",
    ),
    Paper(
        "southern-ledger", "Southern Ledger", "au", "en", ZoneInfo("Australia/Adelaide"), "amp",
        "/{date:%Y/%m/%d}/{slug}-{id}/", (("sitemap_index", "/sitemap_index.xml"),), 10, "#22577a",
        {2: "wire", 7: "missing"}, is_zone_stated=False,
        remark="A sitemap index; pages state local time without a zone; a 404.",
    ),
    Paper(
        "elbe-kurier", "Elbe-Kurier", "de", "de", ZoneInfo("Europe/Berlin"), "semantic",
        "/artikel/{slug}-{id}.html", (("news_sitemap", "/news.xml.gz"),), 7, "#7a1f2b",
        {3: "consent_wall", 6: "paywall", 9: "private"}, crawl_delay=0.2,
        remark="A news sitemap (gzip); crawl delay; a consent wall, a paywall, a page robots.txt closes.",
    ),
    Paper(
        "diario-del-valle", "Diario del Valle", "es", "es", ZoneInfo("Europe/Madrid"), "blocks",
        "/noticias/{id}/{slug}", (("rss_full", "/rss"),), 12, "#2d6a4f",
        {4: "soft_404", 7: "moved"},
        remark="RSS with whole texts; a soft 404; an address that moved (301).",
    ),
    Paper(
        "nevskiy-listok", "Невский листок", "ru", "ru", ZoneInfo("Europe/Moscow"), "table",
        "/news/{id}.html", (("rss", "/rss.xml"),), 15, "#34495e",
        {11: "list_page"}, stamp="minute", encoding="windows-1251", is_charset_stated=False,
        remark="windows-1251 that nothing states; tables and line breaks; a list page in the feed.",
    ),
    Paper(
        "sahifat-al-mina", "صحيفة الميناء", "eg", "ar", ZoneInfo("Africa/Cairo"), "blocks",
        "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/{id}", (("atom", "/feed.atom"),), 9, "#005f73",
        {6: "too_short"},
        remark="Right to left; percent-encoded addresses; a page of one line.",
    ),
    Paper(
        "minato-shimbun", "港新聞", "jp", "ja", ZoneInfo("Asia/Tokyo"), "amp",
        "/articles/{id}.html", (("section", "/latest/"),), 20, "#9b2226",
        {4: "day_only"}, stamp="minute", allow=r"/articles/\d+\.html$",
        remark="No feed, only a list page; text without spaces; one date without a time.",
    ),
    Paper(
        "bruchwald-bote", "Bruchwald-Bote", "at", "de", ZoneInfo("Europe/Vienna"), "soup",
        "/{slug}/{id}", (("rss_broken", "/rss.xml"), ("rss_html", "/feed/")), 18, "#5a4a1f",
        remark="One feed that is not well-formed but can be salvaged, one that is a web page.",
    ),
    Paper(
        "voz-del-puerto", "La Voz del Puerto", "mx", "es", ZoneInfo("America/Mexico_City"), "blocks",
        "/nota/{slug}-{id}", (("rss", "/rss.xml"),), 14, "#6d3b7a", fault="503",
        remark="Down: every request is answered with 503.",
    ),
)  # fmt: skip

BY_HOST = {paper.host: paper for paper in PAPERS}


def outlet_facts(paper: Paper, port: int) -> dict[str, Any]:
    """The outlet file of a paper, without slug and country, which are the file's place."""
    home = paper.home(port)
    facts: dict[str, Any] = {"name": paper.name, "language": paper.language, "homepage": f"{home}/"}
    for form, path in paper.sources:
        facts.setdefault(_YAML_KEY.get(form, "feeds"), []).append(home + path)
    if paper.allow:
        facts["allow"] = [paper.allow]
    if not paper.is_zone_stated:
        facts["time_zone"] = paper.zone.key
    # Its clock can be set, so that hours may pass between two slots of the same minute.
    every_slot = {"min_minutes": 0, "max_minutes": 0}
    return facts | {"poll": every_slot, "pace_seconds": 0.05, "notes": paper.remark}


def write_outlets(folder: Path, port: int) -> None:
    """Write `<country>/<slug>.yml` for every paper."""
    for paper in PAPERS:
        path = folder / paper.country / f"{paper.slug}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            yaml.safe_dump(outlet_facts(paper, port), allow_unicode=True, sort_keys=False), "utf-8"
        )

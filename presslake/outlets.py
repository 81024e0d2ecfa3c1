"""`presslake outlets add`: what a homepage offers, proposed as an outlet's file."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError
from selectolax.lexbor import LexborHTMLParser

from presslake.explain import Explanation, explain
from presslake.onepage import page_in, pages_at
from schemas.codes import COUNTRIES, LANGUAGES
from schemas.errors import Reject, TryLater
from schemas.outlet import Outlet, SourceKind, outlet_yaml
from schemas.page import Page
from schemas.settings import Settings
from schemas.urls import host_of, normal_url, site_of, url_key
from spiders.child import Progress
from spiders.discover import Discovery, Item, read_source
from spiders.polling import is_stale
from spiders.refused import Refused
from transforms.extract.decode import decode

_FEED_PATHS = (  # beside the front page, which need not be that of its host
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "feed.atom",
    "index.rdf",
    "feed.json",
)
_SITEMAP_PATHS = (
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
    "/sitemap.xml",
    "/sitemap_index.xml",
)
_FEED_TYPES = re.compile(r"application/(rss|atom|rdf|feed)\+(xml|json)|(text|application)/xml", re.IGNORECASE)
_FEED_LINK = re.compile(r"\b(rss|atom|feeds?|rdf)\b|\.rss$", re.IGNORECASE)
_COMMENTS = re.compile(r"/comments?(/|$)", re.IGNORECASE)  # WordPress has a feed of readers' comments
_MOST = 8  # candidates tried of a kind
_LEAST_LINKS = 5  # to articles, of a page that is a section
# Country codes that anyone may use as a generic top-level domain.
_GENERIC = frozenset(
    {
        "ad",
        "ai",
        "as",
        "bz",
        "cc",
        "cd",
        "co",
        "dj",
        "fm",
        "gg",
        "io",
        "la",
        "ly",
        "me",
        "ms",
        "nu",
        "sc",
        "sh",
        "sr",
        "su",
        "tk",
        "to",
        "tv",
        "ws",
    }
)
_RESPONSE = ("url", "final_url", "status", "content_type", "fetched_at")
_PARTS = re.compile(r"\s+[|–—·•:-]\s+|\s*[|:]\s+")


Answer = Page | TryLater | Reject
Fetch = Callable[[Sequence[str]], Sequence[Answer]]


@dataclass(frozen=True)
class Proposal:
    """An outlet as its homepage suggests it, and the articles its sources name, the newest first."""

    outlet: Outlet
    articles: tuple[str, ...]


def propose(
    url: str,
    settings: Settings,
    *,
    slug: str | None = None,
    name: str | None = None,
    country: str | None = None,
    language: str | None = None,
    progress: Progress | None = None,
) -> Proposal:
    """Look at a homepage, its robots.txt, and the feeds and sitemaps they name; what is given is taken as given.

    Raises `TryLater` or `Reject`: the homepage cannot be had, names no source, or leaves country or language open.
    """
    home = normal_url(url if "://" in url else f"https://{url}")

    def fetch(urls: Sequence[str]) -> list[Answer]:
        return pages_at(urls, settings, None, progress)

    front, robots = fetch([home, urljoin(home, "/robots.txt")])
    if not isinstance(front, Page):
        raise front
    base = front.final_url or home
    html = LexborHTMLParser(decode(front.body, front.content_type)[0])
    facts = {
        "name": name or name_of(html, base),
        "language": language or language_of(html),
        "country": country or country_of(html, base),
    }
    for key, option in (("language", "--language de"), ("country", "--country at")):
        if facts[key] is None:
            raise Reject(f"{base} does not say its {key}; say it, such as {option}")
    rules = robots.body.decode("utf-8", "replace") if isinstance(robots, Page) else ""
    sources = _Sources(site_of(base), settings)
    came = fetch([*feeds_named(html, base), *sitemaps_named(rules, base)])
    sitemaps = sources.take_feeds(came)
    if not sources.urls["feeds"] and (listed := feeds_listed(came)):
        sitemaps += sources.take_feeds(fetch(listed))
    sources.take_sitemaps(sitemaps, fetch)
    if not sources.items:
        lists = lists_named(html, base)
        sources.take_sections([front, *(fetch(lists) if lists else ())])
    if not sources.items:
        raise Reject(f"{base} names no feed, sitemap or section that could be read; write its file by hand")
    seen = dict.fromkeys((url for urls in sources.urls.values() for url in urls), datetime.now(UTC).date())
    known = {"slug": slug or slug_of(str(facts["name"]), base), "homepage": base, "verified": seen}
    try:
        outlet = Outlet.model_validate(facts | sources.urls | known)
    except ValidationError as error:
        raise Reject("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())) from error
    return Proposal(outlet, sources.newest())


# --- candidates ----------------------------------------------------------------------------------


def feeds_named(html: LexborHTMLParser, base: str) -> list[str]:
    """Feeds a page names in `<link>`, else in its links; where it names none, the usual places."""
    return _feeds_in(html, base) or _distinct(_FEED_PATHS, base)


def feeds_listed(pages: Iterable[Answer]) -> list[str]:
    """Feeds that are named by pages where feeds were expected: many sites have a page that lists them."""
    asked = {page.url_key for page in pages if isinstance(page, Page)}
    named = (
        url
        for page in pages
        if isinstance(page, Page)
        for url in _feeds_in(
            LexborHTMLParser(decode(page.body, page.content_type)[0]), page.final_url or page.url
        )
    )
    return list(islice((url for url in dict.fromkeys(named) if url_key(url) not in asked), _MOST))


def _feeds_in(html: LexborHTMLParser, base: str) -> list[str]:
    linked = [
        node.attributes.get("href")
        for node in html.css("link[rel~=alternate][href]")
        if _FEED_TYPES.match(node.attributes.get("type") or "")
    ]
    anchors = (node.attributes.get("href") for node in html.css("a[href]"))
    named = linked or [href for href in anchors if href and _FEED_LINK.search(urlsplit(href).path)]
    return _distinct([href for href in named if href], _root(html, base))


def sitemaps_named(robots: str, base: str) -> list[str]:
    """Sitemaps of a robots.txt, those for news first; where it names none, the usual places."""
    named = re.findall(r"^\s*sitemap\s*:\s*(\S+)", robots, re.IGNORECASE | re.MULTILINE)
    named.sort(key=lambda url: "news" not in url.lower())
    return _distinct(named, base) or _distinct(_SITEMAP_PATHS, base)


def lists_named(html: LexborHTMLParser, base: str) -> list[str]:
    """Pages of the same host that the navigation of a page leads to."""
    links = [node.attributes.get("href") or "" for node in html.css("nav a[href], header a[href]")]
    return [url for url in _distinct(links, _root(html, base)) if host_of(url) == host_of(base)]


def _root(html: LexborHTMLParser, base: str) -> str:
    """What a page's links are relative to."""
    try:
        return urljoin(base, _stated(html, "base[href]", "href"))
    except ValueError:
        return base


def _distinct(links: Iterable[str], base: str) -> list[str]:
    found: dict[str, str] = {}
    for link in links:
        try:
            url = normal_url(link, base)
        except Reject:
            continue
        if not _COMMENTS.search(urlsplit(url).path) and url_key(url) != url_key(base):
            found.setdefault(url_key(url), url)
    return list(islice(found.values(), _MOST))


class _Sources:
    """The sources worth looking at: readable, about this site, not stale; of feeds, each names what no other does."""

    def __init__(self, site: str, settings: Settings) -> None:
        self.urls: dict[str, list[str]] = {"feeds": [], "news_sitemaps": [], "sitemaps": [], "sections": []}
        self.items: dict[str, Item] = {}
        self._site = site
        self._limit = settings.page_bytes

    def take_feeds(self, pages: Sequence[Answer]) -> list[tuple[Page, Discovery]]:
        """Feeds among what came; returns the sitemaps."""
        named = list(self._read("sitemap", pages))
        for page, found in named:
            if not found.is_sitemap:
                self._keep("feeds", page.url, found)
        return [(page, found) for page, found in named if found.is_sitemap]

    def take_sitemaps(self, sitemaps: Sequence[tuple[Page, Discovery]], fetch: Fetch) -> None:
        """Sitemaps for news among some, or else, if there is no feed either, other sitemaps."""
        others: list[tuple[str, Discovery]] = []
        indexes: list[tuple[str, str]] = []
        for page, found in sitemaps:
            if found.children:
                indexes.append((page.url, _likeliest(found.children).url))
            elif any(item.claims for item in found.items):
                self._keep("news_sitemaps", page.url, found)
            else:
                others.append((page.url, found))
        named_by = {url_key(child): index for index, child in indexes}
        for child, found in self._read("sitemap", fetch([child for _, child in indexes]) if indexes else ()):
            if any(item.claims for item in found.items):
                self._keep("news_sitemaps", lasting(child.url, named_by[child.url_key]), found)
            else:
                others.append((named_by[child.url_key], found))
        for url, found in others:
            if not self.items:
                self._keep("sitemaps", url, found)

    def take_sections(self, pages: Iterable[Answer]) -> None:
        """Pages among what came that lead to several articles no other leads to."""
        for page, found in self._read("section", pages):
            new = sum(item.key not in self.items for item in found.items)
            if new >= _LEAST_LINKS:
                self._keep("sections", page.url, found)

    def _read(self, kind: SourceKind, pages: Iterable[Answer]) -> Iterator[tuple[Page, Discovery]]:
        for page in pages:
            if isinstance(page, Page):
                with suppress(Refused):
                    yield page, read_source(kind, page.body, page.final_url or page.url, limit=self._limit)

    def _keep(self, name: str, url: str, found: Discovery) -> None:
        dated = [item.changed_at for item in found.items if item.changed_at]
        if is_stale(max(dated, default=None), datetime.now(UTC)):
            return
        own = {item.key: item for item in found.items if site_of(item.url) == self._site}
        if 2 * len(own) > len(found.items) and (name == "news_sitemaps" or own.keys() - self.items.keys()):
            self.urls[name].append(url)
            self.items = own | self.items

    def newest(self) -> tuple[str, ...]:
        """URLs of the articles named, the newest first as far as their sources say."""
        ever = datetime.min.replace(tzinfo=UTC)
        found = sorted(self.items.values(), key=lambda item: item.changed_at or ever, reverse=True)
        return tuple(item.url for item in found)


def lasting(child: str, index: str) -> str:
    """The one of a sitemap and its index that will name the news next month: a number in its name counts months or
    pages, and another follows.

    >>> lasting("https://a.example/news-2026-11.xml", "https://a.example/index.xml")
    'https://a.example/index.xml'
    """
    parts = urlsplit(child)
    return index if re.search(r"\d", f"{parts.path}?{parts.query}") else child


def _likeliest(children: list[Item]) -> Item:
    """The sitemap of an index that is likeliest to hold the news: by its name, else the newest."""
    ever = datetime.min.replace(tzinfo=UTC)
    return max(children, key=lambda child: ("news" in child.url.lower(), child.changed_at or ever))


# --- facts ---------------------------------------------------------------------------------------


def _stated(html: LexborHTMLParser, selector: str, attribute: str) -> str:
    node = html.css_first(selector)
    return ((node.attributes.get(attribute) if node else None) or "").strip()


def name_of(html: LexborHTMLParser, base: str) -> str:
    """What a front page calls its outlet: as a site, else the part of its title that is most like its host."""
    for name in ("og:site_name", "application-name"):
        if said := _stated(html, f'meta[property="{name}"], meta[name="{name}"]', "content"):
            return said
    title = html.css_first("title")
    parts = [part.strip() for part in _PARTS.split(title.text() if title else "") if part.strip()]
    label = site_of(base).partition(".")[0]

    def likeness(part: str) -> float:
        return SequenceMatcher(None, re.sub(r"\W", "", _ascii(part)), re.sub(r"\W", "", label)).ratio()

    return max(parts, key=likeness, default=label)


def language_of(html: LexborHTMLParser) -> str | None:
    """The language a page states; None if it states none that is real."""
    said = re.split(r"[-_]", _stated(html, "html", "lang").lower())[0]
    return said if said in LANGUAGES else None


def country_of(html: LexborHTMLParser, base: str) -> str | None:
    """The country of a front page: by its top-level domain, else by the region its language is stated with."""
    top = host_of(base).rpartition(".")[2]
    top = "gb" if top == "uk" else top
    if top in COUNTRIES - _GENERIC:
        return top
    locale = _stated(html, 'meta[property="og:locale"]', "content")
    for said in (_stated(html, "html", "lang"), locale):
        region = re.split(r"[-_]", said.lower())[-1]
        if re.search(r"[-_]", said) and region in COUNTRIES:
            return region
    return None


def slug_of(name: str, base: str) -> str:
    """A slug from the name, or from the host where the name is in no Latin script."""
    words = re.findall(r"[a-z0-9]+", _ascii(name))
    return ("-".join(words) or re.sub(r"[^a-z0-9]+", "-", site_of(base).partition(".")[0]))[:64].strip("-")


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()


# --- files ---------------------------------------------------------------------------------------


def path_of(outlet: Outlet, folder: Path) -> Path:
    """Where an outlet's file is in a folder of outlets."""
    return folder / outlet.country / f"{outlet.slug}.yml"


def as_yaml(outlet: Outlet) -> str:
    """An outlet's file: what differs from the defaults."""
    facts = outlet.model_dump(exclude={"slug", "country"}, exclude_defaults=True)
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in facts.items()}
    return outlet_yaml(plain)


def goldens_of(outlet: Outlet, folder: Path) -> Path:
    """Where the saved pages of an outlet are: beside its file."""
    return path_of(outlet, folder).with_suffix("")


def save(outlet: Outlet, pages: Iterable[Page], folder: Path) -> Path:
    """Write an outlet's file, and its pages with what is read of them now; returns the file's path."""
    path, goldens = path_of(outlet, folder), goldens_of(outlet, folder)
    goldens.mkdir(parents=True, exist_ok=True)
    for page in pages:
        response = {name: getattr(page, name) for name in _RESPONSE}
        golden = {"response": response, "record": record_of(explain(page, outlet))}
        text = json.dumps(golden, default=str, ensure_ascii=False, indent=1)
        (goldens / f"{page.capture_id}.json").write_text(text + "\n", encoding="utf-8")
        (goldens / f"{page.capture_id}.html").write_bytes(page.body)
    path.write_text(as_yaml(outlet), encoding="utf-8")
    return path


def changed(outlet: Outlet, folder: Path) -> dict[str, list[str]]:
    """What is read otherwise today of each saved page of an outlet: fields by URL, none where nothing is."""
    found = {}
    for path in sorted(goldens_of(outlet, folder).glob("*.json")):
        golden = json.loads(path.read_text(encoding="utf-8"))
        page = page_in(path.with_suffix(".html"), golden["response"].pop("url"), outlet)
        at = datetime.fromisoformat(golden["response"].pop("fetched_at"))
        page = replace(page, **golden["response"], fetched_at=at, found_at=at)
        record = json.loads(json.dumps(record_of(explain(page, outlet)), default=str))
        names = golden["record"].keys() | record.keys()
        found[page.url] = sorted(it for it in names if golden["record"].get(it) != record.get(it))
    return found


def record_of(told: Explanation) -> dict[str, Any]:
    """What would be published of a page, and the verdict on it."""
    return {"verdict": told.verdict} | {field.name: field.value for field in told.fields}

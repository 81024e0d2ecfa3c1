"""An outlet's file: what is wrong with it is said with file, line and key. The shipped fleet is in order."""

from __future__ import annotations

import ipaddress
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tldextract import TLDExtract

from presslake.outlets import as_yaml
from schemas.errors import Reject
from schemas.outlet import Outlet, read_outlet, read_outlets, split_attribute
from schemas.settings import REPO
from schemas.urls import normal_url

GOOD = "name: Blatt\nlanguage: de\nhomepage: https://blatt.example/\n"


def write(folder: Path, text: str, name: str = "de/blatt.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_smallest_outlet(tmp_path: Path) -> None:
    outlet = read_outlet(write(tmp_path, GOOD))
    assert (outlet.slug, outlet.country) == ("blatt", "de")
    assert outlet.sources() == [("section", "https://blatt.example/")]
    feed = read_outlet(write(tmp_path, GOOD + "feeds: [https://blatt.example/rss]\nsections: []\n"))
    assert feed.sources() == [("feed", "https://blatt.example/rss")]


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        (GOOD.replace("https:", "htp:"), 3, "homepage", "not an http"),
        (GOOD + "feed: https://x.example/\n", 4, "feed", "unknown key"),
        (GOOD + "feeds:\n  - htp://x.example/\n", 5, "feeds.0", "not an http"),
        (GOOD + "time_zone: Berlin\n", 4, "time_zone", "IANA"),
        (GOOD.replace("de\n", "German\n"), 2, "language", "ISO 639"),
        (GOOD + "name: Zeitung\n", 4, "name", "more than once"),
        (GOOD + "allow: ['[']\n", 4, "allow.0", "not a regular expression"),
        (GOOD + "section_links: ['(']\n", 4, "section_links.0", "not a regular expression"),
        (GOOD + "poll: {min_minutes: 60, max_minutes: 30}\n", 4, "poll.max_minutes", "less than min_minutes"),
        (GOOD + "rights:\n  license: MIT\n", 5, "rights.license", "unknown key"),
        (GOOD + "verified: {https://x.example/: 2026-11-22}\n", 4, "verified", "no source of this outlet"),
        (GOOD + "verified: {https://x.example/: today}\n", 4, "verified.https://x.example/", "date"),
        (GOOD + "slug: blatt\n", 4, "slug", "leave out"),
        (GOOD.replace("name: Blatt\n", ""), 1, "name", "missing"),
        (GOOD + "layouts:\n  - title: h1\n    text: 'div..x'\n", 6, "layouts.0.text", "not a CSS selector"),
        (
            GOOD + "layouts:\n  - title: h1\n    text: time@datetime\n",
            6,
            "layouts.0.text",
            "not a CSS selector",
        ),
        (GOOD + "layouts:\n  - match: '['\n", 5, "layouts.0.match", "not a regular expression"),
        (GOOD + "layouts:\n  - until: soon\n", 5, "layouts.0.until", "date"),
        (GOOD + "layouts:\n  - h1: title\n", 5, "layouts.0.h1", "unknown key"),
        (GOOD + "corrections:\n  author: {}\n", 5, "corrections.author", "unknown key"),
        (GOOD + "corrections:\n  authors:\n    jdoe: 7\n", 6, "corrections.authors.jdoe", "text"),
        (GOOD.replace("Blatt", "1843"), 1, "name", "quotes"),
        (GOOD + "feeds: https://blatt.example/rss\n", 4, "feeds", "a list"),
        (GOOD + "feeds: ['https://blatt.example:port/rss']\n", 4, "feeds.0", "not a URL"),
        (GOOD + 'feeds: ["https://blatt.example/a\\nb"]\n', 4, "feeds.0", "not an http"),
        (GOOD + "feeds: ['https://me:secret@blatt.example/rss']\n", 4, "feeds.0", "user"),
        (GOOD + "feeds: [&f https://blatt.example/rss]\nsitemaps: [*f]\n", 5, "sitemaps", "twice"),
        (GOOD + "feeds:\n- https://blatt.example/a\n- https://blatt.example/a\n", 4, "feeds", "twice"),
        (GOOD + "poll:\n  min_minutes: 5\n  min_minutes: 6\n", 6, "min_minutes", "more than once"),
        (GOOD + "x: &x [*x, *x]\n", 4, "x", "unknown key"),
        (GOOD + "poll: {max_minutes: 99999999999}\n", 4, "poll.max_minutes", "43200"),
        (GOOD + "pace_seconds: .inf\n", 4, "pace_seconds", "finite"),
        (GOOD + "expect: {articles_per_day: [400, 20]}\n", 4, "expect.articles_per_day", "fewest first"),
        (GOOD + "expect: {articles_per_day: [-1, 20]}\n", 4, "expect.articles_per_day", "0"),
        (GOOD + "expect: {coverage: {title: 95}}\n", 4, "expect.coverage.title", "equal to 1"),
        (GOOD + "retired: 2026-13-01\n", 4, "retired", "month"),
        (GOOD + "poll:\n\tmin_minutes: 5\n", 5, "not YAML", "cannot start any token"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, key: str, words: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(Reject) as caught:
        read_outlet(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}:")
    assert message.count("\n") == 0
    assert key in message
    assert words in message


def test_yes_no_and_dates_are_words(tmp_path: Path) -> None:
    text = GOOD.replace("de\n", "no\n") + "corrections: {section: {Off: null, 2026-01-01: News}}\n"
    outlet = read_outlet(write(tmp_path, text))
    assert outlet.language == "no"
    assert outlet.corrections.section == {"Off": None, "2026-01-01": "News"}
    assert read_outlet(write(tmp_path, as_yaml(outlet))) == outlet


def test_layouts_and_corrections_are_read(tmp_path: Path) -> None:
    text = (
        "layouts:\n  - until: 2026-06-30\n    published_at: time.pub @datetime\n    text: 'div.a, a[href*=\"@x\"]'\n"
        "corrections: {authors: {By Newsdesk: null, jdoe: Jane Doe}}\n"
    )
    outlet = read_outlet(write(tmp_path, GOOD + text))
    [layout] = outlet.layouts
    assert (layout.until, layout.published_at) == (date(2026, 6, 30), "time.pub @datetime")
    assert outlet.corrections.authors == {"By Newsdesk": None, "jdoe": "Jane Doe"}
    assert Outlet.model_validate_json(outlet.model_dump_json()) == outlet


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("h1", ("h1", None)),
        ("time.pub@datetime", ("time.pub", "datetime")),
        ("time, b @data-at", ("time, b", "data-at")),
        ('a[href*="@x"]', ('a[href*="@x"]', None)),
    ],
)
def test_an_attribute_stands_behind_a_selector(value: str, parts: tuple[str, str | None]) -> None:
    assert split_attribute(value) == parts


def test_every_problem_of_a_folder_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, "at/blatt.yml")
    write(tmp_path, "name: [", "fr/feuille.yml")
    write(tmp_path, GOOD + "x: 1\n", "fr/page.yml")
    with pytest.raises(Reject) as caught:
        read_outlets(tmp_path)
    for words in ("slug 'blatt' is used", "feuille.yml:2: not YAML", "page.yml:4: x: unknown key"):
        assert words in str(caught.value)


def test_what_was_read_is_kept_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def watched(path: Path) -> Outlet:
        read.append(path.stem)
        return read_outlet(path)

    monkeypatch.setattr("schemas.outlet.read_outlet", watched)
    folder, kept = tmp_path / "outlets", tmp_path / "state" / "outlets.json"
    seen = "feeds: [https://blatt.example/a]\nverified: {https://blatt.example/a: 2026-11-22}\n"
    write(folder, GOOD + seen)
    page = write(folder, GOOD, "at/page.yml")

    def outlets() -> dict[str, Outlet]:
        return read_outlets(folder, kept)

    assert outlets() == outlets() == {path.stem: read_outlet(path) for path in folder.glob("*/*.yml")}
    assert read == ["blatt", "page"]
    page.write_text(page.read_text() + "retired: 2026-11-22\n")
    assert outlets()["page"].retired == date(2026, 11, 22)
    page.rename(page.with_stem("sheet"))
    assert list(outlets()) == list(outlets()) == ["blatt", "sheet"]
    assert read == ["blatt", "page", "blatt", "page", "blatt", "sheet"]
    # As if older code, which let this pass, had kept it.
    kept.write_text(kept.read_text().replace('"de"', '"xx"', 1))
    assert outlets()["blatt"].country == "de"
    kept.write_text(kept.read_text()[:100])
    assert list(outlets()) == ["blatt", "sheet"]
    page.with_stem("sheet").write_text(GOOD + "x: 1\n")
    with pytest.raises(Reject, match=r"sheet\.yml:4: x: unknown key"):
        outlets()


@pytest.mark.parametrize("name", ["de/blatt.yaml", "blatt.yml", "de/west/blatt.yml"])
def test_a_file_in_the_wrong_place_is_not_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path, GOOD, name)
    with pytest.raises(Reject, match=rf"{name}: expected <country>/<slug>\.yml"):
        read_outlets(tmp_path)


def test_a_country_is_a_folder_of_a_real_code(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="ISO 3166-1"):
        read_outlet(write(tmp_path, GOOD, "uk/blatt.yml"))


def test_a_source_that_was_seen_stays_marked_until_it_is_another(tmp_path: Path) -> None:
    feeds = "feeds: [https://blatt.example/a, https://blatt.example/b]\n"
    outlet = read_outlet(write(tmp_path, GOOD + feeds + "verified: {https://blatt.example/b: 2026-11-22}\n"))
    assert outlet.verified == {"https://blatt.example/b": date(2026, 11, 22)}


@pytest.fixture(scope="module")
def fleet() -> dict[str, Outlet]:
    return read_outlets(REPO / "spiders" / "outlets")


def test_the_fleet_is_large(fleet: dict[str, Outlet]) -> None:
    assert len(read_outlets(REPO / "spiders" / "outlets")) == len(fleet) >= 328
    assert len({it.country for it in fleet.values()}) >= 100
    assert len({it.language for it in fleet.values()}) >= 70


def test_every_outlet_of_the_fleet_has_sources_on_public_hosts(fleet: dict[str, Outlet]) -> None:
    suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)
    for outlet in fleet.values():
        for url in (outlet.homepage, *(url for _, url in outlet.sources())):
            host = urlsplit(url).hostname or ""
            with suppress(ValueError):
                assert not ipaddress.ip_address(host), f"{outlet.slug}: {url} is a bare address"
            assert suffixes(host).top_domain_under_public_suffix, f"{outlet.slug}: {url} is on no public host"
            assert urlsplit(url).username is None, f"{outlet.slug}: {url} holds a name"
            assert normal_url(url)
            assert not set("{}<>") & set(url), f"{outlet.slug}: {url} holds a placeholder"


def test_no_two_outlets_of_the_fleet_are_the_same(fleet: dict[str, Outlet]) -> None:
    files = sorted(path.stem for path in (REPO / "spiders" / "outlets").glob("*/*.yml"))
    assert files == sorted(fleet)
    assert not list((REPO / "spiders" / "outlets").glob("*.yml"))
    homes = Counter((normal_url(it.homepage), it.language) for it in fleet.values())
    assert [home for home, count in homes.items() if count > 1] == []
    sources = Counter(url for it in fleet.values() for _, url in it.sources())
    assert [url for url, count in sources.items() if count > 1] == []

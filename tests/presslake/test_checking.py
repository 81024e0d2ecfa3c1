"""Outlets are checked: what each source gave, how fresh it is, what is wrong; and their files remember it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from presslake.checking import SourceCheck, check, checks_table, mark
from schemas.errors import TryLater
from schemas.outlet import Outlet, read_outlets
from tests.spiders.crawling import SETTINGS
from tests.spiders.tiny import Tiny

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
TODAY = date(2026, 11, 22)


def feed(site: Tiny, days_old: float) -> bytes:
    stated = format_datetime(NOW - timedelta(days=days_old))
    item = (
        f"<item><title>t</title><link>{site.url('good.localhost/a')}</link><pubDate>{stated}</pubDate></item>"
    )
    return f'<rss version="2.0"><channel><title>x</title>{item}</channel></rss>'.encode()


def write(folder: Path, site: Tiny) -> Path:
    sources = {
        "good": ["feed", "old", "gone", "page", "broken"],
        "shut": ["feed"],
        "down": ["feed"],
        "mute": [],
    }
    for slug, paths in sources.items():
        facts = {"name": slug, "language": "de", "homepage": site.url(f"{slug}.localhost/")}
        urls = [site.url(f"{slug}.localhost/{path}") for path in paths]
        path = folder / "de" / f"{slug}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# of {slug}\n" + yaml.safe_dump(facts | {"feeds": urls}), "utf-8")
    return folder


@pytest.fixture(scope="module")
def checked(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Tiny, Path, dict[str, Outlet], dict[str, SourceCheck], list[tuple[int, int | None]]]]:
    """One check of a handful of outlets; checks by slug and path."""
    with Tiny() as site:
        site.pages |= {
            "good.localhost/feed": feed(site, 0.1),
            "good.localhost/old": feed(site, 40),
            "good.localhost/page": b"<html><body>Not a feed.</body></html>",
            "good.localhost/broken": feed(site, 0.1).replace(b"</channel>", b""),
            "good.localhost/a": b"<html></html>",
            "shut.localhost/robots.txt": b"User-agent: *\nDisallow: /",
            "down.localhost/robots.txt": (501, {}, b""),
        }
        folder = write(tmp_path_factory.mktemp("outlets"), site)
        outlets = read_outlets(folder)
        told: list[tuple[int, int | None]] = []
        checks = check(
            outlets, SETTINGS, lambda what, done, of: told.append((done, of)) if what == "sources" else None
        )
        by_place = {f"{it.outlet}/{it.url.rpartition('/')[2]}": it for it in checks}
        assert len(by_place) == len(checks)
        yield site, folder, outlets, by_place, told


def test_each_source_says_whether_it_lives_and_what_is_wrong(checked) -> None:  # type: ignore[no-untyped-def]
    site, _, _, checks, told = checked
    assert [(place, it.is_alive, it.found, it.robots, it.is_fine) for place, it in checks.items()] == [
        ("down/feed", False, 0, "unknown", False),
        ("good/feed", True, 1, "allowed", True),
        ("good/old", True, 1, "allowed", False),
        ("good/gone", False, 0, "allowed", False),
        ("good/page", False, 0, "allowed", False),
        ("good/broken", True, 1, "allowed", True),
        ("mute/", False, 0, "allowed", False),
        ("shut/feed", False, 0, "forbidden", False),
    ]
    wrong = {place: it.wrong for place, it in checks.items()}
    assert wrong["good/feed"] is None
    assert wrong["good/old"] == f"feed_stale: nothing since {NOW - timedelta(days=40):%Y-%m-%d}"
    for place, words in {
        "down/feed": "robots_unreachable",
        "good/gone": "feed_gone: HTTP 404",
        "good/page": "feed_unparseable",
        "good/broken": "feed_damaged",
        "shut/feed": "robots",
        "mute/": "feed_gone",  # its file names no source: that is its homepage
    }.items():
        assert wrong[place].startswith(words), place
    assert abs(checks["good/feed"].newest - (NOW - timedelta(days=0.1))) < timedelta(seconds=2)
    every = {place: it.interval_seconds for place, it in checks.items()}
    assert 15 * 60 <= every["good/feed"] < every["good/old"] <= 86400
    assert "/a" not in site.paths("good.localhost")  # no article is fetched
    assert told[-1] == (8, 8)


def test_the_table_fits_100_columns(checked) -> None:  # type: ignore[no-untyped-def]
    _, _, _, checks, _ = checked
    console = Console(width=100, record=True, color_system=None)
    with console.capture() as said:
        console.print(checks_table(checks.values(), NOW))
    lines = said.get().splitlines()
    assert max(map(len, lines)) <= 100
    assert " 2 h " in said.get()
    assert "40 d" in said.get()
    assert "every" in said.get()
    assert sum("✗" in line for line in lines) == 6


def test_files_remember_what_was_fine_and_keep_the_rest(checked) -> None:  # type: ignore[no-untyped-def]
    site, folder, outlets, checks, _ = checked
    before = (folder / "de" / "good.yml").read_text("utf-8")
    mark(folder, outlets, checks.values(), TODAY)
    fine = [site.url(f"good.localhost/{path}") for path in ("broken", "feed")]
    assert read_outlets(folder)["good"].verified == dict.fromkeys(fine, TODAY)
    assert read_outlets(folder)["shut"].verified == {}
    text = (folder / "de" / "good.yml").read_text("utf-8")
    assert text.startswith(before)
    mark(folder, outlets, checks.values(), TODAY)
    assert (folder / "de" / "good.yml").read_text("utf-8") == text
    dead = [replace(it, is_alive=False, is_fine=False) for it in checks.values()]
    with pytest.raises(TryLater, match="is this machine on the network"):
        mark(folder, outlets, dead, TODAY)
    assert (folder / "de" / "good.yml").read_text("utf-8") == text
    mark(folder, outlets, [it for it in dead if it.outlet == "good"], TODAY)
    assert (folder / "de" / "good.yml").read_text("utf-8") == before

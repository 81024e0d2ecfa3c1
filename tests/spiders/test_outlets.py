"""An outlet's file: what is wrong with it is said with file, line and key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from schemas.errors import Reject
from schemas.outlet import Outlet, read_outlet, read_outlets, split_attribute

GOOD = "name: Blatt\nlanguage: de\nhomepage: https://blatt.example/\n"


def write(folder: Path, text: str, name: str = "de/blatt.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_smallest_outlet(tmp_path: Path) -> None:
    outlet = read_outlet(write(tmp_path, GOOD))
    assert (outlet.slug, outlet.country, outlet.sources()) == ("blatt", "de", [])


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        (GOOD + "feed: https://x.example/\n", 4, "feed", "unknown key"),
        (GOOD + "feeds:\n  - htp://x.example/\n", 5, "feeds.0", "not an http"),
        (GOOD + "time_zone: Berlin\n", 4, "time_zone", "IANA"),
        (GOOD.replace("de\n", "German\n"), 2, "language", "pattern"),
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
        (GOOD + "corrections:\n  authors:\n    jdoe: 7\n", 6, "corrections.authors.jdoe", "string"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, key: str, words: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(Reject) as caught:
        read_outlet(path)
    message = str(caught.value)
    assert f"{path}:{line}:" in message
    assert key in message
    assert words in message


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
    for words in ("slug 'blatt' is used", "feuille.yml: not YAML", "page.yml:4: x: unknown key"):
        assert words in str(caught.value)

"""An outlet's file: what is wrong with it is said with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import Reject
from schemas.outlet import read_outlet, read_outlets

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
        (GOOD + "feeds:\n  - htp://x.example/\n", 4, "feeds", "not an http"),
        (GOOD + "time_zone: Berlin\n", 4, "time_zone", "IANA"),
        (GOOD.replace("de\n", "German\n"), 2, "language", "pattern"),
        (GOOD + "slug: blatt\n", 4, "slug", "leave out"),
        (GOOD.replace("name: Blatt\n", ""), 1, "name", "missing"),
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


def test_every_problem_of_a_folder_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, "at/blatt.yml")
    write(tmp_path, "name: [", "fr/feuille.yml")
    write(tmp_path, GOOD + "x: 1\n", "fr/page.yml")
    with pytest.raises(Reject) as caught:
        read_outlets(tmp_path)
    for words in ("slug 'blatt' is used", "feuille.yml: not YAML", "page.yml:4: x: unknown key"):
        assert words in str(caught.value)

"""What the forest of blocks is told."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.extract.made import PROSE, html
from transforms.extract.article import read_fields
from transforms.extract.features import COLUMN, ECHO, NAMES, features
from transforms.extract.markup import parse

URL = "https://news.example/a/lighthouse"


def echoes(main: str) -> dict[str, list[tuple[float, ...]]]:
    """Text of the blocks → whether each of them says again what one before it says, and is a part of a longer one."""
    page = parse(html(main))
    rows = features(page, read_fields(page, URL).known)
    assert rows.shape == (len(page.blocks), len(NAMES))
    assert np.isfinite(rows).all()
    found: dict[str, list[tuple[float, ...]]] = {}
    for block in page.blocks:
        found.setdefault(block.text, []).append(tuple(rows[block.place, [COLUMN[name] for name in ECHO]]))
    return found


def test_the_second_copy_of_a_line_is_told_from_the_first() -> None:
    lines = "".join(f"<p>{line}</p>" for line in PROSE)
    found = echoes(f'<div class="wide">{lines}</div><div class="narrow">{lines}</div>')
    assert all(found[line] == [(0, 0), (1, 0)] for line in PROSE)


@pytest.mark.parametrize(
    ("quote", "is_within"),
    [
        (f"<aside>“{PROSE[0][4:60]}”</aside>", 1),
        (f"<aside>{PROSE[0][4:60]} too</aside>", 0),
        (f'<aside><a href="/b">{PROSE[0][4:60]}</a></aside>', 0),
        (f"<aside>{PROSE[0][4:20]}</aside>", 0),
    ],
)
def test_a_pull_quote_stands_in_the_paragraph_it_is_from(quote: str, is_within: int) -> None:
    found = echoes(f"{quote}<p>{PROSE[0]}</p>")
    ((told,),) = (
        told for text, told in found.items() if text not in PROSE and text.strip("“”")[:16] in PROSE[0]
    )
    assert told == (0, is_within)
    assert found[PROSE[0]] == [(0, 0)]


def test_of_an_enormous_page_it_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.extract.features._MOST_COMPARED", 10)
    assert echoes(f"<p>{PROSE[0]}</p>" * 2)[PROSE[0]] == [(0, 0)] * 2

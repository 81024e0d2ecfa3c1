"""What the forest of blocks is told."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.extract.made import PROSE, html
from transforms.extract.article import read_fields
from transforms.extract.features import COLUMN, ECHO, NAMES, features, groups_of
from transforms.extract.markup import parse

URL = "https://news.example/a/lighthouse"


def told(main: str) -> dict[str, dict[str, float]]:
    """Text of the blocks → name of the column → number."""
    page = parse(html(main))
    rows = features(page, read_fields(page, URL).known, groups_of(page.blocks))
    assert rows.shape == (len(page.blocks), len(NAMES))
    assert np.isfinite(rows).all()
    return {
        block.text: dict(zip(NAMES, map(float, row), strict=True))
        for block, row in zip(page.blocks, rows, strict=True)
    }


def echoes(main: str) -> dict[str, list[tuple[float, ...]]]:
    """Text of the blocks → whether each of them says again what one before it says, and is a part of a longer one."""
    page = parse(html(main))
    rows = features(page, read_fields(page, URL).known, groups_of(page.blocks))
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


MENU = '<ul class="menu"><li><a href="/a">Harbour</a></li><li><a href="/b">Ferries</a></li></ul>'


def test_blocks_are_told_of_their_groups() -> None:
    found = told(f'{MENU}<div class="text">{"".join(f"<p>{line}</p>" for line in PROSE)}</div>')
    first, title = found[PROSE[0]], found["Lighthouse to be repaired"]
    assert first["parent_blocks"] == pytest.approx(np.log2(1 + len(PROSE)))
    assert first["parent_share"] == pytest.approx(1, abs=0.01)
    assert (first["parent_best"], first["parent_mean_linked"]) == (1, 0)
    assert first["holder_share"] == pytest.approx(len(PROSE[0]) / sum(map(len, PROSE)), abs=0.01)
    assert (title["parent_best"], title["parent_share"]) == (0, 0)
    assert found["Ferries"]["parent_mean_linked"] == 1
    assert found["Ferries"]["page_form_blocks"] == pytest.approx(np.log2(3))


def test_blocks_are_told_of_those_beside_them() -> None:
    found = told(f"{MENU}<p>{PROSE[0]}</p><p>{PROSE[1]}</p>")
    first, second = found[PROSE[0]], found[PROSE[1]]
    assert first["size_after1"] == second["size"]
    assert (first["linked_before1"], first["ends_sentence_after1"]) == (1, 1)
    assert (first["same_parent_before1"], first["same_parent_after1"], first["same_form_after1"]) == (0, 1, 1)
    assert found["Harbour"]["heading_before1"] == 1
    assert (second["size_after1"], second["same_parent_after1"]) == (-1, 0)
    assert second["prose_within_3"] == pytest.approx(1, abs=0.01)


def test_of_a_menu_no_more_than_its_place_is_told() -> None:
    found = told(f'{MENU}<p><a href="/c">Sign up:</a></p>')["Sign up:"]
    assert found["linked"] == 1
    assert not any(found[name] for name in ("starts_upper", "ends_colon", "calls_sign_up"))


def test_a_page_may_be_nothing_but_menus() -> None:
    page = parse(f"<body>{MENU}</body>")
    rows = features(page, read_fields(page, URL).known, groups_of(page.blocks))
    assert rows[:, COLUMN["linked"]].tolist() == [1, 1]
    assert np.isfinite(rows).all()

"""What the second forest is told of each block, and what is made of its answer."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.extract.made import PROSE, html
from transforms.extract.article import read_fields
from transforms.extract.chances import KEPT, weighed
from transforms.extract.company import NAMES, company
from transforms.extract.features import features, groups_of
from transforms.extract.forest import Floats, Forest
from transforms.extract.markup import Block, parse
from transforms.extract.words import Words, digests

URL = "https://news.example/a/lighthouse"
MAIN = (
    f'<h2>The lamp</h2><div class="text"><p>{PROSE[0]}</p><p>{PROSE[1]}</p></div>'
    f'<div class="more"><p class="teaser">{PROSE[2]}</p><p class="teaser">{PROSE[3]}</p></div>'
)
WORDS = Words(dict.fromkeys(digests(["^the counci"]), 1.5))


def read(main: str = MAIN) -> tuple[list[Block], Floats]:
    page = parse(html(main))
    return page.blocks, features(page, read_fields(page, URL).known, groups_of(page.blocks))


def told(likely: dict[str, float]) -> dict[str, dict[str, float]]:
    """Text of each block of the page → its numbers, where blocks have these chances and others none."""
    blocks, rows = read()
    chances = np.array([likely.get(block.text, 0) for block in blocks], np.float32)
    found = company(blocks, groups_of(blocks), rows, chances, chances, words=WORDS)
    return {
        block.text: dict(zip(NAMES, map(float, row), strict=True))
        for block, row in zip(blocks, found, strict=True)
    }


@pytest.mark.parametrize("main", [MAIN, "", "<p>a", "<table><tr><td>1<td>2</table>"])
def test_a_number_a_name_whatever_the_page(main: str) -> None:
    blocks, rows = read(main)
    chances = np.linspace(0, 1, len(blocks), dtype=np.float32)
    found = company(blocks, groups_of(blocks), rows, chances, chances, words=WORDS)
    assert found.shape == (len(blocks), len(NAMES))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_blocks_are_told_of_those_beside_them() -> None:
    first, second, third, fourth = PROSE
    found = told({first: 0.9, second: 0.7, third: 0.5})
    assert (found[second]["chance-1"], found[second]["chance+1"]) == pytest.approx((0.9, 0.5))
    assert (found[first]["prose-1"], found[first]["prose+2"]) == pytest.approx((-1, 0.5))
    assert (found[fourth]["since_sure"], found[fourth]["until_sure"]) == (2, 99)
    assert found[second]["heading"] == 0
    assert found[first]["since_heading"] == 1


def test_blocks_are_told_of_their_groups() -> None:
    first, second, third, fourth = PROSE
    found = told({first: 1, second: 0.8, third: 0.2})
    assert found[first]["parent_others"] == pytest.approx(0.8)
    assert found[second]["parent_best"] == 1
    assert (found[fourth]["form_others"], found[fourth]["form_best"]) == pytest.approx((0.2, 0.2))
    assert (found[fourth]["page_form_before"], found[fourth]["page_form_behind"]) == pytest.approx((0.2, -1))
    shares = found[first]["parent_share"] + found[fourth]["parent_share"]
    assert 0.98 < shares < 1 > found[first]["parent_share"] > 0.85


def test_text_before_and_behind_is_counted() -> None:
    first, second, third, fourth = PROSE
    found = told(dict.fromkeys((first, second, third), 1.0))
    assert found[first]["text_before"] == 0
    assert found[fourth]["text_before"] > 0.98
    assert found[second]["text_before"] == pytest.approx(len(first) / sum(map(len, PROSE[:3])), abs=0.01)
    assert found[second]["text_behind"] == pytest.approx(len(third) / sum(map(len, PROSE[:3])), abs=0.01)


def test_only_open_blocks_are_told_what_their_words_say() -> None:
    first, second, *_ = PROSE
    assert told({first: 0.5, second: 0.5})[first]["words"] == 1.5
    assert told({first: 0.04})[first]["words"] == 0


def test_of_an_enormous_page_the_words_of_the_first_blocks_are_read() -> None:
    blocks, rows = read(f"<p>{PROSE[0]}</p>" * 3_100)
    even = np.full(len(blocks), 0.5, np.float32)
    said = company(blocks, groups_of(blocks), rows, even, even, words=WORDS)[:, NAMES.index("words")]
    assert 2_990 < (said > 0).sum() <= 3_000


def leaf(chance: float) -> Forest:
    """A forest that says the same of all."""
    one = np.zeros(1, np.int32)
    odds = np.array([np.log(chance / (1 - chance))])
    arrays = {"names": list(NAMES), "feature": one, "threshold": np.zeros(1), "left": one, "right": one}
    return Forest.of(arrays | {"value": odds, "roots": one, "depth": 0})


def second_look(chance: float, first: dict[str, float]) -> dict[str, float]:
    blocks, rows = read()
    before = np.array([first.get(block.text, 0) for block in blocks], np.float32)
    rows_of_company = company(blocks, groups_of(blocks), rows, before, before, words=WORDS)
    found = weighed(blocks, rows, before, rows_of_company, leaf(chance))
    return {block.text: float(chance) for block, chance in zip(blocks, found, strict=True)}


def test_only_blocks_with_some_chance_get_a_second_look() -> None:
    found = second_look(0.9, {PROSE[0]: 0.3, PROSE[1]: 0.04})
    assert found[PROSE[0]] == pytest.approx(0.9)
    assert found[PROSE[1]] == pytest.approx(0.04)


def test_less_of_a_chance_is_needed_where_all_is_unsure() -> None:
    likely = dict.fromkeys(PROSE, 0.5)
    assert all(second_look(0.5, likely)[line] > KEPT for line in PROSE)
    assert all(second_look(0.1, likely)[line] < KEPT for line in PROSE)

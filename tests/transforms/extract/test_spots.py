"""Where blocks stand: what the elements around them say."""

from __future__ import annotations

import pytest

from tests.transforms.extract.made import BODY, PROSE, html
from transforms.extract.article import read_fields
from transforms.extract.features import COLUMN, features, groups_of
from transforms.extract.markup import parse

URL = "https://news.example/a/lighthouse"


def told(text: str, main: str) -> dict[str, float]:
    """Name of the column → number, of the first block with a text."""
    page = parse(html(main))
    rows = features(page, read_fields(page, URL).known, groups_of(page.blocks))
    place = next(block.place for block in page.blocks if block.text == text)
    return {name: float(rows[place, column]) for name, column in COLUMN.items()}


@pytest.mark.parametrize(
    ("around", "column", "number"),
    [
        ('<div class="story-body">{}</div>', "in_body", 1),
        ('<div itemprop="articleBody">{}</div>', "in_body", 1),
        ('<div class="story-body"><div class="article-text">{}</div></div>', "in_body", 2),
        ('<div class="story">{}</div>', "in_body", 0),
        ("<div hidden>{}</div>", "hidden", 1),
        ('<div style="display: none">{}</div>', "hidden", 1),
        ('<div style="display: block">{}</div>', "hidden", 0),
        ('<div class="box hidden">{}</div>', "named_hidden", 1),
        ('<div class="box\nhidden">{}</div>', "named_hidden", 1),
        ('<div class="hidden md:block">{}</div>', "named_hidden", 0),
        ('<div class="newsletter">{}</div>', "beside", 1),
        ("<aside>{}</aside>", "beside", 1),
        ('<div class="text">{}</div>', "beside", 0),
        ('<div class="byline">{}</div>', "beside_if_small", 1),
        ('<div class="byline">' + BODY + "{}</div>", "beside_if_small", 0),
        ('<div class="comment-list">{}</div>', "in_comments", 1),
        ('<p class="comment">Talk</p><div>{}</div>', "beyond_comments", 1),
        ('<div class="newsletter"><div>{}</div></div>', "far_promo", 1),
        ('<div class="newsletter">{}</div>', "near_promo", 1),
        ('<div class="newsletter"><div>{}</div></div>', "near_promo", 0),
        ("<section><figure>{}</figure></section>", "in_figure", 1),
        ("<section><figure>{}</figure></section>", "in_section", 1),
        ("<section>A</section><figure>{}</figure>", "in_section", 0),
        ("{}", "levels_to_heading", 1),
        ("<div>{}</div>", "levels_to_heading", 2),
        ("{}", "heading_below", 1),
        ("<div>{}<p>Two</p><p>Three</p><p>Four</p></div>", "alike", 2),
        ('<div>{}<p class="b">Two</p><p>Three</p></div>', "alike", 1),
        ('<div class="a">{}</div><div class="a">B</div>', "parents_alike", 1),
    ],
)
def test_what_is_around_is_told(around: str, column: str, number: float) -> None:
    assert told("Lamp", BODY * 4 + around.replace("{}", "<p>Lamp</p>"))[column] == number


def test_names_of_what_is_half_of_the_page_are_left_out() -> None:
    around = f'<div class="newsletter">{BODY * 10}</div>'
    assert told(PROSE[0], around)["far_promo"] == 0
    assert told(PROSE[0], around + "<p>Lamp</p>" * 60)["far_promo"] == 1

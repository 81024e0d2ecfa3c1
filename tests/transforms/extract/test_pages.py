"""What is told about a page as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from tests.transforms.extract.made import BODY, html
from transforms.extract.article import read_fields
from transforms.extract.body import read_body
from transforms.extract.markup import parse
from transforms.extract.pages import NAMES, Floats, page_features, page_weights

URL = "https://news.example/politics/lighthouse-to-be-repaired"


def told(text: str, url: str = URL) -> Floats:
    page = parse(text)
    stated = read_fields(page, url)
    body = read_body(page, stated.known)
    assert body.features is not None
    assert body.chances is not None
    return page_features(page, stated.fields, body.features, body.chances, url)


def value(row: Floats, name: str) -> float:
    return float(row[NAMES.index(name)])


def test_a_number_a_name_whatever_the_page() -> None:
    for text in (html(), html(""), "<p>a", html("<table><tr><td>1<td>2</table>")):
        row = told(text)
        assert row.shape == (len(NAMES),)
        assert np.isfinite(row).all()
        assert 0 < page_weights().chance(row) < 1


@pytest.mark.parametrize(
    ("head", "url", "name"),
    [
        ('<script type="application/ld+json">{"@type": ["NewsArticle"]}</script>', URL, "type_article"),
        ('<script type="application/ld+json">{"@type": "TechArticle"}</script>', URL, "type_document"),
        ('<div itemscope itemtype="https://schema.org/Product"></div>', URL, "type_product"),
        ('<meta property="og:type" content="article">', URL, "og_article"),
        ('<meta name="author" content="Ada Wren">', URL, "authors"),
        ("", "https://news.example/", "is_front"),
        ("", "https://news.example/2026/11/21/lighthouse", "path_date"),
        ("", "https://news.example/forum/viewtopic.php?t=7", "step_forum"),
        ("", "https://docs.news.example/lamp", "host_document"),
    ],
)
def test_signs(head: str, url: str, name: str) -> None:
    plain = value(told(html()), name)
    assert plain == 0
    assert value(told(html(head=head), url), name) > 0


def test_what_speaks_for_an_article_raises_its_chance() -> None:
    stated = '<meta property="og:type" content="article"><meta name="author" content="Ada Wren">'
    bare, claimed = (page_weights().chance(told(html(head=head))) for head in ("", stated))
    shop = page_weights().chance(told(html(BODY + "<p>$ 5</p>" * 9), "https://lamps.example/products/5"))
    assert shop < bare < claimed


def test_reasons_are_those_that_speak_most_against_it() -> None:
    row = told(html(), "https://lamps.example/forum/threads/7")
    weights = page_weights()
    reasons = weights.reasons(row)
    shares = dict(zip(NAMES, weights.shares(row), strict=True))
    assert "step_forum" in reasons
    assert max(shares[name] for name in reasons) < 0
    assert min(shares, key=shares.__getitem__) == reasons[0]

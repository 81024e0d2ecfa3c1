"""What is told about a page as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.transforms.extract.made import BODY, html
from transforms.extract.article import read_fields
from transforms.extract.body import read_body
from transforms.extract.forest import Floats
from transforms.extract.markup import parse
from transforms.extract.pages import KINDS, NAMES, page_features, page_weights, read_weights

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
        chances = page_weights().chances(row)
        assert chances.shape == (1 + len(KINDS),)
        assert chances.min() > 0
        assert chances.sum() == pytest.approx(1)


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


@pytest.mark.parametrize(
    ("title", "url", "name", "expected"),
    [
        ("How to trim a wick", URL, "title_asks", 1),
        ("Lamp services", URL, "title_service", 1),
        ("Lamp reference", URL, "title_manual", 1),
        ("The lamp of the harbour", URL, "title_small", 3 / 6),
        ("Brass Lamp 40W", URL, "title_small", 0),
        ("Lighthouse to be repaired", URL, "slug_in_title", 2 / 3),
        ("Lighthouse opens", URL, "title_in_slug", 1 / 3),
    ],
)
def test_titles(title: str, url: str, name: str, expected: float) -> None:
    row = told(f"<title>{title} | News</title><h1>{title}</h1>{BODY}", url)
    assert value(row, name) == pytest.approx(expected)
    assert value(row, "title_pieces") == 2


def test_where_links_lead() -> None:
    links = (
        '<a href="/cart">',
        '<a href="https://lamps.example/users/7">',
        '<a href="/forum?page=2">',
    )
    row = told(html(BODY + "".join(f"{link}x</a>" for link in links)))
    plain = told(html())
    for name in ("leads_cart", "leads_members", "leads_forum"):
        assert value(row, name) > value(plain, name) == 0


def article_chance(text: str, url: str = URL) -> float:
    return float(page_weights().chances(told(text, url))[0])


def test_what_speaks_for_an_article_raises_its_chance() -> None:
    stated = '<meta property="og:type" content="article"><meta name="author" content="Ada Wren">'
    bare, claimed = (article_chance(html(head=head)) for head in ("", stated))
    shop = article_chance(html(BODY + "<p>$ 5</p>" * 9), "https://lamps.example/products/5")
    assert shop < bare < claimed


def test_a_kind_is_as_likely_as_its_signs_are_many() -> None:
    threads, goods = (
        dict(zip(KINDS, page_weights().chances(told(html(), url))[1:], strict=True))
        for url in ("https://lamps.example/forum/threads/7", "https://lamps.example/products/7")
    )
    assert threads["forum"] > goods["forum"]
    assert threads["product"] < goods["product"]


def test_reasons_are_those_that_speak_most_for_the_kind() -> None:
    row = told(html(), "https://lamps.example/forum/threads/7")
    weights = page_weights()
    reasons = weights.reasons(row, "forum")
    shares = dict(zip(NAMES, weights.shares(row)[:, KINDS.index("forum")], strict=True))
    assert "step_forum" in reasons
    names = [reason.rpartition(" ")[2] for reason in reasons]
    assert [shares[name] for name in names] == sorted(shares.values(), reverse=True)[: len(names)]
    assert all(
        (value(row, name) == 0) == (reason == f"no {name}")
        for name, reason in zip(names, reasons, strict=True)
    )


def test_weights_of_other_features_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "pages.csv").write_text("feature,mean,deviation,forum\noffset,,,1\nlength,1,1,1\n", "utf-8")
    with pytest.raises(ValueError, match="other features"):
        read_weights(tmp_path / "pages.csv")

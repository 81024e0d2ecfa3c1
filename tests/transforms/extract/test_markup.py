"""The walk over a page, and what it leaves for its readers to ask for."""

from __future__ import annotations

import pytest

from transforms.extract.markup import parse

PAGE = """
<html><body><!-- <p>unseen</p> --><p id="first" data-datetime="now">One <b>two</b>&amp;three<br>four</p> tail
<template><p>never shown</p></template><iframe><p>nor this</iframe><img alt="a &gt; b &quot;c&quot;">
<ul class="newsList Wide"><li itemprop="name">Five <a rel="tag" href="/a?b=1&amp;c=2">six</a></li></ul></body></html>
"""


def test_text_before_between_and_behind_tags_is_in_its_line() -> None:
    assert [block.text for block in parse(PAGE).blocks] == ["One two&three", "four", "tail", "Five six"]


def test_attributes_are_read_as_they_were_meant() -> None:
    page = parse(PAGE)
    image, link, items = page.all("img")[0], page.all("a")[0], page.all("ul")[0]
    assert image.get("alt") == 'a > b "c"'
    assert (link.get("href"), link.get("hre"), link.get("title")) == ("/a?b=1&c=2", "", "")
    assert items.marks == "news-list wide"


@pytest.mark.parametrize(
    ("attribute", "tags"), [("itemprop", ["li"]), ("itemtype", []), ("datetime", []), ("rel", ["a"])]
)
def test_elements_are_found_by_the_whole_name_of_an_attribute(attribute: str, tags: list[str]) -> None:
    page = parse(PAGE)
    assert [element.tag for element in page.having(attribute)] == tags
    assert page.having(attribute) is page.having(attribute)


def test_elements_are_found_by_class_and_id() -> None:
    page = parse(PAGE)
    assert page.by_marks == {"first": [page.first("p")], "news-list wide": [page.first("ul")]}

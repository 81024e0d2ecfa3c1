"""When two URLs are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Reject
from schemas.urls import article_id, capture_id, key_of_normal, normal_url, url_key

SAME = [
    ("https://www.example.com/a/b", "http://example.com/a/b/"),
    ("https://example.com/a?utm_source=rss&id=7", "https://example.com/a?id=7"),
    ("https://example.com/a?b=1&a=2", "https://example.com/a?a=2&b=1"),
    ("https://m.example.com/a", "https://example.com/a#comments"),
    ("https://amp.example.com/a/amp/", "https://example.com/a"),
    ("https://EXAMPLE.com:443/a", "https://example.com/a"),
    ("https://example.com/%7Euser/%c3%a4", "https://example.com/~user/ä"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://example.com//a///b", "https://example.com/a/b"),
    ("https://example.com/a/index.html", "https://example.com/a"),
]
DIFFERENT = [
    ("https://example.com/a", "https://example.com/b"),
    ("https://example.com/a?id=1", "https://example.com/a?id=2"),
    ("https://news.example.com/a", "https://example.com/a"),
    ("https://example.com/A", "https://example.com/a"),
    ("https://example.com:8100/a", "https://example.com/a"),
    ("https://m.uk/a", "https://uk/a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_page_has_one_key(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)
    assert article_id(one) == article_id(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mailto:a@b",
        "javascript:alert(1)",
        "http://",
        "https://exa mple.com/",
        "http://[::1",
        "/a",
        "ftp://a/b",
    ],
)
def test_what_is_no_web_address_is_rejected(url: str) -> None:
    with pytest.raises(Reject, match="not a"):
        normal_url(url)


def test_relative_urls_are_made_absolute() -> None:
    assert normal_url("../b?x=1#y", "https://example.com/a/c/") == "https://example.com/a/b?x=1"


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text("abc=&?%é/.", max_size=20))
def test_normalising_twice_changes_nothing(path: str, query: str) -> None:
    try:
        once = normal_url(f"https://example.com/{path}?{query}")
    except Reject:
        return
    assert normal_url(once) == once
    assert key_of_normal(once) == url_key(once)


def test_ids_depend_on_every_part() -> None:
    assert len({capture_id(s, o, k) for s in "ab" for o in "cd" for k in "ef"}) == 8

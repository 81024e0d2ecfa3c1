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
    ("https://example.com/a/index.shtml/amp", "https://example.com/a"),
    ("https://www.m.example.com/a", "https://example.com/a"),
    ("https://de.m.example.org/a", "https://de.example.org/a"),
    ("https://example-com.cdn.ampproject.org/c/s/example.com/a/amp", "https://example.com/a"),
    ("https://www.google.com/amp/s/www.example.com/a.amp.html", "https://example.com/a.html"),
    ("https://example.com/a;jsessionid=0A1B?id=7", "https://example.com/a?id=7"),
    ("https://example.com/a?PHPSESSID=0a1b2c&id=7", "https://example.com/a?id=7"),
    ("https://example.com/x/../a/./b", "https://example.com/a/b"),
    ("https://example.com/x/%2e%2e/a", "https://example.com/a"),
    ("https://example.com/a%cc%88", "https://example.com/%C3%A4"),
    ("https://example.com/a?q=%7euser&r=a+b", "https://example.com/a?r=a%20b&q=~user"),
    ("https://example.com/a?print=", "https://example.com/a?print"),
    ("https://user:secret@example.com./a", "https://example.com/a"),
    ("https://faß.example/a", "https://xn--fa-hia.example/a"),
    ("//example.com/a?mtm_campaign=x&gad_source=1&_hsenc=p", "https://example.com/a"),
    ("https://example.com/a?feed=rss2&rss=1", "https://example.com/a"),
    ("https://example.com/?p=12&feed=rss2", "https://example.com/?p=12"),
    ("https://example.com/index.php?utm_source=x&feed=rss2", "http://example.com/?feed=rss2"),
]
DIFFERENT = [
    ("https://example.com/a", "https://example.com/b"),
    ("https://example.com/a?id=1", "https://example.com/a?id=2"),
    ("https://news.example.com/a", "https://example.com/a"),
    ("https://example.com/A", "https://example.com/a"),
    ("https://example.com:8100/a", "https://example.com/a"),
    ("https://m.uk/a", "https://uk/a"),
    ("https://example.com/a?sid=12345", "https://example.com/a?sid=12346"),
    ("https://example.com/a?12345", "https://example.com/a?12346"),
    ("https://example.com/ampere", "https://example.com/ere"),
    ("https://example.com/a?q=1%262", "https://example.com/a?q=1&2"),
    ("https://example.com/%E4", "https://example.com/%C3%A4"),
    ("https://example.com/?feed=rss2", "https://example.com/"),
    ("https://example.com/?feed=rss2", "https://example.com/?feed=atom"),
    ("https://example.com/index.php?rss", "https://example.com/index.php"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_page_has_one_key(one: str, other: str) -> None:
    one, other = normal_url(one, "https://example.com/"), normal_url(other)
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


@pytest.mark.parametrize(
    ("given", "fetched"),
    [
        ("https://example.com/s?20261122", "https://example.com/s?20261122"),
        ("https://example.com/s?a&b=&utm_id=1", "https://example.com/s?a&b="),
        ("https://example.com/s?q=a%2fb&r=a+b", "https://example.com/s?q=a%2fb&r=a+b"),
        (
            "https://example.com/resize/https://img.example/a.jpg",
            "https://example.com/resize/https://img.example/a.jpg",
        ),
        ("https://example.com/a/", "https://example.com/a/"),
        ("https://example.com/a/..", "https://example.com/"),
        ("https://example.com/?utm_source=x&feed=rss2", "https://example.com/?feed=rss2"),
    ],
)
def test_what_is_fetched_keeps_all_that_may_matter_to_the_server(given: str, fetched: str) -> None:
    assert normal_url(given) == fetched


_SEGMENTS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(
        ["amp", "index.html", "a.amp", "..", "%2e", "%2F", "%25", "%E4", "a\u0308", ";sid=1", "", "c", "s"]
    ),
)


@given(
    st.sampled_from(
        ["example.com", "www.m.example.co.uk", "m.m.m.example.com", "en.m.example.org", "m.com:81", "[::1]"]
    ),
    st.lists(_SEGMENTS, max_size=6),
    st.text("ab=&?%é/.+;2", max_size=20)
    | st.lists(st.sampled_from(["feed=rss2", "RSS", "fee%64=1", "utm_a=2", "b=3", ""]), max_size=4).map(
        "&".join
    ),
)
def test_normalising_twice_changes_nothing_and_the_key_of_a_key_is_the_key(
    host: str, segments: list[str], query: str
) -> None:
    try:
        once = normal_url(f"https://{host}/{'/'.join(segments)}?{query}")
    except Reject:
        return
    assert normal_url(once) == once
    key = key_of_normal(once)
    assert key == url_key(once)
    assert url_key(f"http://{key}") == key


def test_ids_depend_on_every_part() -> None:
    assert len({capture_id(s, o, k) for s in "ab" for o in "cd" for k in "ef"}) == 8


def test_empty_pieces_of_a_query_are_no_part_of_a_key() -> None:
    assert url_key("https://a.example/?2&=") == url_key("https://a.example/?&&2") == "a.example/?2"

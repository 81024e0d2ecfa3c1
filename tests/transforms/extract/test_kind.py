"""Pages that are no articles, each for its reason."""

from __future__ import annotations

import pytest

from tests.transforms.extract.made import BODY, PROSE, html, page, row
from transforms.extract import extract

LINKS = "".join(f'<li><a href="/a/{i}">The {i}th of many headlines on a list</a></li>' for i in range(20))
CONSENT = (
    "<div role=dialog><h1>Bevor Sie fortfahren</h1><p>Wir und unsere 412 Partner speichern Cookies und verarbeiten "
    "personenbezogene Daten. Ihre Einwilligung können Sie ändern.</p><button>Alle akzeptieren</button></div>"
)


SCRIPT = '<script type="application/ld+json">{"@type": "%s", "name": "A thing"}</script>'
MANUAL = "".join(
    f"<h2>Option {i}</h2><p>Sets how many lamps the <code>lamp</code> command lights when it is called with a path, as "
    f"in the example below.</p><pre><code>lamp --option-{i}</code></pre>"
    for i in range(8)
)
POSTS = "".join(
    f"<div class=post><a href='/user/{i}'>keeper{i}</a><p>I have had the same lamp for {i + 2} years, and you only "
    "need to trim the wick.</p><button>Reply</button></div>"
    for i in range(8)
)
OFFERS = "".join(
    f"<section><h2>We light your harbour</h2><p>{line}</p><button>Book</button></section>"
    for line in (
        "Our team builds the lamps you need, and we take care of your harbour all year round, so you can rest.",
        "Talk to us about your plans, and we will send you an offer that fits your budget and your schedule.",
        "Our clients trust us because we answer your calls day and night, wherever your ships happen to be.",
    )
)


def bare(main: str, head: str = "") -> str:
    return f"<html lang=en><head><title>A page</title>{head}</head><body>{main}</body></html>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bare(CONSENT), "consent_wall"),
        (bare("<h1>Page not found</h1><p>Sorry, it may have been moved. Try our home page.</p>"), "soft_404"),
        (bare("<h1>Страница не найдена</h1><p>Возможно, она удалена.</p>"), "soft_404"),
        (bare("<h1>404</h1><p>Oops.</p>"), "soft_404"),
        (bare(f"<main><h1>Latest</h1><ul>{LINKS}</ul></main>"), "list_page"),
        (bare("<h1>Storm from above</h1><video src=/v.mp4></video><p>Filmed on Tuesday.</p>"), "video_page"),
        (html("<p>The council voted on Tuesday.</p>"), "too_short"),
        (bare("<script>render()</script><noscript>Turn on JavaScript</noscript>"), "needs_script"),
        (bare('<div id="__next"></div><script src="/app.js"></script>'), "needs_script"),
        (bare("<app-root></app-root><script>go()</script><p>Loading</p>"), "needs_script"),
        (bare("<h1>Storm</h1><p>Bereits Abonnent? Hier geht es weiter.</p>"), "login_wall"),
        (bare("<h1>Members</h1><form><input type=password></form>"), "login_wall"),
        (bare("<h1>Storm</h1>", '<meta property="article:content_tier" content="locked">'), "login_wall"),
        (bare("<h1>The storm in pictures</h1>" + "<figure><img src=/a.jpg></figure>" * 6), "video_page"),
    ],
)
def test_reasons(body: str, reason: str) -> None:
    found = row(body)
    assert (found["outcome"], found["reason"]) == ("not_article", reason)
    assert found["detail"]


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (
            bare(f"<h1>Which lamp?</h1>{POSTS}", SCRIPT % "DiscussionForumPosting"),
            "forum/threads/lamp.12",
            "forum_page",
        ),
        (
            bare(f"<h1>Lamp 40</h1><p>$ 29.90</p><button>Add to cart</button>{BODY}", SCRIPT % "Product"),
            "products/lamp-40",
            "product_page",
        ),
        (bare(f"<nav>{LINKS}</nav><h1>lamp</h1>{MANUAL}"), "docs/reference/lamp", "documentation"),
        (bare(f"<h1>Lamps and more</h1>{OFFERS}"), "services", "landing_page"),
    ],
)
def test_pages_that_look_otherwise_as_a_whole(body: str, path: str, reason: str) -> None:
    found = row(body, url=f"https://lamps.example/{path}")
    assert (found["outcome"], found["reason"]) == ("not_article", reason)
    assert found["detail"].startswith("chance to be an article 0.")


@pytest.mark.parametrize(
    "body",
    [
        html(),
        html(BODY + "<p>Already a subscriber? Log in.</p><form><input type=password></form>"),
        html(BODY, "<script>go()</script><noscript>Enable JavaScript</noscript>"),
        html(BODY + f"<aside><ul>{LINKS}</ul></aside>"),
        html(BODY, title="404 houses to be built near the pier"),
        html(
            BODY,
            '<meta property="og:type" content="article"><meta name="date" content="2026-11-21">',
            title="Boy not found",
        ),
        f"<div class=cookie-consent><p>Cookies, partners, consent, accept all, personal data</p></div>{html()}",
        html(f"<p>{PROSE[0]}</p>", '<meta property="article:content_tier" content="locked">'),
    ],
)
def test_articles(body: str) -> None:
    assert row(body)["outcome"] is None


def test_a_front_page_is_a_list_whatever_it_says() -> None:
    assert row(html(BODY + f"<ul>{LINKS}</ul>"), url="https://news.example/")["reason"] == "list_page"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"body": b""}, "empty_body"),
        ({"body": b" \n"}, "empty_body"),
        ({"body": b"", "error": "record cut short"}, "unreadable"),
        ({"body": b"%PDF-1.7 ...", "content_type": "application/pdf"}, "not_html"),
        ({"body": b"\x89PNG\r\n\x1a\n....", "content_type": "text/html"}, "not_html"),
        ({"body": b'{"a": 1}', "content_type": "application/json"}, "not_html"),
        ({"body": b"\x00" * 5000, "content_type": "text/html"}, "unreadable"),
    ],
)
def test_what_cannot_be_read_fails_with_a_reason(given: dict[str, object], reason: str) -> None:
    [found] = extract([page(**given)], {}).to_pylist()
    assert (found["outcome"], found["reason"]) == ("failed", reason)


def test_one_bad_page_costs_no_other() -> None:
    found = extract([page(html()), page(b"\xff\xfe\x00"), page(html())], {})
    assert found["outcome"].to_pylist() == [None, "failed", None] or found["outcome"].to_pylist()[::2] == [
        None,
        None,
    ]
    assert found.num_rows == 3


def test_plain_documents() -> None:
    lines = [
        "Facebook Twitter YouTube",
        "Lighthouse to be repaired before winter",
        "Ada Wren says…",
        *PROSE,
        "See more files",
    ]
    found = row("\n".join(lines), content_type="text/plain")
    assert found["title_raw"] == "Lighthouse to be repaired before winter"
    assert found["text_raw"].splitlines() == list(PROSE)
    assert row("Facebook\nTwitter", content_type="text/plain")["reason"] == "too_short"

"""The body, and what stands around it."""

from __future__ import annotations

import re

import pytest

from tests.transforms.extract.made import BODY, PROSE, html, row, sources

MORE = "The harbour office will publish the plans next week, and anyone may comment on them until spring."


def text_of(main: str, head: str = "") -> list[str]:
    return str(row(html(main, head))["text_raw"]).splitlines()


def inside(promo: str) -> str:
    """A page with something between its paragraphs."""
    return "".join(f"<p>{line}</p>{promo if place == 1 else ''}" for place, line in enumerate(PROSE))


PROMOS = [
    "<aside><p>Get our morning letter, free of charge, every day.</p></aside>",
    '<div class="newsletter-box"><p>Get our morning letter, free of charge, every day.</p></div>',
    '<div class="c-box c-box--Newsletter"><div>Get our morning letter every day.</div></div>',
    '<p class="read-more">Read more: <a href="/b">Storms are coming</a></p>',
    '<p><strong>Lesen Sie auch: <a href="/b">Stürme ziehen auf</a></strong></p>',
    '<p>あわせて読みたい: <a href="/b">魚市場に疑問の声</a></p>',
    '<p><a href="/b">STORMS ARE COMING TO THE NORTHERN BANKS</a></p>',
    '<p>Never miss a story: <a href="/n">subscribe</a> to our newsletter.</p>',
    '<ul class="related-posts"><li><a href="/b">Storms are coming</a></li><li><a href="/c">Ferry late</a></li></ul>',
    '<figure><img src="/1.jpg"><figcaption>The lighthouse in June. Photo: Bo Lund</figcaption></figure>',
    "<form><p>Your address is safe with us.</p><input></form>",
]


@pytest.mark.parametrize("promo", PROMOS)
def test_what_stands_between_the_paragraphs_is_left_out(promo: str) -> None:
    assert text_of(inside(promo)) == list(PROSE)


@pytest.mark.parametrize(
    "part",
    [
        "<h2>What fishing crews say</h2>",
        "<blockquote>A light is a promise to those at sea.</blockquote>",
        "<ul><li>New lamp</li><li>New stairs</li></ul>",
        f'<p>{MORE} See <a href="/plan">the plan</a>.</p>',
    ],
)
def test_what_belongs_to_the_text_stays(part: str) -> None:
    found = text_of(inside(part))
    assert [line for line in found if line in PROSE] == list(PROSE)
    assert len(found) > len(PROSE)


def test_a_body_split_over_containers_comes_back_whole() -> None:
    main = "".join(
        f'<div class="chunk"><div class="body"><p>{line}</p></div></div><div class="ad">x</div>'
        for line in PROSE
    )
    assert text_of(main) == list(PROSE)


def test_labels_above_and_below_are_left_out() -> None:
    main = (
        '<div class="article-meta"><span class="byline">By Ada Wren</span><time>21 November, 10:00</time></div>'
        f'<div class="article-body">{BODY}<p>{MORE}</p></div>'
        '<div class="author-bio"><p>Ada Wren writes about harbours and the people who live by them.</p></div>'
        '<section class="most-read"><h3>Most read</h3><a href="/b">Storms are coming</a></section>'
    )
    found = row(html(main, '<meta name="author" content="Ada Wren">'))
    assert found["text_raw"].splitlines() == [*PROSE, MORE]


def test_what_was_nearly_kept_is_listed_with_its_chance() -> None:
    promo = "Never miss a story: subscribe to our newsletter."
    found = row(html(inside(promo.replace("subscribe", '<a href="/n">subscribe</a>'))))
    [source] = [source for source, value in sources(found, "text") if value == promo]
    assert re.fullmatch(r"dropped:chance 0\.\d\d", source)


def test_links_of_the_body_and_images_with_captions() -> None:
    caption = '<figcaption>The lighthouse in June <span class="credit">Bo Lund</span></figcaption>'
    links = '<a href="/plan?utm_source=x">the plan</a> and <a href="#top">the top</a>'
    found = row(html(f'<figure><img src="/1.jpg">{caption}</figure><p>{PROSE[0]} See {links}.</p>{BODY}'))
    assert found["links"] == [{"url": "https://news.example/plan", "text": "the plan", "is_own": True}]
    assert found["images"] == [
        {"url": "https://news.example/1.jpg", "caption": "The lighthouse in June", "credit": "Bo Lund"}
    ]


def test_unspaced_text_keeps_its_ideographic_spaces() -> None:
    first = "　港町の市議会は火曜日、冬の嵐が来る前に　古い灯台を修理することを決めた。工事は三月に始まる。"
    second = (
        "費用は二百万円で、灯台を守る人々は九年も待ったと話した。船の明かりは遠くからも見えるようになる。"
    )
    assert text_of(f"<p>{first}</p><p>{second}</p>") == [first.strip(), second]


DEK = "The council votes on it after nine years in which crews waited"


@pytest.mark.parametrize(
    ("line", "dek"),
    [
        (f"<h2>{DEK}</h2>", DEK),
        (f"<h2>{DEK}</h2><h2>By Ada Wren on 21 November 2026, for all who sail there</h2>", DEK),
        ("<h2>Ada Wren, 21 November 2026, 10:05 UTC</h2>", None),
        ("<h2>Saturday, 21 November 2026</h2>", None),
        (f"<h2>{DEK} until 21 November 2026, 10:05.</h2>", f"{DEK} until 21 November 2026, 10:05."),
    ],
)
def test_a_byline_is_no_standfirst(line: str, dek: str | None) -> None:
    assert row(html(f'{line}<div class="story">{BODY}</div>'))["dek_raw"] == dek


def test_what_stands_above_the_headline_is_no_standfirst() -> None:
    title = "Lighthouse to be repaired"
    top = "<h1><a href='/'>News Example</a></h1><h2>Boats, piers and storms, as they are seen from here</h2>"
    page = f"<title>{title} | News Example</title>{top}<h1>{title}</h1><div class='story'>{BODY}</div>"
    assert row(page)["dek_raw"] is None

"""Images with caption and credit, and links."""

from __future__ import annotations

import pytest

from tests.transforms.extract.made import PROSE
from transforms.extract.markup import parse
from transforms.extract.media import Image, credit_in, images_of, links_of

URL = "https://news.example/a/lighthouse"
LINES = [f"<p>{line}</p>" for line in PROSE]


def images(
    *between: str,
    leads: tuple[str, ...] = (),
    above: str = "",
    below: str = "",
    authors: tuple[str, ...] = ("Ada Wren",),
) -> list[Image]:
    body = LINES[0] + "".join(between) + "".join(LINES[1:])
    page = parse(f"<body>{above}<article><h1>Light</h1>{body}</article>{below}</body>")
    return images_of(page, leads, URL, PROSE, authors)


def urls(found: list[Image]) -> list[str | None]:
    return [image["url"] for image in found]


@pytest.mark.parametrize(
    ("img", "url"),
    [
        ('<img src="/a/old-light.jpg">', "/a/old-light.jpg"),
        ('<img src="data:image/gif;base64,R0" data-src="/a/old-light.jpg">', "/a/old-light.jpg"),
        ('<img src="/placeholder.png" data-lazy-src="/a/old-light.jpg">', "/a/old-light.jpg"),
        ('<img src="/s.jpg" srcset="/s.jpg 300w, /large.jpg 1200w, /m.jpg 600w">', "/large.jpg"),
        ('<img src="/s.jpg" srcset="/a,b/one.jpg 1x, /a,b/two.jpg 2x">', "/a,b/two.jpg"),
        ('<picture><source srcset="/l.webp 900w"><img src="/1x1.gif"></picture>', "/l.webp"),
        ('<img src="/_next/image?url=%2Fa%2Fold-light.jpg&w=640">', "/a/old-light.jpg"),
    ],
)
def test_the_real_image_is_taken(img: str, url: str) -> None:
    assert urls(images(img)) == [f"https://news.example{url}"]


@pytest.mark.parametrize(
    "img",
    [
        '<div class="author-box"><img src="/ada-wren.jpg"></div>',
        '<img src="/static/icons/pier.png">',
        '<img class="avatar" src="/ada-wren.jpg">',
        '<img src="/ada-wren.jpg" width="48" height="48">',
        '<aside><img src="/other-story.jpg"></aside>',
        '<div class="related-stories"><img src="/other-story.jpg"></div>',
        '<a href="/b/other-story"><img src="/other-story.jpg"></a>',
        '<img src="/drawing.svg"><img src="data:image/png;base64,AA"><img>',
        '<img src="https://count.example/9f2" width="1" height="1">',
        '<img src="/img/icon-mail.jpg">',
        '<img src="/photos/avatars/1207.jpg">',
        '<img src="/thumbs/80x80/harbour.jpg">',
        '<img src="/banners/ferry_980x90.jpg">',
        '<img src="/p/1207.jpg?h=17&amp;m=6">',
        '<img src="/p/1207.jpg" alt="Ada Wren">',
        '<img src="/2026/ada-wren-300.jpg">',
    ],
)
def test_what_is_no_picture_of_the_article_is_left_out(img: str) -> None:
    assert images(img) == []


def test_an_image_that_links_to_itself_is_the_articles() -> None:
    assert urls(images('<a href="/large/pier.jpg"><img src="/small/pier.jpg"></a>'))


def test_images_beside_the_text_are_not_the_articles() -> None:
    assert images(above='<header><img src="/banner.jpg"></header>', below='<img src="/more.jpg">') == []


def test_the_lead_image_comes_first_with_the_caption_of_its_figure() -> None:
    figure = (
        '<figure><img src="/x/old-light-of-harbourton-640x360.jpg"><figcaption>The light.'
        "<span class='credit'>Foto: Ada Wren</span></figcaption></figure>"
    )
    leads = ("/x/old-light-of-harbourton-1200x675.jpg", "/x/old-light-of-harbourton.jpg")
    found = images('<img src="/x/pier-in-the-storm.jpg">', figure, leads=leads)
    assert urls(found) == [
        "https://news.example/x/old-light-of-harbourton-640x360.jpg",
        "https://news.example/x/pier-in-the-storm.jpg",
    ]
    assert (found[0]["caption"], found[0]["credit"]) == ("The light.", "Ada Wren")


@pytest.mark.parametrize(
    ("lead", "shown"),
    [
        ("/i/2026/light.jpg", "/i/2026/light-640x360.jpg.webp"),
        ("/i/w1200/light.jpg", "/i/w640/light.jpg"),
        ("/i/16x9/light.jpg", "/i/4x3/light.jpg"),
        ("/i/1200x675_light.jpg", "/i/640x360_light.jpg"),
        ("/styles/large/public/light.jpg", "/styles/teaser/public/light.jpg"),
        ("/8f31c0de/original.jpg", "/8f31c0de/small.jpg"),
        ("/i/light-of-4181207-wide.jpg", "/small/4181207_b.jpg"),
    ],
)
def test_the_lead_image_is_known_again_at_another_size(lead: str, shown: str) -> None:
    figure = f'<figure><img src="{shown}"><figcaption>The light.</figcaption></figure>'
    found = images(figure, '<img src="/i/pier.jpg">', leads=(lead,))
    assert [(image["caption"], image["url"]) for image in found] == [
        ("The light.", f"https://news.example{shown}"),
        (None, "https://news.example/i/pier.jpg"),
    ]


def test_what_stands_in_for_a_lead_image_is_none() -> None:
    assert images(leads=("https://cdn.example/i/blank.jpg", "/placeholder.png")) == []
    assert urls(images(leads=("/drawing.svg",))) == ["https://news.example/drawing.svg"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/photos-of-the-year/light.jpg", "/photos-of-the-year/pier.jpg"),
        ("/i/2025/light.jpg", "/i/2026/light.jpg"),
        ("/i/20261122/light.jpg", "/b/20261122/pier.jpg"),
    ],
)
def test_other_pictures_are_told_from_the_lead_image(one: str, other: str) -> None:
    assert len(images(f'<img src="{other}">', leads=(one,))) == 2


def test_many_pictures_named_for_the_author_are_what_the_article_shows() -> None:
    assert len(images(*(f'<img src="/ada-wren-{number}.jpg">' for number in range(3)))) == 3


def test_without_lines_only_stated_images_are_the_articles() -> None:
    page = parse("<body><img src='/a.jpg'></body>")
    assert urls(images_of(page, ["/lead.jpg", "javascript:x"], URL)) == ["https://news.example/lead.jpg"]


def test_a_caption_is_read_from_the_box_of_its_image_alone() -> None:
    box = '<div class="wp-caption"><img src="/{}.jpg"><p class="wp-caption-text">{}</p></div>'
    found = images(box.format("one", "First"), box.format("two", "Second"))
    assert [image["caption"] for image in found] == ["First", "Second"]


@pytest.mark.parametrize(
    ("said", "caption", "credit"),
    [
        ("The light. Photograph: Ada Wren/Northwire", "The light.", "Ada Wren/Northwire"),
        ("The light (AP Photo/Ada Wren)", "The light", "AP Photo/Ada Wren"),
        ("The light. (Photo by Ada Wren/Getty Images)", "The light.", "Ada Wren/Getty Images"),
        ("The light. Ada Wren/Reuters", "The light.", "Ada Wren/Reuters"),
        ("Photo courtesy of Ada Wren", "Photo courtesy of Ada Wren", ""),
        ("Courtesy of Ada Wren", "", "Ada Wren"),
        ("Der Turm. Foto: dpa", "Der Turm.", "dpa"),
        ("Der Turm (Quelle: dpa)", "Der Turm", "dpa"),
        ("Der Turm im Bild: schief und alt", "Der Turm im Bild: schief und alt", ""),
        ("Un phare. © Ada Wren / AFP", "Un phare.", "Ada Wren / AFP"),
        ("Crédit photo : AFP", "", "AFP"),
        ("El faro. | Foto: EFE", "El faro.", "EFE"),
        ("Fot. Jan Nowak / PAP", "", "Jan Nowak / PAP"),
        ("Маяк. Фото: ТАСС", "Маяк.", "ТАСС"),
        ("灯台＝写真：山田太郎", "灯台", "山田太郎"),
        ("등대 모습. 사진=연합뉴스", "등대 모습.", "연합뉴스"),
        ("A photo of the light at dusk", "A photo of the light at dusk", ""),
        ("A photo by Ada Wren shows the light", "A photo by Ada Wren shows the light", ""),
        ("The keeper (87) smiled", "The keeper (87) smiled", ""),
        ("", "", ""),
    ],
)
def test_captions_and_credits(said: str, caption: str, credit: str) -> None:
    assert credit_in(said) == (caption, credit)


def test_credits_are_found_in_time() -> None:
    for trap in ("photo " * 3_000, "(" * 5_000, "Foto: " * 3_000, "© " * 3_000, "a/" * 3_000):
        assert len("".join(credit_in(trap[:1_000]))) <= 1_000


def test_links_are_absolute_once_and_own_or_not() -> None:
    page = parse(
        '<p><a href="/b">One</a><a href="https://sport.example.com/c#d">Two</a><a href="/b">Again</a>'
        '<a href="https://other.example/">Three</a><a href="#top">Top</a><a href="mailto:a@b.c">Mail</a>'
        '<a href="/d"></a>'
    )
    found = links_of(page.all("a"), "https://www.example.com/a")
    assert [(link["url"], link["text"], link["is_own"]) for link in found] == [
        ("https://www.example.com/b", "One", True),
        ("https://sport.example.com/c", "Two", True),
        ("https://other.example/", "Three", False),
    ]

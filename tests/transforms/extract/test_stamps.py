"""Where a page says when it was published, and what on it is the date of something else."""

from __future__ import annotations

import pytest

from tests.transforms.extract.made import BODY, PROSE
from transforms.extract.markup import parse
from transforms.extract.stamps import stated

TITLE = "Lighthouse to be repaired before winter"
LONG = f"<p>{' '.join(PROSE)}</p>"


def page(below: str = "", above: str = "", after: str = "", head: str = "") -> str:
    return (
        f"<html><head><title>{TITLE} | News</title>{head}</head><body><header>{above}</header><main><article>"
        f"<h1>{TITLE}</h1>{below}{LONG}{BODY}</article></main>{after}</body></html>"
    )


def found(html: str, url: str = "") -> list[tuple[str, str, str]]:
    return [(s.field, s.source, s.value) for s in stated(parse(html), url)]


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("<p>21 November 2026</p>", "headline"),
        ("<div class='x7f'>By Ada Wren · Nov 21, 2026 · 4 min read</div>", "headline"),
        ("<span>Veröffentlicht am 21. November 2026, 10:05 Uhr</span>", "headline:published"),
        ("<div>2026年11月21日 10:05 配信</div>", "headline:published"),
        ("<time datetime='2026-11-21T10:05:00Z'>two days ago</time>", "headline"),
        ("<p>Опубликовано: <time datetime='2026-11-21'>21.11.2026</time></p>", "headline:published"),
        ("<aside class='meta sidebar'><p>21 Nov 2026</p></aside>", "headline"),
    ],
)
def test_a_date_below_the_headline_is_the_publication(line: str, source: str) -> None:
    [(field, where, value)] = found(page(line))
    assert (field, where) == ("published_at", source)
    assert "21" in value


@pytest.mark.parametrize(
    "line",
    [
        "<p>Updated 21 November 2026</p>",
        "<p>Aktualisiert: 21.11.2026, 10:05</p>",
        "<p>Mis à jour le 21 novembre 2026</p>",
        "<p>تم التحديث 21 نوفمبر 2026</p>",
        "<p>2026年11月21日 更新</p>",
        "<time class='last-modified' datetime='2026-11-21'>21 Nov</time>",
    ],
)
def test_an_update_is_not_the_publication(line: str) -> None:
    assert [field for field, _, _ in found(page(line))] == ["modified_at"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Last updated:", [("modified_at", "headline"), ("published_at", "page:updated")]),
        ("Geändert am", [("modified_at", "headline"), ("published_at", "page:updated")]),
        ("Publish date:", [("published_at", "headline:published")]),
        ("Original:", [("published_at", "headline")]),
        ("Updated rules for all ferries", [("published_at", "headline")]),
    ],
)
def test_the_line_above_may_say_what_a_date_is_of(label: str, expected: list[tuple[str, str]]) -> None:
    for date in ("<p>21 Nov 2026</p>", "<p><time datetime='2026-11-21'>21 November</time></p>"):
        assert [(field, source) for field, source, _ in found(page(f"<p>{label}</p>{date}"))] == expected


@pytest.mark.parametrize("count", ["1000017279", "237482", "Art. No.: 1000017279", "1779984000 views"])
def test_a_number_that_readers_see_counts_no_seconds(count: str) -> None:
    assert found(page(f"<p>{count}</p><div><b>{count}</b><i>12</i></div>")) == []


def test_dates_below_a_short_heading_that_the_title_leaves_out_are_those_of_its_list() -> None:
    html = f"<title>{TITLE}</title><h1>Harbour</h1><p>22 Nov 2026</p>{LONG}"
    assert [source for _, source, _ in found(html)] == ["page"]


def test_the_text_begins_sooner_where_a_sign_is_a_word() -> None:
    prose = "議会は火曜日、冬の嵐が来る前に古い灯台を修理することを決めた。" * 5
    dates = "".join(f"<p>2026.11.{day} 港の知らせ</p>" for day in (18, 19))
    html = f"<title>灯台を修理へ</title><p>2026.11.21</p><h1>灯台を修理へ</h1><p>{prose}</p>{dates}"
    assert [source for _, source, _ in found(html)] == ["above headline"]


def test_one_line_may_say_both() -> None:
    for line in (
        "<p>3 May 2026. Updated: 21 November 2026</p>",
        "<p>Published 3 May 2026 | Updated 21 November 2026</p>",
        "<p>Published <time datetime='2026-05-03'>3 May</time>, updated <time datetime='2026-11-21'>now</time></p>",
    ):
        values = {field: value for field, _, value in found(page(line))}
        assert "3" in values["published_at"], line
        assert "21" in values["modified_at"], line


def test_the_class_updated_of_the_hatom_format_is_not_believed_beside_entry_date() -> None:
    line = "<time class='entry-date updated' datetime='2026-11-21T10:00:00Z'>November 21, 2026</time>"
    assert [field for field, _, _ in found(page(line))] == ["published_at"]


def test_the_words_outweigh_an_attribute_left_over_from_a_template() -> None:
    line = "<time datetime='2019-09-03'>November 21, 2026 7:30am</time>"
    assert found(page(line)) == [("published_at", "headline", "November 21, 2026 7:30am")]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "<p>© 3 May 2026 The Example</p>",
        "<footer>Copyright 3 May 2026</footer>",
        "<div class='comment'><p class='date'>3 May 2026</p></div>",
        "<div class='related'><p class='date'>3 May 2026</p></div>",
        "<aside><p class='date'>3 May 2026</p></aside>",
        "".join(
            f"<div class='card'><a href='/{n}'>Story {n}</a><p class='date'>{n} May 2026</p></div>"
            for n in (1, 2, 3)
        ),
        "<p>3 May 2026</p><p>4 May 2026</p>",
    ],
)
def test_dates_of_other_things_are_left_out(elsewhere: str) -> None:
    line = "<p>21 November 2026</p>"
    assert found(page(line, after=elsewhere)) == [("published_at", "headline", "21 November 2026")]


def test_dates_in_the_text_are_the_storys() -> None:
    event = (
        "<p>The lighthouse burnt down on 3 May 1911, when nobody in the town had seen a fire engine yet.</p>"
    )
    assert found(page(event)) == []
    assert found(page(after=event)) == []


def test_a_date_in_the_headline_is_the_storys() -> None:
    assert found(f"<h1>What happened on 3 May 2026 in Harbourton</h1>{LONG}") == []


def test_a_date_above_and_one_at_the_end_say_where_they_stand() -> None:
    end = "<p class='doc-data'>Published: 21.11.2026</p>"
    assert found(page(above="<p>Sunday, 22 November 2026</p>", after=end)) == [
        ("published_at", "above headline", "Sunday, 22 November 2026"),
        ("published_at", "page:published", "Published: 21.11.2026"),
    ]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("article:published_time", "published_at"),
        ("og:article:published_time", "published_at"),
        ("parsely-pub-date", "published_at"),
        ("publish_date", "published_at"),
        ("published_on", "published_at"),
        ("cXenseParse:recs:publishtime", "published_at"),
        ("DC.date.issued", "published_at"),
        ("dcterms.created", "published_at"),
        ("citation_publication_date", "published_at"),
        ("sailthru.date", "published_at"),
        ("date", "published_at"),
        ("article:modified_time", "modified_at"),
        ("og:updated_time", "modified_at"),
        ("dateModified", "modified_at"),
        ("last-modified", "modified_at"),
    ],
)
def test_names_of_meta(name: str, field: str) -> None:
    head = f"<meta property='{name}' content='2026-11-21T10:00:00Z'>"
    assert found(page(head=head)) == [(field, f"meta:{name.lower()}", "2026-11-21T10:00:00Z")]


@pytest.mark.parametrize(
    "name",
    [
        "article:publisher",
        "description",
        "og:image:updated",
        "video:release_date",
        "viewport",
        "expires",
        "candidate",
    ],
)
def test_other_names_of_meta(name: str) -> None:
    assert found(page(head=f"<meta name='{name}' content='2026-11-21'>")) == []


def test_microdata_of_the_article_and_not_of_a_comment() -> None:
    own = "<span itemprop='datePublished' content='2026-11-21'>Saturday</span>"
    other = "<div class='comments'><span itemprop='datePublished' content='2026-11-22'></span></div>"
    assert found(page(own, after=other)) == [("published_at", "itemprop:datepublished", "2026-11-21")]


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://news.example/2026/11/21/lighthouse", "2026-11-21"),
        ("https://news.example/2026/1/2/lighthouse", "2026-1-2"),
        ("https://news.example/a/20261121-lighthouse", "20261121"),
        ("https://news.example/a/lighthouse-2026-11-21.html", "2026-11-21"),
        ("https://news.example/news/1906059-lighthouse", None),
        ("https://news.example/2026/10/3-questions", None),
        ("https://news.example/a?date=2026-11-21", None),
    ],
)
def test_the_date_in_the_address(url: str, value: str | None) -> None:
    dates = [(source, said.replace("-", "")) for _, source, said in found(page(), url)]
    assert dates == ([("url", value.replace("-", ""))] if value else [])


def test_the_heading_is_the_one_that_the_title_tells() -> None:
    name = f"<title>{TITLE} - The Example</title><h1>The Example</h1><p>22 Nov 2026</p>{'<p>More</p>' * 9}"
    html = f"{name}<h2>{TITLE}</h2><p>21 Nov 2026</p>{LONG}"
    assert ("published_at", "headline", "21 Nov 2026") in found(html)
    assert ("published_at", "headline", "22 Nov 2026") not in found(html)


def test_a_page_of_dates_ends() -> None:
    many = "".join(f"<li><time datetime='2026-11-{1 + n % 28:02}'>{n}</time></li>" for n in range(20_000))
    assert len(found(page(f"<ul>{many}</ul>"))) <= 20


@pytest.mark.parametrize(
    "opening", ["Example City, (21.11.2026). ", "21.11.2026 – ", "ROME, November 21, 2026 - "]
)
def test_a_text_may_open_with_its_day(opening: str) -> None:
    html = page().replace("<p>", f"<p>{opening}", 1)
    [(field, _, value)] = found(html)
    assert field == "published_at"
    assert value.strip() == opening.strip()


@pytest.mark.parametrize("opening", ["Nobody thought on 21 November 2026 – ", "In 2025 – "])
def test_a_day_in_the_first_sentence_is_no_publication(opening: str) -> None:
    assert found(page().replace("<p>", f"<p>{opening}", 1)) == []


def test_a_date_that_only_the_layout_parts_from_what_is_beside_it_is_read() -> None:
    line = "<div><a href='/staff'>Ada Wren</a><span>Nov 21, 2026</span><b>12</b> shares</div>"
    assert found(page(line)) == [("published_at", "headline", "Nov 21, 2026")]


def test_directly_above_the_headline_a_time_of_day_tells_the_article_from_the_masthead() -> None:
    assert found(page(above="<p>21 November 2026, 10:05</p>"))[0][1] == "headline"
    assert found(page(above="<p>21 November 2026</p>"))[0][1] == "above headline"


def test_the_day_may_come_first_in_an_address() -> None:
    assert found(page(), "https://example.org/news/21-11-2026") == [("published_at", "url", "21-11-2026")]
    assert found(page(), "https://example.org/news/11-12-2026") == []


def test_words_inside_of_a_time_say_what_it_is_of() -> None:
    line = "<p><time datetime='2026-11-21'>Last updated 21 November</time> · 5 min read</p>"
    assert found(page(line)) == [("modified_at", "headline", "2026-11-21")]

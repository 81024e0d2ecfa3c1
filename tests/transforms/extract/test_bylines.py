"""Who wrote it: what stands in plain sight, and which statement is believed."""

from __future__ import annotations

import pytest

from schemas.page import Statement
from tests.transforms.extract.made import BODY, html
from transforms.extract.bylines import choose_authors, is_byline, stated
from transforms.extract.markup import parse


def seen(main: str) -> dict[str, list[str]]:
    """Source → values, on a page with these lines below its heading."""
    found: dict[str, list[str]] = {}
    for statement in stated(parse(html(main + BODY))):
        assert statement.field == "authors"
        found.setdefault(statement.source, []).append(statement.value)
    return found


def says(**by_source: str | list[str]) -> list[Statement]:
    """Author statements from `json_ld="Ada Wren"` and the like."""
    names = {
        "json_ld": "json-ld:author:Person",
        "meta": "meta:author",
        "link": "a[author]",
        "rel": "rel=author",
    }
    return [
        Statement("authors", names.get(source, source), value)
        for source, values in by_source.items()
        for value in ([values] if isinstance(values, str) else values)
    ]


def believed(statements: list[Statement], *sites: str) -> list[str]:
    found = choose_authors(statements, list(sites))
    return [s.value for s in found if s.source == found[0].source]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("byline", True),
        ("article__author-name ", True),
        ("post_author__x7f2a ", True),
        ("author-box__name ", True),
        ("date-and-author ", True),
        ("author-bio ", False),
        ("comment-author vcard", False),
        ("author-avatar", False),
        ("authority", False),
        ("authorised-dealers", False),
    ],
)
def test_marks_of_a_byline(marks: str, *, expected: bool) -> None:
    assert is_byline(marks) is expected


@pytest.mark.parametrize(
    ("main", "source", "values"),
    [
        ('<p class="byline">By Ada Wren</p>', "byline", ["By Ada Wren"]),
        ('<div class="author"><p>Ada Wren</p><p>Harbour reporter</p></div>', "byline", ["Ada Wren | Harbour reporter"]),
        ('<div class="byline">By <span class="author">Ada Wren</span>, editor</div>', "byline", ["Ada Wren"]),
        ('<div class="byline"><i>Ada Wren</i><i>Bo Lund</i></div>', "byline", ["Ada Wren, Bo Lund"]),
        ('<div data-testid="byline">By Ada Wren</div>', "byline", ["By Ada Wren"]),
        ('<byline>Von Ada Wren, dpa</byline>', "byline", ["Von Ada Wren, dpa"]),
        ('<a rel="author" href="/x">Ada Wren</a>', "rel=author", ["Ada Wren"]),
        ('<a href="/author/ada">Ada Wren</a> <a href="/author/bo">Bo Lund</a>', "a[author]", ["Ada Wren", "Bo Lund"]),
        ('<b itemprop="author" itemscope><i itemprop="name">Ada Wren</i> writes</b>', "itemprop:author", ["Ada Wren"]),
        ("<p>By Ada Wren</p>", "line", ["By Ada Wren"]),
        ("<p>ByAda Wren</p>", "line", ["ByAda Wren"]),
        ("<p>Interview by Ada Wren</p>", "line", ["Interview by Ada Wren"]),
        ("<p>كتبت ليلى حسن</p>", "line", ["كتبت ليلى حسن"]),
        ("<p>This post was written by Ada Wren, sailor</p>", "label", ["This post was written by Ada Wren, sailor"]),
        ("<p>21 November 2026 | Von Ada Wren</p>", "line", ["21 November 2026 | Von Ada Wren"]),
        ("<p>By</p><p>Ada Wren</p>", "line", ["By: Ada Wren"]),
        ("<p>Автор: Анна Иванова</p>", "line", ["Автор: Анна Иванова"]),
        ("<p>作者：山田太郎</p>", "line", ["作者：山田太郎"]),
        (BODY * 5 + "<p>Written by: Ada Wren</p>", "label", ["Written by: Ada Wren"]),
        (BODY * 5 + "<p>Autorin:</p><p>Ada Wren</p>", "label", ["Autorin: Ada Wren"]),
        ("<p>Ada Wren, 21.11.2026</p>", "name", ["Ada Wren, 21.11.2026"]),
        ("<p>Ada Wren</p><p>Staff writer</p>", "name", ["Ada Wren"]),
    ],
)  # fmt: skip
def test_what_names_the_author(main: str, source: str, values: list[str]) -> None:
    assert seen(main)[source] == values


@pytest.mark.parametrize(
    "main",
    [
        "<p>By the end of March the work is done.</p>",
        "<p>Harbour News</p><p>The council met.</p>",
        "<p>Latin America 2026</p>",
        '<figure><span class="author">Bo Lund</span></figure>',
        '<blockquote>We wait.<span class="author">Bo Lund</span></blockquote>',
        '<div class="pull-quote">We wait.<b class="author">Bo Lund</b></div>',
        '<div class="comments"><b class="author">Bo Lund</b></div>',
        '<form><label class="author">Name *</label></form>',
        '<p class="byline">21 November 2026</p>',
        '<a href="/authors/ada">See all</a>',
        '<a href="https://social.x.com/author/ada">Ada Wren</a>',
    ],
)
def test_what_names_no_author(main: str) -> None:
    assert seen(main) == {}


def test_authors_of_other_articles_are_not_ours() -> None:
    cards = "".join(
        f'<div class="card"><b class="byline">By Eve {name}</b></div>' for name in ("Ash", "Birch")
    )
    own = '<div class="meta"><b class="byline">By Ada Wren</b></div>'
    assert seen(f"{own}{BODY}<section>{cards}</section>")["byline"] == ["By Ada Wren"]
    assert seen(f"<aside>{cards}</aside>{BODY}{own}")["byline"] == ["By Ada Wren"]


def test_a_byline_above_its_heading_is_nearer_than_one_below_the_text() -> None:
    page = '<title>Lighthouse to be repaired</title><p class="author">Ada Wren</p><h1>Lighthouse to be repaired</h1>'
    found = list(stated(parse(page + BODY * 9 + '<p class="author">Bo Lund</p>')))
    assert ("byline", "Ada Wren") in {(s.source, s.value) for s in found}


def test_the_outlets_own_heading_is_not_the_articles() -> None:
    page = (
        "<title>Lighthouse to be repaired | News</title><h1>News</h1><p class='author'>Eve Ash</p>"
        + "<p>x</p>" * 30
        + "<h1>Lighthouse to be repaired</h1><p class='author'>Ada Wren</p>"
    )
    assert [s.value for s in stated(parse(page)) if s.source == "byline"] == ["Ada Wren"]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param(says(json_ld="Ada Wren", meta="Ada Wren", byline="Eve Ash"), ["Ada Wren"], id="head agrees"),
        pytest.param(
            says(json_ld="Eve Ash", rel="Ada Wren", byline="By Ada Wren", meta="Ada Wren"),
            ["Ada Wren"],
            id="most agree",
        ),
        pytest.param(
            says(json_ld=["Ada Wren", "Bo Lund"], byline="By Ada Wren", link="Ada Wren", meta="Ada Wren"),
            ["By Ada Wren"],
            id="an editor listed beside the author",
        ),
        pytest.param(
            says(json_ld="Ada Wren", meta="Ada Wren", byline="By Ada Wren and Bo Lund", line="By Ada Wren and Bo Lund"),
            ["By Ada Wren and Bo Lund"],
            id="a head with room for one",
        ),
        pytest.param(says(json_ld="Ada Wren", byline="Dr Áda Wrén", meta="Eve Ash"), ["Ada Wren"], id="spellings"),
        pytest.param(says(json_ld="Northwire News", byline="By Ada Wren"), ["By Ada Wren"], id="people before groups"),
        pytest.param(says(json_ld="Staff", byline="By Ada Wren"), ["By Ada Wren"], id="people before desks"),
        pytest.param(
            says(json_ld="The Example", meta="The Example", link="Ada Wren"),
            ["Ada Wren"],
            id="people before the outlet",
        ),
        pytest.param(says(json_ld=["Ada Wren", "The Example"]), ["Ada Wren"], id="the outlet beside a person"),
        pytest.param(says(json_ld=["Reuters", "Ada Wren"]), ["Reuters", "Ada Wren"], id="an agency stays to be found"),
        pytest.param(says(json_ld="The Example"), ["The Example"], id="nobody else"),
    ],
)  # fmt: skip
def test_the_choice(statements: list[Statement], expected: list[str]) -> None:
    assert believed(statements, "The Example") == expected


def test_losers_stay_as_evidence() -> None:
    statements = says(json_ld=["Ada Wren", "The Example"], byline="Eve Ash", meta="admin")
    found = choose_authors(statements, ["The Example"])
    assert [(s.source, s.value) for s in found] == [
        ("json-ld:author:Person", "Ada Wren"),
        ("byline", "Eve Ash"),
        ("rejected:json-ld:author:Person", "The Example"),
        ("meta:author", "admin"),
    ]
    assert choose_authors([], []) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "page",
    [
        "<a href='/author/x' rel=author class=author>Ada Wren</a> " * 15_000,
        "<div class=author><p>Ada Wren</p></div>" * 8_000,
        ("<div class=byline itemprop=author>" * 200 + "Ada Wren" + "</div>" * 200) * 50,
        "<div class=author>Ada Wren" + "<i></i>" * 20_000 + "</div>",
    ],
)
def test_bylines_without_end_are_read_in_bounded_time(page: str) -> None:
    assert list(stated(parse(page)))


BOX = "<footer><p>Ada Wren is a reporter for the harbour desk.</p></footer>"


@pytest.mark.parametrize(
    ("line", "box", "expected"),
    [
        ("<p>Ada Wren</p><p>3 min read</p>", BOX, ["Ada Wren"]),
        ("<p>Ada Wren</p><p>3 min read</p>", "", None),
        ("<p>Ada Wren</p><p>Read more of it</p>", BOX, None),
        ("<p>Harbour News</p><p>3 min read</p>", "<p>Harbour News is free.</p>", None),
    ],
)
def test_a_bare_name_below_the_heading_counts_if_it_returns_at_the_end(
    line: str, box: str, expected: list[str] | None
) -> None:
    assert seen(line + 6 * BODY + box).get("repeated") == expected


def test_a_role_between_bars_belongs_to_the_name_beside_it() -> None:
    assert seen("<p>Ada Wren | Senior Writer | July 2, 2025</p>")["name"] == [
        "Ada Wren | Senior Writer | July 2, 2025"
    ]


def test_a_first_name_speaks_for_the_full_one_that_begins_so() -> None:
    assert believed(says(link="Ada", label="Written by Ada Wren")) == ["Written by Ada Wren"]
    assert believed(says(link="Ada", label="Written by Ada Wren", meta="Ada Lund")) != ["Written by Ada Wren"]


def test_names_that_begin_with_the_outlet_are_its_own() -> None:
    assert believed(says(line="Harbour Light Club", meta="Ada Wren"), "Harbour Light") == ["Ada Wren"]


def test_a_signed_text_is_its_signers_not_that_of_the_account_which_put_it_in() -> None:
    account = says(json_ld="Bo Lund", meta="Bo Lund", byline="Bo Lund")
    assert believed([*account, *says(line="By Ada Wren")]) == ["By Ada Wren"]
    assert believed([*account, *says(line="By Bo Winter")]) == ["Bo Lund"]
    assert believed([*account, *says(line="By the desk")]) == ["Bo Lund"]

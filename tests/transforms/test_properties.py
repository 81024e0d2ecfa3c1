"""What holds for every page: text only from the page, offsets that are valid, cleaning that is done once."""

from __future__ import annotations

from html import escape, unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.tables import EXTRACTIONS
from tests.transforms.extract.made import PROSE, html, page
from tests.transforms.normalise.test_text import SENTENCES
from transforms.extract import extract
from transforms.extract.markup import parse
from transforms.normalise import normalise
from transforms.normalise.addresses import canonical_url
from transforms.normalise.people import people_in
from transforms.normalise.tags import tags_of
from transforms.normalise.text import clean_text

SLOW = settings(max_examples=40)
WORDS = st.sampled_from(
    [*SENTENCES.values(), *PROSE, "AT&T <b> ½ m²", "a\u00a0b\u00adc\u200bd", "ﬁne ﬂags", "e\u0301"]
)
LINES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
TAGS = st.sampled_from(["p", "p", "p", "h2", "li", "blockquote", "div", "figcaption", "td", "pre", "aside"])
#: Markup that is put together anyhow: `#` is where something is held.
PARTS = st.recursive(
    st.one_of(
        LINES.map(escape),
        st.sampled_from(["<br>", "<img src=a>", "&eacute;&#8217;&amp;lt;", "<p>", "</div>"]),
    ),
    lambda inner: st.tuples(
        st.sampled_from(
            [
                *("<p>#</p>", "<div>#</div>", "<b>#</b>", "<a href=/x>#</a>", "<li>#</li>", "<td>#</td>"),
                *("<table>#</table>", "<ul>#", "<div>#", "<!--#-->"),
            ]
        ),
        st.lists(inner, max_size=3).map("".join),
    ).map(lambda part: part[0].replace("#", part[1])),
    max_leaves=25,
)
BLOCKS = st.lists(st.tuples(TAGS, LINES), min_size=1, max_size=12)
NAMES = st.lists(
    st.sampled_from(["Ada Wren", "By Bo Lund", "Анна Иванова", "山田太郎", "José Díaz"]), max_size=3
)
PEOPLE = [
    "Ada Wren",
    "Bo Lund",
    "Dr. Anna Ånäs",
    "山田太郎",
    "Анна Иванова",
    "A. B. Lee, Reporter",
    "Staff",
    "(AP)",
]
STATED = st.tuples(
    st.sampled_from(["", "By ", "Von ", "Text: "]),
    st.lists(st.sampled_from(PEOPLE), max_size=4),
    st.sampled_from([", ", " and ", " | ", "; ", " & "]),
).map(lambda said: said[0] + said[2].join(said[1]))
PATHS = st.text("ab-1/.?=&%é ", max_size=20).map("/".__add__)


class Visible(HTMLParser):
    """What stands between the tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.text += data


def written(blocks: list[tuple[str, str]], authors: list[str]) -> str:
    """A page of these blocks."""
    main = "".join(f"<{tag}>{escape(line)}</{tag}>\n" for tag, line in blocks)
    return html(main, "".join(f'<meta name="author" content="{escape(name)}">' for name in authors))


def normal(extractions: pa.Table) -> dict[str, Any]:
    [row] = normalise(extractions, {}).to_pylist()
    return dict(row)


@SLOW
@given(BLOCKS)
def test_text_is_on_the_page(blocks: list[tuple[str, str]]) -> None:
    body = written(blocks, [])
    seen = "".join(clean_text(Visible(body).text).split())
    row = normal(extract([page(body)], {}))
    for line in [*(row["text"] or "").splitlines(), row["dek"] or "", row["title"] or ""]:
        assert "".join(line.split()) in seen


@SLOW
@given(PARTS)
def test_lines_of_any_markup_are_the_words_between_the_tags(inner: str) -> None:
    page = parse(f"<body>{inner}")
    seen = "".join(Visible(f"<body>{inner}").text.split())
    assert all("".join(block.text.split()) in seen for block in page.blocks)
    assert sum(len("".join(block.text.split())) for block in page.blocks) == len(seen)


@SLOW
@given(PARTS)
def test_places_of_elements_and_lines_are_valid(inner: str) -> None:
    page = parse(f"<body>{inner}")
    assert [element.order for element in page.elements] == list(range(len(page.elements)))
    for element in page.elements:
        assert element.order < element.end <= len(page.elements)
        assert 0 <= element.first_block <= element.last_block <= len(page.blocks)
        assert all(above.holds(element) for above in element.ancestors())
    for place, block in enumerate(page.blocks):
        assert block.place == place
        assert 0 <= block.linked <= len(block.text)
        assert block.element.first_block <= place < block.element.last_block
    assert all(one.element.order <= other.element.end for one, other in pairwise(page.blocks))


@SLOW
@given(BLOCKS)
def test_blocks_are_the_lines_of_the_text(blocks: list[tuple[str, str]]) -> None:
    row = normal(extract([page(written(blocks, []))], {}))
    text = row["text"] or ""
    assert "\n".join(text[b["start"] : b["end"]] for b in row["blocks"] or []) == text
    places = [place for b in row["blocks"] or [] for place in (b["start"], b["end"])]
    assert places == sorted(set(places))


@SLOW
@given(BLOCKS, NAMES)
def test_a_record_is_normal_after_one_pass(blocks: list[tuple[str, str]], authors: list[str]) -> None:
    extraction = extract([page(written(blocks, authors))], {})
    once = normal(extraction)
    if once["outcome"]:
        return
    [raw] = extraction.to_pylist()
    raw |= {
        f"{field}_raw": once[field] for field in ("title", "dek", "description", "text", "authors", "tags")
    }
    raw |= {"kinds_raw": [b["kind"] for b in once["blocks"]], "language_raw": once["language"]}
    twice = normal(pa.Table.from_pylist([raw], schema=EXTRACTIONS.schema))
    changed = {field for field in once if once[field] != twice[field]}
    assert not changed


@SLOW
@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=60), st.text(max_size=200))
def test_no_statement_breaks_it(authors: list[str], title: str, text: str) -> None:
    [raw] = extract([page(html())], {}).to_pylist()
    fields = ("dek", "description", "section", "published", "modified", "language", "canonical", "kind")
    raw |= {f"{field}_raw": title for field in fields}
    raw |= {"title_raw": unescape(title), "text_raw": text, "authors_raw": authors, "tags_raw": authors}
    row = normal(pa.Table.from_pylist([raw], schema=EXTRACTIONS.schema))
    assert row["text"] == clean_text(text)


@given(st.lists(STATED, max_size=4))
def test_names_of_people_are_stated_as_they_are(stated: list[str]) -> None:
    once = people_in(stated)
    assert people_in(once) == once


@given(st.lists(st.one_of(st.text(max_size=20), WORDS), min_size=2, max_size=5))
def test_tags_are_stated_as_they_are(stated: list[str]) -> None:
    once = tags_of(stated)
    assert "&" in "".join(once) or len(once) == 1 or tags_of(once) == once


@given(PATHS, PATHS)
def test_an_address_is_its_own(claim: str, path: str) -> None:
    url = f"https://news.example{path}"
    once = canonical_url(f"http://www.news.example{claim}", url)
    assert canonical_url(once, url) == canonical_url(once, once) == once

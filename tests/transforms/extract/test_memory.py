"""What recurs in different articles is known again; what copies, series and short lines repeat is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.tables import EXTRACTIONS, MEMORY, SIGHTINGS
from transforms.extract.markup import parse
from transforms.extract.memory import (
    MOST_ARTICLES,
    Memory,
    Seen,
    needed,
    recall,
    remember,
    seen,
    sighting,
    texts_of,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROMO = "Readers who give five crowns a month keep the lamps of this little newsroom burning all through the winter."
BODY, BOX = "p. div.story-body", "p. aside.box"


def prose(number: int, lines: int = 4) -> list[Seen]:
    """Paragraphs that no other article has."""
    return [
        Seen(
            f"On day {line} of matter {number} the council of town {number} met for a session of {number} hours and "
            f"put off what it had put off in year {line}.",
            BODY,
        )
        for line in range(lines)
    ]


def sightings(articles: Sequence[list[Seen]], outlet: str = "gazette") -> pa.Table:
    """One sighting an article, a minute apart."""
    return pa.Table.from_pylist(
        [
            {
                "article_id": f"{outlet}-{number:04}",
                "capture_id": f"c-{outlet}-{number:04}",
                "slot": "2026-11-22T12:00:00",
                "outlet": outlet,
                "first_seen_at": NOON + timedelta(minutes=number),
                "lines": sighting(lines),
                "extractor": "test",
            }
            for number, lines in enumerate(articles)
        ],
        schema=SIGHTINGS.schema,
    )


def memory(articles: Sequence[list[Seen]], *, own: bool = False) -> Memory:
    return recall(remember(sightings(articles), own=own))["gazette"]


# --- lines ---------------------------------------------------------------------------------------


def test_a_line_of_two_other_articles_recurs_however_it_is_written() -> None:
    known = memory([[*prose(n), Seen(PROMO, BODY)] for n in range(2)])
    assert known.recurs(Seen(PROMO, BODY)) == "recurs in 2 articles"
    assert known.recurs(Seen(PROMO.upper().replace(" ", "\N{NO-BREAK SPACE}"), "anywhere"))
    assert known.articles_with(PROMO) == 2
    assert not known.recurs(prose(0)[0])


def test_a_line_of_one_other_article_does_not() -> None:
    known = memory([[*prose(0), Seen(PROMO, BODY)], prose(1)])
    assert known.recurs(Seen(PROMO, BODY)) is None


def test_an_article_that_is_counted_itself_needs_two_others() -> None:
    pages = [[*prose(n), Seen(PROMO, BODY)] for n in range(3)]
    assert memory(pages[:2], own=True).recurs(Seen(PROMO, BODY)) is None
    assert memory(pages, own=True).recurs(Seen(PROMO, BODY))


def test_of_many_articles_a_share_must_carry_the_line() -> None:
    """The background that a handful of articles on one matter repeat is prose."""
    pages = [prose(n) for n in range(150)]
    for page in pages[:3]:
        page.append(Seen(PROMO, BODY))
    assert memory(pages[:150]).recurs(Seen(PROMO, BODY))
    assert memory([*pages, *(prose(n) for n in range(150, 200))]).recurs(Seen(PROMO, BODY)) is None


def test_only_the_newest_articles_count() -> None:
    old = [[*prose(n), Seen(PROMO, BODY)] for n in range(20)]
    known = memory([*old, *(prose(n) for n in range(20, 20 + MOST_ARTICLES))])
    assert known.articles == MOST_ARTICLES
    assert known.recurs(Seen(PROMO, BODY)) is None


@pytest.mark.parametrize("words", ["Background", "(Reuters)", "What we know so far", "背景", "Pros"])
def test_a_short_line_among_prose_is_repeated_in_earnest(words: str) -> None:
    known = memory([[*prose(n), *([Seen(words, BODY)] if n % 3 == 0 else [])] for n in range(30)])
    assert known.articles_with(words) == 10
    assert known.recurs(Seen(words, BODY)) is None


@pytest.mark.parametrize("words", ["Advertisement", "Continue below", "広告"])
def test_a_short_line_is_boilerplate_in_a_place_of_its_own_or_in_every_other_article(words: str) -> None:
    known = memory([[*prose(n), Seen(words, BOX)] for n in range(3)])
    assert known.recurs(Seen(words, BOX))
    assert not known.recurs(Seen(words, BODY))
    assert memory([[*prose(n), Seen(words, BODY)] for n in range(12)]).recurs(Seen(words, BODY))


@pytest.mark.parametrize("mark", ["—", "___", "* * *", "…"])
def test_what_has_no_letters_is_never_remembered(mark: str) -> None:
    assert sighting([Seen(mark, BOX)]) == []
    assert (
        memory([[*prose(n), Seen(mark, BOX), Seen(PROMO, BOX)] for n in range(12)]).recurs(Seen(mark)) is None
    )


# --- places --------------------------------------------------------------------------------------


def test_a_place_whose_lines_recur_tells_about_a_line_never_seen() -> None:
    offers = [
        f"Offer {number}: a year of the paper and a cake from the bakery at the bridge" for number in range(4)
    ]
    known = memory([[*prose(n), Seen(offers[n % 4], BOX)] for n in range(12)])
    assert (
        known.recurs(Seen("Offer 9: a year of the paper and a ham", BOX)) == "its place recurs in 12 articles"
    )
    assert known.recurs(Seen("Offer 9: a year of the paper and a ham", BODY)) is None


def test_a_place_that_holds_links_alone_tells_even_if_none_recurs() -> None:
    known = memory(
        [[*prose(n), Seen(f"Also: the story of town {n} and its well", BOX, True)] for n in range(12)]
    )
    assert known.recurs(Seen("Also: a story nobody has met", BOX, True))


def test_a_place_that_was_seen_few_times_tells_nothing_about_others() -> None:
    known = memory([[*prose(n), Seen(PROMO, BOX)] for n in range(5)])
    assert known.recurs(Seen("A sentence that stood there for the first time today, in the box", BOX)) is None


def test_the_form_of_a_line_ends_at_the_first_class_and_counts_numbers_as_one() -> None:
    page = parse(
        "<body><main class=m><div id='block-17'><ul><li>One</li></ul></div><div id='block-8'><ul><li>Two</li></ul>"
        "</div><div class=other><ul><li><a>Three and more</a></li></ul></div></main></body>"
    )
    one, two, three = map(seen, page.blocks)
    assert one.form == two.form != three.form
    assert (one.linked, three.linked) == (False, True)


# --- copies --------------------------------------------------------------------------------------


def _again(number: int) -> list[Seen]:
    return prose(0)


def _grown(number: int) -> list[Seen]:
    return prose(0, lines=4 + number)


def _mended(number: int) -> list[Seen]:
    return [*prose(0)[:-1], *prose(number, lines=1)]


@pytest.mark.parametrize("copy", [_again, _grown, _mended])
def test_copies_of_an_article_count_once(copy: Callable[[int], list[Seen]]) -> None:
    known = memory([*(prose(n) for n in range(20, 25)), *(copy(number) for number in range(6))])
    assert known.articles == 6
    assert [known.recurs(line) for line in prose(0, lines=6)] == [None] * 6


def test_a_page_that_holds_others_whole_does_not_make_them_recur() -> None:
    pages = [prose(n) for n in range(4)]
    lists = [[line for page in pages for line in page], [line for page in pages[1:] for line in page]]
    known = memory([*pages, *lists])
    assert [known.recurs(line) for page in pages for line in page] == [None] * 16


def test_many_short_articles_under_a_long_boilerplate_are_no_copies() -> None:
    notice = [
        Seen(f"{PROMO} This is part {part} of the long notice under each of our short notes.")
        for part in range(3)
    ]
    known = memory([[*prose(n, lines=1), *notice] for n in range(24)])
    assert known.articles == 24
    assert all(known.recurs(line) for line in notice)


# --- tables --------------------------------------------------------------------------------------


def test_outlets_are_apart_and_nothing_is_counted_twice() -> None:
    pages = [[*prose(n), Seen(PROMO, BODY)] for n in range(3)]
    rows = pa.concat_tables([sightings(pages), sightings(pages[:1], "herald")])
    table = remember(rows)
    assert table.schema == MEMORY.schema
    known = recall(table)
    assert known["gazette"].articles_with(PROMO) == 3
    assert known["herald"].articles_with(PROMO) == 0
    assert remember(rows.take(list(reversed(range(len(rows)))))).equals(table)
    assert recall(remember(rows.slice(0, 0))) == {}


def test_what_is_needed_reads_the_same_pages_the_same_way() -> None:
    table = remember(
        sightings([[*prose(n), Seen(PROMO, BOX), Seen(f"{PROMO} More.", BOX)] for n in range(3)])
    )
    page = [*prose(7), Seen(PROMO, BOX)]
    row = dict.fromkeys(EXTRACTIONS.schema.names) | {"sighted": sighting(page)}
    kept = needed(table, pa.Table.from_pylist([row, row | {"sighted": None}], schema=EXTRACTIONS.schema))
    assert len(kept["lines"][0]) == 1 < len(table["lines"][0])
    before, after = (recall(one)["gazette"] for one in (table, kept))
    assert [after.recurs(line) for line in page] == [before.recurs(line) for line in page]


def test_the_words_of_a_hash_are_found_in_text_and_evidence() -> None:
    dropped = {"field": "text", "source": "dropped:recurs in 2 articles", "value": PROMO[:200]}
    other = {"field": "title", "source": "h1", "value": "A title"}
    rows = pa.table({"text": ["One line.\nAnother line.", None], "evidence": [[dropped, other], None]})
    words = texts_of(rows)
    assert sorted(words.values()) == sorted(["One line.", "Another line.", PROMO])
    assert words[sighting([Seen(PROMO)])[0]["hash"]] == PROMO


@given(st.lists(st.lists(st.text(max_size=30).map(Seen), max_size=6), max_size=8))
def test_whatever_is_seen_is_remembered_or_not_without_error(pages: list[list[Seen]]) -> None:
    for known in recall(remember(sightings(pages))).values():
        for page in pages:
            for line in page:
                assert bool(known.recurs(line)) <= (known.articles_with(line.text) >= 2 or bool(known.forms))

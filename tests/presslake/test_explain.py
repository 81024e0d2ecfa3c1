"""One page explained: the lines shown as text are the record's, every reason is in words, nothing of a page runs."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from rich.table import Table
from selectolax.lexbor import LexborHTMLParser

from presslake.explain import Explanation, as_dict, explain, html_page, lines_table, record_table
from presslake.reasons import reason
from schemas.outlet import Corrections, Layout, Outlet
from tests.transforms.extract.made import BODY, PROSE, html, page
from transforms.extract.features import NAMES
from transforms.extract.memory import Memory, Seen, sighting

PROMO = (
    "Our letter brings you the harbour every morning: leave your address with us and be the first to know it."
)
MENU = "<nav class='menu'>" + "".join(f"<li><a href='/{n}'>Part {n}</a></li>" for n in range(9)) + "</nav>"
DEK = "<p class='standfirst'>Nine years after the storm the council pays for a new lamp.</p>"
HOSTILE = (
    "<script>alert(1)</script>&lt;script&gt;alert(2)&lt;/script&gt; \x1b[31mred\x1b[0m \u202eback "
    "<img src=x onerror=alert(3)> "
)


def paper(**facts: object) -> Outlet:
    given = {"slug": "harbour-gazette", "name": "Gazette", "country": "gb", "language": "en"}
    return Outlet.model_validate(given | {"homepage": "https://news.example/"} | facts)


def field(told: Explanation, name: str) -> tuple[object, str | None, tuple[str, ...]]:
    [found] = [one for one in told.fields if one.name == name]
    return found.value, found.source, found.others


def printed(table: Table, width: int = 100) -> list[str]:
    sink = io.StringIO()
    Console(file=sink, width=width, color_system=None).print(table)
    return sink.getvalue().split("\n")


def test_lines_say_what_they_were_taken_for_and_why() -> None:
    memory = Memory(articles=9, lines={sighting([Seen(PROMO)])[0]["hash"]: 9})
    told = explain(page(html(f"{DEK}{BODY}<p>{PROMO}</p>{MENU}")), paper(), memory)
    by_text = {line.text: line for line in told.lines}
    assert {by_text[line].part for line in PROSE} == {"text"}
    assert all(by_text[line].chance > 0.6 and by_text[line].reasons for line in PROSE)
    assert by_text[PROMO].part == "repeated"
    assert by_text[PROMO].reasons[0] == "recurs in 9 articles of the outlet"
    assert by_text["Part 3"].part == "left out"
    assert by_text["Part 3"].reasons == ("− short and nearly all link: a menu",)
    assert [line.text for line in told.lines if line.part == "standfirst"] == [field(told, "dek")[0]]


@pytest.mark.parametrize("main", [BODY, DEK + BODY + MENU, f"<div>{BODY}</div><aside>{BODY[:300]}</aside>"])
def test_the_lines_that_are_text_are_the_records_text(main: str) -> None:
    told = explain(page(html(main)))
    shown = "\n".join(line.text for line in told.lines if line.part == "text")
    assert shown == field(told, "text")[0]


def test_a_field_has_its_source_and_what_else_was_seen() -> None:
    head = "<meta property='og:title' content='The lighthouse'><meta name='author' content='jdoe'>"
    fixed = paper(corrections=Corrections(authors={"jdoe": "Jane Doe"}))
    told = explain(page(html(head=head)), fixed)
    value, source, others = field(told, "title")
    assert (value, source) == ("Lighthouse to be repaired", "h1")
    assert "meta:og:title: The lighthouse" in others
    assert field(told, "authors") == (["Jane Doe"], "meta:author", ("corrected: jdoe",))


def test_a_layout_is_the_reason_of_all_it_decides() -> None:
    told = explain(page(html(f"<p class='no'>{PROMO}</p>{BODY}")), paper(layouts=[Layout(drop=".no")]))
    [dropped] = [line for line in told.lines if line.text == PROMO]
    assert (dropped.part, dropped.reasons) == ("left out", ("a layout of the outlet says so",))
    whole = explain(page(html(BODY)), paper(layouts=[Layout(text="p:nth-of-type(-n+3)")]))
    assert {line.reasons for line in whole.lines} == {("a layout of the outlet says so",)}
    assert [line.text for line in whole.lines if line.part == "text"] == list(PROSE[:3])
    assert field(whole, "text")[1] == "layout:p:nth-of-type(-n+3)"


def test_a_page_that_cannot_be_read_has_a_verdict_and_no_lines() -> None:
    told = explain(page(b"\x89PNG\r\n", content_type="image/png"))
    assert told.verdict == "failed: not_html: content type image/png"
    assert told.lines == ()
    assert explain(page("\n".join(PROSE), content_type="text/plain")).lines == ()
    assert explain(page("<html><body></body></html>")).verdict.startswith("not_article")


def test_the_terminal_is_100_columns_wide_and_obeys_no_page() -> None:
    told = explain(page(html(f"<p>{HOSTILE}{PROSE[0]}</p>{BODY}{MENU}<p>{'x' * 300}</p>", title=HOSTILE)))
    lines = [*printed(record_table(told)), *printed(lines_table(told))]
    assert max(map(len, lines)) <= 100
    shown = "\n".join(lines)
    assert "lines of no chance" in shown
    assert "[31mred" in shown
    assert not {"\x1b", "\u202e"} & set(shown)


def test_the_html_page_is_whole_and_nothing_of_the_page_lives_in_it() -> None:
    told = explain(page(html(f"<p>{HOSTILE}{PROSE[0]}</p>{BODY}", title=HOSTILE)))
    text = html_page(told)
    tree = LexborHTMLParser(text)
    assert not tree.css("script, img, a, iframe, link, [onerror], [src], [href]")
    assert (
        "default-src 'none'" in tree.css("meta[http-equiv=Content-Security-Policy]")[0].attributes["content"]
    )
    assert "<script>alert(2)</script>" in (tree.css("li.text")[0].text() or "")
    assert [item.css("span")[0].text() for item in tree.css("li")] == [line.text for line in told.lines]


def test_the_explanation_is_data() -> None:
    data = json.loads(json.dumps(as_dict(explain(page(html()))), default=str))
    assert [line["text"] for line in data["lines"] if line["part"] == "text"] == list(PROSE)
    assert {one["name"] for one in data["fields"]} >= {"title", "text", "language"}


@pytest.mark.parametrize(
    ("feature", "value", "words"),
    [
        ("size", 8.0, "255 letters"),
        ("linked", 0.9, "90% of it links"),
        ("ends_sentence", 1, "sentence end"),
        ("ends_sentence", 0, "no sentence end"),
        ("in_best", 0, "not amid most of the prose"),
        ("near_related", 1, "part named related"),
        ("far_ad", 0, "no part named advert somewhere around it"),
        ("in_article", 1, "<article> around it"),
        ("tag_other", 1, "element of a rare kind"),
        ("page_form_mean_linked", 0.25, "lines of its kind: 25% links"),
        ("size_before1", 3.0, "7 letters just above"),
        ("size_after3", -1, "not there: letters three lines below"),
        ("prose_within_8", 0.5, "50% of the page's prose within 8 lines"),
    ],
)
def test_a_feature_in_words(feature: str, value: float, words: str) -> None:
    assert feature in NAMES
    assert reason(feature, value) == words


def test_every_feature_has_words() -> None:
    for name in NAMES:
        assert not set("_{}|") & set(reason(name, 0.0) + reason(name, 1.0) + reason(name, -1.0)), name


def test_lines_that_a_second_opinion_moved_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.extract.opinion._UNSURE", 2)
    monkeypatch.setattr(
        "transforms.extract.opinion._trafilatura", lambda: lambda _source, **_how: "\n".join(PROSE[:3])
    )
    told = explain(page(html()), paper())
    [last] = [line for line in told.lines if line.text == PROSE[3]]
    assert (last.part, last.reasons[0]) == (
        "left out",
        "− a second opinion, as the page is unsure as a whole",
    )
    assert field(told, "text")[1] == "opinion:trafilatura"

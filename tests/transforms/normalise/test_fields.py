"""People, language, words, quotes, agencies, kinds and addresses."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import canonical_url
from transforms.normalise.kinds import kind_of
from transforms.normalise.language import claimed_language, language_of
from transforms.normalise.people import people_in
from transforms.normalise.syndication import agency_in
from transforms.normalise.text import clean_line, clean_text, folded
from transforms.normalise.words import minhash, quotes_of, word_count

ENGLISH = (
    "The council voted to repair the old lighthouse before the winter storms arrive on the northern banks. "
    * 3
)


@pytest.mark.parametrize(
    ("statements", "people"),
    [
        (["By Ada Wren and Bo Lund"], ["Ada Wren", "Bo Lund"]),
        (["Von Ada Wren, Bo Lund und Cy Dorn"], ["Ada Wren", "Bo Lund", "Cy Dorn"]),
        (["Ada Wren", "ada wren", "Bo Lund"], ["Ada Wren", "Bo Lund"]),
        (["By Ada Wren, Reporter"], ["Ada Wren"]),
        (["Ada Wren | The Example"], ["Ada Wren"]),
        (["Ada Wren, Associated Press"], ["Ada Wren"]),
        (["Автор: Анна Иванова"], ["Анна Иванова"]),
        (["بقلم ليلى حسن"], ["ليلى حسن"]),
        (["文・山田太郎"], ["山田太郎"]),
        (["di Mario Rossi e Luigi Di Maio"], ["Mario Rossi", "Luigi Di Maio"]),
        (["Da Silva João E Souza"], ["Da Silva João E Souza"]),
        (["Deborah Byrne", "Vontobel Marc"], ["Deborah Byrne", "Vontobel Marc"]),
        (["https://example.com/ada", "ada@example.com", "The Example", "admin", "By"], []),
        (["Ada Wren ada@example.com"], ["Ada Wren"]),
    ],
)
def test_people(statements: list[str], people: list[str]) -> None:
    assert people_in(statements, "The Example") == people


@pytest.mark.parametrize(
    ("text", "claim", "language"),
    [
        (ENGLISH, "de", "en"),
        (ENGLISH, None, "en"),
        ("Kort.", "nb-NO", "no"),
        ("", "pt_BR", "pt"),
        ("", None, None),
        ("市議会は古い灯台を修理することを決めた。" * 20, "ja", "ja"),
    ],
)
def test_language(text: str, claim: str | None, language: str | None) -> None:
    assert language_of(text, claim) == language


@pytest.mark.parametrize(
    ("claim", "code"), [("en-US", "en"), ("iw", "he"), ("English", None), ("", None), (None, None)]
)
def test_claims(claim: str | None, code: str | None) -> None:
    assert claimed_language(claim) == code


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One two, three – four.", 4),
        ("Don’t re-open", 2),
        ("市議会は古い灯台を修理した", 8),
        ("สภาเมือง", 5),
        ("12.5 million", 2),
    ],
)
def test_word_count(text: str, count: int) -> None:
    assert word_count(text) == count


def test_quotes() -> None:
    text = (
        "“We waited for nine years,” she said. „Wir warten nicht mehr lange“, sagte er. "
        "「もう待つことはできない」と述べた。 It's “no”."
    )
    assert quotes_of(text) == [
        "We waited for nine years,",
        "Wir warten nicht mehr lange",
        "もう待つことはできない",
    ]


@pytest.mark.parametrize(
    ("text", "authors", "lines", "agency"),
    [
        ("HARBOURTON (Northwire) – The council voted.", [], [], "Northwire"),
        ("The council voted.\nAgency: Northwire", [], [], "Northwire"),
        ("The council voted.", [], ["配信：北線通信"], "北線通信"),
        ("Der Rat stimmte ab. (dpa)", [], [], "dpa"),
        ("The council voted.", ["Reuters"], [], "Reuters"),
        ("The council (all nine members) voted.", ["Ada Wren"], [], None),
    ],
)
def test_agencies(text: str, authors: list[str], lines: list[str], agency: str | None) -> None:
    assert agency_in(text, authors, lines) == agency


@pytest.mark.parametrize(
    ("stated", "section", "path", "agency", "kind"),
    [
        ("NewsArticle", "Local", "/a", None, "article"),
        ("LiveBlogPosting", None, "/a", None, "live"),
        ("article", None, "/opinion/2026/a", None, "opinion"),
        ("article", "Meinung", "/a", "dpa", "opinion"),
        (None, None, "/alive-and-well", None, "article"),
        (None, None, "/a", "dpa", "wire"),
        ("video.other", None, "/a", None, "video"),
    ],
)
def test_kinds(stated: str | None, section: str | None, path: str, agency: str | None, kind: str) -> None:
    assert kind_of(stated, section, path, agency) == kind


@pytest.mark.parametrize(
    ("claim", "url", "canonical"),
    [
        (
            "https://www.news.example/a?utm_source=x",
            "https://news.example/a?id=1",
            "https://www.news.example/a",
        ),
        ("https://sport.news.example/a", "https://live.news.example/b", "https://live.news.example/b"),
        ("https://news.example/a", "https://sport.news.example/b", "https://news.example/a"),
        ("https://news.example/", "https://news.example/a", "https://news.example/a"),
        ("https://other.example/a", "https://news.example/a", "https://news.example/a"),
        ("javascript:void(0)", "https://news.example/a", "https://news.example/a"),
        (None, "https://news.example/a#c", "https://news.example/a"),
    ],
)
def test_canonical_url(claim: str | None, url: str, canonical: str) -> None:
    assert canonical_url(claim, url) == canonical


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("e\u0301te\u0301\u00a0a\u00adb\u200bc\ufeff", "été abc"),
        ("a\u2028b\n\n \r\nc", "a\nb\nc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("前に\u3000灯台", "前に\u3000灯台"),
        ("AT&amp;T stays as the parser left it", "AT&amp;T stays as the parser left it"),
    ],
)
def test_clean_text(raw: str, text: str) -> None:
    assert clean_text(raw) == text


def test_a_line_encoded_twice_is_decoded() -> None:
    assert clean_line("Bread &amp; butter\n&quot;now&quot;") == 'Bread & butter "now"'


@given(st.text())
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once
    assert folded(once) == folded(folded(once))


@given(st.text(max_size=300))
def test_signatures(text: str) -> None:
    found = minhash(text)
    assert found == minhash(text)
    assert len(found) in {0, 64}
    assert all(0 <= value < 2**63 for value in found)


def test_signatures_estimate_likeness_and_are_the_same_in_every_process() -> None:
    words = [f"word{i}" for i in range(400)]
    whole, half = minhash(" ".join(words)), minhash(" ".join(words[:200]))
    alike = sum(a == b for a, b in zip(whole, half, strict=True)) / 64
    assert 0.3 < alike < 0.7
    code = f"from transforms.normalise.words import minhash; print(minhash({' '.join(words)!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(whole)

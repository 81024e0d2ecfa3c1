"""Author statements → people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise.people import is_full, is_signed, names_in, people_in, plain
from transforms.normalise.text import clean_line


@pytest.mark.parametrize(
    ("statement", "people"),
    [
        # Leads and labels
        ("By Ada Wren", ["Ada Wren"]),
        ("ByAda Wren", ["Ada Wren"]),
        ("Byron Wren", ["Byron Wren"]),
        ("Written By: Ada Wren Last Updated: August 1, 2026", ["Ada Wren"]),
        ("Veröffentlicht am 8. Februar 2026 von Ada Wren", ["Ada Wren"]),
        ("Eingestellt von Ada Wren", ["Ada Wren"]),
        ("Av Ada Wren", ["Ada Wren"]),
        ("di Ada Wren", ["Ada Wren"]),
        ("责任编辑：孔明", ["孔明"]),
        ("홍길동 기자 hong@example.com", ["홍길동"]),
        ("View all posts by Ada Wren", ["Ada Wren"]),
        ("More stories by Ada Wren", ["Ada Wren"]),
        # Dates, times, numbers
        ("Ada Wren November 8, 2026 • 10 mins read", ["Ada Wren"]),
        ("Sat, 20 Dec, 2026 - 06:36", []),
        ("Dec. 19, 2026 · Ada Wren on behalf of the council", ["Ada Wren"]),
        ("谢若含2026-03-01 14:27:02", ["谢若含"]),
        ("Ada3/4/2026", ["Ada"]),
        ("ada_201", ["ada_201"]),
        # Lists
        ("Ada Wren, Bo Lund, and Cy Dorn", ["Ada Wren", "Bo Lund", "Cy Dorn"]),
        ("Ada Wren/Bo Lund", ["Ada Wren", "Bo Lund"]),
        ("Ada Wren|Bo Lund", ["Ada Wren", "Bo Lund"]),
        ("Ada Wren; Bo", ["Ada Wren", "Bo"]),
        ("ADA WREN, BO LUND", ["ADA WREN", "BO LUND"]),
        ("Ada WREN, Bo LUND", ["Ada WREN", "Bo LUND"]),
        ("Ada Wren im Gespräch mit Bo Lund", ["Ada Wren", "Bo Lund"]),
        # Roles, employers, places, degrees
        ("Ada Wren Senior Politics Editor, The Harbour Post", ["Ada Wren"]),
        ("Ada Wren Staff Writer", ["Ada Wren"]),
        ("Reporter Ada Wren", ["Ada Wren"]),
        ("Founder & Lead Reviewer", []),
        ("Ada Wren, MS, RD", ["Ada Wren"]),
        ("Ada Wren, NDR NIEDERSACHSEN", ["Ada Wren"]),
        ("Ada Wren, London, Bo Lund", ["Ada Wren", "Bo Lund"]),
        ("Ada Wren, New York", ["Ada Wren"]),
        ("Ada Wren | Harbour Post", ["Ada Wren"]),
        ("Ada Wren sagt:", ["Ada Wren"]),
        # Other work
        ("Ada Wren. Photographs by Bo Lund", ["Ada Wren"]),
        ("Foto: Bo Lund", []),
        ("Text: Ada Wren, Fotos: Bo Lund", ["Ada Wren"]),
        ("Reviewed by Bo Lund", []),
        # Names of many forms
        ("Ursula von der Leyen", ["Ursula von der Leyen"]),
        ("Nelson C.J.", ["Nelson C.J."]),
        ("Robert Wren Jr.", ["Robert Wren Jr."]),
        ("Ada wren", ["Ada wren"]),
        ("Dr. Ada Wren", ["Dr. Ada Wren"]),
        ("راهول شارما", ["راهول شارما"]),
        ("राहुल शर्मा", ["राहुल शर्मा"]),
        # Nobody
        ("Staff", []),
        ("Die Redaktion", []),
        ("Por Redacción", []),
        ("See full bio", []),
        ("Lire l’article original", []),
        ("This post was written by Ada Wren, sailor, Harbour Health", ["Ada Wren"]),
        ("Guest blogger", []),
        ("ΣΥΝΤΑΚΤΙΚΗ ΟΜΑΔΑ", []),
        ("Haber Merkezi", []),
        ("編集部", []),
        ("Northwire Technology Writer", []),
        ("By Ada Wren and NW Sports Writer", ["Ada Wren"]),
        ("《Ada Wren》", ["Ada Wren"]),
        ("Name *", []),
        ("@ada", []),
        ("https://example.com/ada", []),
        ("", []),
    ],
)
def test_names(statement: str, people: list[str]) -> None:
    assert people_in([statement]) == people


@pytest.mark.parametrize(
    ("statements", "people"),
    [
        (["Ada Wren", "Harbour Staff"], ["Ada Wren"]),
        (["Reuters", "Ada Wren"], ["Ada Wren"]),
        (["By Reuters"], ["Reuters"]),
        (["The Harbour Team"], ["The Harbour Team"]),
        (["Harbour Gazette"], []),
        (["Ada Wren, Harbour Gazette"], ["Ada Wren"]),
        (["Ada Wrén", "ADA WREN", "Dr Ada Wren"], ["Ada Wrén"]),
        (["राहुल", "राहल"], ["राहुल", "राहल"]),
    ],
)
def test_people_come_first_and_once(statements: list[str], people: list[str]) -> None:
    assert people_in(statements, "Harbour Gazette") == people


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Wren", True),
        ("Ada van der Wren", True),
        ("Ada", False),
        ("Harbour News", False),
        ("Get started", False),
        ("山田太郎", True),
    ],
)
def test_full_names(name: str, *, expected: bool) -> None:
    assert is_full(name) is expected


@pytest.mark.parametrize(
    ("line", "following", "expected"),
    [
        ("Ada Wren, 21.11.2026", "", True),
        ("21 November 2026 | Ada Wren", "", True),
        ("Ada Wren", "Senior reporter", True),
        ("Ada Wren", "The council met.", False),
        ("2026 Harbour Review", "", False),
        ("Ada Wren spoke on 21 November 2026", "", False),
    ],
)
def test_signed_lines(line: str, following: str, *, expected: bool) -> None:
    assert is_signed(line, following) is expected


@given(st.lists(st.text(), max_size=4))
def test_people_are_taken_from_the_statements(statements: list[str]) -> None:
    people = people_in(statements)
    stated = plain("".join(map(clean_line, statements)))
    assert len(set(map(plain, people))) == len(people)
    assert all(person == person.strip() and person for person in people)
    assert all(set(plain(person)) <= set(stated) for person in people)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["a", "By ", "A, ", "( ", "1 ", "by-", "Ann ", "-", "12:", "A.B.", "x@", "Montag ", "©"]
)
def test_long_statements_are_read_in_bounded_time(piece: str) -> None:
    names_in((piece * 2_000)[:2_000])

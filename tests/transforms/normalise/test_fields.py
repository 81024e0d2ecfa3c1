"""People and agencies."""

from __future__ import annotations

import pytest

from transforms.normalise.people import people_in
from transforms.normalise.syndication import agency_in


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

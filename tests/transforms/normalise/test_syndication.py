"""The agency a text comes from."""

from __future__ import annotations

import pytest

from transforms.normalise.syndication import agency_in, is_agency


@pytest.mark.parametrize(
    "name",
    [
        *("dpa", "AFP", "AFP/AP", "sid/dpa", "dpa/lno", "AFP Deutschland", "Reuters Staff", "Agencia EFE"),
        *("Anadolu Ajansı", "The Associated Press", "Kyodo News", "新华社", "ТАСС", "رويترز", "연합뉴스"),
    ],
)
def test_agencies(name: str) -> None:
    assert is_agency(name)


@pytest.mark.parametrize(
    "name", ["Sid Wren", "SID WREN", "Nan Lund", "ani wren", "Ada Wren", "Harbour Press", ""]
)
def test_people_and_papers_are_no_agencies(name: str) -> None:
    assert not is_agency(name)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("HARBOURTON (Northwire) – The council voted.", "Northwire"),
        ("NEW HARBOUR, Nov 21 (Northwire) - The council voted.", "Northwire"),
        ("Hamburg (dpa/lno) – Trotz des Regens", "dpa/lno"),
        ("МОСКВА (ТАСС) – Совет", "ТАСС"),
        ("Le conseil (AFP) - a voté", "AFP"),
        ("The council (all nine members) – voted.", None),
        ("Der Rat (neun Mitglieder) – stimmte ab.", None),
        ("Harburg (Nordkreis): Der Rat stimmte ab.", None),
        ("Harburg (dpa): Der Rat stimmte ab.", "dpa"),
        ("Puerto Viejo, 21 nov (EFE).- El consejo votó.", "EFE"),
        ("(EFE).- El consejo votó.", "EFE"),
        ("(Northwire) – The council voted.", None),
        ("HARBOURTON (WXHB) — The council voted.", None),
        ("ROME (KNA) – The council voted.", "KNA"),
        ("Der Rat stimmte ab. (dpa)", "dpa"),
        ("The council voted (nine to two).", None),
        ("The council voted.\nSource: Northwire", "Northwire"),
    ],
)
def test_agencies_in_the_text(text: str, agency: str | None) -> None:
    assert agency_in(text, [], []) == agency


@pytest.mark.parametrize(
    ("authors", "agency"),
    [
        (["Ada Wren, Associated Press"], "Associated Press"),
        (["Von Ada Wren und Bo Lund, dpa"], "dpa"),
        (["By Reuters"], "Reuters"),
        (["Ada Wren", "AFP"], "AFP"),
        (["Ada Wren"], None),
    ],
)
def test_agencies_in_the_byline(authors: list[str], agency: str | None) -> None:
    assert agency_in("The council voted.", authors, []) == agency


@pytest.mark.parametrize(
    ("agency", "own", "expected"),
    [
        ("NEWS9", "NEWS9 Harbourton", None),
        ("NEWS9", "www.news9.example", None),
        ("NEWS9", "Harbour Gazette", "NEWS9"),
        ("AFP", "AFP Fact Check", "AFP"),
    ],
)
def test_an_outlet_is_no_agency_of_its_own_texts(agency: str, own: str, expected: str | None) -> None:
    assert agency_in(f"HARBOURTON ({agency}) — The council voted.", [], [], [own]) == expected

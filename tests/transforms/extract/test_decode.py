"""Bytes become the text that was meant."""

from __future__ import annotations

import pytest

from transforms.extract.decode import decode

RUSSIAN = "Правительство утвердило новый порядок выплаты пособий, сообщает пресс-служба министерства. "
UNDECLARED = [
    ("cp1251", RUSSIAN),
    ("koi8_r", RUSSIAN),
    (
        "cp1252",
        "Le président a déclaré jeudi que l’été serait très chaud à cause de la sécheresse – une première. ",
    ),
    ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy. Vláda schválila nový návrh zákona o důchodech. "),
    (
        "iso8859_2",
        "Rząd przyjął projekt ustawy o świadczeniach. Zmiany wejdą w życie od stycznia, a żółw śpi. ",
    ),
    ("gb18030", "国务院总理周四表示，政府将继续推进改革开放，促进经济高质量发展。会议还讨论了农业问题。"),
    ("shift_jis", "政府は木曜日、新しい経済対策を決定したと発表した。首相は記者会見で必要な措置だと述べた。"),
    (
        "euc_kr",
        "정부는 목요일 새로운 경제 대책을 결정했다고 발표했다. 총리는 기자회견에서 필요한 조치라고 말했다.",
    ),
    ("cp1256", "قال رئيس الوزراء يوم الخميس إن الحكومة ستواصل الإصلاحات الاقتصادية في جميع المحافظات. "),
    ("cp1253", "Η κυβέρνηση ανακοίνωσε την Πέμπτη νέα μέτρα για την οικονομία, δήλωσε ο πρωθυπουργός. "),
]


@pytest.mark.parametrize(("encoding", "text"), UNDECLARED, ids=[encoding for encoding, _ in UNDECLARED])
def test_a_charset_nobody_states_is_detected(encoding: str, text: str) -> None:
    page = f"<html><head><title>x</title></head><body><p>{text * 4}</p></body></html>"
    found, source = decode(page.encode(encoding), "text/html")
    assert found == page
    assert source.startswith("detected:")


@pytest.mark.parametrize(
    ("body", "content_type", "text", "source"),
    [
        ("é".encode("utf-8-sig"), None, "é", "bom:utf-8"),
        ("é".encode("utf-16"), "text/html; charset=iso-8859-1", "é", "bom:utf-16-le"),
        ("é".encode("latin-1"), "text/html; charset=iso-8859-1", "é", "header:cp1252"),
        (
            b"<meta charset=windows-1251>" + "ё".encode("cp1251"),
            None,
            "<meta charset=windows-1251>ё",
            "meta:cp1251",
        ),
        ("é".encode(), "text/html; charset=iso-8859-1", "é", "utf-8"),
        ("日本".encode("iso2022_jp"), "text/html; charset=iso-2022-jp", "日本", "header:iso2022_jp"),
    ],
)
def test_evidence_outranks_claims(body: bytes, content_type: str | None, text: str, source: str) -> None:
    assert decode(body, content_type) == (text, source)


def test_a_header_that_cannot_be_right_gives_way_to_the_page() -> None:
    body = b"<meta charset=windows-1251>" + RUSSIAN.encode("cp1251")
    assert decode(body, "text/html; charset=utf-8")[0].endswith(RUSSIAN)


def test_a_cut_character_costs_one_character() -> None:
    text, source = decode((RUSSIAN * 3).encode()[:-3])
    assert (source, text.count("\ufffd")) == ("utf-8", 1)
    assert text.startswith(RUSSIAN)


def test_bytes_that_are_no_text_do_not_raise() -> None:
    assert isinstance(decode(bytes(range(256)) * 50, "text/html; charset=nonsense")[0], str)

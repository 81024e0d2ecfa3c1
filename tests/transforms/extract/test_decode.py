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
        ("é".encode(), "text/html; charset=utf-16", "é", "utf-8"),
        (b"+AGE-", "text/html; charset=utf-7", "+AGE-", "utf-8"),
        ("日本".encode("iso2022_jp"), "text/html; charset=iso-2022-jp", "日本", "header:iso2022_jp"),
    ],
)
def test_evidence_outranks_claims(body: bytes, content_type: str | None, text: str, source: str) -> None:
    assert decode(body, content_type) == (text, source)


@pytest.mark.parametrize("header", ["utf-8", "iso-8859-1", "koi8-u"])
@pytest.mark.parametrize(("encoding", "text"), UNDECLARED, ids=[encoding for encoding, _ in UNDECLARED])
def test_a_page_that_knows_its_charset_outranks_a_server_that_does_not(
    encoding: str, text: str, header: str
) -> None:
    page = f"<html><head><meta charset={encoding}></head><body><p>{text * 4}</p></body></html>"
    assert decode(page.encode(encoding), f"text/html; charset={header}")[0] == page


@pytest.mark.parametrize("claim", ["iso-8859-1", "utf-8"])
@pytest.mark.parametrize(("encoding", "text"), UNDECLARED, ids=[encoding for encoding, _ in UNDECLARED])
def test_what_servers_say_when_they_know_nothing_is_not_believed(
    encoding: str, text: str, claim: str
) -> None:
    page = f"<html><body><p>{text * 4}</p></body></html>"
    assert decode(page.encode(encoding), f"text/html; charset={claim}")[0] == page


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_characters_are_seen_without_a_mark(encoding: str) -> None:
    page = f"<html><body><p>{RUSSIAN}</p></body></html>"
    assert decode(page.encode(encoding)) == (page, f"detected:{encoding}")


def test_bytes_pasted_from_another_charset_are_read_in_it() -> None:
    page = (
        "<title>Die Wähler</title><p>Größe und Änderung, für alle Bürger: über zwölf Räume.</p>".encode() * 3
    )
    text, source = decode(page + b'<meta content="Mitgef\xfchl">' + b"cut: \xd0.")
    assert (source, text[-31:]) == ("utf-8", '<meta content="Mitgefühl">cut: \ufffd.'[-31:])


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "body",
    [b"<script " * 50_000 + b"\xe9\xe8" * 50_000, b"<" * 400_000 + b"\xff", b"\xe9t\xe9 " * 4_000_000],
    ids=["scripts", "tags", "16 MB"],
)
def test_no_bytes_take_long(body: bytes) -> None:
    decode(body, "text/html; charset=utf-8")


def test_a_header_that_cannot_be_right_gives_way_to_the_page() -> None:
    body = b"<meta charset=windows-1251>" + RUSSIAN.encode("cp1251")
    assert decode(body, "text/html; charset=utf-8")[0].endswith(RUSSIAN)


def test_a_cut_character_costs_one_character() -> None:
    text, source = decode((RUSSIAN * 3).encode()[:-3])
    assert (source, text.count("\ufffd")) == ("utf-8", 1)
    assert text.startswith(RUSSIAN)


def test_bytes_that_are_no_text_do_not_raise() -> None:
    assert isinstance(decode(bytes(range(256)) * 50, "text/html; charset=nonsense")[0], str)


def test_a_few_broken_bytes_do_not_outweigh_a_page_that_says_it_is_utf_8() -> None:
    prose = b"On day one the pump on the village green ran dry, and nobody can say with any certainty "
    text, said = decode(prose + b"\xff\xfe\xc3\x28 \xed\xa0\x80 why.</p>", "text/html; charset=utf-8")
    assert said == "header:utf-8"
    assert text.startswith(prose.decode() + "\ufffd")
    assert text.endswith(" why.</p>")

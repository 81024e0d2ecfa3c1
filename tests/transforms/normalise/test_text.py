"""Text becomes comparable, and mojibake is put right without harm to what was right."""

from __future__ import annotations

import re
import unicodedata

import ftfy.bad_codecs  # noqa: F401 — registers the charsets as browsers read them
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise.text import clean_line, clean_text, folded

# One a language: what is misread, and what must stay as it is.
SENTENCES = {
    "cs": "Příliš žluťoučký kůň úpěl ďábelské ódy, řekla starostka.",
    "da": "Børnene så på fyret i går, og færgen måtte vente på havnen.",
    "de": "Die Bürger wählten größere Räume für die Sitzung – „endlich“, sagte sie.",
    "el": "Η κυβέρνηση ανακοίνωσε νέα μέτρα για την οικονομία.",
    "en": "The café’s owner said: “We can’t wait any longer” — and closed.",
    "es": "El niño preguntó cuándo volverá la luz del faro; nadie respondió.",
    "fr": "L’été dernier, la sécheresse a vidé les réservoirs à côté du phare.",
    "hi": "गाँव के लोगों ने पुराने प्रकाशस्तंभ की मरम्मत की माँग की।",
    "hu": "Az öreg világítótorony fénye tegnap óta nem ég, közölte az őrség.",
    "ja": "市議会は古い灯台を修理することを決めた。",
    "ko": "시의회는 오래된 등대를 수리하기로 결정했다.",
    "pl": "Rząd przyjął projekt ustawy o świadczeniach, a żółw śpi.",
    "pt": "A câmara aprovou a reparação do farol antes das tempestades.",
    "ru": "Совет проголосовал за ремонт старого маяка до начала штормов.",
    "sv": "Kommunen beslöt på tisdagen att laga den gamla fyren.",
    "tr": "Belediye eski deniz fenerinin onarılmasına karar verdi, çünkü kış yaklaşıyor.",
    "uk": "Рада проголосувала за ремонт старого маяка, її підтримали рибалки.",
    "vi": "Hội đồng đã bỏ phiếu sửa chữa ngọn hải đăng cũ trước mùa bão.",
    "zh": "市议会决定在冬季风暴来临之前修复旧灯塔。",
    "ar": "صوّت المجلس على إصلاح المنارة القديمة قبل العواصف.",
    "he": "המועצה הצביעה בעד תיקון המגדלור הישן.",
}
# Right as they are, though they look odd to a mender of mojibake.
ODD_BUT_RIGHT = [
    "NÃO À GUERRA, disse a RÉPLICA; ÂNGULO e MAÇÃ",
    "« C’est l’été », dit-elle à l’entrée du café…",
    "Foto: 'A'c'Áèª/AP",
    "Über»Straßen«, „Größe“ – 20 °C, 5 × 3 = 15, ½ Liter, 3 m², № 5, £20–€30",
    "ＮＨＫ：速報！（２０２６年）",
    "¿Qué? ¡Sí! El 1.º y la 2.ª",
    "Œuvre d’art à Åre, Ærø og Þórr",
]
MISREAD = [
    ("sloppy-windows-1252", 1, set(SENTENCES) - {"ko"}),
    ("sloppy-windows-1252", 2, set(SENTENCES) - {"fr", "hi"}),
    ("sloppy-windows-1250", 1, set(SENTENCES) - {"ko"}),
    ("sloppy-windows-1254", 1, set(SENTENCES) - {"ko"}),
    ("sloppy-windows-1251", 1, {"ru", "uk", "de", "en", "fr"}),
    ("latin-1", 1, set(SENTENCES) - {"ar", "el", "ko", "pl"}),
]


@pytest.mark.parametrize(("charset", "times", "mended"), MISREAD)
def test_mojibake_is_mended(charset: str, times: int, mended: set[str]) -> None:
    found = set()
    for language, sentence in SENTENCES.items():
        misread = sentence
        for _ in range(times):
            misread = misread.encode().decode(charset)
        assert misread != sentence
        # Extract has made one space of every run of white space, and so lost some bytes.
        if clean_text(re.sub(r"[^\S\u3000]+", " ", misread)) == sentence:
            found.add(language)
    assert found >= mended


@pytest.mark.parametrize("text", [*SENTENCES.values(), *ODD_BUT_RIGHT])
def test_what_is_right_stays(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("e\u0301te\u0301\u00a0a\u00adb\u200bc\ufeff", "été abc"),
        ("a\u2028b\n\n \r\nc", "a\nb\nc"),
        ("a\tb \u2003 c\u202f!", "a b c !"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("Auf\u200clage", "Auflage"),
        ("前に\u3000灯台", "前に\u3000灯台"),
        ("the ﬁrst oﬃce", "the first office"),
        ("It\x92s \x93here\x94", "It’s “here”"),
        ("a lone \ud83d half", "a lone half"),
        ("AT&amp;T stays as the parser left it", "AT&amp;T stays as the parser left it"),
        ("\u200eEnglish\u202e drow\u202c", "English drow"),
        ("שלום \u2067abc\u2069!", "שלום \u2067abc\u2069!"),
        ("שלום \u2067abc!", "שלום abc!"),
        ("שלום \u202eabc\u202c!", "שלום abc!"),
        ("סוף\u200f.", "סוף\u200f."),
        ("a" + "\u0323\u0301" * 50, "ạ" + "\u0323" * 14 + "\u0301" * 15),
    ],
)
def test_clean_text(raw: str, text: str) -> None:
    assert clean_text(raw) == text


def test_a_line_that_was_broken_is_cleaned_as_one() -> None:
    assert clean_line("Â\n0") == clean_line("Â 0") == "0"


def test_a_line_encoded_twice_is_decoded() -> None:
    assert clean_line("Bread &amp; butter\n&quot;now&quot;") == 'Bread & butter "now"'


LETTERS = st.text(
    st.sampled_from("aÃÂ©â€™\x80\x99Ð¿\xa0\xad\u200b\u200c\u200d\u202e\u2067\u2069\u0301\u0323שيक्ﬁ \n\u3000")
)


@given(st.one_of(st.text(), LETTERS))
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert clean_line(clean_line(raw)) == clean_line(raw) or "&" in clean_line(raw)


@given(st.text())
def test_folding_leaves_letters_and_digits(raw: str) -> None:
    plain = unicodedata.normalize("NFKC", raw).casefold()
    assert folded(raw) == "".join(filter(str.isalnum, plain))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["a\u0301\u0316", "\u0301\u0316", "Ã©â€™Ð¿Ñ€ ", "\u202e\u2066", "é ", "\u200d", "&amp;"]
)
def test_no_line_takes_long(piece: str) -> None:
    clean_line(piece * (300_000 // len(piece)))

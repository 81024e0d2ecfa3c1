"""The language a text is in, whatever its page claims."""

from __future__ import annotations

import pytest

from transforms.normalise.language import claimed_language, language_of

TEXTS = {
    "ar": "صوّت المجلس يوم الثلاثاء على إصلاح المنارة القديمة قبل أن تصل عواصف الشتاء إلى الساحل الشمالي.",
    "bn": "শীতের ঝড় আসার আগে পুরানো বাতিঘরটি মেরামত করার পক্ষে মঙ্গলবার পরিষদ ভোট দিয়েছে।",
    "cs": "Rada v úterý rozhodla, že starý maják bude opraven dříve, než na severní pobřeží dorazí zimní bouře.",
    "de": "Der Rat beschloss am Dienstag, den alten Leuchtturm zu reparieren, bevor die Winterstürme kommen.",
    "el": "Το συμβούλιο αποφάσισε την Τρίτη να επισκευάσει τον παλιό φάρο πριν από τις χειμερινές καταιγίδες.",
    "en": "The council voted on Tuesday to repair the old lighthouse before the winter storms arrive in the north.",
    "es": "El consejo votó el martes a favor de reparar el viejo faro antes de que lleguen las tormentas.",
    "fi": "Neuvosto päätti tiistaina korjata vanhan majakan ennen kuin talvimyrskyt saapuvat pohjoisrannikolle.",
    "fr": "Le conseil a voté mardi la réparation du vieux phare avant l’arrivée des tempêtes de l’hiver.",
    "he": "המועצה הצביעה ביום שלישי בעד תיקון המגדלור הישן לפני שסערות החורף יגיעו לחוף הצפוני.",
    "hi": "परिषद ने मंगलवार को सर्दियों के तूफानों से पहले पुराने प्रकाशस्तंभ की मरम्मत के पक्ष में मतदान किया।",
    "hu": "A tanács kedden megszavazta a régi világítótorony javítását, mielőtt megérkeznek a téli viharok.",
    "it": "Il consiglio ha votato martedì la riparazione del vecchio faro prima che arrivino le tempeste invernali.",
    "ja": "市議会は火曜日、冬の嵐が来る前に古い灯台を修理することを決めた。漁師たちは強い光を求めていた。",
    "ko": "시의회는 화요일 겨울 폭풍이 오기 전에 오래된 등대를 수리하기로 의결했다고 밝혔다.",
    "nl": "De raad stemde dinsdag voor het herstel van de oude vuurtoren voordat de winterstormen aankomen.",
    "pl": "Rada zagłosowała we wtorek za naprawą starej latarni morskiej, zanim nadejdą zimowe sztormy.",
    "pt": "O conselho votou na terça-feira a reparação do velho farol antes que cheguem as tempestades.",
    "ru": "Совет проголосовал во вторник за ремонт старого маяка до того, как начнутся зимние штормы.",
    "sv": "Rådet röstade på tisdagen för att laga den gamla fyren innan vinterns stormar når norra kusten.",
    "th": "สภาลงมติเมื่อวันอังคารให้ซ่อมแซมประภาคารเก่าก่อนที่พายุฤดูหนาวจะมาถึงชายฝั่งทางเหนือ",
    "tr": "Meclis salı günü, kış fırtınaları gelmeden önce eski deniz fenerinin onarılmasına karar verdi.",
    "uk": "Рада проголосувала у вівторок за ремонт старого маяка, перш ніж почнуться зимові шторми.",
    "vi": "Hội đồng hôm thứ Ba đã bỏ phiếu sửa chữa ngọn hải đăng cũ trước khi những cơn bão mùa đông ập đến.",
    "zh": "市议会周二投票决定，在冬季风暴到来之前修复旧灯塔。渔民们希望灯光能照到北部海岸。",
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("times", [1, 20])
def test_a_text_is_read(language: str, times: int) -> None:
    text = "\n".join([TEXTS[language]] * times)
    assert language_of(text, None) == language
    assert language_of(text, language.upper()) == language


@pytest.mark.parametrize("language", sorted(set(TEXTS) - {"en"}))
def test_a_page_that_claims_english_by_default_is_not_believed(language: str) -> None:
    assert language_of("\n".join([TEXTS[language]] * 4), "en-US") == language


def test_words_of_a_banner_do_not_outweigh_the_text() -> None:
    banner = "We use cookies and similar technologies to personalise content. " * 6
    assert language_of(banner + (TEXTS["de"] + "\n") * 20, "de") == "de"


@pytest.mark.parametrize(
    ("text", "claim", "language"),
    [
        ("Kort.", "nb-NO", "no"),
        ("OK", "de", "de"),
        ("", "pt_BR", "pt"),
        ("12:30", "fr", "fr"),
        ("", None, None),
        ("Vijeće je u utorak glasalo za popravak starog svjetionika prije zimskih oluja. " * 4, "bs", "bs"),
    ],
)
def test_where_the_text_says_little_the_claim_decides(
    text: str, claim: str | None, language: str | None
) -> None:
    assert language_of(text, claim) == language


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("en-US", "en"),
        ("iw", "he"),
        ("fil-PH", "tl"),
        ("zh_Hant_TW", "zh"),
        ("English", None),
        ("", None),
        (None, None),
    ],
)
def test_claims(claim: str | None, code: str | None) -> None:
    assert claimed_language(claim) == code

"""Documents without markup: headline, text, what stands around them, and what is no article at all."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.vocabulary import BlockKind
from tests.transforms.extract.made import PROSE, page, row, sources
from transforms.extract import extract
from transforms.extract.forest import stored
from transforms.extract.line_features import BELOW_TITLE, NAMES
from transforms.extract.memory import Memory, Seen, sighting
from transforms.extract.plain import lines_of, read_plain

TITLE = "Lighthouse to be repaired before the winter storms"
BODY = (
    *PROSE,
    "The harbour office will publish the plans next week, and anyone may comment on them until spring.",
    "Keepers left the tower in 1987. Since then gulls have nested in the lamp room, and rain has rusted the stairs.",
)
PROMO = (
    "Subscribe to the Harbour Gazette today and never miss a story from the coast: the first month is free."
)
ABOVE = (
    "Facebook Twitter YouTube Instagram",
    "Skip to content",
    *("Home", "News", "Sport", "Weather", "Tides", "Obituaries", "Log in"),
    f"{TITLE} | Harbour Gazette",
    "Harbour Gazette says…",
    TITLE,
    "By Ada Wren",
    "21 November 2026, 10:00",
    "Share",
    "Image: Bo Lund/Harbour Gazette",
)
BELOW = (
    "See more Lighthouse files",
    "Related",
    *("Ferry to the islands late again", "Storms expected on the northern banks", "Fish market to move"),
    PROMO,
    "Sign up",
    PROMO,
    "We use cookies to improve your visit. Read our cookie policy.",
    *("About us", "Contact", "Privacy policy", "Terms of use"),
    "© 2026 Harbour Gazette. All rights reserved.",
)
DOCUMENT = (*ABOVE, *BODY, *BELOW)


def read(*lines: str, memory: Memory | None = None) -> dict[str, object]:
    return read_plain("\n".join(lines), "utf-8", memory)


def text_of(found: dict[str, object]) -> list[str]:
    return str(found["text_raw"] or "").splitlines()


def test_headline_and_text_are_found_among_what_a_page_shows() -> None:
    found = row("\n".join(DOCUMENT), content_type="text/plain")
    assert found["outcome"] is None
    assert found["title_raw"] == TITLE
    assert text_of(found) == list(BODY)
    assert found["kinds_raw"] == ["paragraph"] * len(BODY)
    assert sources(found, "title") == [(f"line {DOCUMENT.index(TITLE) + 1}", TITLE)]


@pytest.mark.parametrize(
    "text",
    [
        "\r\n".join(DOCUMENT),
        "\n\n".join(DOCUMENT),
        "\r\n".join("\r\n".join(textwrap.wrap(line, 80)) for line in DOCUMENT),
        "\n\n".join(textwrap.fill(line, 64) for line in DOCUMENT),
        "\ufeff  " + "  \n\t".join(DOCUMENT),
    ],
    ids=["windows", "empty lines", "wrapped", "wrapped with empty lines", "indented"],
)
def test_ends_of_lines_make_no_difference(text: str) -> None:
    assert text_of(read_plain(text, "utf-8")) == list(BODY)


def test_what_is_wrapped_becomes_whole_again() -> None:
    chinese = "港务局周二表示将在冬季风暴来临之前修复旧灯塔，工程将于三月开始，耗资两百万。" * 4
    parts = [chinese[at : at + 30] for at in range(0, len(chinese), 30)]
    assert lines_of("\n".join(parts)) == [chinese]
    hyphens = "The well-known keeper of the light-house came by a twenty-foot boat. " * 6
    assert lines_of(textwrap.fill(hyphens, 40)) == [hyphens.strip()]
    assert lines_of("\n".join(DOCUMENT)) == list(DOCUMENT)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (
            "旧灯塔将在冬季风暴前修复",
            [
                "港务局周二表示，将在冬季风暴来临之前修复旧灯塔，工程将于明年三月开始，预计耗资两百万元。",
                "负责古建筑保护的王安娜说，大家已经等了九年，不愿意再等一年，渔民们也一直要求有更亮的灯。",
                "新的灯将从丹麦运来，比旧灯亮三倍，耗电却只有一半，安装工作预计在五月底之前全部完成。",
                "灯塔看守人于一九八七年离开，从那以后海鸥在灯室里筑巢，雨水锈蚀了楼梯，窗户也已经全部破碎。",
                "港务局将于下周公布修复计划，市民可以在春天之前对计划提出意见，最后的方案将在五月份公布。",
            ],
        ),
        (
            "إصلاح المنارة القديمة قبل عواصف الشتاء",
            [
                "صوت مجلس المدينة يوم الثلاثاء على إصلاح المنارة القديمة قبل وصول عواصف الشتاء إلى الساحل الشمالي.",
                "تبدأ الأعمال في شهر مارس وتبلغ تكلفتها مليونين، وفق ما قالته مسؤولة مكتب المباني القديمة في المدينة.",
                "وقالت أمام قاعة ممتلئة قرب رصيف العبارات: انتظرنا تسع سنوات ولن ننتظر سنة أخرى، هل هذا كثير؟",
                "غادر الحراس البرج قبل أربعين عاما، ومنذ ذلك الحين تسكن النوارس غرفة المصباح ويأكل الصدأ درج البرج.",
                "ستنشر إدارة الميناء خطط الإصلاح في الأسبوع المقبل، ويمكن لكل مواطن أن يبدي رأيه فيها حتى الربيع.",
                "طالب الصيادون مجلس المدينة بمنارة ذات ضوء يمكن رؤيته مع عواصف الشتاء وفي ليالي الضباب.",
            ],
        ),
        (
            "पुराने प्रकाशस्तंभ की मरम्मत सर्दियों से पहले होगी",
            [
                "नगर परिषद ने मंगलवार को सर्दियों के तूफानों से पहले पुराने प्रकाशस्तंभ की मरम्मत करने का फैसला किया है।",
                "काम मार्च में शुरू होगा और इस पर बीस लाख की लागत आएगी, पुरानी इमारतों के कार्यालय की प्रमुख ने कहा।",
                "हमने नौ साल इंतजार किया और अब एक साल और इंतजार नहीं करेंगे, उन्होंने घाट के पास भरे हुए सभागार में कहा।",
                "रखवाले चालीस साल पहले मीनार छोड़कर चले गए थे, तब से समुद्री पक्षी दीपक वाले कमरे में घोंसला बनाते हैं।",
                "बंदरगाह कार्यालय अगले सप्ताह मरम्मत की योजना प्रकाशित करेगा और हर नागरिक उस पर अपनी राय दे सकेगा।",
                "मछुआरों ने पुराने प्रकाशस्तंभ में ऐसी रोशनी मांगी थी जो तूफानों में भी साफ दिखाई दे।",
            ],
        ),
    ],
    ids=["chinese", "arabic", "hindi"],
)
def test_sentences_of_every_script_are_text(title: str, body: list[str]) -> None:
    found = read("Facebook", "Twitter", "YouTube", title, *body, "© 2026", "Facebook", "Twitter")
    assert text_of(found) == body
    assert found["title_raw"] == title


def test_lines_say_what_they_are() -> None:
    found = read(
        *ABOVE, *BODY[:3], "What fishing crews say", *BODY[3:], "• A new lamp for the tower.", *BELOW
    )
    kinds = dict(zip(text_of(found), found["kinds_raw"], strict=True))  # type: ignore[call-overload]
    assert kinds["What fishing crews say"] == BlockKind.HEADING
    assert kinds[BODY[3]] == BlockKind.PARAGRAPH
    assert kinds.get("• A new lamp for the tower.", BlockKind.LIST_ITEM) == BlockKind.LIST_ITEM


def test_what_the_outlet_repeats_is_left_out_and_listed() -> None:
    plea = (
        "Reporting like this takes time and money. Readers who can spare a little keep this newspaper alive."
    )
    lines = (*ABOVE, *BODY[:3], plea, *BODY[3:], *BELOW)
    before = read(*lines)
    assert plea in text_of(before)
    [remembered, short] = sighting([Seen(plea), Seen("What crews say")])
    known = Memory(90, {remembered["hash"]: 7, short["hash"]: 7})
    document = page("\n".join(lines), content_type="text/plain")
    [after] = extract([document], {}, {document.outlet: known}).to_pylist()
    assert text_of(after) == list(BODY)
    assert ("dropped:recurs in 7 articles", plea) in sources(after, "text")
    assert (after["stated_sha256"], after["sighted"]) == (before["stated_sha256"], before["sighted"])
    assert remembered in before["sighted"]  # type: ignore[operator]
    with_heading = read(*ABOVE, *BODY[:3], "What crews say", *BODY[3:], *BELOW, memory=known)
    assert "What crews say" in text_of(with_heading)


def test_dates_and_outlets_by_the_headline_are_evidence_only() -> None:
    found = read(
        *ABOVE, *BODY[:2], "It was built on 3 May 1921.", *BODY[2:], "Ferry late again", "20 May 2025", *BELOW
    )
    assert sources(found, "published_at") == [("line-date", "21 November 2026, 10:00")]
    assert ("line", "Harbour Gazette") in sources(found, "outlet")
    assert "published_raw" not in found


def test_what_is_no_article_says_why() -> None:
    assert row("Facebook\nTwitter", content_type="text/plain")["reason"] == "too_short"
    headlines = [
        f"Harbour story number {word} is told on this page"
        for word in ["one", "two", "three", "four", "five"]
    ]
    assert read(*ABOVE, *headlines * 3, *BELOW)["reason"] == "list_page"
    assert read()["reason"] == "too_short"
    assert read("", " ", "\u3000")["text_raw"] is None


HOSTILE = {
    "large": "\n".join(DOCUMENT) * 30_000,
    "one line": "words of a line without an end " * 330_000,
    "no spaces": "a" * 10_000_000,
    "chinese without lines": "港务局周二表示，" * 1_000_000,
    "short lines": "a\n" * 5_000_000,
    "lines of signs": "—\n©\n|\n" * 1_000_000,
    "as wide as a page": ("word " * 15 + "\n") * 500_000,
    "sentences": "Rain ended. And so it was.\n" * 500_000,
    "nulls": "\n".join(DOCUMENT).replace(" ", "\0") * 100,
    "surrogates": "\ud800\udfff " * 100_000 + "\n" + "\udc80 ends.\n" * 1_000,
    "marks": "\u202e\u200f\u0301\u200d" * 500_000,
    "separators": "\x0b\x0c\x1c\x85\u2028\u2029" * 300_000,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_read_in_bounded_time(name: str) -> None:
    found = read_plain(HOSTILE[name], "utf-8")
    assert len(found["kinds_raw"]) == len((found["text_raw"] or "").split("\n")) or not found["text_raw"]


@settings(max_examples=50)
@given(st.lists(st.one_of(st.sampled_from(DOCUMENT), st.text(max_size=200)), max_size=30))
def test_text_is_lines_of_the_document_in_their_order(lines: list[str]) -> None:
    found = read_plain("\n".join(lines), "utf-8")
    known = iter(lines_of("\n".join(lines)))
    assert all(line in known for line in str(found["text_raw"] or "").split("\n") if line)
    assert found["title_raw"] is None or found["title_raw"] in lines_of("\n".join(lines))


def test_the_forests_ask_for_what_is_told() -> None:
    assert stored("headlines").names == NAMES
    assert stored("lines").names == (*NAMES, *BELOW_TITLE)

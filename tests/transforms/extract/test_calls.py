"""What short lines ask of a reader."""

from __future__ import annotations

import pytest

from transforms.extract.calls import CALLS, calls_in


def called(*lines: str) -> list[set[str]]:
    return [
        {name for place, name in enumerate(CALLS) if calls >> place & 1}
        for calls in calls_in([line.casefold() for line in lines])
    ]


@pytest.mark.parametrize(
    ("line", "calls"),
    [
        ("Follow us | Sign up for our newsletter", {"follow", "sign_up"}),
        ("SUBSCRIBERS", {"sign_up"}),  # by its first six letters
        ("Subscr", {"sign_up"}),
        ("Subsc", set()),
        ("up sign", set()),  # not in this order
        ("Sign, up", {"sign_up"}),
        ("sign2up", {"sign_up"}),  # a digit parts words
        ("sign the up", set()),
        ("Copyright", {"credit", "rights"}),
        ("Подпишитесь на рассылку", {"sign_up"}),
        ("Читайте также: огни гавани", {"read_more"}),
        ("اشترك الآن في النشرة", {"sign_up"}),
        ("灯台に火が戻った。続きを読む", {"read_more"}),
        ("灯台に火が戻った。", set()),
        ("구독하기", {"sign_up"}),
        ("🙂 𝗯𝗼𝗹𝗱", set()),
        ("", set()),
    ],
)
def test_calls_are_known_by_words_and_pairs_of_them(line: str, calls: set[str]) -> None:
    assert called(line) == [calls]
    assert called("Before", line, "after") == [set(), calls, set()]


def test_the_words_of_a_pair_stand_in_one_line() -> None:
    assert called("sign", "up", "x sign up") == [set(), set(), {"sign_up"}]


def test_no_lines_have_no_calls() -> None:
    assert calls_in([]) == []

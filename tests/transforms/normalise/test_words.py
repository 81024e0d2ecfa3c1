"""Words, quotes and signatures, in scripts with and without spaces."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise.text import bare_words
from transforms.normalise.words import minhash, quotes_of, word_count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One two, three – four.", 4),
        ("One two—three (four)…five/six", 6),
        ("Don’t re-open", 2),
        ("12.5 million", 2),
        ("L’été d’Aline", 2),
        ("« Oui », a-t-elle dit", 3),
        ("गाँव के लोगों ने पुराने प्रकाशस्तंभ की मरम्मत की", 9),  # vowel signs are no gaps
        ("وافق المجلس على إصلاح المنارة،", 5),
        ("می\u200cخواهم بروم", 2),
        ("시의회는 등대를 수리했다", 3),
        ("市议会修复了旧灯塔", 5),
        ("市議会は古い灯台を修理した", 8),
        ("สภาเมืองมีมติซ่อมประภาคาร", 6),
        ("ក្រុមប្រឹក្សា", 3),
        ("NHK の速報", 3),
    ],
)
def test_word_count(text: str, count: int) -> None:
    assert word_count(text) == count


def test_quotes() -> None:
    text = (
        "“We waited for nine years,” she said. „Wir warten nicht mehr lange“, sagte er. "
        '"And that is all there is," he said. It is a 5"-pipe, not a 12" one. '
        "「もう待つことはできない」と述べた。 It's “no”."
    )
    assert quotes_of(text) == [
        "We waited for nine years,",
        "Wir warten nicht mehr lange",
        "And that is all there is,",
        "もう待つことはできない",
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["“", "« ", '"', "a ", "2026-", "'a’", "\u200c", "」「"])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    quotes_of(text), word_count(text), minhash(bare_words(text))


@given(st.text(max_size=300))
def test_signatures(text: str) -> None:
    words = bare_words(text)
    found = minhash(words)
    assert found == minhash(words)
    assert len(found) == (64 if words else 0)
    assert all(0 <= value < 2**32 for value in found)


@pytest.mark.parametrize("shared", [0.1, 0.5, 0.9])
def test_the_share_of_equal_integers_estimates_the_likeness_of_texts(shared: float) -> None:
    chance, words = random.Random(7), 300
    estimates = []
    for _ in range(200):
        one, other = ([str(chance.random()) for _ in range(words)] for _ in range(2))
        common = round(words * 2 * shared / (1 + shared))
        signatures = minhash(one), minhash(one[:common] + other[common:])
        estimates.append(sum(a == b for a, b in zip(*signatures, strict=True)) / 64)
    common_shingles = common - 3
    true = common_shingles / (2 * (words - 3) - common_shingles)
    deviation = (true * (1 - true) / 64) ** 0.5
    assert statistics.mean(estimates) == pytest.approx(true, abs=4 * deviation / 200**0.5)
    assert statistics.pstdev(estimates) < 1.2 * deviation


def test_signatures_are_the_same_in_every_process() -> None:
    words = [f"word{i}" for i in range(400)]
    code = f"from transforms.normalise.words import minhash; print(minhash({words!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(minhash(words))


def test_signatures_are_those_the_lake_holds() -> None:
    # Other values would unlink every story that is already told.
    english = bare_words("The council voted to repair the old lighthouse.")
    assert minhash(english)[:3] == [508230467, 412276810, 13108872]
    japanese = bare_words("市議会は古い灯台を修理することを決めた。")
    assert minhash(japanese)[:3] == [89193341, 264803866, 106550951]

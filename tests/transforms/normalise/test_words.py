"""Words, quotes and signatures, in scripts with and without spaces."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("piece", ["“", "« ", '"', "a ", "2026-", "'a’", "\u200c", "」「"])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    start = time.process_time()
    quotes_of(text), word_count(text), minhash(text)
    assert time.process_time() - start < 3


@given(st.text(max_size=300))
def test_signatures(text: str) -> None:
    found = minhash(text)
    assert found == minhash(text)
    assert len(found) in {0, 64}
    assert all(0 <= value < 2**63 for value in found)


def test_signatures_estimate_likeness_and_are_the_same_in_every_process() -> None:
    words = [f"word{i}" for i in range(400)]
    whole, half = minhash(" ".join(words)), minhash(" ".join(words[:200]))
    alike = sum(a == b for a, b in zip(whole, half, strict=True)) / 64
    assert 0.3 < alike < 0.7
    code = f"from transforms.normalise.words import minhash; print(minhash({' '.join(words)!r}))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(whole)


def test_signatures_are_those_the_lake_holds() -> None:
    # Computed by the first version; other values would unlink every story that is already told.
    assert minhash("The council voted to repair the old lighthouse.")[:3] == [
        565376564190552582,
        1836056624029325522,
        556924707285288126,
    ]
    assert minhash("市議会は古い灯台を修理することを決めた。")[:3] == [
        758734995532882690,
        902214294719686798,
        1119032381235003343,
    ]

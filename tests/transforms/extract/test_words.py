"""What the words of a block say of it."""

from __future__ import annotations

import numpy as np
import pytest

from transforms.extract.words import Words, block_words, digests, terms


def known(**weights: float) -> Words:
    return Words({next(digests([term])): weight for term, weight in weights.items()})


def test_terms_are_words_without_case_endings_and_numbers() -> None:
    assert terms("Subscribers of 12 Harbours") == terms("SUBSCRIBE OF 7 Harbour,")
    assert terms("Subscribe") == {"subscr", "^subscr", "$subscr"}
    assert {"0", "^0 ferrie", "$ferrie"} <= terms("140 ferries")
    assert terms("") == terms("– – –") == set()


def test_the_start_and_the_end_are_marked_as_such() -> None:
    found = terms("The council met late and agreed to dredge")
    assert {term for term in found if term[0] == "^"} == {"^the", "^the counci", "^the counci met"}
    assert {term for term in found if term[0] == "$"} == {"$and", "$agreed", "$to", "$dredge"}


def test_of_a_long_block_only_the_start_and_the_end_are_read() -> None:
    text = f"Harbour {'x ' * 29}middle {'y ' * 1_000}. Photo by Ann"
    found = terms(text)
    assert {"harbou", "$photo", "$by", "$ann"} <= found
    assert not {"middle", "y", "ann"} & found


def test_scripts_without_spaces_are_read_by_the_character() -> None:
    assert {"購", "読", "^購 読", "$読"} <= terms("購読")


@pytest.mark.parametrize("text", ["\ud800", "İ" * 50, "\x00", "٣ ١٢"])
def test_odd_text_is_read(text: str) -> None:
    assert np.isfinite(known().says([text])).all()


def test_what_is_said_is_the_sum_of_the_terms_that_are_known() -> None:
    words = known(subscr=-2.0, ferrie=0.5)
    assert words.says(["Subscribe, ferries!", "The ferries' ferries", "Pier"]).tolist() == [-1.5, 0.5, 0]
    assert words.says([]).shape == (0,)


def test_what_is_shipped_knows_calls_from_prose() -> None:
    calls = ["Subscribe to our newsletter", "Follow us on Facebook", "Abonnieren Sie unseren Newsletter"]
    prose = [
        "“The channel was closed for two days,” he said.",
        "But the council said on Tuesday that it would.",
    ]
    assert block_words().says(calls).max() < -1 < 0 < block_words().says(prose).min()


def test_digests_are_those_of_the_file_in_every_process() -> None:
    assert [*digests(["subscr"])] == [973435014]

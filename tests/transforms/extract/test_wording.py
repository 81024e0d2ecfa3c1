"""What the text of each block shows by itself."""

from __future__ import annotations

import pytest

from transforms.extract.calls import CALLS, calls_in
from transforms.extract.markup import Block, Element, fold
from transforms.extract.wording import CLOCK, WORDING, Known, wording

TEXTS = [
    "The lamp was lit at 6:30 on 1/2, and again in 2024; see it.",
    "Straße und Ärger, „so“ – 12%",
    "Στην οδό ΑΒΓΣ. Подпишитесь на рассылку",
    "灯台に火が戻った。続きを読む",
    "اشترك الآن في النشرة",
    "Snake_case 𝗯𝗼𝗹𝗱 🙂 x² İstanbul",
    "Follow us | Sign up for our newsletter",
    "🙂",
]


def told(text: str, known: Known | None = None) -> dict[str, float]:
    """The columns of one block among others."""
    element = Element("p", "", None, 0, [])
    blocks = [Block(at, said, element, 0, 0, ()) for at, said in enumerate(("Before", text, "After"))]
    return dict(zip(WORDING, map(float, wording(blocks, known or Known())[:, 1]), strict=True))


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_those_that_are_found_one_by_one(text: str) -> None:
    words = fold(text)
    assert told(text, Known(titles=frozenset([words])))["is_title"] == bool(words)
    assert told(text, Known(titles=frozenset([f"{words}x"])))["is_title"] == 0
    found, (calls,) = told(text), calls_in([text.casefold()])
    assert [found[f"calls_{name}"] for name in CALLS] == [calls >> place & 1 for place in range(len(CALLS))]


def test_a_title_is_known_by_its_end_as_well() -> None:
    title = "Keepers say the lamp is safe " * 20
    known = Known(titles=frozenset([fold(title)]))
    assert told(title, known)["is_title"] == 1
    assert told(f"{title} not", known)["is_title"] == 0


def test_signs_are_counted_in_a_hundred_characters() -> None:
    found = told("a, b. 12 “c” | " + "d" * 35)
    signs = {name: found[f"has_{name}"] for name in ("stop", "comma", "digit", "odd", "quote")}
    assert signs == {"stop": 2, "comma": 2, "digit": 4, "odd": 2, "quote": 4}


def test_characters_of_scripts_without_spaces_count_as_three() -> None:
    assert told("灯台 lit")["size"] == told("a" * 10)["size"]


@pytest.mark.parametrize(
    ("text", "has_clock"),
    [
        ("at 6:30", True),
        ("16h05", True),
        ("in 2024", True),
        ("on 1/2", True),
        ("12.11", True),
        ("in 2124", False),
        ("a120240", False),
        ("1,500 lamps", False),
    ],
)
def test_times_years_and_days_are_told(text: str, has_clock: bool) -> None:
    assert (CLOCK.search(text) is not None) is has_clock
    assert told(text)["clock"] == has_clock

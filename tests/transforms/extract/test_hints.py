"""What class and id say of a part of a page."""

from __future__ import annotations

import pytest

from transforms.extract.hints import HINTS, hints_in


def said(marks: str) -> set[str]:
    return {name for place, name in enumerate(HINTS) if hints_in(marks) >> place & 1}


@pytest.mark.parametrize(
    ("marks", "hints"),
    [
        ("article-body", {"body"}),  # not `main` as well: the first of those that begin here is meant
        ("articlebodywrap", {"body"}),
        ("ad", {"ad"}),
        ("top-ads", {"ad"}),
        ("shadow ready", set()),  # a short word is no part of another
        ("newsletter_signup", {"promo"}),
        ("xnewsletterx", {"promo"}),
        ("sign-up", {"promo"}),
        ("by-line", set()),
        ("byline comments", {"author", "comment"}),
        ("nav\nfooter", {"nav", "footer"}),
        ("", set()),
    ],
)
def test_names_are_hints(marks: str, hints: set[str]) -> None:
    assert said(marks) == hints

"""Which canonical URL is credible."""

from __future__ import annotations

import pytest

from transforms.normalise.addresses import canonical_url

SITE = "https://news.example"


@pytest.mark.parametrize(
    ("claim", "url", "canonical"),
    [
        ("https://www.news.example/a?utm_source=x", f"{SITE}/a?id=1", "https://www.news.example/a"),
        ("https://sport.news.example/a", "https://live.news.example/b", "https://live.news.example/b"),
        (f"{SITE}/a", "https://sport.news.example/b", f"{SITE}/a"),
        (f"{SITE}/", f"{SITE}/a", f"{SITE}/a"),
        ("https://other.example/a", f"{SITE}/a", f"{SITE}/a"),
        ("javascript:void(0)", f"{SITE}/a", f"{SITE}/a"),
        (None, f"{SITE}/a#c", f"{SITE}/a"),
    ],
)
def test_a_claim_counts_on_the_same_site(claim: str | None, url: str, canonical: str) -> None:
    assert canonical_url(claim, url) == canonical


@pytest.mark.parametrize(
    ("claim", "url"),
    [
        (f"{SITE}/town", f"{SITE}/town/old-light-repaired"),
        (f"{SITE}/town/", f"{SITE}/town/1234567"),
        (f"{SITE}/article.php", f"{SITE}/article.php?id=7"),
        (f"{SITE}/{{{{ path }}}}", f"{SITE}/a"),
        (f"{SITE}/undefined", f"{SITE}/a"),
    ],
)
def test_an_address_many_articles_would_share_does_not(claim: str, url: str) -> None:
    assert canonical_url(claim, url) == url


@pytest.mark.parametrize(
    ("claim", "url"),
    [
        (f"{SITE}/old-light-repaired", f"{SITE}/old-light-repaired/comment-page-2"),
        (f"{SITE}/town/7", f"{SITE}/town/7?page=2"),
        (f"{SITE}/article.php?id=7", f"{SITE}/article.php?id=7&print=1"),
        (f"{SITE}/?p=7", f"{SITE}/old-light"),
    ],
)
def test_the_article_itself_under_another_address_does(claim: str, url: str) -> None:
    assert canonical_url(claim, url) == claim

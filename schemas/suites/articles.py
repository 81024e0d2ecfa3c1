"""What must hold for the articles of a slot: for each row, and for the batch of those that pass."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from schemas.suites.meaning import meaning
from schemas.vocabulary import Kind, Precision, Severity, Zone

_OWES_TEXT = Column("owes_text") == True  # noqa: E712 - it builds a condition


def articles_suite() -> gx.ExpectationSuite:
    """Row-level: a row that fails is quarantined. One row per article to be published.

    Patterns have no capturing groups: pandas warns of them, and a warning may be an error.
    """

    def row(name: str, sentence: str) -> dict[str, Any]:
        return meaning(name, sentence, Severity.ROW)

    def drawn_from(column: str, values: type[StrEnum]) -> gxe.expectation.Expectation:
        words = [value.value for value in values]
        return gxe.ExpectColumnValuesToBeInSet(
            column=column, value_set=words, **row(f"in_set({column})", f"one of {', '.join(words)}")
        )

    return gx.ExpectationSuite(
        "articles",
        expectations=[
            gxe.ExpectColumnValuesToMatchRegex(
                column="article_id", regex=r"^[0-9a-f]{16}$", **row("format(article_id)", "16 hex characters")
            ),
            gxe.ExpectColumnValuesToMatchRegex(
                column="canonical_url",
                regex=r"^https?://[^\s/]+(?:/\S*)?$",
                **row("format(canonical_url)", "an http(s) URL"),
            ),
            gxe.ExpectColumnValuesToNotBeNull(column="title", **row("not_null(title)", "a title")),
            gxe.ExpectColumnValuesToBeBetween(
                column="title_chars",
                min_value=2,
                max_value=500,
                **row("length(title)", "2 to 500 characters"),
            ),
            gxe.ExpectColumnValuesToMatchRegex(
                column="title", regex=r"\w", **row("words(title)", "at least one letter or digit")
            ),
            gxe.ExpectColumnValuesToNotMatchRegex(
                column="title",
                regex=r"</[a-zA-Z]+>|<[a-zA-Z]+ [^<>]*=|<(?:br|hr|p) ?/?>",
                **row("no_markup(title)", "no HTML tags"),
            ),
            gxe.ExpectColumnValuesToNotMatchRegex(
                column="title",
                regex="[\x00-\x1f\x7f-\x9f\ufffd]",
                **row("readable(title)", "no control or replacement characters"),
            ),
            gxe.ExpectColumnValuesToNotBeNull(
                column="text_chars",
                row_condition=_OWES_TEXT,
                **row("not_null(text)", "a text, unless behind a paywall, a video or a gallery"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="word_count",
                min_value=20,
                row_condition=_OWES_TEXT,
                **row("word_count", "at least 20 words, unless behind a paywall, a video or a gallery"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="text_markup_share",
                max_value=0.1,
                **row("no_markup(text)", "at most 10 % of the characters in HTML tags"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="text_unreadable_share",
                max_value=0.005,
                **row("readable(text)", "at most 0.5 % control, private-use or replacement characters"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="published_hours_ahead",
                max_value=24,
                **row("not_future(published_at)", "at most 24 hours after the page was fetched"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="published_days_ahead",
                max_value=1,
                **row("not_future(published_on)", "at most 1 day after the page was fetched"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="published_year", min_value=1990, **row("since_1990(published_on)", "1990 or later")
            ),
            gxe.ExpectColumnValuesToMatchRegex(
                column="language",
                regex=r"^[a-z]{2,3}$",
                **row("format(language)", "an ISO 639 code"),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="author_count", max_value=50, **row("count(authors)", "at most 50 authors")
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="longest_author_chars",
                max_value=120,
                **row("length(authors)", "at most 120 characters a name"),
            ),
            drawn_from("kind", Kind),
            drawn_from("published_precision", Precision),
            drawn_from("published_zone", Zone),
        ],
    )


def batch_suite(rows: int) -> gx.ExpectationSuite:
    """Batch-level: a failing halts the slot. The same rows, with what became of them in `is_quarantined`."""

    def batch(name: str, sentence: str) -> dict[str, Any]:
        return meaning(name, sentence, Severity.BATCH)

    return gx.ExpectationSuite(
        "batch",
        expectations=[
            gxe.ExpectColumnValuesToBeUnique(
                column="capture_id", **batch("unique(capture_id)", "one row per capture")
            ),
            gxe.ExpectColumnValuesToBeUnique(
                column="article_id",
                row_condition=Column("is_quarantined") == False,  # noqa: E712 - it builds a condition
                **batch("unique(article_id)", "one version of an article in a slot"),
            ),
            gxe.ExpectColumnMeanToBeBetween(
                column="is_quarantined",
                max_value=0.5 if rows >= 20 else 1,
                **batch("mean(is_quarantined)", "at most half quarantined, of 20 articles or more"),
            ),
        ],
    )

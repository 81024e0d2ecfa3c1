"""The frames the suites judge: plain columns, one row per article or per outlet, in order of their key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import polars as pl
import pyarrow as pa

from schemas.outlet import CoveredField, Outlet
from schemas.vocabulary import PUBLISHED, Kind
from transforms.extract.layouts import MISSED

_TAG = r"<[/!]?[a-zA-Z][^<>]*>"
_UNREADABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{fffd}\x{e000}-\x{f8ff}]"
#: Fewest URLs or pages of which a share is judged.
_JUDGEABLE = 5


def articles_of(pages: pa.Table) -> pl.DataFrame:
    """The pages link made a version of an article, in order of capture_id; what is blank is null."""
    articles = pl.DataFrame(pages).filter(pl.col("outcome").is_in(sorted(PUBLISHED))).sort("capture_id")
    blank = pl.col("title", "text").str.strip_chars() == ""
    return articles.with_columns(pl.when(~blank).then(pl.col("title", "text")).name.keep())


def articles_frame(articles: pl.DataFrame) -> pl.DataFrame:
    """One row per article: lengths in characters, shares of the text's characters, times from the fetch on."""
    text = pl.col("text")
    return articles.select(
        "capture_id",
        "url",
        "article_id",
        "canonical_url",
        "title",
        "word_count",
        "language",
        "kind",
        "published_precision",
        "published_zone",
        title_chars=pl.col("title").str.len_chars(),
        text_chars=text.str.len_chars(),
        text_markup_share=1 - text.str.replace_all(_TAG, "").str.len_chars() / text.str.len_chars(),
        text_unreadable_share=text.str.count_matches(_UNREADABLE) / text.str.len_chars(),
        owes_text=pl.col("is_free").fill_null(value=True)
        & ~pl.col("kind").fill_null("").is_in([Kind.VIDEO.value, Kind.GALLERY.value]),
        author_count=pl.col("authors").list.len(),
        longest_author_chars=pl.col("authors").list.eval(pl.element().str.len_chars()).list.max(),
        published_hours_ahead=(pl.col("published_at") - pl.col("fetched_at")).dt.total_minutes() / 60,
        published_days_ahead=(pl.col("published_on") - pl.col("fetched_at").dt.date()).dt.total_days(),
        published_year=pl.col("published_on").dt.year(),
    )


def outlets_frame(articles: pl.DataFrame, outlets: Mapping[str, Outlet]) -> pl.DataFrame:
    """One row per outlet with articles: the share that states a field beside the least share expected.

    Minimum, maximum, match of language, and the share where a selector of a layout found nothing, are null where
    the outlet states none, is not one of ours, or has fewer articles than its `expect.min_rows`.
    """
    fields = get_args(CoveredField)
    minima = [f"{field}_minimum" for field in fields]
    stated = pl.DataFrame(
        [
            {
                "outlet": slug,
                "expected_language": outlet.language,
                "min_rows": outlet.expect.min_rows,
                "articles_maximum": (outlet.expect.articles_per_day or (0, None))[1],
            }
            | {f"{field}_minimum": share for field, share in outlet.expect.coverage.items()}
            for slug, outlet in sorted(outlets.items())
        ],
        schema={"outlet": pl.String, "expected_language": pl.String, "min_rows": pl.Int64}
        | {"articles_maximum": pl.Int64}
        | dict.fromkeys(minima, pl.Float64),
    )
    named = pl.when(pl.col("authors").list.len() > 0).then(pl.col("authors"))
    missed = pl.col("evidence").list.eval(pl.element().struct.field("source") == MISSED).list.any()
    judgeable = pl.col("articles") >= pl.col("min_rows")
    return (
        articles.with_columns(authors=named)
        .join(stated, on="outlet", how="left")
        .group_by("outlet", "articles_maximum", "min_rows", *minima)
        .agg(
            pl.len().alias("articles"),
            (pl.col("language") == pl.col("expected_language")).mean().alias("language_match_share"),
            missed.mean().alias("layout_missed_share"),
            *(pl.col(field).is_not_null().mean().alias(f"{field}_share") for field in fields),
        )
        .with_columns(
            pl.when(judgeable)
            .then(pl.col(*minima, "language_match_share", "layout_missed_share"))
            .name.keep()
        )
        .drop("min_rows")
        .sort("outlet")
    )


def ledger_frame(ledger: pa.Table) -> pl.DataFrame:
    """LEDGER with its smallest count and the shares that ended badly; null where too few to judge."""
    refused = pl.col("capture_failed") + pl.col("capture_blocked")
    lost = pl.col("page_failed") + pl.col("page_not_article")
    shares = {
        "refused_share": (refused, pl.col("discovered")),
        "lost_share": (lost, pl.col("capture_fetched")),
    }
    return (
        pl.DataFrame(ledger)
        .with_columns(
            pl.min_horizontal(pl.col("discovered", "^(capture|page)_.*$").exclude("^.*_left_over$")).alias(
                "smallest_count"
            ),
            **{name: pl.when(of >= _JUDGEABLE).then(part / of) for name, (part, of) in shares.items()},
        )
        .sort("outlet")
    )

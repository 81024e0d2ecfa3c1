"""What must hold for each outlet of a slot: what its file states in `expect`, and its language."""

from __future__ import annotations

from typing import get_args

import great_expectations as gx
import great_expectations.expectations as gxe

from schemas.outlet import CoveredField
from schemas.suites.meaning import meaning
from schemas.vocabulary import Severity


def outlets_suite() -> gx.ExpectationSuite:
    """One row per outlet; an outlet that fails a coverage is withheld, anything else warns.

    A minimum or maximum the outlet does not state, or that has too few articles to judge, is null.
    """
    return gx.ExpectationSuite(
        "outlets",
        expectations=[
            *(
                gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A=f"{column}_share",
                    column_B=f"{column}_minimum",
                    or_equal=True,
                    ignore_row_if="either_value_is_missing",
                    **meaning(
                        f"coverage({column})",
                        f"{column} stated by at least the share of articles in the outlet's file",
                        Severity.OUTLET,
                    ),
                )
                for column in get_args(CoveredField)
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="language_match_share",
                min_value=0.5,
                **meaning(
                    "language_match", "half of the articles in the outlet's language", Severity.WARNING
                ),
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="layout_missed_share",
                max_value=0.5,
                **meaning(
                    "layouts",
                    "every field of the outlet's layouts found in half of the articles",
                    Severity.WARNING,
                ),
            ),
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A="articles_maximum",
                column_B="articles",
                or_equal=True,
                ignore_row_if="either_value_is_missing",
                **meaning(
                    "articles_per_day",
                    "no more articles in a slot than the outlet's file gives a day",
                    Severity.WARNING,
                ),
            ),
        ],
    )

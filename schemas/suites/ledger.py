"""Conservation: what an outlet's URLs and pages of a slot must add up to, and what looks ill."""

from __future__ import annotations

from typing import Any

import great_expectations as gx
import great_expectations.expectations as gxe

from schemas.suites.meaning import meaning
from schemas.vocabulary import Severity


def ledger_suite() -> gx.ExpectationSuite:
    """One row per outlet: a sum that is not 0 halts the slot, a silent or failing outlet warns.

    Shares are null for fewer than 5 URLs or pages.
    """

    def share(column: str, sentence: str) -> gxe.expectation.Expectation:
        return gxe.ExpectColumnValuesToBeBetween(
            column=column, max_value=0.5, **meaning(column, sentence, Severity.WARNING)
        )

    def bounded(name: str, sentence: str, severity: Severity, **bounds: Any) -> gxe.expectation.Expectation:
        return gxe.ExpectColumnValuesToBeBetween(**bounds, **meaning(name, sentence, severity))

    return gx.ExpectationSuite(
        "ledger",
        expectations=[
            bounded(
                "captures_left_over",
                "every URL discovered is in captures",
                Severity.BATCH,
                column="captures_left_over",
                min_value=0,
                max_value=0,
            ),
            bounded(
                "pages_left_over",
                "every page fetched has an outcome",
                Severity.BATCH,
                column="pages_left_over",
                min_value=0,
                max_value=0,
            ),
            bounded("counts", "no count below 0", Severity.BATCH, column="smallest_count", min_value=0),
            bounded("discovered", "at least one URL", Severity.WARNING, column="discovered", min_value=1),
            share("refused_share", "at most half of the URLs blocked or failed"),
            share("lost_share", "at most half of the pages failed or not an article"),
        ],
    )

"""Why a URL gave no page: the one exception of this room, in the words of the tables."""

from __future__ import annotations

from schemas.errors import Reject
from schemas.vocabulary import CaptureOutcome, Reason


class Refused(Reject):
    """No usable answer: `outcome` and `reason` (of `Reason`) are the row's, `detail` is the cause's own words."""

    def __init__(
        self, outcome: CaptureOutcome, reason: str, detail: str = "", status: int | None = None
    ) -> None:
        super().__init__(f"{outcome}: {reason} {detail}".rstrip())
        self.outcome = outcome
        self.reason = Reason(reason)
        self.detail = detail
        self.status = status


def failed(reason: str, detail: object = "", status: int | None = None) -> Refused:
    """A `Refused` with outcome `failed`."""
    return Refused(CaptureOutcome.FAILED, reason, " ".join(str(detail).split())[:300], status)

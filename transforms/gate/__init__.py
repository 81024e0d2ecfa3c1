"""gate: what of a slot may be published? Great Expectations judges, we act on it.

| severity | a failing expectation … |
|---|---|
| row | quarantines the row |
| outlet | withholds the outlet's other rows of this slot |
| batch | halts the slot: nothing is published |
| warning | is recorded and shown |
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from schemas.outlet import Outlet
from transforms.gate.verdict import Verdict

__all__ = ["Verdict", "gate"]


def gate(slot: str, pages: pa.Table, ledger: pa.Table, outlets: Mapping[str, Outlet]) -> Verdict:
    """The verdict on a slot's linked PAGES and its LEDGER; what is not in `outlets` has no minimum."""
    # Great Expectations costs 6 s of CPU to import: those who judge pay, not those who import.
    from transforms.gate.judge import judge

    return judge(slot, pages, ledger, outlets)

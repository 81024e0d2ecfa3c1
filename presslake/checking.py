"""`presslake outlets check`: visit the sources of some outlets, fetch no article, write nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from schemas.outlet import Outlet
from schemas.settings import Settings
from schemas.tables import CAPTURES, VISITS
from spiders.child import Progress, run_crawl
from spiders.journal import read_journal
from spiders.plan import make_plan


def check(outlets: Mapping[str, Outlet], settings: Settings, progress: Progress | None = None) -> pa.Table:
    """VISITS rows, one a source: is it alive, what does it yield, what is wrong?"""
    slot = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
    nothing = CAPTURES.schema.empty_table(), VISITS.schema.empty_table()
    plan = make_plan(slot, 0, outlets, *nothing, settings)
    plan = plan.model_copy(update={"limits": plan.limits.model_copy(update={"outlet_pages": 0})})
    with TemporaryDirectory() as folder:
        run_crawl(plan, Path(folder), settings, progress)
        return read_journal(Path(folder), slot).visits

"""The outlet of trouble from collect to publish: every cause reaches its table, and nothing is published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc
import pytest

from presslake import steps
from presslake.demo import trouble
from presslake.demo.server import Newsroom
from presslake.pipeline import open_pipeline
from presslake.show import why_other
from presslake.trace import trace
from schemas import tables
from schemas.settings import Settings
from tests.journey.conftest import Desk, settings_for

pytestmark = pytest.mark.slow

SLOT = f"{datetime.now(UTC):%Y-%m-%dT%H}:00:00"


def test_every_cause_reaches_its_table_and_no_article_comes_of_it(
    lake_settings: Settings, tmp_path: Path
) -> None:
    with Newsroom() as room:
        trouble.write_outlet(tmp_path / "outlets", room.port)
        with open_pipeline(settings_for(lake_settings, tmp_path / "outlets", tmp_path / "state")) as p:
            Desk(room, p).run(SLOT)
            captures, outcomes, visits = steps.rows_of(p, SLOT)
            seen = {
                reason for rows in (captures, outcomes, visits) for reason in rows["reason"].to_pylist()
            } - {None}
            assert seen == {case.reason for case in trouble.CASES if not case.is_slow}
            assert not len(p.lake.read(tables.ARTICLES))
            ledger = steps.balance(p, SLOT)
            assert (
                pc.sum(ledger["captures_left_over"]).as_py() == pc.sum(ledger["pages_left_over"]).as_py() == 0
            )
            said = why_other(captures, outcomes, visits)[trouble.SLUG]
            for words in (
                "feed fetched (feed stale)",
                "blocked (bot challenge by Vercel)",
                "gone (HTTP 410)",
            ):
                assert words in said
            wall = next(case for case in trouble.CASES if case.says == "Vercel")
            [event] = trace(p, trouble.url_of(wall, room.port))
            assert "a bot wall asks for proof" in event.detail
            assert "Vercel: x-vercel-mitigated: challenge" in event.detail

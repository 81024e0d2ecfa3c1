"""A later look at an article still knows what a feed said of it at first; nothing that came later is heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from lake import Lake
from presslake.claims import claimed, with_claims
from presslake.pipeline import Pipeline
from schemas.page import Statement
from schemas.settings import Settings
from schemas.tables import CAPTURES
from schemas.urls import capture_id
from tests.transforms.extract.made import page

pytestmark = pytest.mark.slow
NOW = datetime.now(UTC)
FIRST, SECOND, THIRD = (
    Statement("title", "feed:title", words)._asdict() for words in ("One", "Two", "Three")
)


def captured(
    slot: str, hours: float, number: int, claims: Any = None, outlet: str = "a", **given: Any
) -> dict[str, Any]:
    key, at = f"{outlet}.example/{number}", NOW - timedelta(hours=hours)
    row = {"capture_id": capture_id(slot, outlet, key), "slot": slot, "outlet": outlet, "url": f"https://{key}",
           "url_key": key, "found_in": ["feed f"], "found_at": at, "outcome": "fetched", "fetched_at": at}  # fmt: skip
    return row | {"claims": claims} | given


def test_a_look_that_no_source_names_has_the_claims_of_the_last_fetch_before_it(
    lake_settings: Settings,
) -> None:
    p = Pipeline(lake_settings, Lake(lake_settings), {})
    before = [
        captured("s1", 30, 1, [FIRST]),
        captured("s2", 20, 1, [SECOND]),
        captured("s3", 10, 1),
        captured("s3", 10, 2, [FIRST]),
        captured("s3", 10, 3, [FIRST], outcome="failed"),
        captured("s3", 10, 4, [FIRST], outlet="b"),
        captured("s1", 8 * 24 + 2, 5, [FIRST]),
        captured("s1", 8 * 24, 6, [FIRST]),
    ]
    looks = [
        captured("s4", 1, 1),
        captured("s4", 1, 2, [THIRD]),
        *(captured("s4", 1, number) for number in (3, 4, 5, 6)),
    ]
    after = [captured("s5", 0, number, [THIRD]) for number in (1, 5)]
    p.lake.upsert(CAPTURES, pa.Table.from_pylist([*before, *looks, *after], CAPTURES.schema))
    rows = p.lake.read(CAPTURES, where={"slot": "s4"})
    heard = {row["url_key"]: row["claims"] for row in with_claims(p, rows).to_pylist()}
    assert heard.pop("a.example/1") == [SECOND]
    assert heard.pop("a.example/2") == [THIRD]
    assert heard.pop("a.example/6") == [FIRST]  # a week after the first, and a day late
    assert [claims for claims in heard.values() if claims] == []
    shown = page("", url="https://a.example/1", outlet="a")
    assert claimed(p, shown) == replace(shown, claims=(Statement(**THIRD),))
    assert claimed(p, page("", url="https://a.example/9", outlet="a")).claims == ()


def test_pages_of_an_archive_are_not_looked_up(lake_settings: Settings) -> None:
    p = Pipeline(lake_settings, Lake(lake_settings), {})
    rows = [captured("s1", 9, 1, [FIRST]), captured("ingest-x", 1, 1, found_in=["archive x.warc"])]
    p.lake.upsert(CAPTURES, pa.Table.from_pylist(rows, CAPTURES.schema))
    archived = p.lake.read(CAPTURES, where={"slot": "ingest-x"})
    assert with_claims(p, archived).equals(archived)

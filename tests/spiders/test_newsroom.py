"""The demo newsroom crawled: every page a source names reaches the outcome the newsroom knows to be true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pytest
from fastwarc.warc import ArchiveIterator

from presslake.demo.server import Newsroom
from schemas.outlet import read_outlets
from schemas.settings import Settings
from schemas.tables import CAPTURES, VISITS
from schemas.urls import url_key
from spiders.journal import Landing, read_journal
from spiders.plan import make_plan
from tests.spiders.crawling import forked_crawl, remember

pytestmark = pytest.mark.slow

EPOCH = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=3)


def crawl(room: Newsroom, folder: Path, slot: str, history: list[Landing]) -> Landing:
    room.write_outlets(folder / "outlets")
    outlets = read_outlets(folder / "outlets")
    captures = pa.concat_tables([CAPTURES.schema.empty_table(), *(it.captures for it in history)])
    visits = pa.concat_tables([VISITS.schema.empty_table(), *(it.visits for it in history)])
    settings = Settings()
    remember(folder / slot, captures, settings)
    forked_crawl(make_plan(slot, 0, outlets, visits, settings), folder / slot, settings)
    return read_journal(folder / slot, slot)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Newsroom, Landing, Landing]:
    """Two slots, an hour of the newsroom's time apart."""
    folder = tmp_path_factory.mktemp("newsroom")
    with Newsroom(epoch=EPOCH) as room:
        room.set_clock(EPOCH)
        first = crawl(room, folder, "s1", [])
        room.set_clock(EPOCH + timedelta(hours=1))
        second = crawl(room, folder, "s2", [first])
        return room, first, second


def outcomes(landing: Landing) -> dict[str, str]:
    return {row["url_key"]: row["outcome"] for row in landing.captures.to_pylist()}


def expected(room: Newsroom, at: datetime) -> dict[str, str]:
    special = {"gone": "gone", "disallowed": "disallowed"}
    return {url_key(it.url): special.get(it.expected, "fetched") for it in room.truth(at) if it.is_listed}


def test_every_listed_page_reaches_its_outcome(crawled: tuple[Newsroom, Landing, Landing]) -> None:
    room, first, _ = crawled
    assert outcomes(first) == expected(room, EPOCH)
    assert sum(first.discovered.values()) == len(expected(room, EPOCH)) > 80


def test_a_page_named_by_two_sources_is_one_capture(crawled: tuple[Newsroom, Landing, Landing]) -> None:
    rows = [row for row in crawled[1].captures.to_pylist() if row["outlet"] == "harbour-gazette"]
    assert any([it.partition(" ")[0] for it in row["found_in"]] == ["feed", "news_sitemap"] for row in rows)
    assert not any("utm_" in row["url"] for row in rows)


def test_sources_say_whether_the_outlet_is_alive(crawled: tuple[Newsroom, Landing, Landing]) -> None:
    seen: dict[str, Any] = {}
    for row in crawled[1].visits.to_pylist():
        seen.setdefault(row["outlet"], []).append((row["outcome"], row["reason"]))
    assert seen.pop("voz-del-puerto") == [("failed", "robots_unreachable")]
    assert sorted(seen.pop("bruchwald-bote")) == [("failed", "feed_unparseable"), ("fetched", "feed_damaged")]
    assert {verdict for verdicts in seen.values() for verdict in verdicts} == {("fetched", None)}


def test_bodies_are_archived_as_they_were_sent(crawled: tuple[Newsroom, Landing, Landing]) -> None:
    _, first, _ = crawled
    with first.warc_path.open("rb") as file:
        urls = [r.headers["WARC-Target-URI"] for r in ArchiveIterator(file) if r.http_headers is not None]
    rows = [row for row in first.captures.to_pylist() if row["outcome"] == "fetched"]
    assert sorted(urls) == sorted(row["final_url"] or row["url"] for row in rows)
    assert any(row["final_url"] for row in rows)


def test_a_slot_later_only_what_is_new_or_revised_is_fetched(
    crawled: tuple[Newsroom, Landing, Landing],
) -> None:
    room, first, second = crawled
    later = expected(room, EPOCH + timedelta(hours=1))
    now = outcomes(second)
    assert now.keys() <= later.keys() | outcomes(first).keys()
    new = later.keys() - outcomes(first).keys()
    assert new
    assert {key: now[key] for key in new} == {key: later[key] for key in new}
    assert {now[key] for key in now.keys() - new} <= {"not_due", "fetched", "unchanged"}


def test_the_newsroom_was_asked_politely(crawled: tuple[Newsroom, Landing, Landing]) -> None:
    room = crawled[0]
    assert {it.user_agent for it in room.requests} == {"Presslake/0.1"}
    assert not any("/private/" in it.path for it in room.requests)
    for host, pace in {"elbe-kurier.localhost": 0.2, "prairie-post.localhost": 0.05}.items():
        asked = [it for it in room.requests if it.host == host]
        assert median(b.at - a.at for a, b in pairwise(asked)) > pace / 2  # a busy machine bunches some

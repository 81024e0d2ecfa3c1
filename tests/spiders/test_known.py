"""What is known of URLs: renewed by captures, once each, and asked by a crawl."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.tables import CAPTURES, KNOWN
from schemas.urls import url_key
from schemas.vocabulary import CaptureOutcome
from spiders.known import (
    BASE_NAME,
    INDEX_NAME,
    Known,
    KnownOf,
    KnownUrl,
    body_id,
    fold,
    is_due,
    make_index,
    note_of,
    renew,
)

T0 = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "https://a.example/1"
EVER = datetime(1970, 1, 1, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
USUAL = (1.0, 6.0, 24.0)


def capture(outcome: str, hours: float, number: int = 1, outlet: str = "a", **more: Any) -> dict[str, Any]:
    at = T0 + timedelta(hours=hours)
    url = f"https://a.example/{number}"
    fetched_at = at if outcome in {"fetched", "unchanged", "gone"} else None
    return {
        "capture_id": f"{at} {url}", "slot": str(at), "outlet": outlet, "url": url, "url_key": url_key(url),
        "found_in": ["feed f"], "found_at": at, "outcome": outcome, "fetched_at": fetched_at, **more,
    }  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known.parquet"


def tell(file: Path, rows: list[dict[str, Any]]) -> None:
    new = file.with_suffix(".new")
    captures = pa.Table.from_pylist(rows, CAPTURES.schema)
    renew(file if file.exists() else None, new, captures, usual_ages=USUAL, note={"rows": str(len(rows))})
    new.replace(file)


def fold_in(file: Path, since: datetime = EVER, outlets: str = "ab", now: datetime = T0) -> Path:
    base, new = file.with_name(BASE_NAME), file.with_suffix(".new")
    fold(file.parent, new, outlets=outlets, since=since, now=now)
    new.replace(base)
    np.save(file.with_name(INDEX_NAME), make_index(base))
    file.unlink()
    return base


def of_outlet(file: Path, until: datetime = LATER) -> KnownOf:
    return Known.read(file.parent, until).of("a")


def known(file: Path, rows: list[dict[str, Any]]) -> KnownUrl:
    file.unlink(missing_ok=True)
    tell(file, rows)
    it = of_outlet(file).get(url_key(URL))
    assert it is not None
    return it


def row(file: Path) -> dict[str, Any]:
    (only,) = pq.read_table(file).to_pylist()
    return dict(only)


def hours(moment: datetime | None) -> float | None:
    return None if moment is None else round((moment - T0) / timedelta(hours=1), 3)


HISTORY = [
    capture("fetched", 0, etag='"1"', body_sha256="aa"),
    capture("unchanged", 2, etag='"2"', body_sha256="aa"),
    capture("failed", 8, reason="timeout"),
    capture("failed", 9, reason="timeout"),
]


OTHERS = [
    capture("fetched", 0, 2),
    capture("left", 3, 3),
    capture("fetched", 30, 2, body_sha256="bb"),
    capture("fetched", 31, 3, outlet="b"),
]


def test_it_is_the_latest_success_the_first_sight_and_tries_since(file: Path) -> None:
    it = known(file, HISTORY[::-1])
    assert (it.tried_at, it.etag, it.body_sha256, it.url) == (T0 + timedelta(hours=9), '"2"', "aa", URL)
    kept = row(file)
    assert (kept["first_seen_at"], kept["fetched_at"]) == (T0, T0 + timedelta(hours=2))
    assert (kept["outcome"], kept["tries"]) == ("failed", 2)
    assert pq.read_table(file).schema.equals(KNOWN.schema)


def test_told_in_pieces_or_twice_it_is_the_same(file: Path) -> None:
    tell(file, HISTORY)
    whole = row(file)
    for one in HISTORY:
        tell(file, [one])
        assert row(file) == whole
    file.unlink()
    for one in HISTORY:
        tell(file, [one])
    assert row(file) == whole
    assert note_of(file)["rows"] == "1"


def test_told_after_a_fold_or_before_it_is_the_same(file: Path) -> None:
    tell(file, HISTORY + OTHERS)
    whole, looks = sorted(pq.read_table(file).to_pylist(), key=str), note_of(file)["looks"]
    for folds in ({1}, {0, 2, 3}, {3}):
        for old in file.parent.iterdir():
            old.unlink()
        for turn, rows in enumerate((HISTORY[:1], OTHERS[:2], HISTORY[1:], OTHERS[2:])):
            tell(file, rows)
            if turn in folds:
                base = fold_in(file)
        tell(file, [])
        assert json.loads(note_of(file)["looks"]) == json.loads(looks)
        assert sorted(pq.read_table(fold_in(file)).to_pylist(), key=str) == whole
        assert pq.read_table(base).schema.equals(KNOWN.schema)


def test_the_news_go_before_the_base(file: Path) -> None:
    tell(file, [capture("fetched", 0), capture("fetched", 0, 2, etag="old")])
    fold_in(file)
    assert {key for key, _ in of_outlet(file).owed(LATER)} == {url_key(URL), "a.example/2"}
    tell(file, [capture("fetched", 200)])
    it = of_outlet(file)
    assert it.get(url_key(URL)) == KnownUrl(T0 + timedelta(hours=200), None)
    assert [(key, known.etag) for key, known in it.owed(LATER)] == [("a.example/2", "old")]
    assert not list(of_outlet(file, T0).owed(LATER))


def test_a_look_is_counted_at_its_age_and_so_is_another_body(file: Path) -> None:
    tell(file, [capture("fetched", 0), capture("unchanged", 1.2), capture("fetched", 30)])
    assert (row(file)["looked"], row(file)["changed"]) == (0b10010, 0b10000)


def test_the_old_and_other_peoples_outlets_are_forgotten(file: Path) -> None:
    tell(file, [capture("fetched", 0, 1), capture("fetched", 5, 2), capture("fetched", 5, 3, outlet="b")])
    base = fold_in(file, since=T0 + timedelta(hours=1), outlets="a")
    assert pq.read_table(base)["url"].to_pylist() == ["https://a.example/2"]
    assert json.loads(note_of(base)["looks"]).keys() == {"a"}
    tell(file, [])
    fold_in(file, since=T0 + timedelta(hours=6))
    assert of_outlet(file).get("a.example/2") is None


def test_of_what_is_not_due_only_the_little_is_kept_that_says_so(file: Path) -> None:
    digest = "0123456789abcdef" * 4
    tell(file, [capture("fetched", 0), capture("fetched", 200, body_sha256=digest, etag='"1"')])
    kept = row(file)
    assert (kept["due_at"], kept["url"], kept["etag"], kept["body_id"]) == (None, None, None, body_id(digest))
    it = of_outlet(file).get(url_key(URL))
    assert it == KnownUrl(T0 + timedelta(hours=200), None, body_id(digest))
    assert it.has_body(digest)
    assert is_due(it, LATER, T0 + timedelta(hours=201))


def test_what_is_not_known_is_new(file: Path) -> None:
    tell(file, [capture("fetched", 0)])
    it = of_outlet(file)
    assert url_key(URL) in it
    assert "a.example/2" not in it
    assert url_key(URL) not in Known.read(file.parent, LATER).of("b")
    assert is_due(it.get("a.example/2"), T0)
    assert url_key(URL) not in Known.read(file.parent / "none", LATER).of("a")


def due(it: KnownUrl, at: float, changed_at: datetime | None = None) -> bool:
    return is_due(it, T0 + timedelta(hours=at), changed_at)


def test_an_article_is_looked_at_again_once_at_each_age(file: Path) -> None:
    for seen, next_at in (([0], 1), ([0, 1.2], 6), ([0, 6.5], 24), ([0, 25], None)):
        it = known(file, [capture("fetched", at, number=1) for at in seen])
        assert hours(it.due_at) == next_at
    late = known(file, [capture("fetched", 0), capture("unchanged", 200)])
    assert not due(late, 10_000)


def test_a_source_that_says_it_changed_makes_it_due_unless_from_the_future(file: Path) -> None:
    it = known(file, [capture("fetched", 0)])
    assert due(it, 0.5, T0 + timedelta(minutes=20))
    assert not due(it, 0.5, T0 - timedelta(minutes=20))
    assert not due(it, 0.5, T0 + timedelta(hours=3))


def test_failures_are_tried_again_ever_later(file: Path) -> None:
    once = known(file, [capture("failed", 0)])
    assert [due(once, h) for h in (0.1, 0.2)] == [False, True]
    often = known(file, [capture("failed", -i) for i in range(8)])
    assert [due(often, h) for h in (20, 22)] == [False, True]
    forever = known(file, [capture("failed", -i) for i in range(300)])
    assert due(forever, 7 * 24)


@pytest.mark.parametrize("outcome", ["gone", "disallowed"])
def test_gone_and_disallowed_wait_a_day(file: Path, outcome: str) -> None:
    it = known(file, [capture(outcome, 0)])
    assert not it.is_fetched
    assert [due(it, h) for h in (23, 24)] == [False, True]


def test_owed_without_a_source_naming_it(file: Path) -> None:
    def owed(outcome: str, at: float) -> bool:
        known(file, [capture(outcome, 0)])
        keys = [key for key, _ in of_outlet(file).owed(T0 + timedelta(hours=at))]
        return keys == [url_key(URL)]

    assert owed("left", 0.0)
    assert owed("failed", 1)
    assert owed("fetched", 1.5)
    assert not owed("fetched", 0.5)
    assert not owed("gone", 30)
    assert not owed("disallowed", 30)
    assert not owed("failed", 24 * 30)


@pytest.mark.parametrize("outcome", sorted(set(CaptureOutcome) - {CaptureOutcome.NOT_DUE}))
def test_every_outcome_can_be_history(file: Path, outcome: str) -> None:
    assert isinstance(due(known(file, [capture(outcome, 0)]), 1), bool)

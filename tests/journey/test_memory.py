"""What an outlet repeats is learned from slot to slot, left out from then on, and by replay from before, too."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import transforms.extract
from lake import Lake
from presslake import cli, steps
from presslake.memory import boilerplate
from presslake.pipeline import Pipeline, open_pipeline
from presslake.services.environment import settings_env
from schemas import tables
from schemas.settings import Settings
from tests.conftest import empty_lake
from tests.journey.conftest import EPOCH, settings_for
from tests.journey.test_ingest import article, html, land, prose, record

pytestmark = pytest.mark.slow

SLUG = "the-paper"
PROMO = "Readers who give five crowns a month keep the lamps of this little newsroom burning all through the winter."


def archive(folder: Path, day: int, numbers: range) -> Path:
    """A WARC file with these articles, each with the promo as its third paragraph, fetched on that day."""
    path = folder / f"day{day}.warc"
    records = []
    for number in numbers:
        lines = prose(f"town {number}")
        page = article(f"The bridge of town {number} is mended at last", [*lines[:2], PROMO, *lines[2:]])
        at = EPOCH - timedelta(days=10 - day, minutes=-number)
        records.append(record(f"https://paper.example/{number}", html(page), at=at))
    path.write_bytes(b"".join(records))
    return path


def rows(p: Pipeline, table: tables.Table = tables.VERSIONS, **where: Any) -> dict[str, dict[str, Any]]:
    """Rows by their key."""
    return {row[table.key[0]]: row for row in p.lake.read(table, where=where).to_pylist()}


def whole(p: Pipeline) -> dict[str, dict[str, dict[str, Any]]]:
    """Every row of the tables that refine writes."""
    written = (tables.VERSIONS, tables.ARTICLES, tables.SIGHTINGS, tables.OUTCOMES)
    return {table.name: rows(p, table) for table in written}


def snapshots(p: Pipeline) -> list[int | None]:
    return [p.lake.snapshot_id(table) for table in tables.LAKE_TABLES]


def with_promo(found: dict[str, dict[str, Any]]) -> set[str]:
    """URLs of the rows whose text has the promo."""
    return {row["url"] for row in found.values() if PROMO in row["text"]}


def urls(numbers: range) -> set[str]:
    return {f"https://paper.example/{number}" for number in numbers}


def assert_conserved(p: Pipeline, slot: str) -> None:
    for row in steps.balance(p, slot).to_pylist():
        assert (row["captures_left_over"], row["pages_left_over"]) == (0, 0)


@pytest.fixture(scope="module")
def settings(services: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake of one outlet."""
    folder = tmp_path_factory.mktemp("paper")
    file = folder / "outlets" / "gb" / f"{SLUG}.yml"
    file.parent.mkdir(parents=True)
    file.write_text("name: The Paper\nlanguage: en\nhomepage: https://paper.example/\n", "utf-8")
    return settings_for(empty_lake(services), folder / "outlets", folder / "state")


@pytest.fixture(scope="module")
def pipeline(settings: Settings) -> Iterator[Pipeline]:
    with open_pipeline(settings) as p:
        yield p


@pytest.fixture(scope="module")
def slots(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two days of the paper, published; on the second the first articles are met again."""
    folder = tmp_path_factory.mktemp("archives")
    found = []
    for day, numbers in ((1, range(6)), (2, range(4, 12))):
        [slot] = land(pipeline, archive(folder, day, numbers))
        steps.refine(pipeline, slot)
        assert_conserved(pipeline, slot)
        found.append(slot)
    return found


def test_what_recurred_before_a_slot_is_left_out_of_it_with_the_reason(
    pipeline: Pipeline, slots: list[str]
) -> None:
    assert with_promo(rows(pipeline)) == urls(range(6))
    later = rows(pipeline, slot=slots[1])
    assert {row["url"] for row in later.values()} == urls(range(6, 12))
    for row in later.values():
        assert {"field": "text", "source": "dropped:recurs in 6 articles", "value": PROMO} in row["evidence"]
        assert len(row["text"].split("\n")) == 6


def test_what_was_learned_between_two_fetches_is_no_revision(pipeline: Pipeline, slots: list[str]) -> None:
    again = rows(pipeline, tables.OUTCOMES, slot=slots[1]).values()
    assert {row["url"]: row["outcome"] for row in again if row["url"] in urls(range(6))} == dict.fromkeys(
        urls(range(4, 6)), "unchanged"
    )


def test_a_slot_run_again_knows_what_it_knew(pipeline: Pipeline, slots: list[str]) -> None:
    before = snapshots(pipeline)
    for slot in slots:
        steps.refine(pipeline, slot)
    assert snapshots(pipeline) == before
    assert len(rows(pipeline, tables.SIGHTINGS)) == 12


def test_what_an_outlet_repeats_can_be_looked_at(
    settings: Settings,
    pipeline: Pipeline,
    slots: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert slots
    [line] = boilerplate(pipeline, SLUG).to_pylist()
    assert (line["text"], line["articles"]) == (PROMO, 12)
    assert line["last_seen_at"] - line["first_seen_at"] == timedelta(days=1, minutes=11)
    for name, value in settings_env(settings).items():
        monkeypatch.setenv(name, value)
    assert presslake(monkeypatch, "outlets", "boilerplate", SLUG, "--json") == 0
    assert json.loads(capsys.readouterr().out)["text"] == PROMO
    assert presslake(monkeypatch, "outlets", "boilerplate", "nobody") == 1
    assert "no article of 'nobody'" in capsys.readouterr().out


def test_replay_corrects_the_first_slot_in_place_and_then_nothing(
    settings: Settings,
    pipeline: Pipeline,
    slots: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = whole(pipeline)
    for name, value in settings_env(settings).items():
        monkeypatch.setenv(name, value)
    assert presslake(monkeypatch, "replay", *slots) == 0
    said = [line.split() for line in capsys.readouterr().out.split("\n")]
    assert [words for words in said if len(words) == 5] == [
        ["slot", "changed", "same", "added", "removed"],
        [slots[0], "6", "0", "0", "0"],
        [slots[1], "0", "6", "0", "0"],
        ["together", "6", "6", "0", "0"],
    ]
    after = whole(pipeline)
    assert with_promo(after["versions"]) == with_promo(after["articles"]) == set()
    kept = ("article_id", "revision", "first_seen_at", "story_id", "slot")
    for name in ("versions", "articles"):
        assert {key: [row[c] for c in kept] for key, row in after[name].items()} == {
            key: [row[c] for c in kept] for key, row in before[name].items()
        }
    assert after["sightings"] == before["sightings"]
    assert after["outcomes"] == before["outcomes"]

    commits = snapshots(pipeline)
    for slot in slots:
        assert_conserved(pipeline, slot)
        steps.sight(pipeline, slot)
        assert steps.replay(pipeline, slot) == {"changed": 0, "same": 6, "added": 0, "removed": 0}
        steps.refine(pipeline, slot)
    assert snapshots(pipeline) == commits


def test_a_slot_tidied_away_keeps_what_replay_found(
    pipeline: Pipeline, slots: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "AT_REST", -steps.AT_REST)
    assert steps.tidy(pipeline)["staged_slots_cleared"] == len(slots)
    before = whole(pipeline)
    steps.refine(pipeline, slots[0])
    assert whole(pipeline) == before


def test_replay_takes_back_what_is_no_article_and_moves_what_has_another_address(
    pipeline: Pipeline, slots: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As another extractor would: of the first slot it turns down article 1 and reads 2 as another URL's."""
    before = whole(pipeline)
    original = transforms.extract.extract

    def other(*arguments: Any) -> pa.Table:
        found = original(*arguments).to_pylist()
        for row in found:
            if row["url"].endswith("/1"):
                row |= {"outcome": "not_article", "reason": "list_page"}
            if row["url"].endswith("/2"):
                row["canonical_raw"] = "https://paper.example/towns/2"
        return pa.Table.from_pylist(found, schema=tables.EXTRACTIONS.schema)

    with monkeypatch.context() as changed:
        changed.setattr(transforms.extract, "extract", other)
        assert steps.replay(pipeline, slots[0]) == {"changed": 1, "same": 4, "added": 0, "removed": 1}
    after = whole(pipeline)
    expected = (urls(range(12)) - urls(range(1, 3))) | {"https://paper.example/towns/2"}
    for name in ("versions", "articles"):
        assert {row["canonical_url"] for row in after[name].values()} == expected
    assert after["sightings"].keys() == after["articles"].keys()
    outcomes = {row["url"]: row["outcome"] for row in after["outcomes"].values() if row["slot"] == slots[0]}
    assert outcomes.pop("https://paper.example/1") == "not_article"
    assert set(outcomes.values()) == {"published"}
    assert_conserved(pipeline, slots[0])

    assert steps.replay(pipeline, slots[0]) == {"changed": 1, "same": 4, "added": 1, "removed": 0}
    steps.replay(
        pipeline, slots[0]
    )  # now that article 1 is known again, the promo recurs in one article more
    assert whole(pipeline) == before


def test_a_replay_that_dies_between_two_commits_is_mended_by_the_next(
    pipeline: Pipeline, slots: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole(pipeline)
    original, upsert = transforms.extract.extract, Lake.upsert

    def fewer(*arguments: Any) -> pa.Table:
        found = original(*arguments).to_pylist()
        found[0] |= {"outcome": "not_article", "reason": "list_page"}
        return pa.Table.from_pylist(found, schema=tables.EXTRACTIONS.schema)

    def dies(self: Lake, spec: tables.Table, *arguments: Any, **options: Any) -> Any:
        if spec is tables.ARTICLES:
            raise KeyboardInterrupt
        return upsert(self, spec, *arguments, **options)

    with monkeypatch.context() as changed:
        changed.setattr(transforms.extract, "extract", fewer)
        with monkeypatch.context() as struck:
            struck.setattr(Lake, "upsert", dies)
            with pytest.raises(KeyboardInterrupt):
                steps.replay(pipeline, slots[0])
        assert len(rows(pipeline, tables.ARTICLES)) == len(rows(pipeline)) + 1
        steps.replay(pipeline, slots[0])
        assert rows(pipeline, tables.ARTICLES).keys() == {r["article_id"] for r in rows(pipeline).values()}
    steps.replay(pipeline, slots[0])
    steps.replay(pipeline, slots[0])
    assert whole(pipeline) == before


def test_forgotten_sightings_are_made_again_for_a_replay(pipeline: Pipeline, slots: list[str]) -> None:
    before = whole(pipeline)
    assert pipeline.lake.prune(tables.SIGHTINGS, days=0) > 0
    assert rows(pipeline, tables.SIGHTINGS) == {}
    assert pipeline.lake.prune(tables.SIGHTINGS, days=0) == 0
    for slot in slots:
        steps.sight(pipeline, slot)
    assert whole(pipeline) == before


def test_slots_are_chosen_by_range_and_outlet(pipeline: Pipeline, slots: list[str]) -> None:
    """Ingests have no place in time, so they are named."""
    assert slots
    row = pipeline.lake.read(tables.CAPTURES).slice(0, 1).to_pylist()[0]
    for hour in (10, 11, 12):
        name = f"2026-11-22T{hour}:00:00"
        made = row | {"capture_id": f"c{hour}", "slot": name, "outlet": f"o{hour % 2}"}
        pipeline.lake.upsert(tables.CAPTURES, pa.Table.from_pylist([made], schema=tables.CAPTURES.schema))
    names = [f"2026-11-22T{hour}:00:00" for hour in (10, 11, 12)]
    assert steps.slots(pipeline, None, None, None) == names
    assert steps.slots(pipeline, names[1], None, None) == names[1:]
    assert steps.slots(pipeline, None, names[1], "o0") == names[:1]


def presslake(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of the command."""
    monkeypatch.setattr(sys, "argv", ["presslake", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert isinstance(stop.value.code, int)
    return stop.value.code

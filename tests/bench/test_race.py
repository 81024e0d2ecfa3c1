"""The race is fair and survives its runners: processes, memory of readings, scores and verdicts."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from schemas.page import Page
from tests.bench import race
from tests.bench.quality import Reading, page_of, read_set, score, worst
from tests.bench.race import OURS, Tool, python_of, readings, running
from tests.bench.tables import duels, interval, scores_of, shares

PROSE = "The harbour council met on Tuesday evening and agreed to dredge the eastern channel before winter. "
HTML = f"""<!doctype html><html lang="en"><head><title>Harbour to be dredged</title></head><body>
<article><h1>Harbour to be dredged</h1>{"".join(f"<p>{PROSE}Vote {n} was close.</p>" for n in range(9))}</article>
</body></html>"""


def captured(name: str, html: str = HTML) -> Page:
    at = datetime(2026, 3, 28, tzinfo=UTC)
    return page_of("race", f"https://example.org/news/{name}", html.encode(), at)


def quiet(_: str) -> None:
    pass


@pytest.mark.slow
def test_a_tool_reads_in_a_process_of_its_own(tmp_path: Path) -> None:
    with running(OURS, tmp_path, quiet) as worker:
        pages = [captured(f"harbour-{number}") for number in range(race.BATCH + 1)]
        found, cpu_s = worker.read(pages)
        assert worker.peak_mb > 20
    assert [reading.title for reading in found] == ["Harbour to be dredged"] * len(pages)
    assert PROSE.strip() in found[-1].text
    assert 0 < cpu_s < 60


def test_a_tool_that_dies_says_why(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"died: AttributeError: .*no_such_reader"):
        running(Tool("ghost", "no_such_reader"), tmp_path, quiet).__enter__()


@pytest.mark.slow
def test_a_peer_that_does_not_install_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ghost.lock").write_text("./no-such-folder\n")
    monkeypatch.setattr(race, "LOCKS", tmp_path)
    ghost = Tool("ghost", "presslake", "ghost")
    with pytest.raises(RuntimeError, match=r"did not install: ERROR: .*no-such-folder"):
        python_of(ghost, tmp_path, quiet)
    assert not (tmp_path / "ghost" / ".installed").exists()


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A peer `echo` that gives the URL as text; the URLs it really read."""
    read: list[str] = []

    class Echo:
        def read(self, pages: list[Page]) -> tuple[list[Reading], float]:
            read.extend(page.url for page in pages)
            return [Reading(text=page.url, authors=("A B",)) for page in pages], 0.0

    @contextmanager
    def echo(*_: object) -> Iterator[Echo]:
        yield Echo()

    (tmp_path / "echo.lock").write_text("echo==1.0 \\\n")
    monkeypatch.setattr(race, "LOCKS", tmp_path)
    monkeypatch.setattr(race, "running", echo)
    return lambda: read


def test_a_peer_reads_a_page_once(tmp_path: Path, peer: Callable[[], list[str]]) -> None:
    echo, one, two = Tool("echo", "trafilatura", "echo"), captured("one"), captured("two")
    readings(echo, [one], tmp_path, quiet)
    found = readings(echo, [two, one], tmp_path, quiet)
    assert found == [Reading(text=page.url, authors=("A B",)) for page in (two, one)]
    assert peer() == [one.url, two.url]


def test_a_peer_reads_again_what_changed(tmp_path: Path, peer: Callable[[], list[str]]) -> None:
    echo, page = Tool("echo", "trafilatura", "echo"), captured("one")
    readings(echo, [page], tmp_path, quiet)
    readings(echo, [captured("one", HTML.replace("close", "clear"))], tmp_path, quiet)
    readings(Tool("echo", "trafilatura", "echo", {"fast": True}), [page], tmp_path, quiet)
    (tmp_path / "echo.lock").write_text("echo==1.1 \\\n")
    readings(echo, [page], tmp_path, quiet)
    assert len(peer()) == 4


def test_ours_is_read_anew(tmp_path: Path, peer: Callable[[], list[str]]) -> None:
    for _ in range(2):
        readings(OURS, [captured("one")], tmp_path, quiet)
    assert len(peer()) == 2


def test_a_version_is_what_the_lock_pins() -> None:
    assert all(tool.version[0].isdigit() for tool in race.PEERS)
    assert next(tool for tool in race.PEERS if tool.name == "justext").version != race.TRAFILATURA.version


def test_a_set_is_read_with_its_annotations(tmp_path: Path) -> None:
    golds = [
        '{"id": "a", "date": NaN}',
        '{"id": "b", "gold_is_suspect": true}',
        '{"id": "c", "date": "2026-03-28"}',
    ]
    (tmp_path / "own.jsonl").write_text("\n".join(golds))
    with gzip.open(tmp_path / "own.warc.gz", "wb") as stream:
        for number in range(len(golds)):
            body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>{number}</p>"
            stream.write(
                "WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
                f"WARC-Target-URI: https://example.org/{number}\r\nWARC-Date: 2026-03-29T01:00:00Z\r\n"
                f"WARC-Record-ID: <urn:uuid:{number}>\r\nContent-Length: {len(body)}\r\n\r\n{body}\r\n\r\n".encode()
            )
    (first, undated), (second, _) = read_set("own", corpus=tmp_path)
    assert (first.body, second.body) == (b"<p>0</p>", b"<p>2</p>")
    assert second.url == "https://example.org/2"
    assert second.fetched_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert score(undated, Reading()) == {}


def test_scores() -> None:
    gold = {
        "text": "Standfirst of five good words. One two three four five six.",
        "title": "A  Title!",
        "authors": ["Ann Lee", "Bo Ek"],
        "date": "2026-03-28T10:00:00",
        "with": ["one two", "never said"],
        "without": ["read more"],
    }
    reading = Reading(
        dek="Standfirst of five good words.",
        text="One two three four five six.",
        title="a title",
        authors=("Bo Ek", "Ann Lee"),
        day="2026-03-28",
    )
    assert score(gold, reading) == {
        "body": pytest.approx(2 * 3 / (8 + 3)),
        "exact": 0.0,
        "dek+body": 1.0,
        "dek+exact": 1.0,
        "title": 1.0,
        "authors": 1.0,
        "date": 1.0,
        "with": 0.5,
        "without": 1.0,
    }


def test_a_field_that_a_tool_never_states_has_no_score() -> None:
    gold = {"text": "one two three four", "title": "Title", "date": "2026-03-28"}
    pairs = [(captured("one"), gold), (captured("two"), gold)]
    scores = scores_of(pairs, [Reading(text=gold["text"], title="Title"), Reading()])
    assert [page["title"] for page in scores] == [1, 0]
    assert not any("date" in page for page in scores)


def test_the_worst_comes_first() -> None:
    golds = [{"id": name, "url": f"https://example.org/{name}", "text": PROSE} for name in ("good", "bad")]
    readings = [Reading(text=PROSE), Reading(text="Something else was said here.", article=False)]
    _, first, second = worst(list(zip(golds, readings, strict=True)), 5)
    assert "bad" in first
    assert "no article" in first
    assert second.startswith(" 1.000")


def test_an_interval_leaves_zero_out_only_where_pages_agree() -> None:
    some = np.array([0.01, 0.02, 0.03, 0.02] * 20)
    low, high = interval(some)
    assert 0.01 < low < some.mean() < high < 0.03
    low, high = interval(np.array([0.5, -0.5] * 40))
    assert low < 0 < high
    assert interval(some) == interval(some)


@pytest.mark.parametrize(("ours", "verdict"), [(0.9, "ahead"), (0.8, "level"), (0.6, "behind")])
def test_the_duel_is_with_the_best_peer(ours: float, verdict: str) -> None:
    def pages(body: float, exact: float) -> list[dict[str, float]]:
        return [{"body": body, "dek+body": 0, "exact": exact, "dek+exact": 0}] * 9

    scores = {
        OURS.name: {"scrapinghub": pages(ours, 0.6)},
        "good": {"scrapinghub": pages(0.8, 0.1)},
        "poor": {"scrapinghub": pages(0.5, 0.2)},
    }
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in duels(scores).splitlines()[2:]]
    assert [row[:2] for row in rows] == [["scrapinghub, body", "good"], ["scrapinghub, dek + body", "good"]]
    assert [row[6:] for row in rows] == [[verdict, "3.00"], ["behind", "0.00"]]


def test_the_best_of_a_column_stands_out() -> None:
    lines = shares("tool", ["title", "date"], [("a", [0.5, None]), ("b", [0.75, None])]).splitlines()
    assert "**0.750**" in lines[3]
    assert "**" not in lines[2]

"""The journal: what is written comes back as rows, whatever is torn off its end."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import brotli
import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.pages import read_member
from schemas.errors import TryLater
from schemas.page import Statement
from schemas.tables import CAPTURES, VISITS
from schemas.vocabulary import CaptureOutcome
from spiders.decode import Encoded
from spiders.journal import (
    INDEX_NAME,
    WARC_NAME,
    Capture,
    Found,
    Journal,
    Landing,
    Stop,
    Visit,
    read_journal,
)
from spiders.warc import response_record

AT = "2026-11-22T12:00:00.123456+00:00"
PAGES = 4


def record(body: bytes, url: str = "https://a.example/") -> bytes:
    headers = [
        (b"Content-Type", b"text/html"),
        (b"Content-Encoding", b"gzip"),
        (b"Content-Length", b"7"),
        (b"Transfer-Encoding", b"chunked"),
    ]
    return response_record(
        url,
        at=datetime.fromisoformat(AT),
        status=200,
        headers=headers,
        body=body,
        sha256=hashlib.sha256(body).digest(),
        ip="127.0.0.1",
    )


def body(n: int) -> bytes:
    return f"<p>Seite {n} — ünïcödé</p>".encode() * (n + 1)


def write(folder: Path, pages: int = PAGES, end: bool = True) -> None:
    with Journal.open(folder) as journal:
        for n in range(pages):
            journal.write(Found("a", f"https://a.example/{n}", f"a.example/{n}", ["feed f"], AT))
        journal.write(Visit("a", "f", "feed", "fetched", AT, found=pages, new=pages, body_sha256="x"))
        for n in range(pages):
            offset, length = journal.archive(record(body(n)))
            journal.write(
                Capture(
                    "a", f"a.example/{n}", "fetched", fetched_at=AT, warc_offset=offset, warc_bytes=length
                )
            )
        if end:
            journal.write(Stop(None, "finished"))


def pages(folder: Path, landing: Landing) -> dict[str, bytes]:
    """Bodies read one by one, each from its own member only."""
    warc = (folder / WARC_NAME).read_bytes()
    found = {}
    for row in landing.captures.to_pylist():
        if row["warc_offset"] is not None:
            member = warc[row["warc_offset"] : row["warc_offset"] + row["warc_bytes"]]
            it = next(ArchiveIterator(BytesIO(member)))
            found[row["url_key"]] = it.reader.read()
    return found


def test_rows_conform_and_pages_are_found_by_offset(tmp_path: Path) -> None:
    write(tmp_path)
    landing = read_journal(tmp_path, "s")
    assert landing.captures.schema == CAPTURES.schema
    assert landing.visits.schema == VISITS.schema
    for table, rows in ((CAPTURES, landing.captures), (VISITS, landing.visits)):
        for name in table.required:
            assert rows[name].null_count == 0
    assert pages(tmp_path, landing) == {f"a.example/{n}": body(n) for n in range(PAGES)}
    assert landing.captures["fetched_at"][0].as_py() == datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
    assert (landing.discovered, landing.torn) == ({"a": PAGES}, 0)
    assert landing.visits.num_rows == 1


def test_the_warc_is_one_and_its_digests_hold(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / WARC_NAME).open("rb") as file:
        kinds, offsets = [], []
        for it in ArchiveIterator(file, parse_http=False):
            kinds.append(it.record_type)
            offsets.append(it.stream_pos)
            if it.record_type == WarcRecordType.response:
                it.parse_http()
                assert it.headers["WARC-Date"] == "2026-11-22T12:00:00.123456Z"
                assert it.http_headers.status_code == 200
                assert it.http_headers["X-Crawler-Content-Encoding"] == "gzip"
                assert "Transfer-Encoding" not in it.http_headers
                content = it.reader.read()
                assert it.http_headers["Content-Length"] == str(len(content))
    assert kinds == [WarcRecordType.warcinfo] + [WarcRecordType.response] * PAGES
    assert offsets[1:] == read_journal(tmp_path, "s").captures["warc_offset"].to_pylist()


def test_a_page_with_a_megabyte_of_headers_spoils_no_other(tmp_path: Path) -> None:
    headers = [(b"X-%d" % n, b"x" * 1000) for n in range(1000)] + [(b"Content-Type", b"text/html")]
    it = response_record(
        "https://a.example/",
        at=datetime.fromisoformat(AT),
        status=200,
        headers=headers,
        body=b"1",
        sha256=b"",
    )
    records = list(ArchiveIterator(BytesIO(it + record(b"2"))))
    assert [r.http_headers["Content-Type"] for r in records] == ["text/html"] * 2


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_a_body_is_archived_as_it_was_sent(coding: str, pack: Callable[[bytes], bytes]) -> None:
    page = body(3)
    stated = [(b"Content-Type", b"text/html"), (b"Content-Encoding", b"x" * 20_000)]
    member = response_record(
        "https://a.example/",
        at=datetime.fromisoformat(AT),
        status=200,
        headers=stated,
        body=page,
        sha256=b"",
        sent=Encoded(coding, pack(page)),
    )
    assert read_member(member, len(page)) == (page, None)
    raw = next(ArchiveIterator(BytesIO(member)))
    assert raw.verify_payload_digest()
    assert (raw.http_headers["Content-Encoding"], raw.reader.read()) == (coding, pack(page))


def test_several_sources_of_one_url_are_one_row(tmp_path: Path) -> None:
    with Journal.open(tmp_path) as journal:
        for source in ("sitemap s", "feed f", "feed f"):
            journal.write(Found("a", "https://a.example/1", "a.example/1", [source], AT))
        journal.write(Found("b", "https://a.example/1", "a.example/1", ["feed f"], AT))
        journal.write(Capture("a", "a.example/1", "gone", "http_4xx", status=404))
        journal.write(Stop("b", "page_limit"))
        journal.write(Stop(None, "time_limit"))
    landing = read_journal(tmp_path, "s")
    assert [(r["found_in"], r["outcome"], r["reason"]) for r in landing.captures.to_pylist()] == [
        (["feed f", "sitemap s"], "gone", "http_4xx"),
        (["feed f"], "left", "page_limit"),
    ]
    assert landing.discovered == {"a": 1, "b": 1}


def test_rows_come_in_batches_in_the_order_urls_were_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spiders.journal._BATCH", 2)
    with Journal.open(tmp_path) as journal:
        for n in (3, 1, 2, 1, 3):
            journal.write(Found("a", f"https://a.example/{n}", f"a.example/{n}", [f"feed {n}"], AT))
        for key, outcome in ((2, "failed"), (2, "fetched"), (9, "fetched"), (3, "gone")):
            journal.write(Capture("a", f"a.example/{key}", outcome))
    landing = read_journal(tmp_path, "s")
    for _ in range(2):  # they can be read as often as one likes
        batches = [
            zip(*map(rows.__getitem__, ("url_key", "outcome")), strict=True) for rows in landing.batches()
        ]
        assert [[(str(key), str(outcome)) for key, outcome in rows] for rows in batches] == [
            [("a.example/3", "gone"), ("a.example/1", "left")],
            [("a.example/2", "fetched")],
        ]


@pytest.mark.parametrize(
    ("stops", "reason"),
    [([], "crash"), ([Stop("a", "byte_limit")], "byte_limit"), ([Stop(None, "time_limit")], "time_limit")],
)
def test_urls_without_an_outcome_are_left_with_the_reason(
    tmp_path: Path, stops: list[Stop], reason: str
) -> None:
    with Journal.open(tmp_path) as journal:
        journal.write(Found("a", "https://a.example/1", "a.example/1", ["feed f"], AT))
        for stop in stops:
            journal.write(stop)
    (row,) = read_journal(tmp_path, "s").captures.to_pylist()
    assert (row["outcome"], row["reason"]) == ("left", reason)


def test_an_empty_journal_is_an_empty_landing(tmp_path: Path) -> None:
    landing = read_journal(tmp_path / "never", "s")
    assert (landing.captures.num_rows, landing.visits.num_rows, landing.torn) == (0, 0, 0)


@pytest.mark.parametrize("name", [INDEX_NAME, WARC_NAME])
def test_torn_at_any_byte_whole_records_stay_and_the_crawl_goes_on(tmp_path: Path, name: str) -> None:
    """Cut one file at every byte of its last record and just before; then resume as a crawl would."""
    write(tmp_path, end=False)
    whole = {n: (tmp_path / n).read_bytes() for n in (INDEX_NAME, WARC_NAME)}
    lines = whole[INDEX_NAME].splitlines()
    ends = [
        sum(v["capture"][k] for k in ("warc_offset", "warc_bytes")) for v in map(json.loads, lines[-PAGES:])
    ]
    start = (len(whole[INDEX_NAME]) - len(lines[-1]) if name == INDEX_NAME else ends[-2]) - 3
    for cut in range(start, len(whole[name]) + 1):
        for n, content in whole.items():
            (tmp_path / n).write_bytes(content[:cut] if n == name else content)
        landing = read_journal(tmp_path, "s")
        if name == WARC_NAME:
            kept = sum(end <= cut for end in ends)
        else:
            kept = whole[name][:cut].count(b"\n") - (len(lines) - PAGES)
        assert pages(tmp_path, landing) == {f"a.example/{n}": body(n) for n in range(kept)}
        outcomes = landing.captures["outcome"].to_pylist()
        assert outcomes == ["fetched"] * kept + ["left"] * (PAGES - kept)
        assert (landing.torn > 0) == (cut < len(whole[name]) or kept < PAGES)
        if cut % 8:
            continue
        with Journal.open(tmp_path) as journal:
            offset, length = journal.archive(record(b"resumed"))
            journal.write(Capture("a", "a.example/0", "fetched", warc_offset=offset, warc_bytes=length))
        assert pages(tmp_path, read_journal(tmp_path, "s"))["a.example/0"] == b"resumed"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Both files of a journal whose crawl died."""
    folder = tmp_path_factory.mktemp("written")
    write(folder, end=False)
    return {name: (folder / name).read_bytes() for name in (INDEX_NAME, WARC_NAME)}


@settings(max_examples=60)
@given(data=st.data())
def test_torn_anywhere_in_both_files_every_row_kept_has_its_page(
    written: dict[str, bytes], data: st.DataObject
) -> None:
    """Written again from where it was torn, the journal is as good as one that never was."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for cut, content in written.items():
            size = data.draw(st.integers(0, len(content)), label=cut)
            (folder / cut).write_bytes(content[:size])
        landing = read_journal(folder, "s")
        kept = [row["url_key"] for row in landing.captures.to_pylist() if row["outcome"] == "fetched"]
        assert kept == [f"a.example/{n}" for n in range(len(kept))]
        assert pages(folder, landing) == {f"a.example/{n}": body(n) for n in range(len(kept))}
        write(folder)
        again = read_journal(folder, "s")
        assert again.torn == 0
        assert pages(folder, again) == {f"a.example/{n}": body(n) for n in range(PAGES)}
        with (folder / WARC_NAME).open("rb") as file:
            assert sum(1 for _ in ArchiveIterator(file)) == 1 + len(kept) + PAGES


@pytest.mark.parametrize("junk", [b"\0" * 40, b"{}\n", b"[1]\n", b'{"capture": {"no": 1}}\n', b"\xff\xfe\n"])
def test_junk_at_the_end_is_cut_off_and_counted(tmp_path: Path, junk: bytes) -> None:
    write(tmp_path)
    with (tmp_path / INDEX_NAME).open("ab") as file:
        file.write(junk)
    landing = read_journal(tmp_path, "s")
    assert (landing.torn, landing.captures.num_rows) == (1, PAGES)
    assert read_journal(tmp_path, "s").torn == 0


@pytest.mark.parametrize("claim", ["ünïcödé \U0001f600", "half a pair \ud83d", "\0 \x1b \u2028"])
def test_any_text_is_read_as_it_was_written(tmp_path: Path, claim: str) -> None:
    found = Found(
        "a", "https://a.example/1", "a.example/1", ["feed f"], AT, None, [Statement("title", "feed", claim)]
    )
    with Journal.open(tmp_path) as journal:
        offset = journal.write(found)
        journal.write(Stop(None, "finished"))
        read = journal.event(offset)
    assert isinstance(read, Found)
    assert [Statement(*it) for it in read.claims] == found.claims


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with Journal.open(tmp_path):
        with pytest.raises(TryLater, match="another crawl"), Journal.open(tmp_path):
            pass
        with pytest.raises(TryLater, match="another crawl"):
            read_journal(tmp_path, "s")
    assert read_journal(tmp_path, "s").torn == 0


def test_what_sources_say_of_a_page_is_kept_each_claim_once_and_not_while_it_is_not_due(
    tmp_path: Path,
) -> None:
    storm, lull = (Statement("title", "feed:title", words) for words in ("Storm", "Lull"))
    with Journal.open(tmp_path) as journal:
        for number in "12":
            for source, claims in (("feed f", [storm]), ("feed g", [lull, storm]), ("section s", [])):
                url = f"a.example/{number}"
                journal.write(Found("a", f"https://{url}", url, [source], AT, claims=claims))
        journal.write(Capture("a", "a.example/2", CaptureOutcome.NOT_DUE))
    left, waiting = read_journal(tmp_path, "s").captures.to_pylist()
    assert left["claims"] == [storm._asdict(), lull._asdict()]
    assert waiting["claims"] is None


def test_however_many_sources_claim_something_a_row_stays_small(tmp_path: Path) -> None:
    with Journal.open(tmp_path) as journal:
        for number in range(300):
            claims = [Statement("title", "feed:title", f"{number} {n}") for n in range(9)]
            journal.write(
                Found("a", "https://a.example/1", "a.example/1", [f"feed {number}"], AT, claims=claims)
            )
    [row] = read_journal(tmp_path, "s").captures.to_pylist()
    assert len(row["claims"]) == 100

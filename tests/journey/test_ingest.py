"""Pages that come as files go the same way as those of a crawl."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import signal
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from presslake import ingest as ingesting
from presslake import steps
from presslake.demo.truth import Truth
from presslake.ingest import Account, Asked, land_source, survey
from presslake.inputs import find_sources
from presslake.pipeline import Pipeline, open_pipeline
from schemas import tables
from schemas.errors import Reject
from schemas.settings import REPO, Settings
from tests.conftest import empty_lake
from tests.journey.conftest import EPOCH, Desk
from tests.journey.test_crashes import PROCESSES, Moment

pytestmark = pytest.mark.slow

CORPUS = REPO.parent / "shared" / "corpus" / "fundus_eval.warc.gz"
AT = EPOCH.replace(hour=13)
WORDS = (
    "harbour",
    "ferry",
    "council",
    "bridge",
    "winter",
    "market",
    "orchard",
    "signal",
    "quarry",
    "lantern",
)


# --- files ---------------------------------------------------------------------------------------


def record(
    url: str, block: bytes, kind: str = "response", at: datetime = AT, media: str | None = None
) -> bytes:
    """One WARC record without compression."""
    media = media or {"response": "application/http;msgtype=response"}.get(kind, "text/plain")
    head = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{uuid4()}>",
        f"WARC-Date: {at:%Y-%m-%dT%H:%M:%SZ}",
        f"WARC-Target-URI: {url}",
        f"Content-Type: {media}",
        f"Content-Length: {len(block)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + block + b"\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP response as it came over the wire."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


def html(body: bytes) -> bytes:
    return answer(body, "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(body)}")


def chunked(body: bytes, size: int = 700) -> bytes:
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def prose(seed: str, paragraphs: int = 6) -> list[str]:
    """Paragraphs of words that differ from seed to seed."""
    digest = hashlib.sha256(seed.encode()).digest()
    return [
        "The "
        + " ".join(WORDS[(digest[(i * 7 + j) % 32] + i * j) % len(WORDS)] for j in range(30))
        + f" stood quiet on day {i} of {seed}."
        for i in range(paragraphs)
    ]


def article(title: str, paragraphs: list[str]) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def fetched(page: Truth) -> bytes:
    """A page of the newsroom as it serves it."""
    parts = urlsplit(page.url)
    with closing(http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)) as connection:
        connection.request("GET", parts.path, headers={"Host": parts.netloc})
        return connection.getresponse().read()


def of_paper(desk: Desk, slug: str, count: int) -> list[Truth]:
    """The latest articles of a paper."""
    pages = [p for p in desk.room.truth() if p.outlet == slug and p.expected == "published" and p.is_listed]
    assert len(pages) >= count
    return pages[-count:]


# --- what is asked of the lake -------------------------------------------------------------------


def land(p: Pipeline, path: Path | str, url: str | None = None, outlet: str | None = None) -> list[str]:
    (source,) = find_sources(p.settings, [str(path)])
    return land_source(p, source, Asked(url, outlet)).slots


def ingest(desk: Desk, path: Path | str, url: str | None = None, outlet: str | None = None) -> list[str]:
    """What `presslake ingest` does; returns the slots, each of which adds up."""
    slots = land(desk.pipeline, path, url, outlet)
    for slot in slots:
        steps.refine(desk.pipeline, slot)
        for row in steps.balance(desk.pipeline, slot).to_pylist():
            assert (row["captures_left_over"], row["pages_left_over"]) == (0, 0), (slot, row["outlet"])
    assert steps.owed(desk.pipeline) == []
    return slots


def rows(desk: Desk, table: tables.Table, key: str = "url") -> dict[str, dict[str, Any]]:
    """Rows by a column that is unique here."""
    found = desk.rows(table).to_pylist()
    assert len({row[key] for row in found}) == len(found)
    return {row[key]: row for row in found}


# --- what must hold ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pages.warc", "pages.warc.gz"])
def test_a_warc_is_published_like_a_crawl_and_once(desk: Desk, tmp_path: Path, name: str) -> None:
    """A plain record, one chunked and gzip-encoded, one that says so but is decoded; two outlets."""
    plain, wired, decoded = of_paper(desk, "harbour-gazette", 3)
    (other,) = of_paper(desk, "elbe-kurier", 1)
    encoded = ("Content-Type: text/html", "Content-Encoding: gzip", "Transfer-Encoding: chunked")
    blocks = {
        plain.url: html(fetched(plain)),
        wired.url: answer(chunked(gzip.compress(fetched(wired))), *encoded),
        decoded.url: answer(fetched(decoded), *encoded),
        other.url: html(fetched(other)),
    }
    pack = gzip.compress if name.endswith(".gz") else bytes
    path = tmp_path / name
    info = record("", b"software: a test\r\n", "warcinfo", media="application/warc-fields")
    path.write_bytes(b"".join(map(pack, [info, *(record(url, block) for url, block in blocks.items())])))

    (slot,) = ingest(desk, path)
    articles = rows(desk, tables.ARTICLES)
    assert articles.keys() == blocks.keys()
    for page in (plain, wired, decoded, other):
        row = articles[page.url]
        assert (row["outlet"], row["title"], row["text"]) == (page.outlet, page.title, page.text)
        assert (row["published_at"], row["fetched_at"], row["slot"]) == (page.published_at, AT, slot)

    before = desk.snapshots()
    assert ingest(desk, path) == [slot]
    assert desk.snapshots() == before


def test_a_wet_file(desk: Desk, tmp_path: Path) -> None:
    title, paragraphs = "Night ferry returns to the northern quay", prose("wet")
    text = "\n".join(["Home", "News", title, *paragraphs, "Contact"]).encode()
    path = tmp_path / "crawl.wet.gz"
    url = "https://paper.example/night-ferry"
    path.write_bytes(
        gzip.compress(record("", b"x: y\r\n", "warcinfo", media="application/warc-fields"))
        + gzip.compress(record(url, text, "conversion"))
    )
    ingest(desk, path)
    row = rows(desk, tables.ARTICLES)[url]
    assert (row["title"], row["text"], row["outlet"]) == (title, "\n".join(paragraphs), "paper-example")


def test_single_documents(desk: Desk, tmp_path: Path) -> None:
    """A page and a text by their URL, and a text by its outlet only."""
    page, text = tmp_path / "page.html", tmp_path / "a note.txt"
    page.write_bytes(article("The quarry closes after ninety years", prose("page")))
    text.write_text("\n".join(["A bridge for the orchard road", *prose("text")]), "utf-8")
    ingest(desk, page, url="https://paper.example/quarry")
    ingest(desk, text, url="https://paper.example/bridge", outlet="elbe-kurier")
    text.write_text("\n".join(["Lanterns return to the market", *prose("other")]), "utf-8")
    ingest(desk, text, outlet="harbour-gazette")
    articles = {row["title"]: row for row in desk.rows(tables.ARTICLES).to_pylist()}
    assert {title: row["outlet"] for title, row in articles.items()} == {
        "The quarry closes after ninety years": "paper-example",
        "A bridge for the orchard road": "elbe-kurier",
        "Lanterns return to the market": "harbour-gazette",
    }
    assert articles["The quarry closes after ninety years"]["text"] == "\n".join(prose("page"))
    written = datetime.fromtimestamp(page.stat().st_mtime, UTC)
    assert articles["The quarry closes after ninety years"]["fetched_at"] == written
    homepage = desk.pipeline.outlets["harbour-gazette"].homepage
    assert articles["Lanterns return to the market"]["url"] == f"{homepage}a%20note"


def test_a_url_that_an_archive_holds_three_times(desk: Desk, tmp_path: Path) -> None:
    """Newest first, as archives may be: each text is a version, the newest is the article."""
    url, title = "https://paper.example/story", "The signal at the station"
    texts = [[f"This is what we knew by hour {hour}.", *prose("story")] for hour in (20, 8, 8)]
    times = [AT, AT - timedelta(hours=12), AT - timedelta(hours=11)]
    path = tmp_path / "thrice.warc"
    path.write_bytes(
        b"".join(record(url, html(article(title, t)), at=at) for t, at in zip(texts, times, strict=True))
    )
    slots = ingest(desk, path)
    assert slots == [slots[0], f"{slots[0]}-2"]
    outcomes = rows(desk, tables.OUTCOMES, "slot")
    found = [(outcomes[s]["outcome"], outcomes[s]["reason"], outcomes[s]["revision"]) for s in slots]
    assert found == [("published", None, 1), ("revised", "superseded", 2)]
    versions = desk.rows(tables.VERSIONS).sort_by("revision").to_pylist()
    assert [version["text"] for version in versions] == ["\n".join(text) for text in texts[:2]]
    assert rows(desk, tables.ARTICLES)[url]["text"] == "\n".join(texts[0])
    before = desk.snapshots()
    assert ingest(desk, path) == slots
    assert desk.snapshots() == before


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_a_torn_archive_keeps_its_whole_records_and_counts_the_torn_one(
    desk: Desk, tmp_path: Path, packed: bool
) -> None:
    """Cut in a page, and cut in a record's head, where nobody can tell any more which page it was."""
    pack = gzip.compress if packed else bytes
    for cut in ("page", "head"):
        urls = [f"https://paper.example/{cut}/{n}" for n in range(3)]
        members = [pack(record(u, html(article(f"Winter news of the meadow {u}", prose(u))))) for u in urls]
        path = tmp_path / (f"{cut}.warc.gz" if packed else f"{cut}.warc")
        path.write_bytes(b"".join(members)[: -len(members[2]) // 3])
        if cut == "head":
            path.write_bytes(b"".join(members[:2]) + members[2][: 180 if packed else 160])
        (slot,) = ingest(desk, path)
        captures, outcomes = rows(desk, tables.CAPTURES), rows(desk, tables.OUTCOMES)
        assert [outcomes[url]["outcome"] for url in urls[:2]] == ["published", "published"]
        (visit,) = desk.pipeline.lake.read(tables.VISITS, where={"slot": slot}).to_pylist()
        if cut == "page":
            assert (captures[urls[2]]["outcome"], captures[urls[2]]["reason"]) == ("failed", "truncated")
        else:
            assert {url for url, row in captures.items() if row["slot"] == slot} == set(urls[:2])
            assert visit["reason"] == "archive_damaged"
            assert "head is cut off" in visit["detail"]


def test_damage_is_passed_over_and_told(desk: Desk, tmp_path: Path) -> None:
    urls = [f"https://paper.example/{n}" for n in range(3)]
    members = [gzip.compress(record(u, html(article(f"Winter news {u}", prose(u))))) for u in urls]
    members[1] = members[1][:90] + bytes(60) + members[1][150:]
    path = tmp_path / "damaged.warc.gz"
    path.write_bytes(b"".join(members))
    slots = ingest(desk, path)
    assert rows(desk, tables.ARTICLES).keys() == {urls[0], urls[2]}
    (visit,) = desk.rows(tables.VISITS).to_pylist()
    assert (visit["reason"], visit["found"]) == ("archive_damaged", 2)
    assert "behind byte 0" in visit["detail"]
    before = desk.snapshots()
    assert ingest(desk, path) == slots
    assert desk.snapshots() == before


def test_what_an_archive_holds_besides_pages(desk: Desk, tmp_path: Path) -> None:
    """Refusals, errors and oversized bodies are captures with a reason; the good page is published."""
    limit = desk.pipeline.settings.page_bytes
    bomb = gzip.compress(b" " * (limit + 1))
    texts = {"good": html(article("A good page beside the bad", prose("good")))}
    blocks = texts | {
        "gone": answer(b"gone", status="410 Gone"),
        "wall": answer(b"pay", status="402 Payment Required"),
        "down": answer(b"down", status="503 Service Unavailable"),
        "huge": html(b"x" * (limit + 1)),
        "bomb": answer(bomb, "Content-Encoding: gzip"),
        "half": answer(gzip.compress(article("Half", prose("half")))[:-200], "Content-Encoding: gzip"),
        "empty": html(b""),
        "image": answer(b"\x89PNG\r\n\x1a\n" * 20, "Content-Type: image/png"),
    }
    path = tmp_path / "mixed.warc.gz"
    members = [record(f"https://paper.example/{name}", block) for name, block in blocks.items()]
    members += [
        record("dns:paper.example", b"20260101 paper.example. A 127.0.0.1", "resource"),
        record("https://paper.example/", b"GET / HTTP/1.1\r\n\r\n", "request", media="application/http"),
    ]
    path.write_bytes(b"".join(map(gzip.compress, members)))
    ingest(desk, path)
    captures, outcomes = rows(desk, tables.CAPTURES), rows(desk, tables.OUTCOMES)
    became = {}
    for url, capture in captures.items():
        row = outcomes.get(url, capture)
        became[url.rpartition("/")[2]] = (row["outcome"], row["reason"])
    assert became == {
        "good": ("published", None),
        "gone": ("gone", "http_4xx"),
        "wall": ("blocked", "login_wall"),
        "down": ("failed", "http_5xx"),
        "huge": ("failed", "too_large"),
        "bomb": ("failed", "too_large"),
        "half": ("failed", "truncated"),
        "empty": ("failed", "empty_body"),
        "image": ("failed", "not_html"),
    }


def test_an_archive_damaged_in_the_bucket(desk: Desk, tmp_path: Path) -> None:
    """The WARC object ends in the middle of a record: that page fails with the cause, the others go on."""
    urls = [f"https://paper.example/{n}" for n in range(3)]
    path = tmp_path / "pages.warc"
    path.write_bytes(
        b"".join(record(u, html(article(f"Winter news of the meadow {u}", prose(u)))) for u in urls)
    )
    (slot,) = land(desk.pipeline, path)
    last = rows(desk, tables.CAPTURES)[urls[2]]
    whole = desk.pipeline.lake.get(last["warc_key"])
    desk.pipeline.lake.put(last["warc_key"], whole[: last["warc_offset"] + last["warc_bytes"] // 2])
    steps.refine(desk.pipeline, slot)
    outcomes = rows(desk, tables.OUTCOMES)
    assert [outcomes[url]["outcome"] for url in urls] == ["published", "published", "failed"]
    assert (outcomes[urls[2]]["reason"], outcomes[urls[2]]["detail"]) == (
        "unreadable",
        "the archived record is cut off",
    )
    assert steps.owed(desk.pipeline) == []


def test_what_is_no_input_is_rejected_in_a_sentence(desk: Desk, tmp_path: Path) -> None:
    names = ("page.pdf", "page.html", "page.txt", "noise.warc.gz", "noise.warc", "empty.warc")
    files = {name: tmp_path / name for name in names}
    for name, path in files.items():
        path.write_bytes(b"" if name == "empty.warc" else b"nothing that anybody reads\n" * 40)
    info = record("", b"software: a test\r\n", "warcinfo", media="application/warc-fields")
    (tmp_path / "info.warc").write_bytes(info)

    def said(path: Path, outlet: str | None = None) -> str:
        with pytest.raises(Reject) as caught:
            land(desk.pipeline, path, outlet=outlet)
        assert path.name in str(caught.value)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "no file" in said(tmp_path / "absent.warc")
    assert ".warc, .wet, .paths (.gz or not), .html or .txt" in said(files["page.pdf"])
    assert "--url" in said(files["page.html"])
    assert "--outlet" in said(files["page.txt"], outlet="nobody")
    for path in (files["noise.warc.gz"], files["noise.warc"], files["empty.warc"], tmp_path / "info.warc"):
        said(path)
    with pytest.raises(Reject, match=r"not an http\(s\) URL: 'no address'"):
        land(desk.pipeline, files["page.html"], url="no address")
    assert not len(desk.rows(tables.CAPTURES))


# --- windows, S3, crashes ------------------------------------------------------------------------


def archive_of(urls: list[str]) -> bytes:
    return b"".join(
        gzip.compress(record(u, html(article(f"Winter news of the meadow {u}", prose(u))))) for u in urls
    )


def account_of(p: Pipeline, path: Path | str, asked: Asked | None = None) -> Account:
    (source,) = find_sources(p.settings, [str(path)])
    return land_source(p, source, asked)


def test_a_source_becomes_slots_of_bounded_size(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By records, by bytes, and by versions of one URL; what is no page, or the same again, is counted."""
    monkeypatch.setattr("presslake.ingest.WINDOW_RECORDS", 4)
    monkeypatch.setattr("presslake.ingest.WINDOW_BYTES", 12_000)
    monkeypatch.setattr("presslake.ingest.WINDOW_VERSIONS", 2)
    url = "https://paper.example/{}".format
    blocks = [
        (url(1), answer(b"down", status="503 Service Unavailable")),
        (url(1), html(article("One", prose("1")))),
        (url(1), html(article("One", prose("1")))),
        (url(1), answer(b"gone", status="410 Gone")),
        (url(2), html(article("Two", prose("2")))),
        (url(2), html(article("Two, anew", prose("2b")))),
        (url(2), html(article("Two, once more", prose("2c")))),
        (url(3), html(article("Three", [*prose("3"), "x" * 8000]))),
        (url(4), html(article("Four", prose("4")))),
    ]
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(record(*block) for block in blocks))
    account = account_of(desk.pipeline, path)
    prefix = account.slots[0].removesuffix("-00001")
    assert account.slots == [f"{prefix}-{name}" for name in ("00001", "00001-2", "00002", "00003")]
    assert (account.captures, account.skipped) == ({"fetched": 6}, {"repeat": 2})
    captures = {
        (row["slot"].removeprefix(prefix), row["url"]) for row in desk.rows(tables.CAPTURES).to_pylist()
    }
    assert captures == {
        ("-00001", url(1)),
        ("-00001", url(2)),
        ("-00001-2", url(2)),
        ("-00002", url(2)),
        ("-00002", url(3)),
        ("-00003", url(4)),
    }
    journals = desk.pipeline.settings.state_dir / "journal"
    assert not any(journals.iterdir())


def test_an_outlets_own_patterns_files_and_reservations(desk: Desk, tmp_path: Path) -> None:
    """What a crawl would not fetch, or is no text, is a row without a body; opt-outs are recorded as in a crawl."""
    home = desk.pipeline.outlets["harbour-gazette"].homepage
    papers = dict(desk.pipeline.outlets)
    papers["harbour-gazette"] = papers["harbour-gazette"].model_copy(update={"deny": ("/private/",)})
    p = replace(desk.pipeline, outlets=papers)
    page = article("Lanterns return to the market", prose("rights"))
    blocks = {
        f"{home}private/a": html(page),
        f"{home}a": answer(page, "Content-Type: text/html", "X-Robots-Tag: noai", "tdm-reservation: 1"),
        f"{home}b.png": answer(b"\x89PNG", "Content-Type: image/png"),
        "https://elsewhere.example/a": html(page),
    }
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(record(*block) for block in blocks.items()))
    account = account_of(p, path, Asked(known_only=True))
    assert account.skipped == {"unknown_outlet": 1}
    captures = {
        url: (row["outcome"], row["reason"], row["rights"], bool(row["warc_bytes"]))
        for url, row in rows(desk, tables.CAPTURES).items()
    }
    assert captures == {
        f"{home}private/a": ("disallowed", "denied", None, False),
        f"{home}a": ("fetched", None, ["x-robots-tag: noai", "tdm-reservation: 1"], True),
        f"{home}b.png": ("failed", "not_html", None, False),
    }
    assert account_of(p, path).captures == {"fetched": 2, "failed": 1, "disallowed": 1}


def test_a_dry_run_tells_the_same_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    info = gzip.compress(record("", b"software: a test\r\n", "warcinfo", media="application/warc-fields"))
    path.write_bytes(info + archive_of([f"https://paper.example/{n}" for n in range(3)]))
    (source,) = find_sources(desk.pipeline.settings, [str(path)])
    seen = survey(desk.pipeline, source)
    assert (seen.captures, seen.skipped, seen.slots) == ({"fetched": 3}, {"warcinfo": 1}, [])
    assert list(desk.pipeline.lake.list("")) == []
    account = account_of(desk.pipeline, path)
    assert (account.captures, account.skipped) == (seen.captures, seen.skipped)


def test_s3_gives_what_the_disk_gives_and_our_own_archive_can_be_read(desk: Desk, tmp_path: Path) -> None:
    urls = [f"https://paper.example/{n}" for n in range(3)]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(archive_of(urls))
    lake = desk.pipeline.lake
    lake.put("in/a.warc.gz", path)
    (slot,) = ingest(desk, f"{lake.uri}/in/a.warc.gz")
    articles = rows(desk, tables.ARTICLES)
    assert articles.keys() == set(urls)
    assert {row["fetched_at"] for row in articles.values()} == {AT}
    before = lake.snapshot_id(tables.VERSIONS)
    for again in (path, f"{lake.uri}/warc/{slot}/part-0.warc.gz"):
        (other,) = ingest(desk, again)
        assert other != slot
        outcomes = lake.read(tables.OUTCOMES, where={"slot": other})["outcome"].to_pylist()
        assert outcomes == ["unchanged"] * 3
    assert lake.snapshot_id(tables.VERSIONS) == before


KILLS = [
    Moment("after", "lake:Lake.put_warc", "-00001"),
    Moment("before", "lake:Lake.upsert", "captures"),
    Moment("before", "lake.bucket:Bucket.put", "part-0.json"),
    Moment("before", "presslake.ingest._keep", "-"),
    Moment("after", "lake:Lake.put_warc", "-00003"),
]


def _land_and_die(settings: Settings, path: str, moment: Moment, hits: int) -> None:
    """Land in windows of three, and be killed when the moment comes for the `hits`-th time."""
    left = [hits]

    def blow() -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    moment.strike(blow)
    vars(ingesting)["WINDOW_RECORDS"] = 3
    with open_pipeline(settings) as p:
        land(p, path)


def test_a_killed_ingest_goes_on_behind_what_has_landed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at each moment of landing, in one window or the next: the rows are those of an ingest left in peace."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(archive_of([f"https://paper.example/{n}" for n in range(7)]))
    monkeypatch.setattr("presslake.ingest.WINDOW_RECORDS", 3)
    calm = account_of(desk.pipeline, path)
    assert len(calm.slots) == 3
    settings = empty_lake(desk.pipeline.settings).model_copy(update={"state_dir": tmp_path / "other"})
    with open_pipeline(settings) as p:
        for moment, hits in zip(KILLS, (1, 1, 1, 2, 1), strict=True):
            worker = PROCESSES.Process(target=_land_and_die, args=(settings, str(path), moment, hits))
            worker.start()
            worker.join(300)
            worker.kill()
            assert worker.exitcode == -signal.SIGKILL, moment
        landed: list[str] = []
        put = type(p.lake).put_warc
        monkeypatch.setattr(
            type(p.lake),
            "put_warc",
            lambda *args: landed.append(args[1]) or put(*args),  # type: ignore[func-returns-value]
        )
        account = account_of(p, path)
        assert landed == calm.slots[2:]
        assert replace(account, began_at="") == replace(calm, began_at="")
        steps.settle(p, account.slots)
        steps.settle(desk.pipeline, calm.slots)
        assert Desk(desk.room, p).contents() == desk.contents()


@pytest.mark.skipif(
    not CORPUS.exists(), reason="the shared corpus is absent: ../shared/corpus/fundus_eval.warc.gz"
)
def test_real_pages_all_reach_an_outcome(desk: Desk) -> None:
    with CORPUS.open("rb") as stream:
        records = sum(1 for _ in ArchiveIterator(stream, record_types=WarcRecordType.response))
    slots = ingest(desk, CORPUS)
    captures, outcomes = desk.rows(tables.CAPTURES), desk.rows(tables.OUTCOMES)
    assert set(captures["slot"].to_pylist()) == set(slots)
    assert len(captures) == records
    fetched = [row["capture_id"] for row in captures.to_pylist() if row["outcome"] == "fetched"]
    assert Counter(outcomes["capture_id"].to_pylist()) == Counter(fetched)
    became = Counter(outcomes["outcome"].to_pylist())
    assert became["published"] > 0.8 * records, became

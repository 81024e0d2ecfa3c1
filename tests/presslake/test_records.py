"""Archives as they come, damaged and hostile ones too: every record that is whole is read, and nothing raises."""

from __future__ import annotations

import gzip
import io
import random
from collections import Counter
from pathlib import Path

import pytest

from presslake.inputs import Input, Source, find_sources
from presslake.records import NoPage, Place, Record, read_records
from schemas.errors import Reject, TryLater
from schemas.settings import Settings
from tests.journey.test_ingest import answer, chunked, html, record

LIMIT = 100_000
BASE = "https://paper.example"
URLS = [f"{BASE}/{number}" for number in range(5)]
WHOLE = [record(url, html(b"<p>" + url.encode() * 30)) for url in URLS]


def source(path: Path, content: bytes) -> Source:
    path.write_bytes(content)
    (found,) = find_sources(Settings(), [str(path)])
    return found


def read(path: Path, content: bytes, place: Place | None = None) -> list[tuple[Place, Record | NoPage]]:
    return list(read_records(source(path, content), LIMIT, place or Place()))


def told(items: list[tuple[Place, Record | NoPage]]) -> list[str]:
    """In short: the URL of a page, with why it has no body, or where it leads; the kind of what is none."""
    return [
        item.kind
        if isinstance(item, NoPage)
        else " ".join(filter(None, [item.url, _reason(item), item.moved_to]))
        for _, item in items
    ]


def _reason(item: Record) -> str:
    return item.refused.reason if item.refused else ""


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize(
    ("hostile", "seen"),
    [
        (
            record(URLS[1], b"abc").replace(b"Length: 3", b"Length: -5"),
            [f"{URLS[1]} bad_encoding", "damaged"],
        ),
        (
            record(URLS[1], b"abc").replace(b"Length: 3", b"Length: " + b"9" * 40),
            [f"{URLS[1]} bad_encoding", "damaged"],
        ),
        (record(URLS[1], html(b"abc")).replace(b"WARC/1.0", b"WARC/1.0 \xff\xfe"), ["damaged"]),
        (record("https://paper.example/" + "n" * 50_000, html(b"abc")), ["damaged"]),
        (record("https://pa\0per.example/", html(b"abc")), ["no_url"]),
        (record("https://paper.example/a\0b", html(b"abc")), ["https://paper.example/a%00b"]),
        (record("dns:paper.example", b"A 127.0.0.1", "resource"), ["no_url"]),
        (record(URLS[1], b"GET / HTTP/1.1\r\n\r\n", "request"), ["request"]),
        (record(URLS[1], b"", "revisit"), ["revisit"]),
        (record(URLS[1], b"x", "strange"), ["unknown"]),
        (
            record(URLS[1], answer(b"", "Location: /9?utm_source=x", status="301 Moved")),
            [f"{URLS[1]} {BASE}/9"],
        ),
        (
            record(URLS[1], answer(b"", "Location: file:///etc/hosts", status="302 Found")),
            [f"{URLS[1]} bad_url"],
        ),
        (record(URLS[1], answer(b"", status="302 Found")), [URLS[1]]),
        (record(URLS[1], answer(b"", "Location: /9", status="304 Not Modified")), ["revisit"]),
        (
            record(URLS[1], html(b"abc")).replace(b"\r\n\r\n", b"\r\nWARC-Truncated: disconnect\r\n\r\n", 1),
            [f"{URLS[1]} truncated"],
        ),
        (
            record(URLS[1], html(b"abc")).replace(b"\r\n\r\n", b"\r\nWARC-Truncated: length\r\n\r\n", 1),
            [URLS[1]],
        ),
        (record(URLS[1], b"no head at all"), [f"{URLS[1]} bad_encoding"]),
        (record(URLS[1], html(b"x" * (LIMIT + 1))), [f"{URLS[1]} too_large"]),
    ],
)
def test_what_is_hostile_or_no_page_is_told_and_the_rest_is_read(
    tmp_path: Path, packed: bool, hostile: bytes, seen: list[str]
) -> None:
    pack = gzip.compress if packed else bytes
    name = f"a.warc{'.gz' if packed else ''}"
    items = told(read(tmp_path / name, b"".join(map(pack, [WHOLE[0], hostile, WHOLE[2]]))))
    assert items == [URLS[0], *seen, URLS[2]]


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_a_record_that_says_it_is_larger_than_the_archive(tmp_path: Path, packed: bool) -> None:
    """It swallows what follows, which is looked at again."""
    pack = gzip.compress if packed else bytes
    liar = record(URLS[1], html(b"abc")).replace(b"Length: 81", b"Length: 3000000000")
    assert b"3000000000" in liar
    content = b"".join(map(pack, [WHOLE[0], liar, *WHOLE[2:]]))
    name = f"a.warc{'.gz' if packed else ''}"
    assert told(read(tmp_path / name, content)) == [URLS[0], f"{URLS[1]} truncated", *URLS[2:]]


def test_bombs(tmp_path: Path) -> None:
    """A member that inflates to 100 MB, in the archive's own compression and in the page's."""
    bomb = html(bytes(100 * 2**20))
    inner = answer(gzip.compress(bytes(50 * 2**20)), "Content-Encoding: gzip")
    members = [WHOLE[0], record(URLS[1], bomb), record(URLS[2], inner), WHOLE[3]]
    items = told(read(tmp_path / "a.warc.gz", b"".join(gzip.compress(it, 1) for it in members)))
    assert items == [URLS[0], f"{URLS[1]} too_large", f"{URLS[2]} too_large", URLS[3]]


def test_an_archive_in_an_archive_is_a_page_not_its_pages(tmp_path: Path) -> None:
    inner = b"".join(map(gzip.compress, WHOLE))
    outer = gzip.compress(record(URLS[0], answer(inner, "Content-Type: application/gzip")), 0)
    assert inner in outer
    assert told(read(tmp_path / "a.warc.gz", outer + gzip.compress(WHOLE[1]))) == URLS[:2]


@pytest.mark.slow
def test_100_000_tiny_records(tmp_path: Path) -> None:
    one = gzip.compress(record("https://paper.example/", html(b"x")))
    items = read_records(source(tmp_path / "a.warc.gz", one * 100_000), LIMIT, Place())
    assert Counter(type(item) for _, item in items) == {Record: 100_000}


def test_garbage_that_looks_like_members_is_given_up(tmp_path: Path) -> None:
    items = read(tmp_path / "a.warc.gz", gzip.compress(WHOLE[0]) + b"\x1f\x8b\x08\0" * 50_000)
    assert told(items) == [URLS[0], "damaged"]


def test_90_000_chunks(tmp_path: Path) -> None:
    body = b"0123456789" * 9_000
    headers = ("Content-Type: text/html", "Transfer-Encoding: chunked")
    content = record(URLS[0], answer(chunked(body, 1), *headers))
    ((_, item),) = read_records(source(tmp_path / "a.warc", content), 10 * LIMIT, Place())
    assert isinstance(item, Record)
    assert item.body == body


LAYOUTS = {
    "a member a record": b"".join(map(gzip.compress, WHOLE)),
    "two records a member": b"".join(
        gzip.compress(b"".join(WHOLE[at : at + 2])) for at in range(0, len(WHOLE), 2)
    ),
    "one member": gzip.compress(b"".join(WHOLE)),
    "plain": b"".join(WHOLE),
    "damaged": gzip.compress(WHOLE[0])
    + gzip.compress(WHOLE[1])[:-30]
    + b"".join(map(gzip.compress, WHOLE[2:])),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_reading_goes_on_from_any_record(tmp_path: Path, layout: str) -> None:
    name = "a.warc" if layout == "plain" else "a.warc.gz"
    all_ = read(tmp_path / name, LAYOUTS[layout])
    assert len(all_) >= len(WHOLE) - 1
    for number, (place, item) in enumerate(all_):
        if isinstance(item, Record):
            assert told(read(tmp_path / name, LAYOUTS[layout], place)) == told(all_[number:])


def test_documents_say_where_they_come_from_or_are_told(tmp_path: Path) -> None:
    stated = '<link rel="{rel}" href="{href}"><p>'
    pages = {
        "canonical.html": stated.format(rel="canonical", href="https://paper.example/a"),
        "og.html": '<meta property="og:url" content="https://paper.example/b">',
        "relative.html": stated.format(rel="canonical", href="/c"),
        "other.html": stated.format(rel="stylesheet", href="https://paper.example/d"),
    }
    for name, text in pages.items():
        (tmp_path / name).write_text(text, "utf-8")
    (found,) = find_sources(Settings(), [str(tmp_path)])
    home = "https://home.example/"
    urls = [
        item.url for _, item in read_records(found, LIMIT, Place(), homepage=home) if isinstance(item, Record)
    ]
    assert urls == [
        "https://paper.example/a",
        "https://paper.example/b",
        "https://home.example/other",
        "https://home.example/relative",
    ]
    with pytest.raises(Reject, match=r"other\.html: say where the page comes from with --url"):
        list(read_records(found, LIMIT, Place()))
    rest = read_records(found, LIMIT, Place(number=3), homepage=home)
    assert [item.url for _, item in rest if isinstance(item, Record)] == urls[3:]


class _Failing(io.RawIOBase):
    """A stream that S3 stops answering for after its first 100 kB."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self.tell() > 100_000:
            raise TryLater("S3 did not answer")
        return self._inner.readinto(buffer)


def test_an_outage_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read must not be passed over."""
    noise = random.Random(1)
    content = b"".join(gzip.compress(record(url, html(noise.randbytes(60_000)))) for url in URLS)
    found = source(tmp_path / "a.warc.gz", content)
    monkeypatch.setattr(Input, "open", lambda _: io.BufferedReader(_Failing(content)))
    seen: list[Record | NoPage] = []
    with pytest.raises(TryLater):
        seen.extend(item for _, item in read_records(found, LIMIT, Place()))
    assert {type(item) for item in seen} == {Record}

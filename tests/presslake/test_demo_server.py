"""The newsroom as a server: what it serves is what it says is true."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from http.client import BadStatusLine, HTTPConnection, HTTPException, IncompleteRead
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from presslake.demo.papers import PAPERS
from presslake.demo.server import Newsroom
from presslake.demo.stories import World, stamp
from presslake.demo.truth import Truth, truth
from schemas.outlet import read_outlets

EPOCH = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAPER = {paper.slug: paper for paper in PAPERS}


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def newsroom(page_kb: int | None = None) -> Iterator[Newsroom]:
    """One that stands still at its epoch: by the real clock it has more pages every day."""
    with Newsroom(EPOCH, page_kb=page_kb) as room:
        room.set_clock(EPOCH)
        yield room


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom() as room:
        yield room


def get(room: Newsroom, url: str, method: str = "GET", timeout: float = 60, **headers: str) -> Got:
    """Fetch an absolute URL of a newsroom host, or a `slug/path`."""
    parts = urlsplit(url if "://" in url else f"http://{url.replace('/', '.localhost/', 1)}")
    with closing(HTTPConnection("127.0.0.1", room.port, timeout=timeout)) as connection:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers={"Host": f"{parts.hostname}:{room.port}"} | sent)
        with connection.getresponse() as response:
            return Got(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


def visible(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "\n", page))


def named(room: Newsroom, slug: str) -> set[str]:
    """Every page address the paper's sources name."""
    found: set[str] = set()
    for form, path in PAPER[slug].sources:
        if form == "rss_html":
            continue
        body = get(room, slug + path).body
        text = unescape((gzip.decompress(body) if path.endswith(".gz") else body).decode())
        for child in re.findall(r"<loc>([^<]+/sitemaps/[^<]+)</loc>", text):
            text += get(room, child).body.decode()
        home = PAPER[slug].home(room.port)
        links = re.findall(r"(?:<link>|<loc>|href=\")([^<\"]+)", text)
        urls = {home + link if link.startswith("/") else link for link in links}
        found |= {url for url in urls if re.search(r"\d{6}", url)}
    return found


def test_sources_name_exactly_the_pages_of_the_truth(room: Newsroom) -> None:
    for slug in {page.outlet for page in room.truth()}:
        pages = [page for page in room.truth() if page.outlet == slug and page.is_listed]
        assert named(room, slug) == {url for page in pages for url in page.named_as}, slug


@pytest.mark.parametrize("page", truth(World(EPOCH), EPOCH), ids=lambda page: f"{page.outlet}-{page.number}")
def test_a_page_shows_what_is_true_of_it(room: Newsroom, page: Truth) -> None:
    address = re.sub(r":\d+", f":{room.port}", page.url)
    got = get(room, address)
    if page.expected == "gone":
        assert got.status in {404, 410}
        return
    if got.status == 301:
        got = get(room, got.headers["location"])
        assert address != re.sub(r":\d+", f":{room.port}", page.canonical_url)
    assert got.status == 200
    paper = PAPER[page.outlet]
    html = got.body.decode(paper.encoding)
    lines = visible(html)
    if page.expected not in {"published", "duplicate"}:
        assert not page.text
        return
    assert f"\n{page.title}\n" in lines
    for line in page.text.split("\n"):
        assert f"\n{line}\n" in lines
    for name in page.authors:
        assert name in lines
    for line in page.captions:
        assert line in lines
    stated = page.published_on.isoformat() if page.published_on else ""
    if page.published_at:
        stated = stamp(paper, page.published_at)
        assert datetime.fromisoformat(stated).replace(tzinfo=paper.zone) == page.published_at
    assert stated in html
    assert not set(page.text.split("\n")) & set(page.promos)
    assert ('rel="canonical"' in html) == (page.expected == "published")


def test_outlet_files_are_valid(room: Newsroom, tmp_path: Path) -> None:
    room.write_outlets(tmp_path)
    outlets = read_outlets(tmp_path)
    assert set(outlets) == set(PAPER)
    assert outlets["southern-ledger"].time_zone == "Australia/Adelaide"
    assert all(outlets[slug].country == paper.country for slug, paper in PAPER.items())


def test_what_has_not_changed_is_304_until_it_does(room: Newsroom) -> None:
    url = "prairie-post/atom.xml"
    first = get(room, url)
    assert get(room, url, If_None_Match=first.headers["etag"]).status == 304
    assert get(room, url, If_Modified_Since=first.headers["last-modified"]).status == 304
    assert get(room, url, If_Modified_Since="nonsense").status == 200
    room.set_clock(EPOCH + timedelta(minutes=20))
    try:
        later = get(room, url, If_None_Match=first.headers["etag"])
        assert later.status == 200
        assert later.body.count(b"<entry>") > first.body.count(b"<entry>")
    finally:
        room.set_clock(EPOCH)


def test_gzip_head_and_other_methods(room: Newsroom) -> None:
    url = "elbe-kurier/"
    whole = get(room, url)
    zipped = get(room, url, Accept_Encoding="gzip, br")
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == whole.body
    head = get(room, url, "HEAD")
    assert (head.body, head.headers["content-length"]) == (b"", str(len(whole.body)))
    assert get(room, url, "POST").status == 405


def test_a_connection_is_kept_and_answers_in_order(room: Newsroom) -> None:
    request = "GET /robots.txt HTTP/1.1\r\nHost: {}.localhost\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", room.port), timeout=60)) as client:
        client.sendall((request.format("elbe-kurier") + request.format("prairie-post")).encode())
        data = b""
        while data.count(b"Disallow") < 2:
            data += client.recv(65536)
    assert data.count(b"Crawl-delay: 0.2") == 1
    assert data.count(b"HTTP/1.1 200 OK") == 2


def test_the_russian_paper_hides_its_encoding(room: Newsroom) -> None:
    page = next(page for page in room.truth() if page.outlet == "nevskiy-listok")
    got = get(room, page.url)
    assert got.headers["content-type"] == "text/html"
    assert b"charset" not in got.body
    assert page.title.encode("windows-1251") in got.body


def test_requests_are_logged_with_who_asked(room: Newsroom) -> None:
    room.requests.clear()
    get(room, "minato-shimbun/latest/", User_Agent="test/1")
    (request,) = room.requests
    assert (request.host, request.path, request.user_agent, request.status) == (
        "minato-shimbun.localhost",
        "/latest/",
        "test/1",
        200,
    )


def test_an_outlet_is_down_until_healed_and_others_can_fail() -> None:
    with newsroom() as room:
        down = get(room, "voz-del-puerto/rss.xml")
        assert (down.status, down.headers["retry-after"]) == (503, "120")
        assert not [page for page in room.truth() if page.outlet == "voz-del-puerto"]
        room.heal("voz-del-puerto")
        assert get(room, "voz-del-puerto/rss.xml").status == 200
        assert [page for page in room.truth() if page.outlet == "voz-del-puerto"]
        url = "prairie-post/atom.xml"
        room.fail("prairie-post", "close", "/atom")
        with pytest.raises((ConnectionResetError, BadStatusLine)):
            get(room, url)
        assert get(room, "prairie-post/robots.txt").status == 200
        room.fail("prairie-post", "cut")
        with pytest.raises(IncompleteRead):
            get(room, url)
        for fault in ("hang", "drip"):
            room.fail("prairie-post", fault)
            with pytest.raises((TimeoutError, HTTPException)):
                get(room, url, timeout=0.2)
        with pytest.raises(KeyError):
            room.fail("no-such-paper", "503")


def test_health_index_and_pages_nobody_has(room: Newsroom) -> None:
    assert b'"status": "ok"' in get(room, "voz-del-puerto/_newsroom/health").body
    index = get(room, f"http://localhost:{room.port}/").body.decode()
    assert all(paper.name in index and paper.home(room.port) in index for paper in PAPERS)
    assert get(room, "prairie-post/no/such/page").status == 404
    assert get(room, "prairie-post/sitemaps/2026-99-99.xml").status == 404


def test_pages_are_padded_to_size_without_other_words() -> None:
    with newsroom(page_kb=150) as large, newsroom() as small:
        for one in (page for page in small.truth() if page.expected == "published" and page.number == 1):
            padded = get(large, one.url)
            assert 120_000 < len(padded.body) < 180_000
            text = visible(padded.body.decode(PAPER[one.outlet].encoding))
            assert all(f"\n{line}\n" in text for line in one.text.split("\n"))


def test_a_taken_port_is_an_error(room: Newsroom) -> None:
    with pytest.raises(OSError, match="in use"):
        Newsroom(EPOCH, port=room.port).__enter__()

"""The misbehaving site does what its paths say."""

from __future__ import annotations

import gzip
import http.client
import socket
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from .site import ARTICLE, BOMB_BYTES, HUGE_PAGE_BYTES, Site, bomb


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(listed=["http://a.localhost/x?a=1&b=2"]) as site:
        yield site


@contextmanager
def get(site: Site, path: str, timeout: float = 60) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=timeout)
    with closing(connection):
        connection.request("GET", path, headers={"Host": "bad.localhost", "Connection": "keep-alive"})
        with connection.getresponse() as response:
            yield response


def test_a_good_page_and_the_feed(site: Site) -> None:
    with get(site, "/good") as response:
        assert response.read() == ARTICLE
    with get(site, "/feed.xml") as response:
        assert b"<link>http://a.localhost/x?a=1&amp;b=2</link>" in response.read()
    with get(site, "/nowhere") as response:
        assert response.status == 404
    assert site.requests == [("bad.localhost", path) for path in ("/good", "/feed.xml", "/nowhere")]
    assert site.url("/good") == f"http://bad.localhost:{site.port}/good"


def test_bodies_that_lie(site: Site) -> None:
    with get(site, "/truncated-gzip") as response, pytest.raises(EOFError):
        gzip.decompress(response.read())
    with get(site, "/invalid-utf8") as response, pytest.raises(UnicodeDecodeError):
        response.read().decode()
    with get(site, "/short-body") as response, pytest.raises(http.client.IncompleteRead):
        response.read()
    with get(site, "/reset") as response, pytest.raises(ConnectionResetError):
        response.read()
    with get(site, "/empty") as response:
        assert response.read() == b""
    with pytest.raises(http.client.HTTPException), get(site, "/huge-headers"):
        pass


def test_the_bomb_is_small_and_a_valid_stream() -> None:
    assert len(bomb()) < 4_000_000
    inflate = zlib.decompressobj(31)
    assert inflate.decompress(bomb(), 3_000_000) == b" " * 3_000_000
    assert int.from_bytes(bomb()[-4:], "little") == BOMB_BYTES


def test_the_huge_page_is_as_long_as_it_says(site: Site) -> None:
    with get(site, "/huge-page") as response:
        assert response.length == HUGE_PAGE_BYTES
        assert sum(len(piece) for piece in iter(lambda: response.read(1_000_000), b"")) == HUGE_PAGE_BYTES


def test_redirects_and_refusals(site: Site) -> None:
    with get(site, "/redirect-loop?n=41") as response:
        assert response.headers["location"] == "/redirect-loop?n=42"
    with get(site, "/redirect-to-metadata") as response:
        assert response.headers["location"].startswith("http://169.254.169.254/")
    with get(site, "/unavailable") as response:
        assert (response.status, response.headers["retry-after"]) == (503, "120")


def test_slow_paths_stay_open_and_end_with_the_site() -> None:
    with Site() as site:
        with get(site, "/drip") as response:
            assert response.read(1) == b"a"
            assert not response.isclosed()
        with pytest.raises(TimeoutError), get(site, "/hang", timeout=0.2):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", site.port), timeout=60)

"""Content-Encodings: undone when whole, refused when cut, broken or a bomb."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from spiders.decode import decode, encoded
from spiders.refused import Refused

PAGE = b"<p>Guten Morgen</p>" * 5000

PACKED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE),
    "deflate": zlib.compress(PAGE),
    "br": brotli.compress(PAGE),
    "zstd": zstd.compress(PAGE),
}


@pytest.mark.parametrize("name", PACKED)
def test_whole_streams_are_undone(name: str) -> None:
    assert decode(PACKED[name], [name.upper()], len(PAGE)) == PAGE


def test_raw_deflate_members_padding_and_chains_are_undone() -> None:
    stream = zlib.compressobj(wbits=-15)
    assert decode(stream.compress(PAGE) + stream.flush(), ["deflate"], 10**6) == PAGE
    assert decode(gzip.compress(b"a") + gzip.compress(b"b") + b"\0" * 8, ["gzip"], 10**6) == b"ab"
    assert decode(gzip.compress(brotli.compress(PAGE)), ["br, gzip"], 10**6) == PAGE


def test_what_is_no_compression_is_left_alone() -> None:
    assert decode(PAGE, ["identity", "utf-8"], 10**6) == PAGE
    assert decode(b"", ["gzip"], 10**6) == b""


@pytest.mark.parametrize(
    ("names", "sent", "is_kept"),
    [
        (["GZIP"], PACKED["gzip"], True),
        (["utf-8, gzip"], PACKED["gzip"], True),
        (["br"], PACKED["br"], True),
        (["x-gzip"], PACKED["gzip"], False),
        (["deflate"], PACKED["deflate"], False),
        (["zstd"], PACKED["zstd"], False),
        ([], PAGE, False),
        (["gzip"], b"", False),
        (["br", "gzip"], gzip.compress(PACKED["br"]), False),
        (["gzip"], gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), False),
        (["gzip"], PACKED["gzip"] + bytes(8), False),
        (["gzip"], PACKED["gzip"] + b"<!-- cached -->", False),
    ],
    # Named, as what gzip writes tells the second in which a worker began.
    ids=[
        "gzip",
        "named",
        "br",
        "x-gzip",
        "deflate",
        "zstd",
        "plain",
        "empty",
        "chain",
        "members",
        "padded",
        "followed",
    ],
)
def test_what_every_reader_of_an_archive_can_undo_is_kept_as_sent(
    names: list[str], sent: bytes, is_kept: bool
) -> None:
    body = decode(sent, names, 10**6)
    kept = encoded(sent, names, body)
    assert (kept is not None) == is_kept
    assert kept is None or (kept.body == sent and decode(kept.body, [kept.coding], 10**6) == body)


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("keep", [0.02, 0.5, 0.99])
def test_cut_streams_are_truncated(name: str, keep: float) -> None:
    body = PACKED[name]
    with pytest.raises(Refused, match="truncated"):
        decode(body[: max(int(len(body) * keep), 1)], [name], 10**6)


@pytest.mark.parametrize("name", PACKED)
def test_bombs_stop_at_the_limit(name: str) -> None:
    with pytest.raises(Refused, match="too_large"):
        decode(PACKED[name], [name], len(PAGE) - 1)


def test_a_body_that_is_not_what_it_says_is_bad_encoding() -> None:
    for name in PACKED:
        with pytest.raises(Refused, match="bad_encoding"):
            decode(b"<!doctype html><p>plain", [name], 10**6)
    with pytest.raises(Refused, match="bad_encoding"):
        decode(b"no gzip", ["gzip"], 10**6)


@given(st.binary(max_size=200), st.sampled_from(sorted(PACKED)))
def test_any_bytes_give_a_body_or_a_reason(body: bytes, name: str) -> None:
    with suppress(Refused):
        assert len(decode(body, [name], 1000)) <= 1000

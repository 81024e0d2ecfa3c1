"""Paths as people type them become sources; content from S3 is the content on disk."""

from __future__ import annotations

import gzip
import io
import os
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from lake.bucket import Bucket, open_bucket
from presslake.ingest import Asked, Outlets, list_sources
from presslake.inputs import find_sources
from presslake.pipeline import Pipeline
from schemas.errors import Halt, Reject
from schemas.outlet import Outlet
from schemas.settings import Settings

FILES = {
    "2026/01/a.warc.gz": b"a",
    "2026/01/b.warc": b"b",
    "2026/02/c.wet.gz": b"c",
    "2026/02/page.html": b"<p>page",
    "2026/02/note.txt": b"note",
    "2026/02/notes.pdf": b"pdf",
    "warc.paths.gz": gzip.compress(b"2026/01/a.warc.gz\n2026/01/b.warc\n"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def found(settings: Settings, root: str, *names: str) -> list[list[str]]:
    """The sources of these paths below a root, as the paths below it."""
    sources = find_sources(settings, [f"{root}{name}" for name in names])
    return [[path.removeprefix(root) for path in source.paths] for source in sources]


ARCHIVES = [["2026/01/a.warc.gz"], ["2026/01/b.warc"], ["2026/02/c.wet.gz"]]
DOCUMENTS = ["2026/02/note.txt", "2026/02/page.html"]
ASKED = {
    ("2026/01/b.warc",): ARCHIVES[1:2],
    ("2026",): [*ARCHIVES, DOCUMENTS],
    ("2026/01/", "2026/01/a.warc.gz"): ARCHIVES[:2],
    ("2026/*/*.w*",): ARCHIVES,
    ("2026/0[2-9]/*.html",): [DOCUMENTS[1:]],
    ("warc.paths.gz",): ARCHIVES[:2],
}


@pytest.mark.parametrize("names", ASKED, ids=" ".join)
def test_files_on_disk(folder: Path, names: tuple[str, ...]) -> None:
    assert found(Settings(), f"{folder}/", *names) == ASKED[names]


def test_relative_patterns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert found(Settings(), "", "*/01/*") == ARCHIVES[:2]


def test_a_slot_is_named_by_content_and_by_how_it_is_read(folder: Path, tmp_path: Path) -> None:
    def name(path: Path, outlet: str | None = None) -> str:
        (source,) = find_sources(Settings(), [str(path)])
        return source.slot_prefix(outlet)

    first = name(folder / "2026/01/b.warc")
    assert first.startswith("ingest-b-")
    (tmp_path / "else").mkdir()
    copy = tmp_path / "else" / "b.warc"
    copy.write_bytes(b"b")
    os.utime(copy, (0, 0))
    assert name(copy) == first
    assert len({first, name(copy, "the-paper")}) == 2
    copy.write_bytes(b"B")
    assert name(copy) != first


def test_many_documents_are_several_sources(tmp_path: Path) -> None:
    for number in range(2001):
        (tmp_path / f"{number:04}.txt").touch()
    sources = find_sources(Settings(), [str(tmp_path)])
    assert [len(source.inputs) for source in sources] == [2000, 1]
    assert sources[0].label == "0000.txt and 1999 more"
    assert len({source.slot_prefix() for source in sources}) == 2


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("old.arc.gz", "`warcio recompress`"),
        ("facts.wat.gz", "hold facts about pages, no pages"),
        ("bundle.wacz", "unpack it"),
        ("page.pdf", r"expected a name that ends in \.warc, \.wet"),
        ("absent.warc", "no file"),
        ("*.warc", "no file"),
        ("only", r"none of its 1 files has a name that ends in \.warc"),
    ],
)
def test_what_is_not_read_is_told(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "x.bin").touch()
    if "absent" not in name and "*" not in name and name != "only":
        (tmp_path / name).touch()
    with pytest.raises(Reject, match=said):
        find_sources(Settings(), [str(tmp_path / name)])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("self.paths", b"self.paths\n", "leads to another list"),
        ("all.paths", b".\n", "leads to another list"),
        ("broken.paths.gz", b"no gzip", "is no gzip file"),
        ("cut.paths.gz", gzip.compress(b"2026/01/a.warc.gz\n", mtime=0)[:-9], "is no gzip file"),
        ("none.paths", b"\n", "names nothing"),
        ("a.warc.zst", b"", "zstd -d"),
    ],
)
def test_lists_that_lead_nowhere(folder: Path, name: str, content: bytes, words: str) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(Reject, match=words):
        find_sources(Settings(), [f"{folder}/{name}"])


def test_empty_lines_of_a_form_are_no_paths(folder: Path) -> None:
    p = Pipeline(Settings(), cast("Any", None), {})
    one = str(folder / "2026" / "01" / "b.warc")
    assert list_sources(p, ["", f" {one} ", ""]) == [[one]]
    with pytest.raises(Reject, match="no path is given"):
        list_sources(p, [" ", ""])
    with pytest.raises(Reject, match="a path is empty"):
        find_sources(Settings(), [""])


def outlets(**homes: str) -> dict[str, Outlet]:
    return {
        slug: Outlet(slug=slug, name=slug, country="gb", language="en", homepage=home)
        for slug, home in homes.items()
    }


def test_an_outlet_is_found_by_host_and_path() -> None:
    papers = outlets(
        gazette="https://www.gazette.example/",
        sport="https://sport.gazette.example/",
        world="https://world.example/",
        cymru="https://world.example/cymru",
        hausa="https://voices.example/hausa",
        yoruba="https://voices.example/yoruba",
        quay="https://news.quay.example/",
    )
    expected = {
        "https://gazette.example/a": "gazette",
        "https://m.gazette.example/a": "gazette",
        "https://live.sport.gazette.example/a": "sport",
        "https://notgazette.example/a": "notgazette-example",
        "https://world.example/news/a": "world",
        "https://world.example/cymru/a": "cymru",
        "https://world.example/cymruwales": "world",
        "https://voices.example/hausa": "hausa",
        "https://voices.example/igbo/a": "voices-example",
        "https://sport.quay.example/a": "sport-quay-example",
    }
    slug_of = Outlets(papers, Asked())
    assert {url: slug_of(url) for url in expected} == expected
    known = Outlets(papers, Asked(known_only=True))
    assert (known("https://gazette.example/a"), known("https://notgazette.example/a")) == ("gazette", None)
    assert Outlets(papers, Asked(outlet="quay"))("https://gazette.example/a") == "quay"


# --- S3 ------------------------------------------------------------------------------------------


@pytest.fixture
def bucket(services: Settings) -> Iterator[Bucket]:
    """A bucket of somebody else, with the files."""
    name = f"archives-{uuid4().hex[:8]}"
    with closing(Bucket(services.model_copy(update={"s3_bucket": name, "s3_prefix": ""}))) as bucket:
        for key, content in FILES.items():
            bucket.put(key, content)
        yield bucket


@pytest.mark.slow
def test_objects_of_another_bucket(services: Settings, bucket: Bucket) -> None:
    for names, sources in ASKED.items():
        assert found(services, f"{bucket.uri}/", *names) == sources, names
    assert found(services, bucket.uri, "") == [[f"/{path}" for path in it] for it in ASKED["2026",]]
    with pytest.raises(Reject, match=f"no file {bucket.uri}/absent"):
        find_sources(services, [f"{bucket.uri}/absent"])


@pytest.mark.slow
def test_a_bucket_that_is_mistyped_is_said_to_be_missing_and_not_made(services: Settings) -> None:
    for path in ("s3://nobodys-bucket/a", "s3://nobodys-bucket/*.warc", "s3://nobodys-bucket"):
        with pytest.raises(Reject, match=r"no bucket 'nobodys-bucket'; PRESSLAKE_INPUTS_ENDPOINT"):
            find_sources(services, [path])


@pytest.mark.slow
def test_an_object_reads_like_a_file(services: Settings, bucket: Bucket) -> None:
    content = random.Random(1).randbytes(20 * 2**20)
    bucket.put("big.warc", content)
    (source,) = find_sources(services, [f"{bucket.uri}/big.warc"])
    with source.inputs[0].open() as stream:
        assert stream.read(10) == content[:10]
        assert stream.seek(9 * 2**20) == stream.tell() == 9 * 2**20
        assert stream.read(2**20) == content[9 * 2**20 : 10 * 2**20]
        assert stream.seek(-5, io.SEEK_END) == len(content) - 5
        assert stream.read() == content[-5:]
        assert stream.read(1) == b""
    before = source.slot_prefix()
    bucket.put("big.warc", content[::-1])
    (source,) = find_sources(services, [f"{bucket.uri}/big.warc"])
    assert source.slot_prefix() != before


@pytest.mark.slow
def test_buckets_at_an_endpoint_of_their_own(
    services: Settings, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys come from boto3's own chain there; without any the request is not signed."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    away = services.model_copy(update={"inputs_endpoint": services.endpoint})
    name = bucket.settings.s3_bucket
    with closing(open_bucket(away, name)) as public, pytest.raises(Halt, match="refuses the keys"):
        public.get("2026/01/a.warc.gz")
    key, secret = services.s3_access_key, services.s3_secret_key
    assert key
    assert secret
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key.get_secret_value())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret.get_secret_value())
    with closing(open_bucket(away, name)) as signed:
        assert signed.get("2026/01/a.warc.gz") == b"a"

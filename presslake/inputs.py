"""Where pages that were not crawled lie: files, folders, patterns and objects of any S3 bucket, as streams.

A name says what a file is: an archive (`.warc`, `.wet`), a document (`.html`, `.txt`), or a list of
archives (`.paths`, as Common Crawl publishes them); all but documents may be gzipped.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from lake.bucket import Bucket, Stored, open_bucket
from lake.failures import NoBucket, place
from schemas.errors import Reject, TryLater
from schemas.settings import Settings

#: Documents that are one source together: as many as a slot holds.
DOCUMENTS = 2000
READ = ".warc, .wet, .paths (.gz or not), .html or .txt"
_ARCHIVE = re.compile(r"\.(warc|wet)(\.gz)?$", re.IGNORECASE)
_PATHS = re.compile(r"\.paths(\.gz)?$", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(html?|xhtml|txt)$", re.IGNORECASE)
_TOLD = {  # names people will try, and what to do instead
    r"\.arc(\.gz)?$": "ARC is the format before WARC; `warcio recompress` makes a WARC file of it",
    r"\.wat(\.gz)?$": "WAT files hold facts about pages, no pages; take the WARC or WET file of that name",
    r"\.(warc|wet)\.zst$": "decompress it first, with `zstd -d`",
    r"\.wacz$": "WACZ is a ZIP file; unpack it and take the WARC files in its folder `archive`",
}
_WILD = re.compile(r"[*?\[]")
# One request an 8 MiB: at 20 ms each that is 400 MB/s, far more than pages are landed at.
_RANGE_BYTES = 8 * 2**20


@dataclass(frozen=True)
class Input:
    """One file on disk (`bucket` is None) or one object; `path` as a person would type it."""

    path: str
    size: int
    modified_at: datetime
    bucket: Bucket | None = field(default=None, compare=False)
    etag: str = ""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def is_archive(self) -> bool:
        """WARC or WET, by its name."""
        return bool(_ARCHIVE.search(self.name))

    def open(self) -> io.BufferedReader:
        """The bytes as a stream that can be sought in; an object is read range by range."""
        if self.bucket is None:
            return Path(self.path).open("rb")
        return io.BufferedReader(_Ranges(self.bucket, _key(self.path)[1], self.size), _RANGE_BYTES)

    def identity(self) -> str:
        """What tells this content from any other: of a file its digest, of an object what S3 says of it."""
        if self.bucket is not None:
            return f"{self.path} {self.etag} {self.size}"
        with self.open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Source:
    """What is landed as one: an archive, or some documents."""

    inputs: tuple[Input, ...]

    @property
    def label(self) -> str:
        """How messages and tables name it."""
        first = self.inputs[0].name
        return first if len(self.inputs) == 1 else f"{first} and {len(self.inputs) - 1} more"

    @property
    def paths(self) -> list[str]:
        """The paths, from which `find_sources` makes it again."""
        return [one.path for one in self.inputs]

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return sum(one.size for one in self.inputs)

    def slot_prefix(self, *asked: object) -> str:
        """A name made from its contents and from how it is read: the slots' names begin with it."""
        digest = hashlib.sha256("\x1f".join(map(str, asked)).encode())
        for one in self.inputs:
            digest.update(f"\x1e{one.identity()}".encode())
        stem = re.sub(r"[^A-Za-z0-9_]+", "-", self.inputs[0].name.split(".")[0]).strip("-")[:40]
        return f"ingest-{stem or 'file'}-{digest.hexdigest()[:8]}"


def find_sources(settings: Settings, paths: Iterable[str]) -> list[Source]:
    """The sources of files, folders, patterns, `s3://` objects and prefixes, each once, in order of path.

    Folders and prefixes give what has a name we read and leave the rest. Raises `Reject` for a path with
    nothing to read, `TryLater` or `Halt` when S3 does not answer or refuses us.
    """
    buckets: dict[str, Bucket] = {}
    found: dict[str, Input] = {}
    for path in paths:
        for one in _inputs(settings, buckets, path):
            found.setdefault(one.path, one)
    archives = [one for one in found.values() if one.is_archive]
    documents = sorted((one for one in found.values() if not one.is_archive), key=lambda one: one.path)
    return [
        *(Source((one,)) for one in sorted(archives, key=lambda one: one.path)),
        *(Source(tuple(documents[at : at + DOCUMENTS])) for at in range(0, len(documents), DOCUMENTS)),
    ]


def _inputs(
    settings: Settings, buckets: dict[str, Bucket], path: str, *, listed_by: str = ""
) -> Iterator[Input]:
    if not path:
        raise Reject("a path is empty")  # to the disk it would be the folder we stand in
    in_s3 = path.startswith("s3://")
    found = list(_in_bucket(settings, buckets, path) if in_s3 else _on_disk(path))
    if not found:
        raise Reject(f"no file {path}")
    is_exact = len(found) == 1 and found[0].path == path
    for one in found:
        if _PATHS.search(one.name):
            if listed_by:  # it might list itself
                raise Reject(
                    f"{listed_by} leads to another list, {one.path}; expected archives and documents"
                )
            for line in _lines(one):
                yield from _inputs(settings, buckets, line, listed_by=one.path)
        elif one.is_archive or _DOCUMENT.search(one.name):
            yield one
        elif is_exact:
            told = next((what for name, what in _TOLD.items() if re.search(name, one.name, re.I)), None)
            raise Reject(f"{path}: {told or f'expected a name that ends in {READ}'}")
    if not any(one.is_archive or _PATHS.search(one.name) or _DOCUMENT.search(one.name) for one in found):
        raise Reject(f"{path}: none of its {len(found)} files has a name that ends in {READ}")


def _on_disk(path: str) -> Iterator[Input]:
    whole = Path(path)
    if whole.is_dir():
        files: Sequence[Path] = sorted(whole.rglob("*"))
    elif whole.exists() or not _WILD.search(path):
        files = [whole]
    else:
        anchor = Path(whole.anchor or ".")
        files = sorted(anchor.glob(str(whole.relative_to(whole.anchor) if whole.anchor else whole)))
    for file in files:
        if file.is_file():
            stat = file.stat()
            yield Input(str(file), stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))


def _in_bucket(settings: Settings, buckets: dict[str, Bucket], path: str) -> Iterator[Input]:
    name, key = _key(path)
    bucket = buckets.setdefault(name, open_bucket(settings, name)) if name not in buckets else buckets[name]

    def inputs(objects: Iterable[Stored]) -> Iterator[Input]:
        for one in objects:
            yield Input(f"s3://{name}/{one.key}", one.size, one.modified_at, bucket, one.etag)

    wild = _WILD.search(key)
    try:
        if wild is None and key and not key.endswith("/") and (one := bucket.stat(key)) is not None:
            yield from inputs([one])
        elif wild is None:
            folder = f"{key.rstrip('/')}/" if key else ""
            yield from inputs(bucket.stored(folder))
        else:
            yield from inputs(o for o in bucket.stored(key[: wild.start()]) if fnmatchcase(o.key, key))
    except NoBucket as error:
        where = f"{place(bucket.settings)} has no bucket {name!r}"
        raise Reject(f"{path}: {where}; PRESSLAKE_INPUTS_ENDPOINT says where other buckets lie") from error


def _lines(listing: Input) -> Iterator[str]:
    """Paths of a list: from the bucket's root on if it lies in one, else from the list's folder on."""
    with listing.open() as stream:
        text = stream.read()
    if listing.name.lower().endswith(".gz"):
        try:
            text = gzip.decompress(text)
        except (OSError, EOFError, zlib.error) as error:
            raise Reject(f"{listing.path} is no gzip file: {error}") from error
    root = "s3://" + _key(listing.path)[0] if listing.bucket else str(Path(listing.path).parent)
    lines = list(filter(None, map(str.strip, text.decode("utf-8", "replace").splitlines())))
    if not lines:
        raise Reject(f"{listing.path} names nothing")
    for line in lines:
        yield line if line.startswith("s3://") else f"{root}/{line}"


def _key(path: str) -> tuple[str, str]:
    """(bucket, key) of `s3://bucket/key`."""
    bucket, _, key = path.removeprefix("s3://").partition("/")
    if not bucket:
        raise Reject(f"{path}: expected s3://bucket/key")
    return bucket, key


class _Ranges(io.RawIOBase):
    """An object read by ranged requests: memory holds one of them."""

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        self._bucket = bucket
        self._key = key
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._at)
        data = self._bucket.open_range(self._key, self._at, wanted) if wanted > 0 else b""
        if len(data) < wanted:
            raise TryLater(f"{self._bucket.uri}/{self._key} ended early at byte {self._at + len(data)}")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

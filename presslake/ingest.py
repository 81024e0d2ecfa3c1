"""Pages that come as files are landed like a crawl's: in slots of bounded size, one after the other.

A source (an archive, or up to 2,000 documents) is read as a stream and cut into windows. A window becomes a slot,
`ingest-<file>-<digest>-00001`; a URL is one capture a slot, so versions of it that differ and come in one
window go to slots beside it (`…-00001-2`). What is kept of a source's progress is one small object: ingesting
it again goes on behind the last window that landed, and changes nothing once all have.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from presslake.inputs import Source, find_sources
from presslake.pipeline import Pipeline
from presslake.records import NoPage, Place, Record, read_records
from presslake.show import as_text, ingest_table
from presslake.steps import land, landed
from schemas.errors import Reject
from schemas.outlet import Outlet
from schemas.settings import PRODUCT
from schemas.urls import host_of, key_of_normal
from schemas.vocabulary import CaptureOutcome
from spiders.causes import verdict
from spiders.collect import forbidden
from spiders.fetch import Answer
from spiders.journal import Capture, Found, Journal, Visit, read_journal
from spiders.refused import Refused, failed
from spiders.rights import page_rights

log = logging.getLogger("presslake")

#: A window ends with this many captures, or bytes of bodies, or versions of one URL.
WINDOW_RECORDS = 2000
WINDOW_BYTES = 256 * 2**20
WINDOW_VERSIONS = 8
#: An ingest's slots have one part each.
PART = "part-0"
# What a browser loads for a page, and files: rows in captures, but nothing is archived.
_NO_TEXT = re.compile(
    r"\s*((image|video|audio|font)/|(text|application)/(css|(x-)?javascript|ecmascript)|"
    r"application/(pdf|zip|gzip|wasm|font|vnd\.))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Asked:
    """How a source is to be read: `url` of a single document, `outlet` of all its pages; `known_only` leaves out
    pages of hosts that no outlet has."""

    url: str | None = None
    outlet: str | None = None
    known_only: bool = False


@dataclass
class Account:
    """How far a source has been read, and what came of it; `ended` when nothing is left.

    `captures` counts outcomes, `skipped` records that are no page of their own, by kind.
    """

    source: str
    began_at: str
    place: Place = field(default_factory=Place)
    windows: int = 0
    slots: list[str] = field(default_factory=list)
    captures: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    damage: str | None = None
    ended: bool = False


#: Told after every record: the source, bytes of it read, records of it that were pages in this run.
Watch = Callable[[Source, int, int], None]


def _unwatched(_source: Source, _read: int, _pages: int) -> None:
    """Nobody looks on."""


def land_source(
    p: Pipeline, source: Source, asked: Asked | None = None, watch: Watch = _unwatched
) -> Account:
    """Land the pages of a source; windows that have landed already are not read again.

    Memory holds one page and the keys of a window's URLs; the disk holds a window. Raises `Reject` when the
    source holds no page, or cannot be read as asked.
    """
    asked = asked or Asked()
    records, prefix, account = _opened(p, source, asked)
    if account.ended:
        return account
    _keep(p, prefix, account)
    slug_of = Outlets(p.outlets, asked)
    window = _Window(p, prefix, account)
    pages = 0
    try:
        for place, item in records:
            slug = slug_of(item.url) if isinstance(item, Record) else None
            if isinstance(item, NoPage):
                window.skip(item.kind, item.detail)
            elif slug is None:
                window.skip("unknown_outlet")
            elif not window.add(slug, item):
                window.land()
                account.place = place
                _keep(p, prefix, account)
                window = _Window(p, prefix, account)
                window.add(slug, item)
            pages += isinstance(item, Record)
            watch(source, place.offset, pages)
        window.land()
    finally:
        window.close()
    if not account.slots and not account.skipped["unknown_outlet"]:
        raise Reject(f"{source.label} holds no page: expected response, resource or conversion records")
    account.ended = True
    _keep(p, prefix, account)
    watch(source, source.size, pages)
    return account


def survey(p: Pipeline, source: Source, asked: Asked | None = None, watch: Watch = _unwatched) -> Account:
    """What `land_source` would find in a source from its start on; nothing is written. Repeats are not told."""
    asked = asked or Asked()
    slug_of = Outlets(p.outlets, asked)
    account = Account(source.label, datetime.now(UTC).isoformat())
    records = read_records(
        source, p.settings.page_bytes, Place(), url=asked.url, homepage=_homepage(p, source, asked)
    )
    for place, item in records:
        slug = slug_of(item.url) if isinstance(item, Record) else None
        if isinstance(item, NoPage):
            account.skipped[item.kind] += 1
        elif slug is None:
            account.skipped["unknown_outlet"] += 1
        else:
            _, refused = judged(p.outlets.get(slug), item)
            if item.moved_to and not refused:
                account.skipped["redirect"] += 1
            else:
                account.captures[refused.outcome if refused else CaptureOutcome.FETCHED] += 1
        watch(source, place.offset, account.captures.total())
    return account


def list_sources(p: Pipeline, paths: list[str]) -> list[list[str]]:
    """The paths of every source of these inputs, lines of a form, empty ones among them: a task each of an ingest.

    Raises `Reject` without a path.
    """
    lines = [line for path in paths if (line := path.strip())]
    if not lines:
        raise Reject("no path is given")
    return [source.paths for source in find_sources(p.settings, lines)]


def land_paths(p: Pipeline, paths: list[str], outlet: str | None, known_only: bool) -> list[str]:
    """Land one source by its paths and log what came of it; returns its slots."""
    (source,) = find_sources(p.settings, paths)
    account = land_source(p, source, Asked(outlet=outlet, known_only=known_only))
    log.info("\n%s", as_text(ingest_table([account])))
    return account.slots


class Outlets:
    """Which outlet a URL belongs to: by its host or the nearest host above that is an outlet's.

    Of outlets that share a host, the one whose homepage's path goes furthest along the URL's.
    """

    def __init__(self, outlets: Mapping[str, Outlet], asked: Asked) -> None:
        self._asked = asked
        self._homes: dict[str, list[tuple[str, str]]] = {}
        for slug, outlet in outlets.items():
            path = urlsplit(outlet.homepage).path.rstrip("/")
            self._homes.setdefault(host_of(outlet.homepage), []).append((path, slug))

    def __call__(self, url: str) -> str | None:
        """The outlet's slug; where there is none one made from the host, or None if only known ones are asked for."""
        if self._asked.outlet:
            return self._asked.outlet
        host = host_of(url)
        above = host
        while above:
            if slug := self._at_home(above, urlsplit(url).path):
                return slug
            above = above.partition(".")[2]
        return None if self._asked.known_only else _slug_of(host)

    def _at_home(self, host: str, path: str) -> str | None:
        homes = self._homes.get(host, [])
        if len(homes) == 1:
            return homes[0][1]
        return next(
            (slug for home, slug in sorted(homes, key=_longest) if f"{path}/".startswith(f"{home}/")), None
        )


def _longest(home: tuple[str, str]) -> tuple[int, str]:
    return -len(home[0]), home[1]


# --- windows -------------------------------------------------------------------------------------


class _Window:
    """Some records on the disk, until they are landed as a slot, or as several where a URL has several versions."""

    def __init__(self, p: Pipeline, prefix: str, account: Account) -> None:
        self._p = p
        self._account = account
        self._name = f"{prefix}-{account.windows + 1:05}"
        self._open = ExitStack()
        self._journals: list[Journal] = []
        self._found: list[Counter[str]] = []  # captures by outlet, of every journal
        self._digests: dict[tuple[str, str], list[str]] = {}  # of the bodies met, by outlet and URL key
        self._skipped: Counter[str] = Counter()
        self._damage: str | None = None
        self._records = self._bytes = 0

    def skip(self, kind: str, detail: str = "") -> None:
        """Count a record that is no page of its own."""
        self._skipped[kind] += 1
        if kind == "damaged":
            self._damage = self._damage or detail

    def add(self, outlet: str, record: Record) -> bool:
        """Take a page; False when the window is full, and the record is the next one's first.

        Of a URL met before, the same body again is a repeat, and so is a failure; a page takes the place of a failure.
        """
        key = key_of_normal(record.url)
        answer, refused = judged(self._p.outlets.get(outlet), record)
        if record.moved_to and not refused:
            self.skip("redirect")
            return True
        digest = "" if refused else hashlib.sha256(record.body).hexdigest()
        digests = self._digests.get((outlet, key), [])
        if digests and (refused or digest in digests):
            self.skip("repeat")
            return True
        number = 0 if digests == [""] else len(digests)
        if number == WINDOW_VERSIONS or self._records == WINDOW_RECORDS:
            return False
        if self._records and self._bytes + len(record.body) > WINDOW_BYTES:
            return False
        if number == len(self._journals):
            self._journals.append(self._open.enter_context(Journal.open(self._begun(number))))
            self._found.append(Counter())
        self._digests[outlet, key] = [*digests[:number], digest]
        self._records += 1
        self._bytes += len(record.body)
        journal = self._journals[number]
        if not (number == 0 and digests):
            self._found[number][outlet] += 1
            named_in = f"archive {self._account.source}"
            journal.write(Found(outlet, record.url, key, [named_in], record.at.isoformat()))
        journal.write(
            _failure(record, outlet, key, refused)
            if refused
            else _archived(journal, answer, outlet, key, digest)
        )
        return True

    def land(self) -> None:
        """Land what it holds and put that on the account."""
        source = f"{self._account.source}#{self._account.windows + 1}"
        for journal, found in zip(self._journals, self._found, strict=True):
            for outlet, count in sorted(found.items()):
                journal.write(self._visit(outlet, source, count))
        self._open.close()
        for number in range(len(self._journals)):
            slot = self._slot(number)
            counts = landed(self._p, slot, PART)
            if counts is None:
                counts = land(self._p, slot, PART, read_journal(self._p.journal_dir(slot, PART), slot))
            self._account.slots.append(slot)
            self._account.captures.update(counts)
        self._account.windows += bool(self._journals)
        self._account.skipped.update(self._skipped)
        self._account.damage = self._account.damage or self._damage
        self.close()

    def close(self) -> None:
        """Drop what has not landed."""
        self._open.close()
        for number in range(len(self._journals)):
            shutil.rmtree(self._p.journal_dir(self._slot(number), PART).parent, ignore_errors=True)
        self._journals.clear()

    def _slot(self, number: int) -> str:
        return self._name if number == 0 else f"{self._name}-{number + 1}"

    def _begun(self, number: int) -> Path:
        """An empty folder for a journal: what a killed process left in it is dropped."""
        folder = self._p.journal_dir(self._slot(number), PART)
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def _visit(self, outlet: str, source: str, found: int) -> Visit:
        return Visit(
            outlet,
            source,
            "archive",
            CaptureOutcome.FETCHED,
            self._account.began_at,
            reason="archive_damaged" if self._damage else None,
            detail=self._damage,
            found=found,
            new=found,
        )


def _failure(record: Record, outlet: str, key: str, refused: Refused) -> Capture:
    return Capture(
        outlet,
        key,
        refused.outcome,
        refused.reason,
        refused.detail or None,
        status=record.status or None,
        fetched_at=record.at.isoformat(),
    )


def _archived(journal: Journal, answer: Answer, outlet: str, key: str, digest: str) -> Capture:
    offset, length = journal.archive(answer.warc_record(bytes.fromhex(digest)))
    return Capture(
        outlet,
        key,
        CaptureOutcome.FETCHED,
        status=answer.status,
        fetched_at=answer.at.isoformat(),
        bytes=len(answer.body),
        content_type=answer.header("Content-Type"),
        etag=answer.header("ETag"),
        last_modified=answer.header("Last-Modified"),
        body_sha256=digest,
        warc_offset=offset,
        warc_bytes=length,
        rights=page_rights(answer.headers, answer.body, PRODUCT) or None,
    )


def judged(outlet: Outlet | None, record: Record) -> tuple[Answer, Refused | None]:
    """A record as a crawl would have it, and why its body is not kept: the causes of a crawl that an archive shows.

    What a redirect leads to is a record of its own, so that of one only the address it leads to is judged.
    """
    headers = [(n.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for n, v in record.headers]
    arrived, status = (record.moved_to, 200) if record.moved_to else (record.url, record.status)
    answer = Answer(arrived, status, headers, record.body, None, record.at, 0)
    return answer, _refused(outlet, record, answer)


def _refused(outlet: Outlet | None, record: Record, answer: Answer) -> Refused | None:
    if outlet and (reason := forbidden(outlet, record.url)):
        return Refused(CaptureOutcome.DISALLOWED, reason)
    if record.refused:
        return record.refused
    outcome, why, said = verdict(answer, record.url, outlet)
    if why:
        return Refused(outcome, why, said or "", record.status)
    kind = answer.header("Content-Type") or ""
    return (
        failed("not_html", f"content type {kind}") if _NO_TEXT.match(kind) and not record.moved_to else None
    )


# --- what is asked and what was done -------------------------------------------------------------


def _opened(
    p: Pipeline, source: Source, asked: Asked
) -> tuple[Iterator[tuple[Place, Record | NoPage]], str, Account]:
    """Its records from where it was left, the prefix of its slots, and its account."""
    if asked.url and (len(source.inputs) > 1 or source.inputs[0].is_archive):
        raise Reject(f"{source.label}: --url is for a single document")
    prefix = source.slot_prefix(asked.url, asked.outlet, asked.known_only)
    account = _account(p, prefix) or Account(source.label, datetime.now(UTC).isoformat())
    homepage = _homepage(p, source, asked)
    records = read_records(source, p.settings.page_bytes, account.place, url=asked.url, homepage=homepage)
    return records, prefix, account


def _homepage(p: Pipeline, source: Source, asked: Asked) -> str | None:
    if asked.outlet is None:
        return None
    if asked.outlet not in p.outlets:
        raise Reject(
            f"{source.label}: no outlet {asked.outlet!r} for --outlet; `presslake outlets list` shows what there is"
        )
    return p.outlets[asked.outlet].homepage


def _account(p: Pipeline, prefix: str) -> Account | None:
    key = _account_key(prefix)
    if not p.lake.exists(key):
        return None
    kept = json.loads(p.lake.get(key))
    counted = {name: Counter(kept[name]) for name in ("captures", "skipped")}
    return Account(**kept | counted | {"place": Place(**kept["place"])})


def _keep(p: Pipeline, prefix: str, account: Account) -> None:
    said = json.dumps(vars(account) | {"place": vars(account.place)})
    p.lake.put(_account_key(prefix), said.encode(), "application/json")


def _account_key(prefix: str) -> str:
    return f"ingest/{prefix}.json"


def _slug_of(host: str) -> str:
    """A slug for an outlet that has no file, from the host: `nytimes-com`."""
    return re.sub(r"[^a-z0-9]+", "-", host).strip("-")[:64].strip("-") or "unknown"

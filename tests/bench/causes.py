"""Scorecard of causes: what the demo's outlet of trouble serves, and what was told of it, in a crawl and in an archive
of the same answers; real pages as negatives."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from lake.pages import read_member
from presslake.demo import trouble
from presslake.demo.server import Newsroom
from presslake.demo.stories import World
from presslake.demo.truth import truth
from presslake.ingest import judged
from presslake.inputs import find_sources
from presslake.records import Place, Record, read_records
from schemas.outlet import Outlet
from schemas.page import Page
from schemas.settings import Settings
from schemas.tables import VISITS
from schemas.urls import url_key
from schemas.vocabulary import CaptureOutcome, Reason
from spiders.causes import verdict
from spiders.child import run_crawl
from spiders.fetch import Answer
from spiders.journal import Landing, read_journal
from spiders.plan import make_plan
from tests.bench.newsroom import EPOCH, NOW, fetched
from tests.bench.quality import ARTICLE_SETS, CORPUS, page_of, read_set
from tests.bench.report import table
from transforms.extract import extract

PACKAGES = ("Scrapy",)
Say = Callable[[str], None]
#: Causes by which an article would be lost as a wall or a failure, not as another kind of page.
WALLS = frozenset(
    {
        Reason.BOT_CHALLENGE,
        Reason.CONSENT_WALL,
        Reason.LOGIN_WALL,
        Reason.MOVED_HOST,
        Reason.SOFT_404,
        Reason.NEEDS_SCRIPT,
    }
)

_NOTHING_CAME = "nothing came that could be archived"
_LET_IN = "the crawler that made the archive was let in, or has no record"
#: What the archive of an answer cannot show, and why.
NOT_IN_ARCHIVES = {
    **dict.fromkeys(
        (Reason.DNS, Reason.TLS, Reason.CONNECT, Reason.TIMEOUT, Reason.CONNECTION_LOST), _NOTHING_CAME
    ),
    **dict.fromkeys((Reason.ROBOTS, Reason.ROBOTS_UNREACHABLE), _LET_IN),
    Reason.BAD_ENCODING: "archives keep the Content-Encoding of bodies that they have decoded",
    Reason.REDIRECT_LOOP: "each redirect is a record of its own",
    Reason.PRIVATE_ADDRESS: "only who resolves a name knows its address; a redirect there is told as moved_host",
}


@dataclass(frozen=True)
class Told:
    """What was told of a case; `reason` is None where it was taken for an article, or for a source that is fine."""

    case: trouble.Case
    reason: str | None
    detail: str


def told_of_trouble(*, slow: bool = True) -> list[Told]:
    """Every case of the outlet of trouble, crawled and extracted; without `slow` those left out that take seconds."""
    with Newsroom() as room, TemporaryDirectory() as folder:
        facts = trouble.outlet_facts(room.port, is_slow=slow)
        outlet = Outlet(slug=trouble.SLUG, country="zz", **facts)
        settings = Settings(page_seconds=5)  # waited for thrice, and ample for what does not hang
        plan = make_plan("s", 0, {outlet.slug: outlet}, VISITS.schema.empty_table(), settings)
        run_crawl(plan, Path(folder), settings)
        landing = read_journal(Path(folder), "s")
        rows = {url_key(row["url"]): row for row in landing.captures.to_pylist()} | _extracted(
            landing, outlet
        )
        visits = {row["source_url"]: row for row in landing.visits.to_pylist()}
        cases = [case for case in trouble.CASES if slow or not case.is_slow]
        told = []
        for case in cases:
            url = trouble.url_of(case, room.port)
            row = visits[url] if case.is_source else rows[url_key(url)]
            told.append(Told(case, row["reason"], row["detail"] or ""))
        return told


def not_in_archives(case: trouble.Case) -> str | None:
    """Why the archive of an answer cannot show a case's cause; None where it can."""
    if any(host in case.url for host in (trouble.ATTIC, trouble.LOBBY)):
        return "takes a request for an address that nobody has"
    return NOT_IN_ARCHIVES.get(case.reason)


def told_of_archive() -> list[Told]:
    """Every page of the outlet of trouble as `presslake ingest` judges and extract reads the archive of its answers."""
    limit = Settings().page_bytes
    with Newsroom() as room, TemporaryDirectory() as folder:
        outlet = Outlet(slug=trouble.SLUG, country="zz", **trouble.outlet_facts(room.port))
        cases = {trouble.url_of(case, room.port): case for case in trouble.CASES if not case.is_source}
        archive = Path(folder) / "trouble.warc"
        archive.write_bytes(b"".join(_record(url, room.port) for url in cases))
        [source] = find_sources(Settings(), [str(archive)])
        told = {url_key(url): Told(case, None, "") for url, case in cases.items()}
        for _, record in read_records(source, limit, Place()):
            if isinstance(record, Record):
                key = url_key(record.url)
                told[key] = replace(told[key], **_judged(outlet, record))
        return list(told.values())


def _judged(outlet: Outlet, record: Record) -> dict[str, Any]:
    answer, refused = judged(outlet, record)
    if refused:
        return {"reason": refused.reason, "detail": refused.detail}
    if record.moved_to:
        return {}
    page = page_of("archive", record.url, record.body, record.at, answer.header("Content-Type") or "")
    [row] = extract([replace(page, outlet=outlet.slug)], {outlet.slug: outlet}).to_pylist()
    return {"reason": row["reason"], "detail": row["detail"] or ""}


def _record(url: str, port: int) -> bytes:
    """The WARC record of what the newsroom answers, redirects not followed; b"" where nothing comes."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in trouble.HOSTS or parts.port != port:
        return b""
    came = b""
    patience = 0.5 if parts.hostname == trouble.HANGS else 60
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection, suppress(OSError):
        connection.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
        )
        while part := connection.recv(1 << 16):
            came += part
    if not came:
        return b""
    head, _, body = came.partition(b"\r\n\r\n")
    stated = re.search(rb"Content-Length: (\d+)", head)
    is_cut = stated is not None and int(stated[1]) > len(body)
    fields = {
        "WARC-Type": "response",
        "WARC-Target-URI": url,
        "WARC-Date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "WARC-Record-ID": f"<urn:uuid:{uuid4()}>",
        **({"WARC-Truncated": "disconnect"} if is_cut else {}),
        "Content-Type": "application/http;msgtype=response",
        "Content-Length": str(len(came)),
    }
    lines = ["WARC/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + came + b"\r\n\r\n"


def _extracted(landing: Landing, outlet: Outlet) -> dict[str, dict[str, Any]]:
    """What extract says of the pages that were archived, by URL key."""
    pages = []
    with landing.warc_path.open("rb") as warc:
        for row in landing.captures.to_pylist():
            if row["outcome"] == CaptureOutcome.FETCHED:
                warc.seek(row["warc_offset"])
                body, error = read_member(warc.read(row["warc_bytes"]), Settings().page_bytes)
                named = {name: row[name] for name in ("capture_id", "slot", "outlet", "url", "url_key")}
                seen = {
                    name: row[name]
                    for name in ("final_url", "found_at", "fetched_at", "status", "content_type")
                }
                pages.append(Page(**named, **seen, body=body, error=error))
    return {row["url_key"]: row for row in extract(pages, {outlet.slug: outlet}).to_pylist()}


def cause_of(page: Page) -> str | None:
    """What is told of a page by what it holds, as a crawl and extract would; None of an article."""
    headers = [(b"Content-Type", (page.content_type or "").encode())]
    found = verdict(Answer(page.url, 200, headers, page.body, None, datetime.now(UTC), 0), page.url)
    [row] = extract([page], {}).to_pylist()
    return found.reason or row["reason"]


def newsroom_articles() -> list[Page]:
    """Articles of the demo newsroom, paywalled ones among them."""
    world = World(EPOCH, seed=20261123)
    return [
        page for told in truth(world, NOW) if told.expected == "published" and (page := fetched(world, told))
    ]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    say("the outlet of trouble")
    told = told_of_trouble(slow=not quick)
    rows = []
    for reason in dict.fromkeys(one.case.reason for one in told):
        of_reason = [one for one in told if one.case.reason == reason]
        wrong = Counter(one.reason or "none" for one in of_reason if one.reason != reason)
        false = sum(one.reason == reason != one.case.reason for one in told)
        rows.append((reason, len(of_reason), len(of_reason) - wrong.total(), _counted(wrong), false))
    right = sum(one.reason == one.case.reason for one in told)
    shown = table(
        ["cause", "served", "told", "mistaken for", "others taken for it"],
        [*rows, ("**together**", len(told), right, "", len(told) - right)],
    )
    say("an archive of it")
    from_archive = [one for one in told_of_archive() if not not_in_archives(one.case)]
    otherwise = [one for one in from_archive if one.reason != one.case.reason]
    unknown = Counter((one.case.reason, why) for one in told if (why := not_in_archives(one.case)))
    archived = table(
        ["pages of it in an archive", "number", "of these"],
        [
            ("told as in the crawl", len(from_archive) - len(otherwise), ""),
            ("told otherwise", len(otherwise), _counted(Counter(one.case.reason for one in otherwise))),
            *((f"cannot be told: {reason}", number, why) for (reason, why), number in unknown.items()),
        ],
    )
    say("articles of the newsroom")
    sets = {"the newsroom's articles": [cause_of(page) for page in newsroom_articles()]}
    for name in (*ARTICLE_SETS, "wcxb_other") if CORPUS.is_dir() else ():
        say(name)
        sets[name] = [cause_of(page) for page, _ in read_set(name, 20 if quick else None)]
    real = table(
        ["pages", "number", "taken for a wall or a failure", "of these", "other than articles"],
        [
            (
                name,
                len(causes),
                sum(cause in WALLS for cause in causes),
                _counted(Counter(cause for cause in causes if cause in WALLS)),
                sum(cause is not None and cause not in WALLS for cause in causes),
            )
            for name, causes in sets.items()
        ],
    )
    return f"{shown}\n\n{archived}\n\n{real}" + (
        "" if CORPUS.is_dir() else "\n\nReal pages: the corpus was not there."
    )


def _counted(counts: Counter[Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())

"""Scorecard of causes: what the demo's outlet of trouble serves, and what was told of it; real pages as negatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lake.pages import read_member
from presslake.demo import trouble
from presslake.demo.server import Newsroom
from presslake.demo.stories import World
from presslake.demo.truth import truth
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
from tests.bench.quality import ARTICLE_SETS, CORPUS, read_set
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
        settings = Settings(page_seconds=1)
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
    return f"{shown}\n\n{real}" + ("" if CORPUS.is_dir() else "\n\nReal pages: the corpus was not there.")


def _counted(counts: Counter[Any]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())

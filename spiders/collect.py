"""The crawl itself: every outlet of a plan side by side, its sources first, then the pages that are due."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from schemas.outlet import Outlet, SourceKind
from schemas.vocabulary import CaptureOutcome, Reason
from spiders import polling
from spiders.aside import aside
from spiders.causes import Soft404s, verdict
from spiders.discover import Discovery, Item, distinct, read_source
from spiders.fetch import Answer, Asked, Fetcher, count_requests
from spiders.journal import Capture, Event, Found, Journal, Probe, Stop, Visit
from spiders.known import KnownUrl, is_due
from spiders.manners import retry_after
from spiders.plan import KnownSource, OutletPlan, Plan
from spiders.refused import Refused

log = logging.getLogger(__name__)

_WORKERS = 2  # pages of an outlet in flight
_CHILD_SITEMAPS = 10
_READERS = 4  # sources being read


@dataclass
class _State:
    """How far one outlet has come in this slot, a resumed journal included.

    The journal is the queue: of a URL only its hash (of this process) and where it stands there are kept.
    """

    waiting: dict[int, int] = field(default_factory=dict)  # URL key → offset of its first `Found`
    changed: dict[int, int] = field(
        default_factory=dict
    )  # URL key → offset of a `Found` that tells a later change
    named: set[int] = field(default_factory=set)  # (URL key, source) already written
    done: set[int] = field(default_factory=set)  # URL key
    visited: set[str] = field(default_factory=set)
    pages: int = 0
    bytes: int = 0


class Collector:
    """One crawl of a plan into a journal; what the journal holds already is not done again."""

    def __init__(self, plan: Plan, journal: Journal, fetcher: Fetcher) -> None:
        self._limits = plan.limits
        self._outlets = plan.outlets
        self._slot = plan.slot
        self._at = plan.at or datetime.now(UTC)
        self._journal = journal
        self._fetcher = fetcher
        self._soft_404s = Soft404s(fetcher, self._write)
        for probe in plan.probes:
            self._soft_404s.know(probe)
        self._states = {it.outlet.slug: _State() for it in plan.outlets}
        self._pages = self._bytes = 0
        self._readers = asyncio.Semaphore(_READERS)
        for offset, event in journal.events():
            if event.outlet in self._states:
                self._note(self._states[event.outlet], event, offset)

    async def run(self) -> None:
        """Crawl until all is done or a limit is met; the journal's last event says which."""
        if self._journal.ended:
            return
        reason = "finished"
        try:
            async with asyncio.timeout(self._limits.run_seconds), asyncio.TaskGroup() as group:
                for it in self._outlets:
                    group.create_task(self._outlet(it))
        except TimeoutError:
            reason = "time_limit"
        for it in self._outlets:
            self._leave_sources(it, reason)
        self._write(Stop(None, reason))

    async def _outlet(self, it: OutletPlan) -> None:
        slug = it.outlet.slug
        try:
            async with asyncio.timeout(self._limits.outlet_seconds):
                await self._discover(it)
                await self._fetch_due(it)
        except TimeoutError:
            self._stop(it, "time_limit")
        except Exception:  # one outlet's trouble must not end the others'
            log.exception("outlet %s", slug)
            self._stop(it, "error")

    def _stop(self, it: OutletPlan, reason: str) -> None:
        self._leave_sources(it, reason)
        self._write(Stop(it.outlet.slug, reason))

    def _leave_sources(self, it: OutletPlan, reason: str) -> None:
        """A source that could not be looked at any more is seen to be so."""
        for kind, url in it.due_sources():
            if url not in self._states[it.outlet.slug].visited:
                now = datetime.now(UTC).isoformat()
                self._write(Visit(it.outlet.slug, url, kind, CaptureOutcome.LEFT, now, reason))

    # --- sources ---------------------------------------------------------------------------------

    async def _discover(self, it: OutletPlan) -> None:
        now = datetime.now(UTC)
        for key, known in it.known.owed(now):
            self._find(it, Item(known.url or "", key), known.found_in)
        visited = self._states[it.outlet.slug].visited
        async with asyncio.TaskGroup() as group:
            for kind, url in it.due_sources():
                if url not in visited:
                    group.create_task(self._visit(it, kind, url))

    async def _visit(self, it: OutletPlan, kind: SourceKind, url: str) -> None:
        known = it.sources.get(url)
        chance = polling.chance(url, self._slot)
        is_believed = known is None or chance or not known.habit.is_liar
        conditions = _conditions(known) if is_believed else {}
        render = kind == "section" and it.outlet.render == "browser"
        answer: Answer | None = None
        found = Discovery()
        digest: str | None = None
        is_checked = False
        asked = count_requests()
        alone: int | None = None  # requests until its own answer was there
        try:
            answer = await self._fetcher.get(url, self._pace(it.outlet), conditions, render=render)
            if answer.status == 304 and known and (chance or known.is_doubted(answer.at)):
                answer = await self._fetcher.get(url, self._pace(it.outlet))
                is_checked = True
            outcome, reason, detail = verdict(answer, url)
            if outcome is CaptureOutcome.GONE:
                reason = Reason.FEED_GONE
            if outcome is CaptureOutcome.FETCHED:
                digest = hashlib.sha256(answer.body).hexdigest()
                if known and digest == known.body_sha256:
                    outcome = CaptureOutcome.UNCHANGED
                else:
                    alone = asked.requests
                    found = await self._read(it, kind, answer)
                    reason, detail = found.reason, found.detail
        except Refused as refused:
            outcome, reason, detail = refused.outcome, refused.reason, refused.detail
        new = 0
        for item in found.items:
            new += item.key not in it.known
            self._find(it, item, (f"{kind} {url}",))
        requests = 1 if alone is None else 1 + asked.requests - alone
        look = _look(known, answer, outcome, found, new, requests=requests, is_checked=is_checked)
        habit = polling.follow(known.habit if known else None, look, self._at, it.outlet.poll)
        is_stale = polling.health(habit, look.at) == "stale" and not it.outlet.expect.is_quiet
        if reason is None and look.is_success and is_stale:
            reason, detail = Reason.FEED_STALE, f"nothing since {habit.newest_at:%Y-%m-%d}"
        response = _response(answer, known, digest)
        if found.children:
            # An index may stay the same while the sitemaps it names change: it is always read.
            response["body_sha256"] = None
        self._write(
            Visit(
                outlet=it.outlet.slug,
                source_url=url,
                kind=kind,
                outcome=outcome,
                reason=reason,
                detail=detail or None,
                visited_at=look.at.isoformat(),
                found=look.found,
                new=new,
                **vars(asked),
                **response,
                **habit.model_dump(mode="json"),
            )
        )

    async def _read(self, it: OutletPlan, kind: SourceKind, answer: Answer) -> Discovery:
        """What a source names lately; of a sitemap index, what its newest sitemaps name. Raises `Refused`."""
        limit = self._limits.page_bytes
        since = datetime.now(UTC) - timedelta(days=self._limits.remember_days)
        links = it.outlet.section_links or it.outlet.allow
        read = partial(read_source, kind, limit=limit, since=since, allow=links)
        stated = answer.header("Content-Type") or ""
        found = await self._aside(partial(read, answer.body, answer.url, content_type=stated))
        items, reason, detail = found.items, found.reason, found.detail
        # The limit on their number also ends an index that names itself.
        waiting = found.children
        for _ in range(_CHILD_SITEMAPS):
            if not waiting:
                break
            child, *waiting = waiting
            try:
                page = await self._fetcher.get(child.url, self._pace(it.outlet))
                outcome, why, said = verdict(page, child.url)
                if why:
                    raise Refused(outcome, why, said or "")
                inner = await self._aside(partial(read, page.body, page.url))
                items = items + inner.items
                waiting = inner.children + waiting
            except Refused as refused:
                reason, detail = refused.reason, f"{child.url} {refused.detail}"
        return replace(found, items=distinct(items), reason=reason, detail=detail)

    async def _aside(self, read: Callable[[], Discovery]) -> Discovery:
        """A source read beside the downloads, few at a time, within the time of a page. Raises `Refused`."""
        async with self._readers:
            return await aside(read, self._limits.page_seconds)

    def _find(self, it: OutletPlan, item: Item, sources: Sequence[str]) -> None:
        """Journal that sources name a URL, unless the journal says so already."""
        state = self._states[it.outlet.slug]
        fresh = [source for source in sources if hash((item.key, source)) not in state.named]
        if fresh:
            named_at = datetime.now(UTC).isoformat()
            changed_at = item.changed_at.isoformat() if item.changed_at else None
            self._write(Found(it.outlet.slug, item.url, item.key, fresh, named_at, changed_at, item.claims))

    # --- pages -----------------------------------------------------------------------------------

    async def _fetch_due(self, it: OutletPlan) -> None:
        slug = it.outlet.slug
        state = self._states[slug]
        now = datetime.now(UTC)
        new: list[int] = []
        again: list[int] = []
        looks = int(self._limits.outlet_pages * self._limits.recheck_share)
        for key, offset in list(state.waiting.items()):
            found = self._found(offset)
            later = state.changed.get(key)
            changed_at = (self._found(later) if later else found).changed_at
            known = it.known.get(found.url_key)
            if reason := forbidden(it.outlet, found.url):
                self._write(Capture(slug, found.url_key, CaptureOutcome.DISALLOWED, reason))
            elif not is_due(known, now, datetime.fromisoformat(changed_at) if changed_at else None):
                self._write(Capture(slug, found.url_key, CaptureOutcome.NOT_DUE))
            elif known is None:
                new.append(offset)
            elif not known.is_fetched:
                again.append(offset)
            elif looks > 0:
                looks -= 1
                again.append(offset)
            else:
                self._write(Capture(slug, found.url_key, CaptureOutcome.NOT_DUE, "recheck_limit"))
        queue = iter(new + again)
        async with asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(self._work(it, queue))

    def _found(self, offset: int) -> Found:
        return cast("Found", self._journal.event(offset))

    async def _work(self, it: OutletPlan, queue: Iterator[int]) -> None:
        state = self._states[it.outlet.slug]
        for offset in queue:
            if reason := self._limit_met(state):
                self._write(Stop(it.outlet.slug, reason))
                return
            found = self._found(offset)
            state.pages += 1
            self._pages += 1
            asked = count_requests()
            try:
                capture = await self._capture(it, found, asked)
            except Refused as refused:
                capture = Capture(
                    found.outlet,
                    found.url_key,
                    refused.outcome,
                    refused.reason,
                    refused.detail or None,
                    refused.status,
                    **vars(asked),
                )
            self._write(capture)

    async def _capture(self, it: OutletPlan, found: Found, asked: Asked) -> Capture:
        """Fetch one page and archive it if it is new. Raises `Refused`."""
        known = it.known.get(found.url_key)
        render = it.outlet.render == "browser"
        # What scripts fill changes while the page they come with stays the same.
        conditions = {} if render else _conditions(known)
        answer = await self._fetcher.page(found.url, self._pace(it.outlet), conditions, render=render)
        outcome, reason, detail = verdict(answer, found.url, it.outlet)
        digest: str | None = None
        offset: int | None = None
        length: int | None = None
        if outcome is CaptureOutcome.FETCHED:
            sha256 = hashlib.sha256(answer.body)
            digest = sha256.hexdigest()
            if known and known.has_body(digest):
                outcome = CaptureOutcome.UNCHANGED
            elif detail := await self._soft_404(it.outlet, answer, render=render):
                outcome, reason = CaptureOutcome.GONE, Reason.SOFT_404
            else:
                offset, length = self._journal.archive(answer.warc_record(sha256.digest()))
        return Capture(
            outlet=found.outlet,
            url_key=found.url_key,
            outcome=outcome,
            reason=reason,
            detail=detail,
            final_url=answer.url if answer.url != found.url else None,
            fetched_at=answer.at.isoformat(),
            content_type=answer.header("Content-Type"),
            warc_offset=offset,
            warc_bytes=length,
            rights=list(answer.rights) or None,
            **vars(asked),
            **_response(answer, known, digest),
        )

    async def _soft_404(self, outlet: Outlet, answer: Answer, *, render: bool) -> str | None:
        """What shows that a page is a soft 404; one that a person asked for is taken as it comes."""
        if not outlet.sources():
            return None
        return await self._soft_404s.evidence(answer, outlet.slug, self._pace(outlet), render=render)

    def _limit_met(self, state: _State) -> str | None:
        """The limit an outlet, or the crawl, has met."""
        limits = self._limits
        if state.pages >= limits.outlet_pages or self._pages >= limits.run_pages:
            return "page_limit"
        if state.bytes >= limits.outlet_bytes or self._bytes >= limits.run_bytes:
            return "byte_limit"
        return None

    def _pace(self, outlet: Outlet) -> float:
        return self._limits.pace_seconds if outlet.pace_seconds is None else outlet.pace_seconds

    def _write(self, event: Event) -> None:
        offset = self._journal.write(event)
        if event.outlet:
            self._note(self._states[event.outlet], event, offset)

    def _note(self, state: _State, event: Event, offset: int) -> None:
        """Take an event into account, whether it happens now or was found in a resumed journal."""
        match event:
            case Found():
                key = hash(event.url_key)
                if key not in state.done:
                    before = state.changed.get(key, state.waiting.setdefault(key, offset))
                    changed_at = event.changed_at if before != offset else None
                    if changed_at and changed_at > (self._found(before).changed_at or ""):
                        state.changed[key] = offset
                state.named.update(hash((event.url_key, source)) for source in event.found_in)
            case Visit():
                state.visited.add(event.source_url)
            case Probe():
                self._soft_404s.know(event)
            case Capture():
                key = hash(event.url_key)
                state.done.add(key)
                state.waiting.pop(key, None)
                state.changed.pop(key, None)
                state.bytes += event.bytes or 0
                self._bytes += event.bytes or 0


def forbidden(outlet: Outlet, url: str) -> str | None:
    """Why the outlet's own patterns forbid a URL: denied or not_allowed; None when they do not."""
    if any(re.search(pattern, url) for pattern in outlet.deny):
        return "denied"
    if outlet.allow and not any(re.search(pattern, url) for pattern in outlet.allow):
        return "not_allowed"
    return None


def _conditions(known: KnownUrl | KnownSource | None) -> dict[str, str]:
    """Headers of a conditional request."""
    if known is None or known.body_sha256 is None:
        return {}
    stated = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in stated.items() if value}


def _response(
    answer: Answer | None, known: KnownUrl | KnownSource | None, digest: str | None
) -> dict[str, Any]:
    """The columns `captures` and `visits` share; a 304 keeps what is known of the body."""
    if answer is None:
        return {}
    kept = known if answer.status == 304 else None
    return {
        "status": answer.status,
        "duration_ms": answer.duration_ms,
        "bytes": len(answer.body) if digest else None,
        "etag": answer.header("ETag") or (kept.etag if kept else None),
        "last_modified": answer.header("Last-Modified") or (kept.last_modified if kept else None),
        "body_sha256": digest or (kept.body_sha256 if kept else None),
        "rests_until": answer.rests_until.isoformat() if answer.rests_until else None,
    }


def _look(
    known: KnownSource | None,
    answer: Answer | None,
    outcome: CaptureOutcome,
    found: Discovery,
    new: int,
    *,
    requests: int,
    is_checked: bool,
) -> polling.Look:
    """A visit for what it tells of the next one; what is unchanged names and asks what it did before."""
    is_success = outcome in {CaptureOutcome.FETCHED, CaptureOutcome.UNCHANGED}
    named, hint = len(found.items), found.hint_seconds or 0
    if answer and outcome is CaptureOutcome.FETCHED:
        stated = answer.header("Cache-Control"), answer.header("Expires")
        hint = max(hint, polling.fresh_for(*stated, answer.at) or 0)
    elif known:
        named, hint = known.found if is_success else 0, known.habit.hint_seconds or 0
    return polling.Look(
        at=datetime.now(UTC),
        is_success=is_success,
        since=known.visited_at if known else None,
        found=named,
        new=new,
        stated=tuple(item.changed_at for item in found.items if item.changed_at),
        hint_seconds=hint or None,
        requests=requests,
        retry_after=None
        if is_success or not answer
        else retry_after(answer.header("Retry-After") or "", answer.at),
        is_liar=new > 0 if is_checked and is_success else known is not None and known.habit.is_liar,
    )

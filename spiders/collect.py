"""The crawl itself: every outlet of a plan side by side, its sources first, then the pages that are due."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from schemas.outlet import Outlet, SourceKind
from schemas.vocabulary import CaptureOutcome, Reason
from spiders import polling
from spiders.causes import Soft404s, verdict
from spiders.discover import Discovery, Item, distinct, read_source
from spiders.fetch import Answer, Fetcher
from spiders.journal import Capture, Event, Found, Journal, Stop, Visit
from spiders.manners import retry_after
from spiders.plan import KnownSource, KnownUrl, OutletPlan, Plan, is_due, is_owed
from spiders.refused import Refused
from spiders.warc import response_record

log = logging.getLogger(__name__)

_LONGEST_DATE = 100  # characters
_WORKERS = 2  # pages of an outlet in flight
_CHILD_SITEMAPS = 10


@dataclass
class _State:
    """How far one outlet has come in this slot, a resumed journal included."""

    found: dict[str, Found] = field(default_factory=dict)  # by URL key
    named: set[tuple[str, str]] = field(default_factory=set)  # (URL key, source) already written
    visited: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
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
        self._soft_404s = Soft404s(fetcher)
        self._states = {it.outlet.slug: _State() for it in plan.outlets}
        self._pages = self._bytes = 0
        for event in journal.events:
            if event.outlet in self._states:
                self._note(self._states[event.outlet], event)

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
        for key, known in it.known.items():
            if is_owed(known, now, self._limits.recheck_hours):
                self._find(it, Item(known.url, key), known.found_in)
        visited = self._states[it.outlet.slug].visited
        async with asyncio.TaskGroup() as group:
            for kind, url in it.due_sources():
                if url not in visited:
                    group.create_task(self._visit(it, kind, url))

    async def _visit(self, it: OutletPlan, kind: SourceKind, url: str) -> None:
        known = it.sources.get(url)
        chance = polling.chance(url, self._slot)
        is_believed = known is None or chance or not known.habit.is_liar
        # A sitemap index may stay the same while the sitemaps it names change: it is always read.
        conditions = _conditions(known) if kind == "feed" and is_believed else {}
        answer: Answer | None = None
        found = Discovery()
        digest: str | None = None
        is_checked = False
        try:
            answer = await self._fetcher.get(url, self._pace(it.outlet), conditions)
            if answer.status == 304 and known and (chance or known.is_doubted(answer.at)):
                answer = await self._fetcher.get(url, self._pace(it.outlet))
                is_checked = True
            outcome, reason, detail = verdict(answer, url)
            if outcome is CaptureOutcome.GONE:
                reason = Reason.FEED_GONE
            if outcome is CaptureOutcome.FETCHED:
                digest = hashlib.sha256(answer.body).hexdigest()
                if kind == "feed" and known and digest == known.body_sha256:
                    outcome = CaptureOutcome.UNCHANGED
                else:
                    found = await self._read(it, kind, answer)
                    reason, detail = found.reason, found.detail
        except Refused as refused:
            outcome, reason, detail = refused.outcome, refused.reason, refused.detail
        new = 0
        for item in found.items:
            new += item.key not in it.known
            self._find(it, item, (f"{kind} {url}",))
        look = _look(known, answer, outcome, found, new, is_checked=is_checked)
        habit = polling.follow(known.habit if known else None, look, self._at, it.outlet.poll)
        is_stale = polling.health(habit, look.at) == "stale" and not it.outlet.expect.is_quiet
        if reason is None and look.is_success and is_stale:
            reason, detail = Reason.FEED_STALE, f"nothing since {habit.newest_at:%Y-%m-%d}"
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
                **_response(answer, known, digest),
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
        found = await asyncio.to_thread(read, answer.body, answer.url, content_type=stated)
        items, reason, detail = found.items, found.reason, found.detail
        requests = 1
        # The limit on their number also ends an index that names itself.
        waiting = found.children
        for _ in range(_CHILD_SITEMAPS):
            if not waiting:
                break
            child, *waiting = waiting
            requests += 1
            try:
                page = await self._fetcher.get(child.url, self._pace(it.outlet))
                outcome, why, said = verdict(page, child.url)
                if why:
                    raise Refused(outcome, why, said or "")
                inner = await asyncio.to_thread(read, page.body, page.url)
                items = items + inner.items
                waiting = inner.children + waiting
            except Refused as refused:
                reason, detail = refused.reason, f"{child.url} {refused.detail}"
        return replace(
            found, items=distinct(items), children=[], reason=reason, detail=detail, requests=requests
        )

    def _find(self, it: OutletPlan, item: Item, sources: Sequence[str]) -> None:
        """Journal that sources name a URL, unless the journal says so already."""
        state = self._states[it.outlet.slug]
        fresh = [source for source in sources if (item.key, source) not in state.named]
        if fresh:
            named_at = datetime.now(UTC).isoformat()
            changed_at = item.changed_at.isoformat() if item.changed_at else None
            stated = item.published_raw[:_LONGEST_DATE].strip()
            dated_in = [f"{source.partition(' ')[0]} {stated}" for source in fresh] if stated else []
            self._write(Found(it.outlet.slug, item.url, item.key, fresh, named_at, changed_at, dated_in))

    # --- pages -----------------------------------------------------------------------------------

    async def _fetch_due(self, it: OutletPlan) -> None:
        slug = it.outlet.slug
        state = self._states[slug]
        now = datetime.now(UTC)
        due: list[Found] = []
        for key in state.found.keys() - state.done:
            found = state.found[key]
            changed_at = datetime.fromisoformat(found.changed_at) if found.changed_at else None
            if reason := forbidden(it.outlet, found.url):
                self._write(Capture(slug, key, CaptureOutcome.DISALLOWED, reason))
            elif is_due(it.known.get(key), now, self._limits.recheck_hours, changed_at):
                due.append(found)
            else:
                self._write(Capture(slug, key, CaptureOutcome.NOT_DUE))
        order = {key: place for place, key in enumerate(state.found)}
        due.sort(key=lambda found: (found.url_key in it.known, order[found.url_key]))  # new ones first
        queue = iter(due)
        async with asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(self._work(it, queue))

    async def _work(self, it: OutletPlan, queue: Iterator[Found]) -> None:
        state = self._states[it.outlet.slug]
        for found in queue:
            if reason := self._limit_met(state):
                self._write(Stop(it.outlet.slug, reason))
                return
            state.pages += 1
            self._pages += 1
            try:
                capture = await self._capture(it, found)
            except Refused as refused:
                capture = Capture(
                    found.outlet,
                    found.url_key,
                    refused.outcome,
                    refused.reason,
                    refused.detail or None,
                    refused.status,
                )
            self._write(capture)

    async def _capture(self, it: OutletPlan, found: Found) -> Capture:
        """Fetch one page and archive it if it is new. Raises `Refused`."""
        known = it.known.get(found.url_key)
        answer = await self._fetcher.page(found.url, self._pace(it.outlet), _conditions(known))
        outcome, reason, detail = verdict(answer, found.url, it.outlet)
        digest: str | None = None
        offset: int | None = None
        length: int | None = None
        if outcome is CaptureOutcome.FETCHED:
            sha256 = hashlib.sha256(answer.body)
            digest = sha256.hexdigest()
            if known and digest == known.body_sha256:
                outcome = CaptureOutcome.UNCHANGED
            elif detail := await self._soft_404s.evidence(answer, self._pace(it.outlet)):
                outcome, reason = CaptureOutcome.GONE, Reason.SOFT_404
            else:
                offset, length = self._journal.archive(
                    response_record(
                        answer.url,
                        at=answer.at,
                        status=answer.status,
                        headers=answer.headers,
                        body=answer.body,
                        sha256=sha256.digest(),
                        ip=answer.ip,
                    )
                )
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
            **_response(answer, known, digest),
        )

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

    def _write(self, event: Found | Capture | Visit | Stop) -> None:
        self._journal.write(event)
        if event.outlet:
            self._note(self._states[event.outlet], event)

    def _note(self, state: _State, event: Event) -> None:
        """Take an event into account, whether it happens now or was found in a resumed journal."""
        match event:
            case Found():
                before = state.found.setdefault(event.url_key, event)
                if (event.changed_at or "") > (before.changed_at or ""):
                    state.found[event.url_key] = replace(before, changed_at=event.changed_at)
                state.named.update((event.url_key, source) for source in event.found_in)
            case Visit():
                state.visited.add(event.source_url)
            case Capture():
                state.done.add(event.url_key)
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
    }


def _look(
    known: KnownSource | None,
    answer: Answer | None,
    outcome: CaptureOutcome,
    found: Discovery,
    new: int,
    *,
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
        requests=found.requests,
        retry_after=None
        if is_success or not answer
        else retry_after(answer.header("Retry-After") or "", answer.at),
        is_liar=new > 0 if is_checked and is_success else known is not None and known.habit.is_liar,
    )

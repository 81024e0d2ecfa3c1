"""The one door to the network: address rules, robots.txt, pace, retries and redirects around a download."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from time import monotonic
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from w3lib.url import safe_url_string

from schemas.settings import PRODUCT
from schemas.urls import site_of
from schemas.vocabulary import CaptureOutcome, Reason
from spiders.addresses import Addresses
from spiders.decode import Encoded, decode, encoded
from spiders.download import Sent
from spiders.manners import Host, retry_after
from spiders.plan import Plan
from spiders.polling import LONGEST_RETRY_AFTER
from spiders.refused import Refused, failed
from spiders.rights import TdmRule, opt_out, page_rights, read_tdmrep, tdm_rights
from spiders.robots import Robots
from spiders.warc import response_record

log = logging.getLogger(__name__)

Download = Callable[[Request], Awaitable[Sent]]

_CONNECTIONS = 64
_REDIRECTS = 5
#: Statuses that send us on, if a Location says where to.
MOVED = frozenset({301, 302, 303, 307, 308})
_RETRY_WAITS = (1.0, 4.0)  # seconds before the second and the third attempt
_RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
_RETRY_REASONS = frozenset({"timeout", "connect", "connection_lost", "truncated"})
_LONGEST_PAUSE = 60.0  # seconds; a site that asks for a longer one is left alone for the slot
_LONGEST_CRAWL_DELAY = 60.0  # seconds; one that asks for more has no time for us
_URL_LENGTH = 4096
_ERROR_BYTES = 1 << 18  # of an answer that is none: to see whose wall it is
_PORTS = frozenset({None, 80, 443})
_ROBOTS_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB
# What Scrapy would send as it stands, as most URLs are, and would look at for long.
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?/[A-Za-z0-9\-._~/?&=+,:;@!$*]*")
_ORIGIN = re.compile(r"[^:/]*://[^/?#]*")


@dataclass(frozen=True)
class Answer:
    """A complete response. `body` is decoded; without success it is kept only to be judged, up to 256 kB."""

    url: str  # where redirects led
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    ip: str | None
    at: datetime
    duration_ms: int
    rights: tuple[str, ...] = ()  # of a page: what is said of its use
    sent: Encoded | None = None  # the same body, which is then archived like that

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @cached_property
    def pause(self) -> float | None:
        """Seconds the site asks to be left alone, if it does."""
        if self.status not in _RETRY_STATUSES:
            return None
        return retry_after(self.header("Retry-After") or "", self.at)

    @property
    def rests_until(self) -> datetime | None:
        """Until when the site is not asked again, if that is longer than the slot can wait for."""
        if self.pause is None or self.pause <= _LONGEST_PAUSE:
            return None
        return self.at + min(timedelta(seconds=self.pause), LONGEST_RETRY_AFTER)

    def warc_record(self, sha256: bytes) -> bytes:
        """It as a WARC record; `sha256` is the body's digest (32 bytes)."""
        return response_record(
            self.url,
            at=self.at,
            status=self.status,
            headers=self.headers,
            body=self.body,
            sha256=sha256,
            sent=self.sent,
            ip=self.ip,
        )

    def header(self, name: str) -> str | None:
        """The first header of that name, as sent."""
        return next(iter(self.header_list(name)), None)

    def header_list(self, name: str) -> list[str]:
        """All headers of that name, as sent."""
        return self._values.get(name.lower().encode(), [])

    @cached_property
    def _values(self) -> dict[bytes, list[str]]:
        """What was sent under each name in lower case."""
        values: dict[bytes, list[str]] = {}
        for name, value in self.headers:
            values.setdefault(name.lower(), []).append(value.decode("latin-1"))
        return values


Render = Callable[[Answer], Awaitable[Answer]]


@dataclass
class Asked:
    """How many requests were made so far, and the bytes that came, under the names of their columns."""

    requests: int = 0
    received_bytes: int = 0


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def count_requests() -> Asked:
    """Counts what this task asks for from now on: retries, redirects, and a robots.txt that it is the first to need."""
    asked = Asked()
    _asked.set(asked)
    return asked


class Fetcher:
    """Fetches for one plan. `download` is Scrapy's downloader without any middleware, `render` a browser."""

    def __init__(
        self, download: Download, addresses: Addresses, plan: Plan, render: Render | None = None
    ) -> None:
        self._download = download
        self._render = render
        self._addresses = addresses
        self._limits = plan.limits
        self._spent = plan.spent
        self._resting = plan.resting
        stated = [[it.outlet.homepage, *(url for _, url in it.outlet.sources())] for it in plan.outlets]
        self._own = {site_of(homepage) for homepage, *_ in stated}
        self._ports = {(site_of(url), urlsplit(url).port) for urls in stated for url in urls}
        self._connections = asyncio.Semaphore(_CONNECTIONS)
        self._hosts: dict[str, Host] = {}
        self._robots: dict[str, asyncio.Task[Robots]] = {}
        self._tdmrep: dict[str, asyncio.Task[tuple[TdmRule, ...]]] = {}

    async def get(
        self, url: str, pace: float, headers: Mapping[str, str] | None = None, *, render: bool = False
    ) -> Answer:
        """The answer to a URL, after retries and redirects; any status.

        `pace` is the outlet's: the least seconds between requests to a host. With `render` the body of a page is
        what a browser makes of it. Raises `Refused`.
        """
        answer = await self._follow(url, pace, headers or {}, obey=True)
        return await self._render(answer) if render and self._render else answer

    async def page(
        self, url: str, pace: float, headers: Mapping[str, str], *, render: bool = False
    ) -> Answer:
        """As `get`, with what is said of the page's use; if opt-outs are obeyed, they raise `Refused`: disallowed."""
        answer = await self._follow(url, pace, headers, obey=True, is_page=True)
        if not answer.is_success:
            return answer
        if stated := page_rights(answer.headers, answer.body, PRODUCT):
            answer = replace(answer, rights=(*answer.rights, *stated))
        self._obey_opt_outs(answer.rights, answer.status)
        return await self._render(answer) if render and self._render else answer

    def _obey_opt_outs(self, rights: Sequence[str], status: int | None = None) -> None:
        if self._limits.opt_outs == "obey" and (line := opt_out(rights)):
            raise Refused(CaptureOutcome.DISALLOWED, "opt_out", line, status)

    async def _site_rights(self, url: str, pace: float) -> tuple[str, ...]:
        """What robots.txt and tdmrep.json of a page's origin say of its use."""
        origin = _origin(url)
        if origin not in self._tdmrep:
            self._tdmrep[origin] = asyncio.create_task(self._read_tdmrep(origin, pace))
        robots, rules = await self._rules(origin, pace), await asyncio.shield(self._tdmrep[origin])
        return (*robots.rights(url), *tdm_rights(rules, url))

    async def _follow(
        self, url: str, pace: float, headers: Mapping[str, str], *, obey: bool, is_page: bool = False
    ) -> Answer:
        seen: list[str] = []
        while True:
            request = await self._permitted(url, pace, headers, obey=obey)
            rights = await self._site_rights(request.url, pace) if is_page else ()
            self._obey_opt_outs(rights)
            answer = await self._persist(request, self._host(url, pace))
            if rights:
                answer = replace(answer, rights=rights)
            location = answer.header("Location")
            if answer.status not in MOVED or location is None:
                return answer
            seen.append(url)
            url = safe_url_string(urljoin(url, location)).partition("#")[0]
            if url in seen or len(seen) > _REDIRECTS:
                raise failed("redirect_loop", " → ".join([*seen, url]), answer.status)

    async def _permitted(self, url: str, pace: float, headers: Mapping[str, str], *, obey: bool) -> Request:
        """The request for a URL that our address rules and (`obey`) robots.txt permit."""
        try:
            request = request_of(url, headers)
            parts = urlsplit(request.url)  # what is judged is what is sent
            port = parts.port
        except ValueError as error:
            raise failed("bad_url", error) from error
        host = parts.hostname
        if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or len(url) > _URL_LENGTH:
            raise failed("bad_url", url)
        await self._addresses.approve(host)
        is_usual = port in _PORTS or self._addresses.allows(host)
        if not is_usual and (site_of(request.url), port) not in self._ports:
            raise Refused(CaptureOutcome.DISALLOWED, "port", parts.netloc)
        if obey:
            robots = await self._rules(_origin(request.url), pace)
            if robots.delay > _LONGEST_CRAWL_DELAY:
                raise Refused(CaptureOutcome.DISALLOWED, "crawl_delay", f"{robots.delay:g} s in robots.txt")
            if not robots.allows(request.url):
                raise Refused(CaptureOutcome.DISALLOWED, "robots", f"robots.txt of {parts.netloc}")
        return request

    async def _persist(self, request: Request, host: Host) -> Answer:
        """The answer to a request, tried again a little later where that may help."""
        for wait in _RETRY_WAITS:
            try:
                answer = await self._once(request, host)
            except Refused as refused:
                if refused.reason not in _RETRY_REASONS:
                    raise
            else:
                if answer.status not in _RETRY_STATUSES or host.closed:
                    return answer
            await asyncio.sleep(wait)
        return await self._once(request, host)

    async def _once(self, request: Request, host: Host) -> Answer:
        async with host.turn(), self._connections:
            started = monotonic()
            asked = _asked.get() or Asked()
            asked.requests += 1
            try:
                response = await self._download(request)
            except Refused:
                raise
            except Exception as error:
                log.exception("unexpected error of a download")
                raise failed("error", repr(error)) from error
            asked.received_bytes += len(response.body)
            host.took(len(response.body))
            answer = self._answer(request.url, response, started)
        if answer.pause is not None:
            _rest(host, answer.pause)
        return answer

    def _answer(self, url: str, response: Sent, started: float) -> Answer:
        is_success = 200 <= response.status < 300
        try:
            limit = self._limits.page_bytes if is_success else _ERROR_BYTES
            encodings = response.values(b"content-encoding")
            body = decode(response.body, encodings, limit)[:limit]
        except Refused as refused:
            refused.status = response.status
            if is_success:
                raise
            body = b""
        return Answer(
            url=url,
            status=response.status,
            headers=list(response.raw_headers),
            body=body,
            ip=str(response.ip_address) if response.ip_address else None,
            at=datetime.now(UTC),
            duration_ms=round((monotonic() - started) * 1000),
            sent=encoded(response.body, encodings, body),
        )

    def _host(self, url: str, pace: float) -> Host:
        """Whoever answers for a registrable domain: `www.` and `feeds.` of a site share one pace and one budget.

        A site that is home to none of the outlets may be asked in every shard: each takes its share of both.
        """
        site = site_of(url)
        shares = 1 if site in self._own else self._limits.shards
        if site not in self._hosts:
            requests, size = self._spent.get(site, (0, 0))
            budget = self._limits.host_day_requests, self._limits.host_day_bytes
            self._hosts[site] = Host(0, (budget[0] // shares - requests, budget[1] // shares - size))
            if until := self._resting.get(site):
                _rest(self._hosts[site], (until - datetime.now(UTC)).total_seconds())
        host = self._hosts[site]
        host.pace = max(host.pace, pace * shares)
        return host

    async def _rules(self, origin: str, pace: float) -> Robots:
        """robots.txt of an origin, read once a crawl."""
        if origin not in self._robots:
            self._robots[origin] = asyncio.create_task(self._read_robots(origin, pace))
        return await asyncio.shield(self._robots[origin])

    async def _read_robots(self, origin: str, pace: float) -> Robots:
        """RFC 9309: what does not exist (4xx, endless redirects) forbids nothing; what fails forbids all.

        429 says nothing about the file, so it counts as a failure.
        """
        try:
            answer = await self._follow(f"{origin}/robots.txt", pace, {}, obey=False)
        except Refused as refused:
            if refused.reason != "redirect_loop":
                raise
            return Robots("", PRODUCT)
        if answer.status >= 500 or answer.status == 429:
            raise failed("robots_unreachable", f"HTTP {answer.status} for {origin}/robots.txt", answer.status)
        stated = answer.body[:_ROBOTS_BYTES] if answer.is_success else b""
        robots = Robots(stated.decode("utf-8-sig", "replace"), PRODUCT)
        self._host(origin, min(robots.delay, _LONGEST_CRAWL_DELAY))
        return robots

    async def _read_tdmrep(self, origin: str, pace: float) -> tuple[TdmRule, ...]:
        """The rules of tdmrep.json of an origin; a file that cannot be had is none."""
        try:
            answer = await self._follow(f"{origin}/.well-known/tdmrep.json", pace, {}, obey=True)
        except Refused:
            return ()
        return read_tdmrep(answer.body[:_ROBOTS_BYTES]) if answer.is_success else ()


def request_of(url: str, headers: Mapping[str, str]) -> Request:
    """A request with these headers beside the usual ones. Raises ValueError for what is no URL."""
    return Request(url, headers=headers, meta={"verbatim_url": _PLAIN_URL.fullmatch(url) is not None})


def _rest(host: Host, seconds: float) -> None:
    host.pause(seconds)
    if seconds > _LONGEST_PAUSE:
        host.closed = Reason.RETRY_AFTER


def _origin(url: str) -> str:
    origin = _ORIGIN.match(url)
    return origin[0] if origin else ""

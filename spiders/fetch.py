"""The one door to the network: address rules, robots.txt, pace, retries and redirects around a download."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from urllib.parse import urljoin, urlsplit

from OpenSSL import SSL
from protego import Protego
from scrapy import Request
from scrapy import exceptions as scrapy_errors
from scrapy.http import Response
from twisted.internet import error as twisted_errors
from w3lib.url import safe_url_string

from schemas.urls import site_of
from schemas.vocabulary import CaptureOutcome
from spiders.addresses import Addresses
from spiders.decode import ACCEPTED, decode
from spiders.manners import Host, retry_after
from spiders.plan import Limits
from spiders.refused import Refused, failed

log = logging.getLogger(__name__)

Download = Callable[[Request], Awaitable[Response]]

_CONNECTIONS = 64
_REDIRECTS = 5
_RETRY_WAITS = (1.0, 4.0)  # seconds before the second and the third attempt
_RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
_RETRY_REASONS = frozenset({"timeout", "connect", "connection_lost", "truncated"})
_LONGEST_RETRY_AFTER = 60.0  # seconds; a host that asks for more is left alone for this slot
_URL_LENGTH = 4096
_ERROR_BYTES = 1 << 18  # of an answer that is none: to see whose wall it is
_ROBOTS_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB


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

    @property
    def is_success(self) -> bool:
        """Whether the site says that this is what was asked for."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first header of that name, as sent."""
        return next(iter(self.header_list(name)), None)

    def header_list(self, name: str) -> list[str]:
        """All headers of that name, as sent."""
        wanted = name.lower().encode()
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]


class Fetcher:
    """Fetches for one crawl. `download` is Scrapy's downloader without any middleware."""

    def __init__(self, download: Download, addresses: Addresses, limits: Limits) -> None:
        self._download = download
        self._addresses = addresses
        self._limits = limits
        self._agent = limits.user_agent.partition("/")[0]
        self._connections = asyncio.Semaphore(_CONNECTIONS)
        self._hosts: dict[str, Host] = {}
        self._robots: dict[str, asyncio.Task[Protego]] = {}

    async def get(self, url: str, pace: float, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer to a URL, after retries and redirects; any status.

        `pace` is the outlet's: the least seconds between requests to a host. Raises `Refused`.
        """
        return await self._follow(url, pace, headers or {}, obey=True)

    async def _follow(self, url: str, pace: float, headers: Mapping[str, str], *, obey: bool) -> Answer:
        seen: list[str] = []
        while True:
            request = await self._permitted(url, pace, headers, obey=obey)
            answer = await self._persist(request, self._host(url, pace))
            location = answer.header("Location")
            if answer.status not in {301, 302, 303, 307, 308} or location is None:
                return answer
            seen.append(url)
            url = safe_url_string(urljoin(url, location)).partition("#")[0]
            if url in seen or len(seen) > _REDIRECTS:
                raise failed("redirect_loop", " → ".join([*seen, url]), answer.status)

    async def _permitted(self, url: str, pace: float, headers: Mapping[str, str], *, obey: bool) -> Request:
        """The request for a URL that our address rules and (`obey`) robots.txt permit."""
        try:
            parts = urlsplit(url)
            request = Request(
                url,
                headers={
                    "User-Agent": self._limits.user_agent,
                    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                    "Accept-Encoding": ACCEPTED,
                    **headers,
                },
                meta={"download_timeout": self._limits.page_seconds},
            )
        except ValueError as error:
            raise failed("bad_url", error) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > _URL_LENGTH:
            raise failed("bad_url", url)
        await self._addresses.approve(parts.hostname)
        if obey:
            rules = await self._rules(f"{parts.scheme}://{parts.netloc}", pace)
            if not rules.can_fetch(url, self._agent):
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
                if answer.status not in _RETRY_STATUSES:
                    return answer
                asked = retry_after(answer.header("Retry-After") or "", answer.at)
                if asked is not None:
                    host.pause(asked)
                    if asked > _LONGEST_RETRY_AFTER:
                        return answer
                    continue
            await asyncio.sleep(wait)
        return await self._once(request, host)

    async def _once(self, request: Request, host: Host) -> Answer:
        async with host.turn(), self._connections:
            started = monotonic()
            try:
                response = await self._download(request.copy())
            except Exception as error:
                raise _refusal(error) from error
            return self._answer(request.url, response, started)

    def _answer(self, url: str, response: Response, started: float) -> Answer:
        headers = [(name, value) for name, values in response.headers.items() for value in values]
        encodings = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
        is_success = 200 <= response.status < 300
        try:
            limit = self._limits.page_bytes if is_success else _ERROR_BYTES
            body = decode(response.body, encodings, limit)[:limit]
        except Refused as refused:
            refused.status = response.status
            if is_success:
                raise
            body = b""
        return Answer(
            url=url,
            status=response.status,
            headers=headers,
            body=body,
            ip=str(response.ip_address) if response.ip_address else None,
            at=datetime.now(UTC),
            duration_ms=round((monotonic() - started) * 1000),
        )

    def _host(self, url: str, pace: float) -> Host:
        """Whoever answers for a registrable domain: `www.` and `feeds.` of a site share one pace."""
        host = self._hosts.setdefault(site_of(url), Host(pace))
        host.pace = max(host.pace, pace)
        return host

    async def _rules(self, origin: str, pace: float) -> Protego:
        """robots.txt of an origin, read once a crawl."""
        if origin not in self._robots:
            self._robots[origin] = asyncio.create_task(self._read_robots(origin, pace))
        return await asyncio.shield(self._robots[origin])

    async def _read_robots(self, origin: str, pace: float) -> Protego:
        """RFC 9309: what does not exist (4xx, endless redirects) forbids nothing; what fails forbids all."""
        try:
            answer = await self._follow(f"{origin}/robots.txt", pace, {}, obey=False)
        except Refused as refused:
            if refused.reason != "redirect_loop":
                raise
            return Protego.parse("")
        if answer.status >= 500:
            raise failed("robots_unreachable", f"HTTP {answer.status} for {origin}/robots.txt", answer.status)
        stated = answer.body[:_ROBOTS_BYTES] if answer.is_success else b""
        rules = Protego.parse(stated.decode("utf-8-sig", "replace"))
        self._host(origin, float(rules.crawl_delay(self._agent) or 0))
        return rules


def _refusal(error: Exception) -> Refused:
    """A download's exception as a reason."""
    causes = [error, error.__cause__, *getattr(error.__cause__, "reasons", ())]
    causes = [getattr(cause, "value", cause) for cause in causes]  # Twisted wraps them into Failures
    if any(isinstance(cause, SSL.Error) for cause in causes) or "certificate" in repr(causes).lower():
        return failed("tls", causes[-1])
    for kinds, reason in _REASONS:
        if isinstance(error, kinds):
            return failed(reason, str(error) or repr(causes[-1]))
    log.error("unexpected error of a download", exc_info=error)
    return failed("error", repr(error))


_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((scrapy_errors.DownloadTimeoutError,), "timeout"),
    ((scrapy_errors.CannotResolveHostError,), "dns"),
    ((scrapy_errors.DownloadConnectionRefusedError,), "connect"),
    # Scrapy cancels a download only when it grows beyond DOWNLOAD_MAXSIZE.
    ((scrapy_errors.DownloadCancelledError,), "too_large"),
    ((scrapy_errors.ResponseDataLossError,), "truncated"),
    (
        (scrapy_errors.DownloadFailedError, twisted_errors.ConnectionLost, twisted_errors.ConnectionDone),
        "connection_lost",
    ),
    ((twisted_errors.ConnectError,), "connect"),
    ((scrapy_errors.UnsupportedURLSchemeError, ValueError), "bad_url"),
)

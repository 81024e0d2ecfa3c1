"""Pages that only scripts fill, rendered by Chromium before they are archived. Needs the extra `browser`.

The browser has no network of its own: the document comes from the usual download, and so does whatever its
scripts ask for, by the same rules for addresses, sizes and time. A dead proxy takes the rest.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin

from spiders.decode import decode
from spiders.fetch import MOVED, Answer, Download, request_of
from spiders.plan import Limits
from spiders.refused import Refused, failed

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright, Route

#: Says of an archived page that its body is the document as rendered, and by what.
RENDERED = b"X-Crawler-Rendered"

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",
)
_DEAD_PROXY = "http://127.0.0.1:9"
_AT_ONCE = 2  # pages being rendered
_PAGES = 50  # a browser's; then another takes its place
_ASKED_FOR = 100  # by one page's scripts
_REDIRECTS = 5
_TYPES = frozenset({"script", "xhr", "fetch", "stylesheet", "manifest", "other"})
_WIRE = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
_CLOSING_SECONDS = 5.0


@dataclass
class _Instance:
    """A browser, how many pages it was given, and how many of them are open."""

    browser: Browser
    pages: int = 0
    open: int = 0

    @property
    def is_spent(self) -> bool:
        return self.pages >= _PAGES or not self.browser.is_connected()


class Rendering:
    """A browser for the length of an `async with` block; it starts with the first page."""

    def __init__(self, download: Download, limits: Limits) -> None:
        self._download = download
        self._limits = limits
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._instance: _Instance | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._instance:
            await _close(self._instance.browser)
        if self._playwright:
            await self._playwright.stop()

    async def render(self, answer: Answer) -> Answer:
        """A page as scripts leave it; any other answer as it is. Raises `Refused` failed: timeout, too_large, error."""
        if answer.status != 200 or "html" not in (answer.header("Content-Type") or ""):
            return answer
        try:
            from playwright.async_api import Error
        except ImportError as error:
            raise failed("error", "render: browser needs `pip install presslake[browser]`", 200) from error
        try:
            async with self._slots, self._context() as context, asyncio.timeout(self._limits.page_seconds):
                body, by = await self._rendered(answer, context)
        except TimeoutError as error:
            raise failed("timeout", f"not rendered after {self._limits.page_seconds:g} s", 200) from error
        except Error as error:
            raise failed("error", f"Chromium: {error.message}", 200) from error
        dropped = {b"content-type", *_WIRE}
        kept = [header for header in answer.headers if header[0].lower() not in dropped]
        said = [(b"Content-Type", b"text/html; charset=utf-8"), (RENDERED, by.encode())]
        return replace(answer, headers=kept + said, body=body, sent=None)

    async def _rendered(self, answer: Answer, context: BrowserContext) -> tuple[bytes, str]:
        """(the document, name and version of what rendered it)."""
        from playwright.async_api import Error

        await context.route("**/*", _Answers(self._download, self._limits, answer).tell)
        page = await context.new_page()
        await page.goto(answer.url, wait_until="domcontentloaded", timeout=0)
        with suppress(Error):  # some pages never rest: what stands there by then is the page
            await page.wait_for_load_state("networkidle", timeout=self._limits.page_seconds * 1000 / 3)
        size = await page.evaluate("document.documentElement.outerHTML.length")
        if size > self._limits.page_bytes:
            raise failed("too_large", f"{size} characters once rendered", 200)
        version = context.browser.version if context.browser else ""
        return (await page.content()).encode("utf-8", "replace"), f"Chromium/{version}"

    @asynccontextmanager
    async def _context(self) -> AsyncIterator[BrowserContext]:
        """An empty profile for one page."""
        async with self._starting:
            if self._instance is None or self._instance.is_spent:
                spent, self._instance = self._instance, None
                if spent and not spent.open:
                    await _close(spent.browser)
                self._instance = _Instance(await self._launch())
            instance = self._instance
            instance.pages += 1
            instance.open += 1
        try:
            context = await instance.browser.new_context(
                user_agent=self._limits.user_agent, service_workers="block", accept_downloads=False
            )
            try:
                yield context
            finally:
                if not await _close(context):
                    instance.pages = _PAGES
        finally:
            instance.open -= 1
            if instance.is_spent and not instance.open and instance is not self._instance:
                await _close(instance.browser)

    async def _launch(self) -> Browser:
        from playwright.async_api import async_playwright

        self._playwright = self._playwright or await async_playwright().start()
        return await self._playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, _CHROMIUM)), None),
            args=_ARGUMENTS,
            proxy={"server": _DEAD_PROXY},
            chromium_sandbox=os.geteuid() != 0,  # root has none
        )


class _Answers:
    """What one page's browser is told: the document, and what scripts get; the rest fails."""

    def __init__(self, download: Download, limits: Limits, document: Answer) -> None:
        self._download = download
        self._limits = limits
        self._document: Answer | None = document
        self._left = _ASKED_FOR

    async def tell(self, route: Route) -> None:
        """Answer one request of the browser."""
        asked = route.request
        told: tuple[int, Iterable[tuple[bytes, bytes]], bytes] | None = None
        if asked.resource_type == "document":  # frames, and pages that scripts want to go to, get nothing
            if document := self._document:
                told, self._document = (document.status, document.headers, document.body), None
        elif asked.resource_type in _TYPES and asked.method == "GET" and self._left > 0:
            self._left -= 1
            with suppress(Refused):
                told = await self._fetch(asked.url, asked.headers)
        with suppress(Exception):  # the page may be gone
            if told is None:
                await route.abort("aborted")
            else:
                status, headers, body = told
                stated = {
                    n.decode("latin-1"): v.decode("latin-1") for n, v in headers if n.lower() not in _WIRE
                }
                await route.fulfill(status=status, headers=stated, body=body)

    async def _fetch(
        self, url: str, headers: Mapping[str, str]
    ) -> tuple[int, Iterable[tuple[bytes, bytes]], bytes]:
        asked = {"Accept": "*/*"} | {
            name.title(): headers[name] for name in ("accept", "origin", "referer") if name in headers
        }
        for _ in range(_REDIRECTS):
            response = await self._download(request_of(url, asked))
            location = response.values(b"location")
            if not location or response.status not in MOVED:
                encodings = response.values(b"content-encoding")
                body = decode(response.body, encodings, self._limits.page_bytes)
                return response.status, response.raw_headers, body
            url = urljoin(url, location[0])
        raise failed("redirect_loop", url)


async def _close(it: Any) -> bool:
    """Close a browser or a context; whether it could be in time."""
    with suppress(Exception):
        await asyncio.wait_for(it.close(), _CLOSING_SECONDS)
        return True
    return False

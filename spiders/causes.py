"""Why an answer is no page of the outlet: told by status, headers, address and the marks of known walls.

What only the content tells (a consent dialog, a list, an empty page) is told by extract.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from schemas.outlet import Outlet
from schemas.phrases import CONSENT
from schemas.urls import site_of
from schemas.vocabulary import CaptureOutcome, Reason
from spiders.journal import Probe
from spiders.markup import encoding_of
from spiders.refused import Refused

if TYPE_CHECKING:  # Scrapy is not needed to judge
    from spiders.fetch import Answer, Fetcher

_BLOCKED = frozenset({401, 402, 403, 407, 429, 451})
_GONE = frozenset({404, 410})

_CAPTCHA = "a captcha"  # of whomever
#: Headers that vendors send with a challenge only (`""`: whatever the value), as they document it.
_CHALLENGING = {
    "Cloudflare": ("cf-mitigated", "challenge"),
    "AWS WAF": ("x-amzn-waf-action", ""),
    "Vercel": ("x-vercel-mitigated", ""),
    "Sucuri": ("x-sucuri-block", ""),
}
#: Headers and cookies that vendors send with any answer: they tell who refuses, not that somebody does.
_REFUSING = {
    "DataDome": ("x-datadome", ""),
    "Kasada": ("x-kpsdk-ct", ""),
    "Akamai": ("server", "AkamaiGHost"),  # other answers carry the origin's name
    "HUMAN": ("set-cookie", "_pxhd="),
}
#: What stands in the markup of a vendor's own page. Scripts of some are in any page they guard, so these count
#: only where we are refused or the page has next to no text.
_IN_BODY = {
    "Cloudflare": (b"_cf_chl_opt", b"cf-error-details", b"cf-browser-verification"),
    "DataDome": (b"captcha-delivery.com",),
    "HUMAN": (b"px-captcha",),
    "Akamai": (b"sec-if-cpt-container", b"/_sec/cp_challenge/", b"errors.edgesuite.net"),
    "Imperva": (b"_Incapsula_Resource", b"Incapsula incident ID"),
    "AWS WAF": (b".awswaf.com/",),
    "Kasada": (b"KPSDK",),
    "Vercel": (b"Vercel Security Checkpoint",),
    "Sucuri": (b"sucuri_cloudproxy_js", b"Sucuri WebSite Firewall"),
    "DDoS-Guard": (b"/.well-known/ddos-guard/",),
    "F5": (b"/TSPD/",),
    "Anubis": (b"anubis_challenge",),
    _CAPTCHA: (b"g-recaptcha", b"h-captcha", b"cf-turnstile", b"hcaptcha.com/1/api.js"),
}
_REFUSALS = frozenset({403, 405, 406, 428, 429, 503})
_LARGEST_WALL = 64_000  # bytes; those of the vendors above have 1 to 50 kB
_LONGEST_WALL = 1_500  # characters a reader sees, menus included: an explanation and a reference number
_LONGEST_CAPTCHA = 600  # of a page that is no vendor's

#: Steps of a path, or labels of a host, to which a page that asks for something first sends its readers.
_GATES = {
    reason: frozenset(steps.split())
    for reason, steps in {
        Reason.CONSENT_WALL: "consent consentwall cookie-consent cookieconsent cookiewall cookie-wall cmp gdpr",
        Reason.LOGIN_WALL: "login log-in signin sign-in sign_in sso auth account accounts register registration "
        "subscribe subscription paywall anmelden einloggen abo connexion iniciar-sesion suscripcion suscribete "
        "entrar assine accedi abbonati inloggen",
    }.items()
}

_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{1,500})", re.IGNORECASE)
_TITLE_BYTES, _HEAD_BYTES = 1 << 17, 1 << 11
_UNSEEN = re.compile(
    rb"<!--.*?-->|<(script|style|noscript|template|svg)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_PASSWORD = re.compile(rb"""<input[^>]{0,500}type\s*=\s*["']?password""", re.IGNORECASE)
# What a page that scripts fill says to readers without them; the word is the same in every language.
_NEEDS_SCRIPT = re.compile(rb"<noscript\b(?:(?!</noscript).){0,2000}?javascript", re.DOTALL | re.IGNORECASE)
_FEWEST_WORDS = 5  # a page with less cannot be compared
_ALIKE = 0.9  # share of the words of both
_DIGESTS = 256  # kept of a page; most have fewer words, of others the share is told within 0.02
_CONSENTING = 3  # of the five things a consent wall speaks of


class Verdict(NamedTuple):
    """What an answer means for its URL: an outcome, and where it is no page of the outlet the cause."""

    outcome: CaptureOutcome
    reason: Reason | None = None
    detail: str | None = None


def verdict(answer: Answer, asked: str, outlet: Outlet | None = None) -> Verdict:
    """What the answer to the URL `asked` means.

    With `outlet` the answer has to be a page of it: of its own site, and not the front page for all that is gone.
    """
    if answer.status == 304:
        return Verdict(CaptureOutcome.UNCHANGED)
    if seen := challenge(answer):
        return Verdict(CaptureOutcome.BLOCKED, Reason.BOT_CHALLENGE, seen)
    if not answer.is_success:
        return of_status(answer.status)
    return (
        _behind_gate(answer.url, asked)
        or (_elsewhere(answer.url, asked, outlet) if outlet else None)
        or Verdict(CaptureOutcome.FETCHED)
    )


def challenge(answer: Answer) -> str | None:
    """The bot wall an answer is, as `vendor: what shows it`; a page that only speaks of one, or is guarded, is none."""
    for vendor, (name, value) in _CHALLENGING.items():
        if any(value in sent for sent in answer.header_list(name)):
            return f"{vendor}: {name}: {answer.header(name)}"
    refused = answer.status in _REFUSALS
    if refused:
        for vendor, (name, value) in _REFUSING.items():
            if any(value in sent for sent in answer.header_list(name)):
                return f"{vendor}: HTTP {answer.status}, {name}{f' {value}' if value else ''}"
    if not (refused or (answer.is_success and len(answer.body) <= _LARGEST_WALL)):
        return None
    for vendor, marks in _IN_BODY.items():
        mark = next((mark for mark in marks if mark in answer.body), None)
        if mark and (refused or _is_wall(answer, vendor)):
            return f"{vendor}: HTTP {answer.status}, {mark.decode()}"
    return None


def _is_wall(answer: Answer, vendor: str) -> bool:
    longest = _LONGEST_CAPTCHA if vendor == _CAPTCHA else _LONGEST_WALL
    return len(text_of(answer)) <= longest and not _PASSWORD.search(answer.body)


def of_status(status: int) -> Verdict:
    """What an HTTP status without success means."""
    said = f"HTTP {status}"
    if status in {401, 402}:
        return Verdict(CaptureOutcome.BLOCKED, Reason.LOGIN_WALL, said)
    if status in _BLOCKED:
        return Verdict(CaptureOutcome.BLOCKED, Reason.HTTP_4XX, said)
    if status in _GONE:
        return Verdict(CaptureOutcome.GONE, Reason.HTTP_4XX, said)
    kinds = {4: Reason.HTTP_4XX, 5: Reason.HTTP_5XX}
    return Verdict(CaptureOutcome.FAILED, kinds.get(status // 100, Reason.HTTP_OTHER), said)


def _behind_gate(url: str, asked: str) -> Verdict | None:
    if url == asked:
        return None
    steps = _steps(url) - _steps(asked)
    for reason, gates in _GATES.items():
        if steps & gates:
            return Verdict(CaptureOutcome.BLOCKED, reason, f"led to {url}")
    return None


def _steps(url: str) -> set[str]:
    """Steps of the path without file extensions, and labels of the host."""
    parts = urlsplit(url.lower())
    return {step.partition(".")[0] for step in parts.path.split("/")} | {*(parts.hostname or "").split(".")}


def _elsewhere(url: str, asked: str, outlet: Outlet) -> Verdict | None:
    if url == asked or not outlet.sources():  # without a source a person asked for this very URL
        return None
    own = {site_of(it) for it in (asked, outlet.homepage, *(source for _, source in outlet.sources()))}
    site = site_of(url)
    # A publisher has one name under many suffixes: example.co.uk, example.com.
    if site not in own and site.partition(".")[0] not in {it.partition(".")[0] for it in own}:
        return Verdict(CaptureOutcome.FAILED, Reason.MOVED_HOST, f"led to {url}")
    if _is_front(url) and not _is_front(asked):
        return Verdict(CaptureOutcome.GONE, Reason.SOFT_404, f"led to the front page {url}")
    return None


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


class Soft404s:
    """Which pages of a crawl their hosts show for any address: each is asked for one that nobody has, once a day."""

    def __init__(self, fetcher: Fetcher, note: Callable[[Probe], None]) -> None:
        """`note` is given every probe made here, and has to see to it that it becomes known."""
        self._fetcher = fetcher
        self._note = note
        self._known: dict[str, Probe] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def know(self, probe: Probe) -> None:
        """Take a probe into account; its host is not asked again."""
        self._known[probe.host] = probe

    async def evidence(self, answer: Answer, outlet: str, pace: float, *, render: bool = False) -> str | None:
        """What shows that an answer to an outlet's URL is a soft 404; `pace` and `render` as in `Fetcher.get`."""
        host = urlsplit(answer.url).netloc
        if host not in self._known:
            if host not in self._asking:
                self._asking[host] = asyncio.create_task(self._ask(host, answer, outlet, pace, render=render))
            await asyncio.shield(self._asking[host])
        probe = self._known[host]
        return f"the same as {probe.url}" if is_missing(answer, probe) else None

    async def _ask(self, host: str, answer: Answer, outlet: str, pace: float, *, render: bool) -> None:
        url = bogus_url(answer.url, answer.at)
        probe = Probe(outlet, host, url, answer.at.isoformat())
        try:
            came = await self._fetcher.get(url, pace, render=render)
        except Refused:
            pass  # nothing to compare with today
        else:
            if came.is_success and not _is_front(came.url):
                title, words = _digest(title_of(came)), _digests(text_of(came))
                probe = replace(probe, final_url=came.url, title=title, words=words)
        self._note(probe)


def bogus_url(url: str, at: datetime) -> str:
    """An address beside `url` that nobody has; its name is the same for a host all day."""
    day = f"{urlsplit(url).netloc} {at:%Y-%m-%d}"
    return urljoin(url, f"no-such-page-{sha256(day.encode()).hexdigest()[:12]}")


def is_missing(answer: Answer, probe: Probe) -> bool:
    """Whether a page is what its host shows for an address that nobody has.

    A wall, or the shell of a script, is shown for any address as well, and is none.
    """
    if not probe.final_url:
        return False
    is_there = answer.url == probe.final_url
    if not is_there and _digest(title_of(answer)) != probe.title:
        return False
    text = text_of(answer)
    if len(set(text.split())) < _FEWEST_WORDS:
        return False
    if _PASSWORD.search(answer.body) or _NEEDS_SCRIPT.search(answer.body):
        return False
    if sum(pattern.search(text) is not None for pattern in CONSENT) >= _CONSENTING:
        return False
    return is_there or _likeness(_digests(text), probe.words) >= _ALIKE


def _digest(text: str) -> int:
    """32 bits of its SHA-256."""
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big")


def _digests(text: str) -> list[int]:
    """The smallest digests of the words of a text, in order."""
    return sorted(map(_digest, set(text.split())))[:_DIGESTS]


def _likeness(words: Sequence[int], others: Sequence[int]) -> float:
    """The share of the words of two texts that stand in both, estimated by their smallest digests (Broder 1997)."""
    union = sorted({*words, *others})[:_DIGESTS]
    return len({*words} & {*others} & {*union}) / len(union)


def title_of(answer: Answer) -> str:
    """The page's `<title>`, on one line; '' without one."""
    match = _TITLE.search(answer.body, 0, _TITLE_BYTES)
    if not match:
        return ""
    return _read(answer, match[1])


def text_of(answer: Answer) -> str:
    """What a reader sees of a page, roughly: without scripts, comments and tags."""
    return _read(answer, _UNSEEN.sub(b" ", answer.body))


def _read(answer: Answer, text: bytes) -> str:
    """A piece of a page without entities, on one line; its encoding as header or head state it."""
    stated = f"{answer.header('Content-Type')} {answer.body[:_HEAD_BYTES].decode('latin-1')}"
    return " ".join(unescape(text.decode(encoding_of(text, stated), "replace")).split())

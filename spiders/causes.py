"""Why an answer is no page of the outlet: told by status, headers, address and the marks of known walls.

What only the content tells (a consent dialog, a list, an empty page) is told by extract.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from schemas.outlet import Outlet
from schemas.phrases import CONSENT, MISSING
from schemas.urls import site_of
from schemas.vocabulary import CaptureOutcome, Reason
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
_FEWEST_WORDS = 5  # a page with less cannot be compared
_ALIKE = 0.9  # share of the words of both
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
    """Which pages of a crawl their hosts show for any address: each host is asked for one that nobody has, once.

    A page gives reason to ask only if its title says that it is missing, or is the title of another page.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        # Host → title → key of the first page that had it, until it is told; as hashes of this process.
        self._titles: dict[str, dict[int, int | None]] = {}
        self._bogus: dict[str, asyncio.Task[tuple[str, Answer | None]]] = {}

    async def evidence(self, answer: Answer, url_key: str, pace: float) -> str | None:
        """What shows that the answer to a URL is a soft 404; `pace` is the outlet's, in seconds."""
        host, title = urlsplit(answer.url).netloc, title_of(answer)
        titles = self._titles.setdefault(host, {})
        is_suspect = hash(title) in titles or MISSING.search(title)
        titles.setdefault(hash(title), hash(url_key))
        if not title or not is_suspect:
            return None
        if host not in self._bogus:
            self._bogus[host] = asyncio.create_task(self._ask(bogus_url(answer.url, answer.at), pace))
        url, bogus = await asyncio.shield(self._bogus[host])
        return f"the same as {url}" if bogus and is_missing(answer, bogus) else None

    def first(self, answer: Answer) -> int | None:
        """The hash of the URL key of the first page with an answer's title; told once, then None."""
        titles, title = self._titles[urlsplit(answer.url).netloc], hash(title_of(answer))
        key, titles[title] = titles[title], None
        return key

    async def _ask(self, url: str, pace: float) -> tuple[str, Answer | None]:
        try:
            return url, await self._fetcher.get(url, pace)
        except Refused:
            return url, None


def bogus_url(url: str, at: datetime) -> str:
    """An address beside `url` that nobody has; its name is the same for a host all day."""
    day = f"{urlsplit(url).netloc} {at:%Y-%m-%d}"
    return urljoin(url, f"no-such-page-{sha256(day.encode()).hexdigest()[:12]}")


def is_missing(answer: Answer, bogus: Answer) -> bool:
    """Whether a page is what its host shows for an address that nobody has.

    A wall, or the shell of a script, is shown for any address as well, and is none.
    """
    words, others = set(text_of(answer).split()), set(text_of(bogus).split())
    if not bogus.is_success or len(words) < _FEWEST_WORDS or _PASSWORD.search(answer.body):
        return False
    text = text_of(answer)
    if sum(pattern.search(text) is not None for pattern in CONSENT) >= _CONSENTING:
        return False
    is_alike = title_of(answer) == title_of(bogus) and len(words & others) >= _ALIKE * len(words | others)
    return is_alike or answer.url == bogus.url


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

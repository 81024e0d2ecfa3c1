"""When two URLs are the same, and the ids made from them. Shared by collecting and refining."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from tldextract import TLDExtract

from schemas.errors import Reject

_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|gclsrc|msclkid|yclid|twclid|igshid|mc_[ce]id|_ga|_gl|ocid|ito|cmpid|cmp|"
    r"ns_\w+|wt_\w+|wt\.\w+|at_\w+|xtor|ref|ref_src|ref_url|referrer|source|smid|smtyp|partner|rss|feed|"
    r"outputtype|amp|__twitter_impression|share|fromrss|traffic_source|guccounter|guce_\w+)$",
    re.IGNORECASE,
)
_FRONT_LABEL = re.compile(r"^(www\d?|m|mobile|amp)\.(?=[^.]+\.[^.])")
_AMP_PATH = re.compile(r"(/amp/?|\.amp(?=\.html?$|$))$|^/amp(?=/)", re.IGNORECASE)
_UNRESERVED = "-._~!$&'()*+,;=:@"
_CLEAN_PATH = re.compile(r"(/[A-Za-z0-9\-._~!$&'()*+,;=:@]+)*/?")


def normal_url(url: str, base: str | None = None) -> str:
    """The URL to fetch and to show: absolute, lower-case host in ASCII, no fragment, tracking left out.

    Raises `Reject` when it is no http(s) URL.
    """
    try:
        parts = urlsplit(urljoin(base, url.strip()) if base else url.strip())
        host = (parts.hostname or "").rstrip(".").lower()
        port = parts.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise Reject(f"not a URL: {url[:200]!r} ({error})") from error
    if parts.scheme not in {"http", "https"} or not host or re.search(r"[\s<>\"\\^`{|}]", host):
        raise Reject(f"not an http(s) URL: {url[:200]!r}")
    default = {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port in {None, default} else f"{shown}:{port}"
    path = (parts.path if _CLEAN_PATH.fullmatch(parts.path) else _escape(parts.path)) or "/"
    kept = [(k, v) for k, v in _pairs(parts.query) if not _TRACKING.match(k)]
    query = urlencode(kept) if kept else ""
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def url_key(url: str) -> str:
    """What two URLs of the same page share: no scheme, no www/m/amp host, no AMP path, sorted query.

    >>> url_key("https://www.Example.com/a/?utm_source=x&b=1#c") == url_key("http://m.example.com/a?b=1")
    True
    """
    return key_of_normal(normal_url(url))


def key_of_normal(url: str) -> str:
    """`url_key` of a URL that `normal_url` made."""
    parts = urlsplit(url)
    host = _FRONT_LABEL.sub("", parts.netloc)
    path = _AMP_PATH.sub("", parts.path).rstrip("/")
    path = re.sub(r"/(index|default)\.(html?|php|aspx?)$", "", path)
    query = urlencode(sorted(_pairs(parts.query)))
    return f"{host}{path or '/'}{'?' + query if query else ''}"


def article_id(canonical_url: str) -> str:
    """Identity of an article: 16 hex characters from the key of its canonical URL."""
    return _digest("article", url_key(canonical_url))[:16]


def capture_id(slot: str, outlet: str, key: str) -> str:
    """Identity of the attempt on one URL key, for an outlet, in a slot: 24 hex characters."""
    return _digest("capture", slot, outlet, key)[:24]


def host_of(url: str) -> str:
    """Host of a URL without port and without www/m/amp in front; '' when it is no URL."""
    try:
        return _FRONT_LABEL.sub("", (urlsplit(url).hostname or "").lower())
    except ValueError:
        return ""


def site_of(url: str) -> str:
    """The registrable domain of a URL, e.g. `example.co.uk`; its host where there is none; '' for no URL."""
    host = host_of(url)
    return _registrable(host) or host


@lru_cache(maxsize=20_000)
def _registrable(host: str) -> str:
    return _suffixes()(host).top_domain_under_public_suffix


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    return TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list that came with it: nothing is fetched


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True) if query else []


def _escape(path: str) -> str:
    """Percent-encoding made uniform: what need not be escaped is not, the rest is in upper case."""
    collapsed = re.sub(r"/{2,}", "/", path)
    return "/".join(
        quote(
            unquote(part, errors="surrogateescape"),
            safe=_UNRESERVED,
            errors="surrogateescape",
        )
        for part in collapsed.split("/")
    )

"""When two URLs are the same, and the ids made from them. Shared by collecting and refining.

Two questions, two answers. `normal_url` is the URL to fetch and to show: only what cannot change the
answer is changed. `url_key` is the identity: it also leaves out what practice shows to be the same page.
docs/discovery.md gives the reason for each rule.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import idna
from tldextract import TLDExtract

from schemas.errors import Reject

# Names that only ever tell where the reader came from, or which visit it is. Names that also number
# articles somewhere (id, sid, cid, p, from, src, page) are kept.
_TRACKING = re.compile(
    r"^(utm_\w+|mtm_\w+|pk_(campaign|kwd|source|medium|content|cid)|piwik_\w+|matomo_\w+|hsa_\w+|_hs(enc|mi|fp)|"
    r"__hs\w+|hsctatracking|fbclid|fb_(action|comment|source|ref)\w*|gclid|dclid|gclsrc|gbraid|wbraid|gad_\w+|"
    r"srsltid|msclkid|yclid|ysclid|_openstat|twclid|ttclid|li_fat_id|igshid|igsh|epik|mc_[ce]id|mkt_tok|vero_\w+|"
    r"oly_\w+_id|_ga|_gl|ocid|ito|cmpid|cmp|icid|ncid|intcid|ftag|dicbo|tblci|obclid|iref|wprov|spm|"
    r"soc_(src|trk)|sr_share|s_cid|sc_cid|"
    r"ns_\w+|wt_\w+|wt\.\w+|at_\w+|xtor|ref|ref_src|ref_url|referrer|source|smid|smtyp|partner|"
    r"outputtype|amp|__twitter_impression|share|fromrss|traffic_source|guccounter|guce_\w+|"
    r"phpsessid|jsessionid|aspsessionid\w*|cfid|cftoken)$",
    re.IGNORECASE,
)
_FEED = re.compile(
    r"^(rss|feed)$", re.IGNORECASE
)  # of a front page its feed, of others where a reader came from
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*|/\(S\([0-9a-z]{24}\)\)", re.IGNORECASE)
_FRONT_LABELS = re.compile(r"^(?:(?:www\d?|m|mobile|mobil|touch|wap|amp)\.(?=[^.]+\.[^.]))+")
_MOBILE_LANGUAGE = re.compile(r"^([a-z]{2,3})\.m\.(?=[^.]+\.[^.])")
_AMP_PATH = re.compile(r"/amp/?$|\.amp(?=(?:\.html?)?$)|^/amp(?=/)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:[sp]?html?|php|aspx?|jsp)$", re.IGNORECASE)
_AMP_CACHE = re.compile(
    r"https?://(?:[\w-]+\.cdn\.ampproject\.org/[cv]|(?:www\.)?google\.[a-z.]{2,6}/amp)/(s/)?(?=.)"
)
_UNRESERVED = "-._~!$&'()*+,;=:@"
_CLEAN_PATH = re.compile(r"(/(?!\.{1,2}(?:/|$))[A-Za-z0-9\-._~!$&'()*+,;=:@]+)*/?")
# A path that any page may be joined with, and what is normal as it stands, as most links of a page are.
_PLAIN_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9\-._~!$&'*+,=:@]+)+/?")
_NORMAL = re.compile(rf"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]+{_PLAIN_PATH.pattern}")
_WHOLE = re.compile(r"https?://[^/?#]")
_PLAIN_PIECE = re.compile(r"[A-Za-z0-9\-._~%/?:@!$'()*+,;=\[\]|]+")  # of a query
_BAD_HOST = re.compile(r"[\x00-\x1f\x7f\s<>\"\\^`{|}%,!]")


def normal_url(url: str, base: str | None = None) -> str:
    """The URL to fetch and to show: absolute, lower-case host in ASCII, no fragment, tracking left out.

    Raises `Reject` when it is no http(s) URL.
    """
    try:
        whole = _joined(base, url.strip()) if base else url.strip()
        if "/amp/" in whole or "ampproject" in whole:
            whole = _AMP_CACHE.sub(lambda found: f"http{'s' if found[1] else ''}://", whole, count=1)
        if _NORMAL.fullmatch(whole):
            return whole
        parts = urlsplit(whole)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise Reject(f"not a URL: {url[:200]!r} ({error})") from error
    if parts.scheme not in {"http", "https"} or not host or _BAD_HOST.search(host):
        raise Reject(f"not an http(s) URL: {url[:200]!r}")
    default = {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    netloc = shown if port in {None, default} else f"{shown}:{port}"
    path = parts.path if _CLEAN_PATH.fullmatch(parts.path) else _escape(parts.path)
    if ";" in path or "(" in path:
        path = _SESSION_IN_PATH.sub("", path)
    query = "&".join(_kept(parts.query, is_front=not _INDEX.sub("", path).strip("/"))) if parts.query else ""
    return urlunsplit((parts.scheme, netloc, path or "/", query, ""))


def _joined(base: str, url: str) -> str:
    """As `urljoin` does, which takes ten times as long where there is nothing to resolve."""
    if _WHOLE.match(url):
        return url
    return _front_of(base) + url if _PLAIN_PATH.fullmatch(url) else urljoin(base, url)


@lru_cache(maxsize=1_000)
def _front_of(base: str) -> str:
    """The URL's scheme and host, to which paths are joined."""
    return urljoin(base, "/")[:-1]


def url_key(url: str) -> str:
    """What two URLs of the same page share: no scheme, no www/m/amp host, no AMP path, sorted query.

    >>> url_key("https://www.Example.com/a/?utm_source=x&b=1#c") == url_key("http://m.example.com/a?b=1")
    True
    """
    return key_of_normal(normal_url(url))


def key_of_normal(url: str) -> str:
    """`url_key` of a URL that `normal_url` made."""
    parts = urlsplit(url)
    host = _front(parts.netloc)
    path = re.sub(r"/{2,}", "/", parts.path)
    if "%" in path:
        path = _escape(path, is_composed=True)
    before = None
    while path != before:
        before = path
        path = _INDEX.sub("", _AMP_PATH.sub("", path.rstrip("/")))
    query = "&".join(sorted(filter(None, map(_same, parts.query.split("&")))))
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
        return _front((urlsplit(url).hostname or "").lower().rstrip("."))
    except ValueError:
        return ""


def is_within(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is one of these, or below one."""
    return any(host == it or host.endswith(f".{it}") for it in hosts)


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


def _front(host: str) -> str:
    """The host without the labels that only choose a rendering."""
    return _MOBILE_LANGUAGE.sub(r"\1.", _FRONT_LABELS.sub("", host))


def _kept(query: str, *, is_front: bool) -> list[str]:
    """The pieces of a query that are no tracking, as they stand: `?123` and `?a` are not `?123=` and `?a=`."""
    pieces = [piece for piece in query.split("&") if piece and not _TRACKING.match(_name(piece))]
    others = [piece for piece in pieces if not _FEED.match(_name(piece))]
    return [
        piece if _PLAIN_PIECE.fullmatch(piece) else quote(piece, safe="%/?:@!$'()*+,;=-._~[]|")
        for piece in (others if others or not is_front else pieces)
    ]


def _name(piece: str) -> str:
    """The name of a parameter."""
    return unquote(piece.partition("=")[0])


def _same(piece: str) -> str:
    """One parameter with uniform escapes; a name without a value is one with an empty value."""
    name, _, value = piece.partition("=")
    return f"{_requoted(name)}={_requoted(value)}" if value else _requoted(name)


def _requoted(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    plain = unquote(text.replace("+", " "), errors="surrogateescape")
    return quote(plain, safe="-._~", errors="surrogateescape").replace("%20", "+")


def _escape(path: str, *, is_composed: bool = False) -> str:
    """Percent-encoding made uniform, dots resolved: what need not be escaped is not, the rest in upper case.

    `is_composed` puts letters and their accents together (NFC); some systems name files the other way.
    """
    parts: list[str] = []
    for part in path.split("/"):
        plain = unquote(part, errors="surrogateescape")
        if plain == ".." and len(parts) > 1:
            parts.pop()
        elif plain not in {".", ".."}:
            plain = normalize("NFC", plain) if is_composed else plain
            parts.append(quote(plain, safe=_UNRESERVED, errors="surrogateescape"))
    return "/".join(parts)

"""The Daily Trouble: an outlet that gives no article, each time for another reason. `CASES` says which.

A URL of each case stands in a feed. Those that take their time (retries, a timeout) have a feed of their own, which
only a test's outlet file names.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from schemas.vocabulary import Reason

SLUG, NAME = "trouble", "The Daily Trouble"
HOST = "trouble.localhost"
#: Hosts of the outlet where something is wrong with all of it, and a stranger's.
ATTIC, LOBBY, BROKEN, CONSENT = f"attic.{HOST}", f"lobby.{HOST}", f"broken.{HOST}", f"consent.{HOST}"
HANGS, CLOSES, CUTS = f"hangs.{HOST}", f"closes.{HOST}", f"cuts.{HOST}"
STRANGER = "bargains.localhost"
HOSTS = frozenset({HOST, ATTIC, LOBBY, BROKEN, CONSENT, HANGS, CLOSES, CUTS, STRANGER})
#: What the server does on these hosts to the paths that start so.
FAULTS: dict[str, tuple[Literal["hang", "close", "cut"], str]] = {
    HANGS: ("hang", "/story"),
    CLOSES: ("close", "/story"),
    CUTS: ("cut", "/story"),
}
_HTML = "text/html; charset=utf-8"
_CLOSED_PORT = 9  # discard: nobody serves it any more


@dataclass(frozen=True)
class Reply:
    """What is answered at an address."""

    body: bytes = b""
    status: int = 200
    content_type: str = _HTML
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Case:
    """A URL (`{port}` is the newsroom's) or, if it `is_source`, a feed, with the cause that is true of it.

    `says` is a word of the evidence; `is_slow` if a crawl tries it several times or waits for it.
    """

    url: str
    reason: Reason
    reply: Reply | None = None
    says: str = ""
    is_slow: bool = False
    is_source: bool = False


def _page(title: str, main: str, head: str = "") -> bytes:
    """A page of the paper around its main part."""
    sections = ("Harbour", "Council", "Weather", "Letters", "Sport", "Culture")
    menu = "".join(f'<li><a href="/section/{name.lower()}">{name}</a></li>' for name in sections)
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title} | {NAME}</title>{head}</head>
<body><header><a href="/">{NAME}</a><nav><ul>{menu}</ul></nav></header>
<main>{main}</main><footer><p>© {NAME}</p><p><a href="/imprint">Imprint</a></p></footer></body></html>""".encode()


def _bare(title: str, body: str, head: str = "") -> bytes:
    """A page that is not the paper's own."""
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body>{body}</body></html>""".encode()


def _wall(vendor: str, status: int, body: bytes, **headers: str) -> Case:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    path = vendor.lower().replace(" ", "-")
    reply = Reply(body, status, headers=sent)
    return Case(f"http://{HOST}:{{port}}/walls/{path}", Reason.BOT_CHALLENGE, reply, says=vendor)


def _at(path: str, reason: Reason, reply: Reply | None, **more: Any) -> Case:
    return Case(f"http://{HOST}:{{port}}{path}", reason, reply, **more)


def _to(target: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": target})


_CHECKING = "<h1>One moment, please</h1><p>We are checking that you are a person. Reference 7f3a-118.</p>"
_WALLS = (
    _wall(
        "Cloudflare",
        403,
        _bare("One moment, please", f"{_CHECKING}<script>window._cf_chl_opt={{cType:'managed'}};</script>"),
        cf_mitigated="challenge",
        server="cloudflare",
    ),
    _wall(
        "DataDome",
        403,
        _bare(
            NAME, "<script>var dd={'host':'geo.captcha-delivery.com'}</script><p>Please enable scripts.</p>"
        ),
        set_cookie="datadome=x; Max-Age=31536000",
    ),
    _wall("HUMAN", 403, _bare("Access denied", f'{_CHECKING}<div id="px-captcha"></div>')),
    _wall(
        "Akamai", 403, _bare("Access Denied", "<h1>Access Denied</h1>Reference #18.2f"), server="AkamaiGHost"
    ),
    _wall(
        "Imperva",
        200,
        _bare("", '<iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=9"></iframe>'),
        set_cookie="incap_ses_7_1=x",
    ),
    _wall("AWS WAF", 202, b"", x_amzn_waf_action="challenge"),
    _wall("Kasada", 403, _bare("", "<script>window.KPSDK={};</script><script src='/149e/ips.js'></script>")),
    _wall("Vercel", 403, _bare("Vercel Security Checkpoint", _CHECKING), x_vercel_mitigated="challenge"),
    _wall(
        "Sucuri", 403, _bare("Access Denied", "<h1>Sucuri WebSite Firewall</h1>"), x_sucuri_block="bad bot"
    ),
    _wall("DDoS-Guard", 403, _bare("DDoS-Guard", "<script src='/.well-known/ddos-guard/js/c.js'></script>")),
    _wall(
        "F5",
        200,
        _bare("", "<script src='/TSPD/08a2?type=9'></script><noscript>Enable JavaScript</noscript>"),
    ),
    _wall("Anubis", 200, _bare("Making sure", f'{_CHECKING}<script id="anubis_challenge">{{}}</script>')),
    _wall(
        "a captcha", 200, _bare("Are you human?", f'{_CHECKING}<form><div class="h-captcha"></div></form>')
    ),
)

_LISTED = "".join(
    f"<li><a href='/story/{n}'>The harbour master's report on pier number {n}</a></li>" for n in range(20)
)
_ARTICLE = "".join(
    f"<p>On day {day} the tide came in over the wall, and the council was asked what had become of the new gate.</p>"
    for day in range(9)
)
_MANUAL = "".join(
    f"<h2>Option {n}</h2><p>Sets how many lamps the <code>lamp</code> command lights when it is called with a path, "
    f"as in the example below.</p><pre><code>lamp --option-{n}</code></pre>"
    for n in range(8)
)
_GOODS = "".join(
    f"<div><h2>Lamp {n}</h2><p>A lamp with {n} wicks for you and your boat, of brass, and ready to be sent.</p>"
    f"<p>$ {n}9.90</p><button>Add to cart</button></div>"
    for n in range(1, 8)
)
_POSTS = "".join(
    f"<div class='post' itemscope itemtype='https://schema.org/Comment'><a href='/user/{n}'>keeper{n}</a>"
    f"<p>I have had the same lamp for {n + 2} years, and you only need to clean yours when my wick is wet.</p>"
    f"<button>Reply</button></div>"
    for n in range(8)
)
_OFFERS = "".join(
    f"<section><h2>We light your harbour</h2><p>{line}</p><button>Book</button></section>"
    for line in (
        "Our team builds the lamps you need, and we take care of your pier all year round, so you can rest.",
        "Talk to us about your plans, and we will send you an offer that fits your budget and your schedule.",
        "Our clients trust us because we answer your calls day and night, wherever your ships may be.",
    )
)


def _other(kind: str, title: str, main: str) -> Reply:
    """A page that is well made and no article, of a type of schema.org."""
    data = f'{{"@type": "{kind}", "name": "{title}"}}'
    head = f'<meta property="og:type" content="website"><script type="application/ld+json">{data}</script>'
    return Reply(_bare(title, f"<h1>{title}</h1>{main}", head))


_FIGURES = "".join(f"<figure><img src='/{n}.jpg'></figure>" for n in range(8))
_CONSENT_TEXT = """<h1>Before you read on</h1><p>We and our 214 partners store cookies and use personal data.
You may give or refuse your consent.</p><button>Accept all</button><button>Settings</button>"""
_LOGIN_FORM = "<form><input name='email'><input name='word' type='password'><button>Log in</button></form>"
_AROUND = "<h1>Have a look around</h1><p>There is much to see in the old town.</p>"
#: What these hosts show for any address, with status 200.
_FRIENDLY = {ATTIC: _page("Page not found", _AROUND), LOBBY: _page("Welcome", _AROUND)}

_PAGES = (
    _at("/refused", Reason.HTTP_4XX, Reply(_page("Forbidden", "<h1>Forbidden</h1>"), 403), says="403"),
    _at("/gone", Reason.HTTP_4XX, Reply(_page("Gone", "<h1>Gone</h1>"), 410), says="410"),
    _at("/down", Reason.HTTP_5XX, Reply(_page("Out of order", "<h1>Out of order</h1>"), 501), says="501"),
    _at("/nowhere", Reason.HTTP_OTHER, Reply(status=302), says="302"),
    _at("/private/story", Reason.ROBOTS, Reply(_page("Private", _ARTICLE)), says="robots.txt"),
    Case(f"http://{BROKEN}:{{port}}/story", Reason.ROBOTS_UNREACHABLE, says="501"),
    _at("/round", Reason.REDIRECT_LOOP, _to("/about")),
    _at("/file", Reason.BAD_URL, _to("file:///etc/hosts")),
    _at("/inside", Reason.PRIVATE_ADDRESS, _to("http://10.0.0.1/"), says="10.0.0.1"),
    _at("/denied/story", Reason.DENIED, Reply(_page("Denied", _ARTICLE))),
    _at("/sold", Reason.MOVED_HOST, _to(f"http://{STRANGER}:{{port}}/offers"), says=STRANGER),
    _at("/ask-first", Reason.CONSENT_WALL, _to(f"http://{CONSENT}:{{port}}/?return=ask-first"), says=CONSENT),
    _at("/ask-here", Reason.CONSENT_WALL, Reply(_bare(f"Storm at the pier | {NAME}", _CONSENT_TEXT))),
    _at("/members/storm", Reason.LOGIN_WALL, _to("/login?next=storm"), says="/login"),
    _at("/paid", Reason.LOGIN_WALL, Reply(_page("Payment required", "<h1>Payment required</h1>"), 402)),
    _at(
        "/subscribers/storm",
        Reason.LOGIN_WALL,
        Reply(_page("Storm", f"<h1>Storm</h1><p>Already a subscriber?</p>{_LOGIN_FORM}")),
        says="subscriber",
    ),
    _at("/moved-away", Reason.SOFT_404, _to("/"), says="front page"),
    _at(
        "/lost",
        Reason.SOFT_404,
        Reply(_page("Page not found", "<h1>Page not found</h1><p>It may have moved.</p>")),
    ),
    Case(f"http://{ATTIC}:{{port}}/old/1", Reason.SOFT_404, says="no-such-page"),
    Case(f"http://{LOBBY}:{{port}}/story/1", Reason.SOFT_404, says="no-such-page"),
    _at(
        "/app/storm",
        Reason.NEEDS_SCRIPT,
        Reply(
            _bare(
                NAME,
                '<noscript>You need JavaScript.</noscript><div id="root"></div><script src="/a.js"></script>',
            )
        ),
        says="script",
    ),
    _at("/tag/harbour", Reason.LIST_PAGE, Reply(_page("Harbour", f"<h1>Harbour</h1><ul>{_LISTED}</ul>"))),
    _at(
        "/video/storm",
        Reason.VIDEO_PAGE,
        Reply(
            _page(
                "Storm from above",
                "<h1>Storm from above</h1><video src='/storm.mp4'></video><p>On Tuesday.</p>",
            )
        ),
    ),
    _at(
        "/gallery/storm",
        Reason.VIDEO_PAGE,
        Reply(_page("The storm in pictures", f"<h1>The storm in pictures</h1>{_FIGURES}")),
        says="pictures",
    ),
    _at(
        "/brief",
        Reason.TOO_SHORT,
        Reply(_page("Brief", "<article><h1>Brief</h1><p>The gate is open.</p></article>")),
    ),
    _at("/forum/threads/lamp.12", Reason.FORUM_PAGE, _other("DiscussionForumPosting", "Which lamp?", _POSTS)),
    _at(
        "/products/lamp-40",
        Reason.PRODUCT_PAGE,
        _other("Product", "Lamp 40", _GOODS),
    ),
    _at("/docs/reference/lamp", Reason.DOCUMENTATION, _other("TechArticle", "lamp", _MANUAL)),
    _at("/services", Reason.LANDING_PAGE, _other("Service", "Lamps and more", _OFFERS)),
    _at("/blank", Reason.EMPTY_BODY, Reply(b"")),
    _at("/report.pdf", Reason.NOT_HTML, Reply(b"%PDF-1.7\n%\xe2\xe3", content_type="application/pdf")),
    _at("/noise", Reason.UNREADABLE, Reply(b"\0" * 4_000)),
    _at(
        "/huge",
        Reason.TOO_LARGE,
        Reply(gzip.compress(b" " * 11_000_000, 9, mtime=0), headers={"Content-Encoding": "gzip"}),
    ),
    _at("/garbled", Reason.BAD_ENCODING, Reply(b"no gzip", headers={"Content-Encoding": "gzip"})),
    Case("http://nowhere.invalid/story", Reason.DNS, says="nowhere.invalid"),
    Case(f"https://{HOST}:{{port}}/story", Reason.TLS),
    Case(f"http://{HOST}:{_CLOSED_PORT}/story", Reason.CONNECT, is_slow=True),
    Case(f"http://{HANGS}:{{port}}/story", Reason.TIMEOUT, is_slow=True),
    Case(f"http://{CLOSES}:{{port}}/story", Reason.CONNECTION_LOST, is_slow=True),
    Case(f"http://{CUTS}:{{port}}/story", Reason.TRUNCATED, is_slow=True),
)
_SOURCES = tuple(
    _at(path, reason, reply, says=says, is_source=True)
    for path, reason, reply, says in (
        ("/gone.xml", Reason.FEED_GONE, Reply(status=410), "410"),
        ("/page.xml", Reason.FEED_UNPARSEABLE, Reply(_FRIENDLY[ATTIC]), "HTML"),
        ("/damaged.xml", Reason.FEED_DAMAGED, Reply(b"<rss><channel><title>Cut off"), ""),
        ("/empty.xml", Reason.FEED_EMPTY, Reply(b"<rss version='2.0'><channel/></rss>"), ""),
        ("/guarded.xml", Reason.BOT_CHALLENGE, _WALLS[0].reply, "Cloudflare"),
        ("/stale.xml", Reason.FEED_STALE, None, "nothing since"),
    )
)

#: Every case.
CASES: tuple[Case, ...] = (*_WALLS, *_PAGES, *_SOURCES)
_BY_URL = {case.url: case.reply for case in CASES if case.reply}
_OTHERS = {
    f"http://{HOST}:{{port}}/robots.txt": Reply(
        b"User-agent: *\nDisallow: /private/\n", content_type="text/plain"
    ),
    f"http://{HOST}:{{port}}/about": _to("/round"),
    f"http://{HOST}:{{port}}/login": Reply(_page("Log in", f"<h1>Log in</h1>{_LOGIN_FORM}")),
    f"http://{HOST}:{{port}}/": Reply(_page("Home", f"<h1>Today</h1><ul>{_LISTED}</ul>")),
    f"http://{BROKEN}:{{port}}/robots.txt": Reply(b"", 501),
    f"http://{CONSENT}:{{port}}/": Reply(_bare("Your choice", _CONSENT_TEXT)),
    f"http://{STRANGER}:{{port}}/offers": Reply(_bare("Bargains", f"<h1>Bargains</h1>{_ARTICLE}")),
    **{f"http://{host}:{{port}}/robots.txt": Reply(status=404) for host in _FRIENDLY},
}


def reply_at(host: str, path: str, port: int, now: datetime) -> Reply:
    """What stands at an address of one of `HOSTS`; 404 where nothing does."""
    url = f"http://{host}:{{port}}{path}"
    if path == "/feed.xml":
        found = Reply(_rss(port, [case for case in CASES if not case.is_slow], now))
    elif path == "/slow.xml":
        found = Reply(_rss(port, [case for case in CASES if case.is_slow], now))
    elif path == "/stale.xml":
        found = Reply(
            _rss(port, [case for case in CASES if case.reason == Reason.SOFT_404], now - timedelta(days=40))
        )
    else:
        friendly = _FRIENDLY.get(host)
        missing = Reply(friendly) if friendly else Reply(_page("Not here", "<h1>Not here</h1>"), 404)
        if host in FAULTS and path != "/robots.txt":
            missing = Reply(_page("A story", _ARTICLE))
        found = _BY_URL.get(url) or _OTHERS.get(url) or missing
    headers = {name: value.replace("{port}", str(port)) for name, value in found.headers.items()}
    return Reply(found.body, found.status, found.content_type, headers)


def url_of(case: Case, port: int) -> str:
    """The address of a case."""
    return case.url.replace("{port}", str(port))


def outlet_facts(port: int, *, is_slow: bool = False) -> dict[str, Any]:
    """The outlet file, without slug and country; `is_slow` names the feed of slow cases as well."""
    home = f"http://{HOST}:{port}"
    sources = [url_of(case, port) for case in CASES if case.is_source]
    return {
        "name": NAME,
        "language": "en",
        "homepage": f"{home}/",
        "feeds": [f"{home}/feed.xml", *([f"{home}/slow.xml"] if is_slow else []), *sources],
        "deny": ["/denied/"],
        "pace_seconds": 0.02,
        "notes": "Gives no article, each time for another reason: see `presslake balance`.",
    }


def write_outlet(folder: Path, port: int) -> None:
    """Write `zz/trouble.yml`."""
    path = folder / "zz" / f"{SLUG}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(outlet_facts(port), sort_keys=False), "utf-8")


def _rss(port: int, cases: list[Case], at: datetime) -> bytes:
    items = "".join(
        f"<item><title>{case.reason}</title><link>{escape(url_of(case, port))}</link>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for case in cases
        if not case.is_source
    )
    return f'<rss version="2.0"><channel><title>{NAME}</title>{items}</channel></rss>'.encode()

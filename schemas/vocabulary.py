"""The closed lists: what can become of a URL, a page, a batch, each with one sentence."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The journey of the data, in order."""

    COLLECT = "collect"
    EXTRACT = "extract"
    NORMALISE = "normalise"
    LINK = "link"
    GATE = "gate"
    PUBLISH = "publish"


class CaptureOutcome(StrEnum):
    """How the attempt on one discovered URL went (table `captures`). Only `fetched` goes on to extract."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    NOT_DUE = "not_due"
    DISALLOWED = "disallowed"
    BLOCKED = "blocked"
    GONE = "gone"
    FAILED = "failed"
    LEFT = "left"


CAPTURE_OUTCOMES: dict[CaptureOutcome, str] = {
    CaptureOutcome.FETCHED: "a new body was received and archived; its page has a row in `outcomes`",
    CaptureOutcome.UNCHANGED: "the site said 304, or the body is byte for byte the one we have",
    CaptureOutcome.NOT_DUE: "known already and not due to be looked at again",
    CaptureOutcome.DISALLOWED: "robots.txt, the outlet's deny patterns, our address rules or an opt-out forbids it",
    CaptureOutcome.BLOCKED: "the site refused us: a wall, or 401, 402, 403, 407, 429, 451",
    CaptureOutcome.GONE: "the site says it does not exist, by 404 or 410 or in its own way",
    CaptureOutcome.FAILED: "no usable answer: DNS, connection, TLS, timeout, 5xx, another host, too large",
    CaptureOutcome.LEFT: "discovered, but a limit, a budget or a crash came first; tried again next slot",
}


class PageOutcome(StrEnum):
    """What became of one fetched page (table `outcomes`): exactly one each."""

    PUBLISHED = "published"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    NOT_ARTICLE = "not_article"
    QUARANTINED = "quarantined"
    WITHHELD = "withheld"
    FAILED = "failed"


PAGE_OUTCOMES: dict[PageOutcome, str] = {
    PageOutcome.PUBLISHED: "the first version of an article: a new row in `articles` and `versions`",
    PageOutcome.REVISED: "the text, title, description or authors changed: another row in `versions`",
    PageOutcome.UNCHANGED: "the same article with the same content as a version we have",
    PageOutcome.DUPLICATE: "the same text under another URL of the outlet; `article_id` names the one kept",
    PageOutcome.NOT_ARTICLE: "not an article, for the reason given (consent wall, soft 404, list page …)",
    PageOutcome.QUARANTINED: "a row-level expectation failed; the row lies in `quarantine` with the reasons",
    PageOutcome.WITHHELD: "its outlet fell under a stated minimum in this slot; the row lies in `quarantine`",
    PageOutcome.FAILED: "the page could not be read; the reason and the error are given",
}

#: Page outcomes whose row is in `versions` (and, the latest per article, in `articles`).
PUBLISHED = frozenset({PageOutcome.PUBLISHED, PageOutcome.REVISED})
#: Page outcomes whose row is in `quarantine`.
SET_ASIDE = frozenset({PageOutcome.QUARANTINED, PageOutcome.WITHHELD})


class Reason(StrEnum):
    """Why a URL, a page or a source gave no new article: one cause each, `detail` is the evidence."""

    # nobody answered, or not as HTTP asks
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    TRUNCATED = "truncated"
    BAD_ENCODING = "bad_encoding"
    REDIRECT_LOOP = "redirect_loop"
    BAD_URL = "bad_url"
    # the site's answer
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    HTTP_OTHER = "http_other"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    CRAWL_DELAY = "crawl_delay"
    OPT_OUT = "opt_out"
    RETRY_AFTER = "retry_after"
    BOT_CHALLENGE = "bot_challenge"
    CONSENT_WALL = "consent_wall"
    LOGIN_WALL = "login_wall"
    MOVED_HOST = "moved_host"
    SOFT_404 = "soft_404"
    # our own rules and limits
    DENIED = "denied"
    NOT_ALLOWED = "not_allowed"
    PRIVATE_ADDRESS = "private_address"
    PORT = "port"
    HOST_BUDGET = "host_budget"
    TOO_LARGE = "too_large"
    TIME_LIMIT = "time_limit"
    PAGE_LIMIT = "page_limit"
    BYTE_LIMIT = "byte_limit"
    RECHECK_LIMIT = "recheck_limit"
    CRASH = "crash"
    ERROR = "error"
    # a page that is no article
    NEEDS_SCRIPT = "needs_script"
    LIST_PAGE = "list_page"
    PRODUCT_PAGE = "product_page"
    FORUM_PAGE = "forum_page"
    DOCUMENTATION = "documentation"
    LANDING_PAGE = "landing_page"
    VIDEO_PAGE = "video_page"
    TOO_SHORT = "too_short"
    EMPTY_BODY = "empty_body"
    NOT_HTML = "not_html"
    UNREADABLE = "unreadable"
    # an article, but no new one
    SAME_URL = "same_url"
    SAME_TEXT = "same_text"
    SUPERSEDED = "superseded"
    # a source that names nothing, not all, or nothing new
    FEED_GONE = "feed_gone"
    FEED_STALE = "feed_stale"
    FEED_UNPARSEABLE = "feed_unparseable"
    FEED_DAMAGED = "feed_damaged"
    FEED_EMPTY = "feed_empty"
    ITEM_LIMIT = "item_limit"
    ARCHIVE_DAMAGED = "archive_damaged"


REASONS: dict[Reason, str] = {
    Reason.DNS: "the host's name has no address",
    Reason.CONNECT: "nobody accepts connections at the host's address",
    Reason.TLS: "no encrypted connection: the certificate or the protocol is wrong",
    Reason.TIMEOUT: "the answer did not come, or not to its end, in time",
    Reason.CONNECTION_LOST: "the connection ended before there was an answer, or it is no HTTP",
    Reason.TRUNCATED: "the answer ends early",
    Reason.BAD_ENCODING: "the body is not compressed the way it says",
    Reason.REDIRECT_LOOP: "redirects that come back or do not end",
    Reason.BAD_URL: "no URL that can be asked for",
    Reason.HTTP_4XX: "the site refuses the URL or does not know it",
    Reason.HTTP_5XX: "the site is out of order",
    Reason.HTTP_OTHER: "a status that is no answer, such as a redirect to nowhere",
    Reason.ROBOTS: "robots.txt forbids it",
    Reason.ROBOTS_UNREACHABLE: "robots.txt is out of order, which forbids all",
    Reason.CRAWL_DELAY: "robots.txt asks for more than a minute between requests",
    Reason.OPT_OUT: "its use by machines is reserved, and `opt_outs` is obey; the detail has the words",
    Reason.RETRY_AFTER: "the site asked for more than a minute of rest; nothing more was asked of it in this slot",
    Reason.BOT_CHALLENGE: "a bot wall asks for proof that we are people; the detail names its vendor",
    Reason.CONSENT_WALL: "asks for consent instead of showing the article",
    Reason.LOGIN_WALL: "asks for a login or a subscription and shows nothing of the article",
    Reason.MOVED_HOST: "led to a site that is not the outlet's",
    Reason.SOFT_404: "says there is no such page, or shows what it shows for any address, with status 200",
    Reason.DENIED: "the outlet's deny patterns exclude it",
    Reason.NOT_ALLOWED: "the outlet's allow patterns do not include it",
    Reason.PRIVATE_ADDRESS: "the host is on a private address",
    Reason.PORT: "a port that is neither the web's nor one the outlet's file names",
    Reason.HOST_BUDGET: "the site's requests or bytes of the day are spent",
    Reason.TOO_LARGE: "more than we read of one answer",
    Reason.TIME_LIMIT: "the time of the outlet or the crawl was up",
    Reason.PAGE_LIMIT: "the outlet or the crawl had all its pages",
    Reason.BYTE_LIMIT: "the outlet or the crawl had all its bytes",
    Reason.RECHECK_LIMIT: "known pages had their share of the outlet's requests; it is looked at again in a later slot",
    Reason.CRASH: "the crawl died first",
    Reason.ERROR: "a fault of ours; the crawl's log has it",
    Reason.NEEDS_SCRIPT: "empty until a script fills it in",
    Reason.LIST_PAGE: "a front page, section, tag or search page: links to articles, no article",
    Reason.PRODUCT_PAGE: "goods on offer: one product, or many",
    Reason.FORUM_PAGE: "a discussion among readers: a question or a post and its replies",
    Reason.DOCUMENTATION: "a manual or reference",
    Reason.LANDING_PAGE: "presents an organisation, a service or a tool, or has the form of no article",
    Reason.VIDEO_PAGE: "a player or gallery with next to no text",
    Reason.TOO_SHORT: "less text than an article has",
    Reason.EMPTY_BODY: "the response had no body",
    Reason.NOT_HTML: "neither HTML nor plain text",
    Reason.UNREADABLE: "the parser could not read it, or took too long",
    Reason.SAME_URL: "another page of the same slot has the same canonical URL",
    Reason.SAME_TEXT: "another URL of the outlet has the same text",
    Reason.SUPERSEDED: "fetched before a version we already have and equal to none",
    Reason.FEED_GONE: "the site says the source does not exist: 404 or 410",
    Reason.FEED_STALE: "the newest the source names is older than a news outlet is ever silent",
    Reason.FEED_UNPARSEABLE: "no feed, sitemap or list page; the detail shows what it is",
    Reason.FEED_DAMAGED: "not well-formed XML; what could be read of it was taken",
    Reason.FEED_EMPTY: "read without error, and names no URL",
    Reason.ITEM_LIMIT: "more than 50,000 entries or 2,000,000 tags and texts; the first ones were taken",
    Reason.ARCHIVE_DAMAGED: "the archive ends early or is broken; what comes before was taken",
}


class Severity(StrEnum):
    """What a failed expectation does."""

    ROW = "row"  # the row is quarantined
    OUTLET = "outlet"  # the outlet is withheld for this slot
    BATCH = "batch"  # the slot is halted and nothing is published
    WARNING = "warning"  # it is recorded and shown


class Kind(StrEnum):
    """What an article is."""

    ARTICLE = "article"
    LIVE = "live"
    OPINION = "opinion"
    VIDEO = "video"
    GALLERY = "gallery"
    WIRE = "wire"
    PRESS_RELEASE = "press_release"


class BlockKind(StrEnum):
    """What a line of an article's text is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    QUOTE = "quote"
    LIST_ITEM = "list_item"
    ROW = "row"
    EMBED = "embed"
    PREFORMATTED = "preformatted"


class Precision(StrEnum):
    """How exactly the publisher states the publication time."""

    INSTANT = "instant"
    MINUTE = "minute"
    DAY = "day"


class Zone(StrEnum):
    """Where the zone of the publication time comes from."""

    STATED = "stated"
    OUTLET = "outlet"
    LEARNED = "learned"
    UNKNOWN = "unknown"

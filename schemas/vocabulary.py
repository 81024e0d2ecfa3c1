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
    CaptureOutcome.DISALLOWED: "robots.txt, the outlet's deny patterns or our address rules forbid it",
    CaptureOutcome.BLOCKED: "the site refused us: 401, 402, 403, 407, 429, 451",
    CaptureOutcome.GONE: "the site says it does not exist: 404 or 410",
    CaptureOutcome.FAILED: "no usable answer: DNS, connection, TLS, timeout, 5xx, too large, bad encoding",
    CaptureOutcome.LEFT: "discovered, but the crawl ended first (a limit or a crash); tried again next slot",
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
    """Why a page is not an article, or could not be read."""

    CONSENT_WALL = "consent_wall"
    SOFT_404 = "soft_404"
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
    SAME_URL = "same_url"
    SAME_TEXT = "same_text"
    SUPERSEDED = "superseded"


REASONS: dict[Reason, str] = {
    Reason.CONSENT_WALL: "the page asks for consent instead of showing the article",
    Reason.SOFT_404: "the page says it was not found, with status 200",
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

"""Every table and staged file, declared once: names, types, keys, one sentence a column.

`lake` builds the Iceberg tables from these and checks every write against them; `docs/data.md` is
printed from them. `_at` is an instant in UTC, `_on` a date, `_raw` as stated, `_from` the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import pyarrow as pa

import schemas.arrow  # noqa: F401 -- before any value is made
from schemas import vocabulary as v

INSTANT = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())
IMAGES = pa.list_(pa.struct([("url", pa.string()), ("caption", pa.string()), ("credit", pa.string())]))
LINKS = pa.list_(pa.struct([("url", pa.string()), ("text", pa.string()), ("is_own", pa.bool_())]))
BLOCKS = pa.list_(pa.struct([("kind", pa.string()), ("start", pa.int32()), ("end", pa.int32())]))
SIGHTED = pa.list_(
    pa.struct([("hash", pa.int64()), ("size", pa.int32()), ("form", pa.int64()), ("linked", pa.bool_())])
)
COUNTED = pa.list_(pa.struct([("hash", pa.int64()), ("articles", pa.int32())]))
EVIDENCE = pa.list_(pa.struct([("field", pa.string()), ("source", pa.string()), ("value", pa.string())]))


@dataclass(frozen=True)
class Column:
    """One column: `required` means never null; `values` is the closed list it draws from."""

    name: str
    dtype: pa.DataType
    doc: str
    required: bool = False
    values: type[StrEnum] | None = None


@dataclass(frozen=True)
class Table:
    """A table of the lake, or (`staged`) the shape of a stage's Parquet files.

    `key` is unique in the table. `partition_by_day` names the instant whose day partitions it.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition_by_day: str | None = None
    sort: tuple[str, ...] = ()
    staged: bool = False

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema; a column is nullable unless required."""
        return pa.schema([pa.field(c.name, c.dtype, nullable=not c.required) for c in self.columns])

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that are never null."""
        return tuple(c.name for c in self.columns if c.required)

    def __getitem__(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)


_CAPTURE_ID = Column(
    "capture_id", pa.string(), "Identifies slot, outlet and URL key: `urls.capture_id`.", True
)
_SLOT = Column(
    "slot", pa.string(), "The batch: start of the schedule interval in UTC, or the ingest's name.", True
)
_OUTLET = Column("outlet", pa.string(), "Slug of the outlet.", True)
_URL = Column("url", pa.string(), "The URL as it was discovered.", True)
_URL_KEY = Column("url_key", pa.string(), "What makes two URLs the same: `urls.url_key`.", True)
_REQUESTS = Column(
    "requests",
    pa.int32(),
    "Requests it took: retries, redirects, and what had to be asked first: robots.txt, sitemaps, an address that "
    "nobody has; null where nothing was asked.",
)
_RECEIVED_BYTES = Column(
    "received_bytes", pa.int64(), "Bytes of the bodies that came for all these requests, as they were sent."
)
_RESTS_UNTIL = Column(
    "rests_until",
    INSTANT,
    "Until when the site asked to be left alone (Retry-After), where that is longer than a minute.",
)

CAPTURES = Table(
    "captures",
    "One row per URL discovered in a slot, whatever happened to it.",
    (
        _CAPTURE_ID,
        _SLOT,
        _OUTLET,
        _URL,
        _URL_KEY,
        Column(
            "found_in",
            STRINGS,
            "Sources that named the URL, as `kind url` (feed, news_sitemap, sitemap, section, archive).",
            True,
        ),
        Column("found_at", INSTANT, "When it was first named in this slot.", True),
        Column(
            "claims",
            EVIDENCE,
            "What its sources say of the article, for each field where it stands (`feed:title`) and the words; "
            "null where it was not due.",
        ),
        Column("outcome", pa.string(), "How the attempt went.", True, v.CaptureOutcome),
        Column("reason", pa.string(), "Why, when it was not fetched.", values=v.Reason),
        Column("detail", pa.string(), "What was seen that says so, or the error's own words, shortened."),
        Column("status", pa.int32(), "HTTP status of the last response."),
        Column("final_url", pa.string(), "Where redirects led, if anywhere else."),
        Column("fetched_at", INSTANT, "When the response was complete."),
        Column("duration_ms", pa.int32(), "Time from request to complete response, in milliseconds."),
        Column("bytes", pa.int64(), "Size of the decoded body, in bytes."),
        Column("content_type", pa.string(), "Content-Type header as sent."),
        Column("etag", pa.string(), "ETag header as sent."),
        Column("last_modified", pa.string(), "Last-Modified header as sent."),
        Column("body_sha256", pa.string(), "SHA-256 of the decoded body, hex."),
        _REQUESTS,
        _RECEIVED_BYTES,
        _RESTS_UNTIL,
        Column(
            "warc_key",
            pa.string(),
            "Object in the bucket that holds the response record; gzip and br bodies are in it as sent.",
        ),
        Column("warc_offset", pa.int64(), "Where its gzip member starts, in bytes."),
        Column("warc_bytes", pa.int64(), "How long its gzip member is, in bytes."),
        Column(
            "rights",
            STRINGS,
            "What was said of the page's use, a line each: `robots.txt training: GPTBot`, `tdm-reservation: 1` "
            "(docs/manners.md).",
        ),
    ),
    key=("capture_id",),
    partition_by_day="found_at",
    sort=("outlet", "url_key"),
)

VISITS = Table(
    "visits",
    "One row per source (feed, sitemap, section, archive) due in a slot: how it is, and when it is due again.",
    (
        _SLOT,
        _OUTLET,
        Column("source_url", pa.string(), "The source as the outlet's file names it.", True),
        Column("kind", pa.string(), "feed, news_sitemap, sitemap, section or archive.", True),
        Column(
            "outcome",
            pa.string(),
            "How the attempt went, in the words of `captures.outcome`.",
            True,
            v.CaptureOutcome,
        ),
        Column("reason", pa.string(), "Why it gave nothing, or what was wrong with it.", values=v.Reason),
        Column("detail", pa.string(), "What was seen that says so, or the error's own words, shortened."),
        Column("status", pa.int32(), "HTTP status of the last response."),
        Column("found", pa.int32(), "URLs the source named.", True),
        Column("new", pa.int32(), "Of these, URLs never seen before.", True),
        Column("visited_at", INSTANT, "When the visit ended.", True),
        Column("duration_ms", pa.int32(), "Time from request to complete response, in milliseconds."),
        Column("bytes", pa.int64(), "Size of the decoded body, in bytes."),
        Column("etag", pa.string(), "ETag header as sent."),
        Column("last_modified", pa.string(), "Last-Modified header as sent."),
        Column("body_sha256", pa.string(), "SHA-256 of the decoded body, hex."),
        _REQUESTS,
        _RECEIVED_BYTES,
        _RESTS_UNTIL,
        Column("interval_seconds", pa.int32(), "Time between looks that its habit asks for, in seconds."),
        Column(
            "next_visit_at",
            INSTANT,
            "When it is due again; in the slots before it, it has no row. Null if left.",
        ),
        Column("rhythm", pa.list_(pa.float32()), "New URLs an hour expected in each eighth of the UTC day."),
        Column("silence", pa.float32(), "New URLs expected by its rhythm since it last named one."),
        Column("failures", pa.int32(), "Visits without success in a row.", True),
        Column("hint_seconds", pa.int32(), "Time between looks it asks for: ttl, sy:updatePeriod, max-age."),
        Column(
            "newest_at", INSTANT, "The newest instant its items state; undated, when it last named a new URL."
        ),
        Column(
            "is_liar", pa.bool_(), "Whether it was caught saying `unchanged` while it named new URLs.", True
        ),
    ),
    key=("slot", "outlet", "source_url"),
    partition_by_day="visited_at",
    sort=("outlet", "source_url"),
)

# What a page states, before anything is made comparable.
EXTRACTIONS = Table(
    "extractions",
    "Staged by extract: one row per fetched page, the article as the page states it.",
    (
        _CAPTURE_ID,
        _SLOT,
        _OUTLET,
        _URL,
        _URL_KEY,
        Column("fetched_at", INSTANT, "When the page was fetched.", True),
        Column("found_at", INSTANT, "When its URL was named in this slot.", True),
        Column("outcome", pa.string(), "not_article or failed; null for an article.", values=v.PageOutcome),
        Column("reason", pa.string(), "Why it is not an article, or failed.", values=v.Reason),
        Column("detail", pa.string(), "What was seen that says so."),
        Column("title_raw", pa.string(), "Title as stated."),
        Column("description_raw", pa.string(), "Standfirst or description as stated."),
        Column("dek_raw", pa.string(), "Standfirst as printed between headline and body."),
        Column("text_raw", pa.string(), "Body paragraphs joined by a newline, boilerplate left out."),
        Column(
            "stated_sha256",
            pa.string(),
            "SHA-256 of dek and text as they were before the outlet's memory left lines out, hex.",
        ),
        Column("kinds_raw", STRINGS, "What each line of `text_raw` is, in the words of `blocks.kind`."),
        Column("authors_raw", STRINGS, "Author statements, one string each."),
        Column("section_raw", pa.string(), "Section as stated."),
        Column("tags_raw", STRINGS, "Tags or keywords as stated."),
        Column("language_raw", pa.string(), "Language the page claims."),
        Column("canonical_raw", pa.string(), "Canonical URL the page claims, made absolute."),
        Column("published_raw", pa.string(), "Publication date as stated."),
        Column("modified_raw", pa.string(), "Modification date as stated."),
        Column("is_free_raw", pa.bool_(), "isAccessibleForFree as stated."),
        Column("kind_raw", pa.string(), "Type as stated, e.g. NewsArticle, og:type."),
        Column(
            "sighted",
            SIGHTED,
            "Lines the reader weighed, whatever memory made of them: a hash of the words, letters, a hash of "
            "tags and classes around.",
        ),
        Column("images", IMAGES, "Images of the article."),
        Column("links", LINKS, "Links in the body; `is_own` when they stay on the outlet's site."),
        Column(
            "evidence",
            EVIDENCE,
            "For each field where its value was read (`source`) and what else was seen (`value`).",
        ),
        Column("extractor", pa.string(), "Name and version of what read the page.", True),
    ),
    key=("capture_id",),
    staged=True,
)

_ARTICLE = (
    Column("article_id", pa.string(), "Identity of the article: hash of its canonical URL key.", True),
    Column("revision", pa.int32(), "1 for the first version we saw, then counting up.", True),
    _CAPTURE_ID,
    _SLOT,
    _OUTLET,
    _URL,
    _URL_KEY,
    Column(
        "canonical_url", pa.string(), "The article's one URL: the page's claim where it is credible.", True
    ),
    Column("country", pa.string(), "Country of the outlet, ISO 3166-1 alpha-2, lower case."),
    Column("title", pa.string(), "Headline."),
    Column("description", pa.string(), "Standfirst, or the page's own description."),
    Column("dek", pa.string(), "Standfirst as printed between headline and body; it is not in `text`."),
    Column(
        "text", pa.string(), "Body: paragraphs separated by a newline, no title, captions, promos or menus."
    ),
    Column(
        "blocks",
        BLOCKS,
        "Structure of the text: for each line its kind (paragraph, heading, quote, list_item, row, embed, "
        "preformatted) and where it starts and ends in `text`, in characters.",
    ),
    Column(
        "authors",
        STRINGS,
        "People, in the order stated, without 'By'; an organisation only where no person is named.",
        True,
    ),
    Column("section", pa.string(), "Section of the outlet."),
    Column("tags", STRINGS, "Tags or keywords.", True),
    Column("language", pa.string(), "Language of the text, ISO 639-1 where there is one."),
    Column(
        "published_at",
        INSTANT,
        "Publication instant; null when only a day, or no zone, is known. Never the fetch time.",
    ),
    Column(
        "published_on", pa.date32(), "Publication date as the publisher states it, in the publisher's zone."
    ),
    Column("published_precision", pa.string(), "How exactly it is stated.", values=v.Precision),
    Column("published_zone", pa.string(), "Where its zone comes from.", values=v.Zone),
    Column("published_raw", pa.string(), "Publication date as stated."),
    Column("published_from", pa.string(), "Where it was read, e.g. json-ld:datePublished."),
    Column("modified_at", INSTANT, "The publisher's own modification instant."),
    Column("modified_raw", pa.string(), "Modification date as stated."),
    Column("first_seen_at", INSTANT, "When we first fetched the article.", True),
    Column("fetched_at", INSTANT, "When this version was fetched.", True),
    Column(
        "word_count",
        pa.int32(),
        "Words of the text; in scripts without spaces, characters over 1.7 (CJK) or as segmented.",
        True,
    ),
    Column("is_free", pa.bool_(), "False behind a paywall; null when nothing is stated."),
    Column("kind", pa.string(), "What it is.", True, v.Kind),
    Column("images", IMAGES, "Images with caption and credit.", True),
    Column("links", LINKS, "Links in the body; `is_own` when they stay on the outlet's site.", True),
    Column("quotes", STRINGS, "Quoted passages of the text.", True),
    Column(
        "story_id",
        pa.string(),
        "The same for all articles that tell nearly the same text: article_id of the earliest.",
    ),
    Column(
        "duplicate_of",
        pa.string(),
        "article_id of an earlier article of another outlet with nearly the same text.",
    ),
    Column("syndicated_from", pa.string(), "Agency or outlet the text comes from, where stated or found."),
    Column(
        "text_sha256",
        pa.string(),
        "SHA-256 of the folded text (case, spaces, punctuation ignored), hex.",
        True,
    ),
    Column(
        "content_sha256",
        pa.string(),
        "SHA-256 of title, description, dek, text and authors; a new one is a revision.",
        True,
    ),
    Column(
        "stated_sha256",
        pa.string(),
        "As `content_sha256`, of the text before the outlet's memory left lines out: where either is that of a "
        "version, nothing is new.",
    ),
    Column(
        "minhash",
        pa.list_(pa.int64()),
        "MinHash signature of the text's shingles, for near-duplicates.",
        True,
    ),
    Column("evidence", EVIDENCE, "For each field where its value was read.", True),
    Column("extractor", pa.string(), "Name and version of what read the page.", True),
)

ARTICLES = Table(
    "articles",
    "One row an article, its latest version. This is the table to read.",
    _ARTICLE,
    key=("article_id",),
    partition_by_day="first_seen_at",
    sort=("outlet", "published_at"),
)

VERSIONS = Table(
    "versions",
    "One row a version of an article, first to latest.",
    _ARTICLE,
    key=("capture_id",),
    partition_by_day="first_seen_at",
    sort=("article_id", "revision"),
)

# A page on its way through normalise, link and gate: an article's columns, not all known yet.
PAGES = Table(
    "pages",
    "Staged by normalise, link and gate: one row per fetched page with what will become of it.",
    (
        Column(
            "outcome",
            pa.string(),
            "What becomes of the page; null until link decides for articles.",
            values=v.PageOutcome,
        ),
        Column("reason", pa.string(), "Why, where it is not published.", values=None),
        Column("detail", pa.string(), "What was seen that says so."),
        *(
            Column(
                c.name,
                c.dtype,
                c.doc,
                c.name in {"capture_id", "slot", "outlet", "url", "url_key", "fetched_at"},
                c.values,
            )
            for c in _ARTICLE
        ),
    ),
    key=("capture_id",),
    staged=True,
)

OUTCOMES = Table(
    "outcomes",
    "One row per fetched page: what became of it.",
    (
        _CAPTURE_ID,
        _SLOT,
        _OUTLET,
        _URL,
        _URL_KEY,
        Column("outcome", pa.string(), "What became of the page.", True, v.PageOutcome),
        Column("reason", pa.string(), "Why, where it is not published; if quarantined, what failed."),
        Column("detail", pa.string(), "What was seen that says so."),
        Column("article_id", pa.string(), "The article it is a version or a duplicate of."),
        Column("revision", pa.int32(), "The revision it gave or equals."),
        Column("fetched_at", INSTANT, "When the page was fetched.", True),
    ),
    key=("capture_id",),
    partition_by_day="fetched_at",
    sort=("outlet", "url_key"),
)

QUARANTINE = Table(
    "quarantine",
    "Rows that were not published, whole, with every reason.",
    (
        _CAPTURE_ID,
        _SLOT,
        _OUTLET,
        _URL,
        Column("outcome", pa.string(), "quarantined or withheld.", True, v.PageOutcome),
        Column("reasons", STRINGS, "Each failed expectation, as `expectation(column): observed`.", True),
        Column("row", pa.string(), "The row as JSON, columns as in `articles`.", True),
        Column("fetched_at", INSTANT, "When the page was fetched.", True),
    ),
    key=("slot", "capture_id"),
    partition_by_day="fetched_at",
    sort=("outlet",),
)

VERDICTS = Table(
    "verdicts",
    "One row per expectation judged on a slot.",
    (
        _SLOT,
        Column("suite", pa.string(), "articles, batch, outlets or ledger.", True),
        Column(
            "expectation",
            pa.string(),
            "The expectation's name with its column, e.g. `not_null(title)`.",
            True,
        ),
        Column("outlet", pa.string(), "The outlet judged; empty for the whole batch.", True),
        Column("severity", pa.string(), "What its failing does.", True, v.Severity),
        Column("success", pa.bool_(), "Whether it held.", True),
        Column("observed", pa.string(), "What was found."),
        Column("expected", pa.string(), "What was asked."),
        Column("checked", pa.int64(), "Rows looked at.", True),
        Column("unexpected", pa.int64(), "Rows that failed.", True),
    ),
    key=("slot", "suite", "expectation", "outlet"),
    sort=("slot", "suite"),
)

SIGHTINGS = Table(
    "sightings",
    "One row per article: the lines its first version showed, to know what its outlet repeats.",
    (
        Column("article_id", pa.string(), "The article.", True),
        _CAPTURE_ID,
        _SLOT,
        _OUTLET,
        Column("first_seen_at", INSTANT, "When we first fetched the article.", True),
        Column(
            "lines",
            SIGHTED,
            "Lines the reader weighed: a hash of the words, their letters, a hash of the tags and classes around.",
            True,
        ),
        Column("extractor", pa.string(), "Name and version of what read the page.", True),
    ),
    key=("article_id",),
    partition_by_day="first_seen_at",
    sort=("outlet",),
)

MEMORY = Table(
    "memory",
    "Kept beside the WARC file: what was known of each outlet when its pages were read, one row an outlet.",
    (
        _OUTLET,
        Column("articles", pa.int32(), "Different articles it was learned from.", True),
        Column("lines", COUNTED, "Lines that recur: hash, and in how many articles.", True),
        Column("forms", COUNTED, "Tags and classes whose lines nearly all recur: hash, articles.", True),
        Column(
            "time_zone",
            pa.string(),
            "IANA zone of its naive dates, learned from when its articles were first seen; null while not sure.",
        ),
    ),
    key=("outlet",),
    staged=True,
)

KNOWN = Table(
    "known",
    "Kept beside the tables, two files a shard: what captures tell of each URL lately seen, to plan the next slot.",
    (
        Column("known_id", pa.int64(), "First 8 bytes of the SHA-256 of outlet and URL key.", True),
        _OUTLET,
        Column(
            "first_seen_at", INSTANT, "First fetch, or while there is none the first time it was named.", True
        ),
        Column("tried_at", INSTANT, "Last attempt.", True),
        Column("fetched_at", INSTANT, "Last success."),
        Column(
            "due_at",
            INSTANT,
            "When it is to be tried again; null for never, unless a source says it changed.",
        ),
        Column("outcome", pa.string(), "How the last attempt went.", True, v.CaptureOutcome),
        Column("tries", pa.int32(), "Attempts without success since, in a row.", True),
        Column("looked", pa.int16(), "Ages at which it was looked at again, a bit each.", True),
        Column("changed", pa.int16(), "Those of them at which its body was another one.", True),
        Column("body_id", pa.int64(), "First 8 bytes of the SHA-256 of the last body."),
        Column(
            "url", pa.string(), "The URL as it was discovered; this and what follows only while it is due."
        ),
        Column("body_sha256", pa.string(), "SHA-256 of the last body, hex."),
        Column("found_in", STRINGS, "Sources that named it."),
        Column("etag", pa.string(), "ETag header of the last success."),
        Column("last_modified", pa.string(), "Last-Modified header of the last success."),
    ),
    key=("known_id",),
    staged=True,
)

LEDGER = Table(
    "ledger",
    "Computed per slot and outlet from captures and outcomes: the conservation equation.",
    (
        _SLOT,
        _OUTLET,
        Column("discovered", pa.int64(), "URLs the crawl named, counted by the crawl itself.", True),
        *(
            Column(f"capture_{o}", pa.int64(), f"Captures with outcome {o}: {doc}.", True)
            for o, doc in v.CAPTURE_OUTCOMES.items()
        ),
        *(
            Column(f"page_{o}", pa.int64(), f"Pages with outcome {o}: {doc}.", True)
            for o, doc in v.PAGE_OUTCOMES.items()
        ),
        Column(
            "captures_left_over",
            pa.int64(),
            "discovered minus all captures: 0 when every URL is accounted for.",
            True,
        ),
        Column(
            "pages_left_over",
            pa.int64(),
            "fetched minus all page outcomes: 0 when every page is accounted for.",
            True,
        ),
    ),
    key=("slot", "outlet"),
    staged=True,
)

#: The tables of the lake, in the order they are written.
LAKE_TABLES: tuple[Table, ...] = (
    VISITS,
    CAPTURES,
    VERDICTS,
    QUARANTINE,
    VERSIONS,
    ARTICLES,
    SIGHTINGS,
    OUTCOMES,
)
STAGED: tuple[Table, ...] = (EXTRACTIONS, PAGES, MEMORY, KNOWN, LEDGER)

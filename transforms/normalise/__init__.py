"""What pages state → articles that can be compared: text, people, instants in UTC, language, identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from schemas.outlet import Corrections, Outlet
from schemas.tables import EXTRACTIONS, PAGES
from schemas.urls import article_id
from schemas.vocabulary import PageOutcome, Reason, Zone
from transforms.normalise.addresses import canonical_url
from transforms.normalise.blocks import structured
from transforms.normalise.corrections import authors_of, corrected, line_of
from transforms.normalise.dates import Choice, choose_moment
from transforms.normalise.kinds import kind_of
from transforms.normalise.language import language_of
from transforms.normalise.syndication import agency_in
from transforms.normalise.tags import are_sites, tags_of
from transforms.normalise.text import bare_words, clean_line, digest
from transforms.normalise.words import minhash, quotes_of, word_count

Row = dict[str, Any]
_NO_CORRECTIONS = Corrections()
_SITES_TAGS = ("meta:keywords", "meta:news_keywords")  # where many a site writes the same on every page

# Columns that extract states as they are wanted.
_SAME = (
    "outcome",
    "reason",
    "detail",
    "capture_id",
    "slot",
    "outlet",
    "url",
    "url_key",
    "fetched_at",
    "extractor",
)


def normalise(
    extractions: pa.Table,
    outlets: Mapping[str, Outlet],
    learned_zones: Mapping[str, str] = MappingProxyType({}),
) -> pa.Table:
    """One row of `PAGES` per row of `EXTRACTIONS`, in order.

    `learned_zones` are IANA zones of outlets whose files state none.

    For an article the outcome stays null, and revision, story_id, duplicate_of and first_seen_at, which
    need history, are left to link. A page that is no article keeps its outcome, and what was read of it, but
    has no article_id; one that could not be read has its outcome, title and evidence only. Never raises for a
    page: what fails is its outcome.
    """
    rows = [
        _row(row, outlets.get(row["outlet"]), learned_zones.get(row["outlet"]))
        for row in extractions.select(EXTRACTIONS.schema.names).to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=PAGES.schema)


def _row(stated: Row, outlet: Outlet | None, learned_zone: str | None) -> Row:
    row = dict.fromkeys(PAGES.schema.names) | {name: stated[name] for name in _SAME}
    fixes = outlet.corrections if outlet else _NO_CORRECTIONS
    stated["evidence"] = [*(stated["evidence"] or ()), *corrected(stated, fixes)]
    row |= {"country": outlet.country if outlet else None, "evidence": stated["evidence"]}
    row["title"] = line_of(stated["title_raw"], fixes.title)
    if stated["outcome"] == PageOutcome.FAILED:
        return row
    try:
        row |= _article(stated, row["title"], outlet, learned_zone)
    except Exception as error:  # whatever a field does to its reader, the other pages go on
        detail = f"{type(error).__name__}: {error}"[:500]
        return row | {"outcome": PageOutcome.FAILED, "reason": Reason.UNREADABLE, "detail": detail}
    return row | {"article_id": None} if stated["outcome"] else row


def _article(stated: Row, title: str | None, outlet: Outlet | None, learned_zone: str | None) -> Row:
    evidence = stated["evidence"]
    fixes = outlet.corrections if outlet else _NO_CORRECTIONS
    text, blocks = structured(stated["text_raw"] or "", stated["kinds_raw"] or ())
    dek = clean_line(stated["dek_raw"] or "") or None
    description = clean_line(stated["description_raw"] or "") or None
    language = language_of(
        text or title or "", stated["language_raw"] or (outlet.language if outlet else None)
    )
    authors = authors_of(stated["authors_raw"] or (), fixes.authors, outlet.name if outlet else None)
    section = line_of(stated["section_raw"], fixes.section)
    arrived = next((e["value"] for e in evidence if e["source"] == "redirect"), stated["url"])
    address = canonical_url(stated["canonical_raw"], arrived)
    credit = [e["value"] for e in evidence if e["field"] == "syndicated_from"]
    own = [
        *(e["value"] or "" for e in evidence if e["field"] == "site"),
        urlsplit(address).netloc.removeprefix("www."),
    ]
    agency = agency_in(text, stated["authors_raw"] or [], credit, own)
    source = next((e["source"] for e in evidence if e["field"] == "tags"), None)
    tags = tags_of(stated["tags_raw"] or [], title or "", own)
    types = [e["value"] for e in evidence if e["field"] == "kind"]
    labels = [e["value"] for e in evidence if e["field"] in {"label", "section"}]
    words, bare = word_count(text), bare_words(text)
    published, modified = (
        _moment(stated, column, language, outlet, learned_zone) for column in ("published", "modified")
    )
    return {
        "article_id": article_id(address),
        "canonical_url": address,
        "description": description,
        "dek": dek,
        "text": text,
        "blocks": blocks,
        "authors": authors,
        "section": section,
        "tags": [] if source in _SITES_TAGS and are_sites(tags, f"{title} {dek} {text}") else tags,
        "language": language,
        "published_at": published.moment.at if published.moment else None,
        "published_on": published.moment.on if published.moment else None,
        "published_precision": published.moment.precision if published.moment else None,
        "published_zone": published.moment.zone if published.moment else None,
        "published_raw": published.raw or stated["published_raw"],
        "published_from": published.source,
        "modified_at": modified.moment.at if modified.moment else None,
        "modified_raw": modified.raw or stated["modified_raw"],
        "word_count": words,
        "is_free": stated["is_free_raw"],
        "kind": kind_of(types, labels, urlsplit(address).path, agency, words),
        "images": stated["images"] or [],
        "links": stated["links"] or [],
        "quotes": quotes_of(text),
        "syndicated_from": agency,
        "text_sha256": digest("".join(bare)),
        "content_sha256": digest(title or "", description or "", dek or "", text, *authors),
        "stated_sha256": digest(title or "", description or "", stated["stated_sha256"] or text, *authors),
        "minhash": minhash(bare),
        "evidence": [
            *evidence,
            *_turned_down("published_at", published),
            *_turned_down("modified_at", modified),
        ],
    }


def _moment(
    stated: Row, column: str, language: str | None, outlet: Outlet | None, learned_zone: str | None
) -> Choice:
    evidence = stated["evidence"] or []
    seen = [(e["source"], e["value"]) for e in evidence if e["field"] == f"{column}_at" and e["value"]]
    raw = stated[f"{column}_raw"]
    if raw and raw not in (value for _, value in seen):
        seen.insert(0, ("stated", raw))
    claim = stated["language_raw"] or ""  # en-GB says more about 05/06 than en does
    tag = claim if language and claim.lower().startswith(language) else language
    stated_zone = outlet.time_zone if outlet else None
    choice = choose_moment(seen, tag, stated_zone or learned_zone, stated["fetched_at"])
    if stated_zone or choice.moment is None or choice.moment.zone is not Zone.OUTLET:
        return choice
    return replace(choice, moment=replace(choice.moment, zone=Zone.LEARNED))


def _turned_down(field: str, choice: Choice) -> list[Row]:
    return [
        {"field": field, "source": f"rejected:{why}:{source}", "value": raw}
        for source, raw, why in choice.rejected
    ]

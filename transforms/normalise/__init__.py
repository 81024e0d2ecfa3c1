"""What pages state → articles that can be compared: text, people, instants in UTC, language, identity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from schemas.errors import Reject
from schemas.outlet import Outlet
from schemas.tables import EXTRACTIONS, PAGES
from schemas.urls import article_id, host_of, normal_url
from transforms.normalise.dates import Choice, choose_moment
from transforms.normalise.kinds import kind_of
from transforms.normalise.language import language_of
from transforms.normalise.people import people_in
from transforms.normalise.syndication import agency_in
from transforms.normalise.text import clean_line, clean_text, digest, folded
from transforms.normalise.words import minhash, quotes_of, word_count

Row = dict[str, Any]

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
_MOST_TAGS = 50


def normalise(extractions: pa.Table, outlets: Mapping[str, Outlet]) -> pa.Table:
    """One row of `PAGES` per row of `EXTRACTIONS`, in order.

    For an article the outcome stays null, and revision, story_id, duplicate_of and first_seen_at, which
    need history, are left to link. Pages that are no articles keep their outcome, title and evidence only.
    """
    rows = [
        _row(row, outlets.get(row["outlet"]))
        for row in extractions.select(EXTRACTIONS.schema.names).to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=PAGES.schema)


def _row(stated: Row, outlet: Outlet | None) -> Row:
    row = dict.fromkeys(PAGES.schema.names) | {name: stated[name] for name in _SAME}
    row |= {"country": outlet.country if outlet else None, "evidence": stated["evidence"] or []}
    row["title"] = clean_line(stated["title_raw"] or "") or None
    return row if stated["outcome"] else row | _article(stated, row["title"], outlet)


def _article(stated: Row, title: str | None, outlet: Outlet | None) -> Row:
    evidence = stated["evidence"] or []
    text = clean_text(stated["text_raw"] or "")
    description = clean_line(stated["description_raw"] or "") or None
    language = language_of(
        text or title or "", stated["language_raw"] or (outlet.language if outlet else None)
    )
    authors = people_in(stated["authors_raw"] or [], outlet.name if outlet else None)
    section = clean_line(stated["section_raw"] or "") or None
    arrived = next((e["value"] for e in evidence if e["source"] == "redirect"), stated["url"])
    address = canonical_url(stated["canonical_raw"], arrived)
    agency = agency_in(text, authors, [e["value"] for e in evidence if e["field"] == "syndicated_from"])
    published, modified = (
        _moment(stated, column, language, outlet, evidence) for column in ("published", "modified")
    )
    return {
        "article_id": article_id(address),
        "canonical_url": address,
        "description": description,
        "text": text,
        "authors": authors,
        "section": section,
        "tags": _tags(stated["tags_raw"] or []),
        "language": language,
        "published_at": published.moment.at if published.moment else None,
        "published_on": published.moment.on if published.moment else None,
        "published_precision": published.moment.precision if published.moment else None,
        "published_zone": published.moment.zone if published.moment else None,
        "published_raw": published.raw or stated["published_raw"],
        "published_from": published.source,
        "modified_at": modified.moment.at if modified.moment else None,
        "modified_raw": modified.raw or stated["modified_raw"],
        "word_count": word_count(text),
        "is_free": stated["is_free_raw"],
        "kind": kind_of(stated["kind_raw"], section, urlsplit(address).path, agency),
        "images": stated["images"] or [],
        "links": stated["links"] or [],
        "quotes": quotes_of(text),
        "syndicated_from": agency,
        "text_sha256": digest(folded(text)),
        "content_sha256": digest(title or "", description or "", text, *authors),
        "minhash": minhash(text),
        "evidence": [
            *evidence,
            *_turned_down("published_at", published),
            *_turned_down("modified_at", modified),
        ],
    }


def canonical_url(claim: str | None, url: str) -> str:
    """The page's claim where it is credible: the same site and no homepage; else the URL itself."""
    own = normal_url(url)
    try:
        claimed = normal_url(claim) if claim else own
    except Reject:
        return own
    one, other = sorted((host_of(claimed), host_of(own)), key=len)
    same_site = one == other or other.endswith(f".{one}")
    is_homepage = urlsplit(claimed).path in {"", "/"} and not urlsplit(claimed).query
    return claimed if same_site and (not is_homepage or claimed == own) else own


def _moment(
    stated: Row, column: str, language: str | None, outlet: Outlet | None, evidence: list[Row]
) -> Choice:
    seen = [(e["source"], e["value"]) for e in evidence if e["field"] == f"{column}_at" and e["value"]]
    raw = stated[f"{column}_raw"]
    if raw and raw not in (value for _, value in seen):
        seen.insert(0, ("stated", raw))
    return choose_moment(seen, language, outlet.time_zone if outlet else None, stated["fetched_at"])


def _turned_down(field: str, choice: Choice) -> list[Row]:
    return [
        {"field": field, "source": f"rejected:{why}:{source}", "value": raw}
        for source, raw, why in choice.rejected
    ]


def _tags(stated: list[str]) -> list[str]:
    found: dict[str, str] = {}
    for statement in stated:
        for part in statement.split(","):
            if tag := clean_line(part):
                found.setdefault(tag.casefold(), tag)
    return list(found.values())[:_MOST_TAGS]

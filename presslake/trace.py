"""One URL's whole life: where it was found, how each fetch went, what became of each page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from presslake.pipeline import Pipeline
from schemas import tables
from schemas.urls import article_id, normal_url, url_key
from schemas.vocabulary import REASONS, Reason


@dataclass(frozen=True)
class Event:
    """One thing that happened to a URL; `stage` is a stage's name."""

    at: datetime
    slot: str
    stage: str
    what: str
    detail: str


def trace(p: Pipeline, url: str) -> list[Event]:
    """Every event of a URL (and of the article it is canonical for), oldest first.

    Raises `Reject` when it is no URL; gives an empty list when we have never met it.
    """
    key = url_key(normal_url(url))
    captures = _rows(p, tables.CAPTURES, "url_key", [key])
    outcomes = _rows(p, tables.OUTCOMES, "url_key", [key])
    articles = {row["article_id"] for row in outcomes if row["article_id"]} | {article_id(url)}
    versions = _rows(p, tables.VERSIONS, "article_id", sorted(articles))
    asides = _rows(p, tables.QUARANTINE, "capture_id", [row["capture_id"] for row in outcomes])
    events = [
        *_of_captures(captures),
        *_of_outcomes(outcomes, {row["capture_id"]: row for row in asides}),
        *_of_versions(versions),
    ]
    order = {"collect": 0, "publish": 2}
    return sorted(events, key=lambda event: (event.at, order.get(event.stage, 1)))


def _rows(p: Pipeline, table: tables.Table, column: str, values: list[str]) -> list[dict[str, Any]]:
    return p.lake.read(table, where={column: values}).to_pylist() if values else []


def _of_captures(rows: list[dict[str, Any]]) -> Iterator[Event]:
    for row in rows:
        facts = [
            ", ".join(row["found_in"]),
            _cause(row),
            f"HTTP {row['status']}" if row["status"] else None,
            f"{row['bytes']:,} bytes" if row["bytes"] is not None else None,
            f"now at {row['final_url']}" if row["final_url"] else None,
            f"{row['warc_key']} at {row['warc_offset']}" if row["warc_key"] else None,
            row["detail"],
        ]
        yield Event(
            row["fetched_at"] or row["found_at"], row["slot"], "collect", row["outcome"], _join(facts)
        )


def _of_outcomes(rows: list[dict[str, Any]], asides: dict[str, dict[str, Any]]) -> Iterator[Event]:
    for row in rows:
        aside = asides.get(row["capture_id"])
        facts = [
            f"article {row['article_id']}" if row["article_id"] else None,
            f"revision {row['revision']}" if row["revision"] else None,
            _cause(row),
            row["detail"],
            "; ".join(aside["reasons"]) if aside else None,
        ]
        yield Event(
            row["fetched_at"], row["slot"], "gate" if aside else "publish", row["outcome"], _join(facts)
        )


def _of_versions(rows: list[dict[str, Any]]) -> Iterator[Event]:
    for row in rows:
        stated = row["published_at"] or row["published_on"]
        facts = [
            row["title"],
            f"{row['word_count']} words",
            f"published {stated} (from {row['published_from']})" if stated else "no publication date",
            f"duplicate of {row['duplicate_of']}" if row["duplicate_of"] else None,
        ]
        yield Event(row["fetched_at"], row["slot"], "versions", f"revision {row['revision']}", _join(facts))


def _cause(row: dict[str, Any]) -> str | None:
    """The reason with what it means; of an expectation that failed, its name."""
    reason: str | None = row["reason"]
    return f"{reason}: {REASONS[Reason(reason)]}" if reason in REASONS else reason


def _join(facts: list[str | None]) -> str:
    """Each fact once: the evidence may be the status."""
    return " · ".join(dict.fromkeys(fact for fact in facts if fact))

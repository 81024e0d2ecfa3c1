"""link: which article is a page a version of, is its text known under another URL, which story does it tell?

A page whose outcome is null becomes exactly one of

- `published`: the first version of an article;
- `revised`: another version. Revisions count in the order we came to know them. A version fetched before
  the newest one we have carries the reason `superseded`: it belongs in `versions`, not in `articles`;
- `unchanged`: equal to the newest version, or fetched before it and equal to any, also if only before the
  outlet's memory left lines out. Going back to an older text is a revision;
- `duplicate`/`same_url`: another page of the slot, first by URL key, has the same canonical URL. It is not
  compared: within a slot an article has one version;
- `duplicate`/`same_text`: a new URL with a text the outlet has under another URL; `article_id` and
  `revision` name the one kept.

A page that is in `versions` by its capture keeps what it was given there, so linking again changes nothing.
Pages that have an outcome already pass untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import PAGES, VERSIONS
from schemas.vocabulary import PageOutcome, Reason
from transforms.link.stories import find_stories

#: Below this many words equal texts are templates (results, weather) rather than copies.
MIN_WORDS = 40

#: Columns of `versions` read for every article_id of the batch.
KNOWN_VERSIONS: tuple[str, ...] = (
    "article_id",
    "capture_id",
    "revision",
    "fetched_at",
    "first_seen_at",
    "content_sha256",
    "stated_sha256",
    "story_id",
    "duplicate_of",
    "syndicated_from",
)
#: Columns of `versions` read for everything first seen lately; several versions of an article may be there.
KNOWN_RECENT: tuple[str, ...] = (
    "article_id",
    "revision",
    "outlet",
    "first_seen_at",
    "text_sha256",
    "minhash",
    "word_count",
    "story_id",
)

_AGE = ("first_seen_at", "article_id", "revision")


def _none_of(columns: Sequence[str]) -> pa.Table:
    return pa.schema([VERSIONS.schema.field(name) for name in columns]).empty_table()


@dataclass(frozen=True)
class Known:
    """What the lake has: `versions` (KNOWN_VERSIONS) of the batch's articles, `recent` (KNOWN_RECENT)."""

    versions: pa.Table = field(default_factory=lambda: _none_of(KNOWN_VERSIONS))
    recent: pa.Table = field(default_factory=lambda: _none_of(KNOWN_RECENT))


class _Page(NamedTuple):
    capture_id: str
    article_id: str
    outlet: str
    url_key: str
    fetched_at: datetime
    published_at: datetime | None
    word_count: int
    text_sha256: str
    content_sha256: str
    stated_sha256: str | None
    syndicated_from: str | None


class _Version(NamedTuple):
    article_id: str
    capture_id: str
    revision: int
    fetched_at: datetime
    first_seen_at: datetime
    content_sha256: str
    stated_sha256: str | None
    story_id: str | None
    duplicate_of: str | None
    syndicated_from: str | None


@dataclass(frozen=True)
class _Link:
    """The columns link decides."""

    outcome: PageOutcome
    article_id: str
    revision: int
    reason: Reason | None = None
    first_seen_at: datetime | None = None
    story_id: str | None = None
    duplicate_of: str | None = None
    syndicated_from: str | None = None


def link(pages: pa.Table, known: Known) -> pa.Table:
    """PAGES of one slot, all parts → the same rows in the same order, none without an outcome."""
    undecided = pages.filter(pc.is_null(pages["outcome"]))
    candidates = [_Page(**row) for row in undecided.select(_Page._fields).to_pylist()]
    versions: dict[str, list[_Version]] = {}
    for row in known.versions.select(_Version._fields).to_pylist():
        versions.setdefault(row["article_id"], []).append(_Version(**row))
    published = {version.capture_id for group in versions.values() for version in group}

    links: dict[str, _Link] = {}
    first: dict[str, _Page] = {}
    for page in sorted(candidates, key=lambda p: (p.capture_id not in published, p.url_key)):
        first.setdefault(page.article_id, page)
    for page in first.values():
        if page.article_id in versions:
            links[page.capture_id] = _version(page, versions[page.article_id])
    new = [page for page in first.values() if page.capture_id not in links]
    links |= _same_texts(new, [p for p in first.values() if p.capture_id in links], links, known.recent)
    links |= _stories([page for page in new if page.capture_id not in links], undecided, known.recent)
    for page in candidates:
        if page.capture_id not in links:
            kept = links[first[page.article_id].capture_id]
            links[page.capture_id] = _Link(
                PageOutcome.DUPLICATE, kept.article_id, kept.revision, Reason.SAME_URL
            )
    return _fill(pages, links)


def _version(page: _Page, versions: Sequence[_Version]) -> _Link:
    """The page of a known article among its versions."""
    newest = max(versions, key=lambda v: (v.fetched_at, v.revision))
    mine = next((v for v in versions if v.capture_id == page.capture_id), None)
    equal = [v for v in versions if _is_same(page, v)]
    if not mine and equal and (newest in equal or page.fetched_at < newest.fetched_at):
        same = max(equal, key=lambda v: (v.fetched_at <= page.fetched_at, v.fetched_at, v.revision))
        return _Link(PageOutcome.UNCHANGED, page.article_id, same.revision, first_seen_at=same.first_seen_at)
    revision = mine.revision if mine else max(v.revision for v in versions) + 1
    origin = mine or min(versions, key=lambda v: v.revision)
    late = any(v.fetched_at > page.fetched_at for v in versions if v.revision < revision)
    return _Link(
        PageOutcome.PUBLISHED if revision == 1 else PageOutcome.REVISED,
        page.article_id,
        revision,
        Reason.SUPERSEDED if late else None,
        origin.first_seen_at,
        origin.story_id,
        origin.duplicate_of,
        page.syndicated_from or origin.syndicated_from,
    )


def _is_same(page: _Page, version: _Version) -> bool:
    """Whether the two state the same; what an outlet's memory learned between them is no news."""
    return page.content_sha256 == version.content_sha256 or (
        page.stated_sha256 is not None and page.stated_sha256 == version.stated_sha256
    )


def _same_texts(
    new: Iterable[_Page], known: Iterable[_Page], links: dict[str, _Link], recent: pa.Table
) -> dict[str, _Link]:
    """Links of the new pages whose text the outlet has under another URL."""
    kept: dict[tuple[str, str], tuple[str, int]] = {}
    candidates = [page for page in new if page.word_count >= MIN_WORDS]
    wanted = pa.array([page.text_sha256 for page in candidates], pa.string())
    in_lake = recent.drop_columns(["minhash"]).filter(pc.is_in(recent["text_sha256"], wanted))
    for row in in_lake.sort_by([(name, "ascending") for name in _AGE]).to_pylist():
        kept.setdefault((row["outlet"], row["text_sha256"]), (row["article_id"], row["revision"]))
    for page in known:
        mine = links[page.capture_id]
        kept.setdefault((page.outlet, page.text_sha256), (mine.article_id, mine.revision))
    found = {}
    for page in sorted(candidates, key=_earliest):
        article_id, revision = kept.setdefault((page.outlet, page.text_sha256), (page.article_id, 1))
        if article_id != page.article_id:
            found[page.capture_id] = _Link(PageOutcome.DUPLICATE, article_id, revision, Reason.SAME_TEXT)
    return found


def _earliest(page: _Page) -> tuple[float, str]:
    """Who was first, by the publishers' word; never by which response came first, which no rerun repeats."""
    return (page.published_at.timestamp() if page.published_at else inf, page.url_key)


def _stories(new: Sequence[_Page], undecided: pa.Table, recent: pa.Table) -> dict[str, _Link]:
    """Links of the pages that are the first version of their article."""
    captures = pa.array([page.capture_id for page in new], pa.string())
    batch = undecided.filter(pc.is_in(undecided["capture_id"], captures))
    # Within an hour the publishers' order counts, not that of the responses.
    order = {page.capture_id: rank for rank, page in enumerate(sorted(new, key=_earliest))}
    ranks = pa.array([order[str(key)] for key in batch["capture_id"].to_pylist()], pa.duration("us"))
    seen = pc.add(pc.floor_temporal(batch["fetched_at"], unit="hour"), ranks)
    batch = batch.set_column(batch.schema.get_field_index("first_seen_at"), "first_seen_at", seen)
    stories = find_stories(batch, recent, MIN_WORDS)
    return {
        page.capture_id: _Link(
            PageOutcome.PUBLISHED,
            page.article_id,
            revision=1,
            first_seen_at=page.fetched_at,
            story_id=stories[page.article_id].story_id,
            duplicate_of=stories[page.article_id].duplicate_of,
            syndicated_from=page.syndicated_from or stories[page.article_id].taken_from,
        )
        for page in new
    }


def _fill(pages: pa.Table, links: dict[str, _Link]) -> pa.Table:
    """PAGES with the decided columns of the linked rows replaced."""
    decided = [links.get(str(capture_id)) for capture_id in pages["capture_id"].to_pylist()]
    columns: dict[str, Any] = {name: pages[name] for name in pages.column_names}
    for name in _Link.__dataclass_fields__:
        old = pages[name].to_pylist()
        columns[name] = [
            getattr(one, name) if one else value for one, value in zip(decided, old, strict=True)
        ]
    return pa.table(columns, schema=PAGES.schema)

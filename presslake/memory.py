"""What the outlets repeat, between the lake and `transforms.extract.memory`: learned, kept, looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from presslake.pipeline import Pipeline
from schemas import tables
from schemas.errors import Reject
from schemas.vocabulary import Stage, Zone
from transforms.extract.memory import MOST_ARTICLES, WINDOW_DAYS, remember, texts_of
from transforms.normalise.dates import naive_clock
from transforms.normalise.zones import learn_zone

#: Sightings are kept twice as long as they count, so that old slots can be replayed with what came after them.
KEEP_DAYS = 2 * WINDOW_DAYS
_MOST_CLOCKS = 400  # newest naive dates of an outlet that its zone is learned from
_BUSY_DAYS = 7  # in which a busy outlet has more articles than count
_RECURRING: dict[str, pa.DataType] = {
    "text": pa.string(),
    "articles": pa.int32(),
    "first_seen_at": tables.INSTANT,
    "last_seen_at": tables.INSTANT,
}
_COUNTED = ["outlet", "article_id", "first_seen_at", "lines"]


def learn(p: Pipeline, captures: pa.Table, *, hindsight: bool) -> pa.Table:
    """Rows of MEMORY of the outlets of some fetched captures: from articles first seen before all of them.

    With `hindsight` also from these and later ones; then a line must stand in one article more, its own.
    """
    window = timedelta(days=WINDOW_DAYS)
    first, last = (bound.as_py() for bound in pc.min_max(captures["fetched_at"]).values())
    span = slice(first - window, last + window) if hindsight else slice(first - window, first)
    outlets = set(map(str, captures["outlet"].unique().to_pylist()))
    memory = remember(_newest(p, outlets, span), own=hindsight)
    learned = _zones(p, outlets, span)
    zones = pa.array([learned.get(slug) for slug in map(str, memory["outlet"].to_pylist())], pa.string())
    return memory.set_column(memory.schema.get_field_index("time_zone"), "time_zone", zones)


def time_zones(memory: pa.Table | None) -> dict[str, str]:
    """Outlet → its learned IANA zone, from rows of MEMORY."""
    rows = memory.to_pylist() if memory is not None else []
    return {row["outlet"]: row["time_zone"] for row in rows if row["time_zone"]}


def _zones(p: Pipeline, outlets: set[str], span: slice) -> dict[str, str]:
    """Zones of outlets that state none, from the naive dates of their newest articles of a time."""
    silent = {slug for slug in outlets & p.outlets.keys() if p.outlets[slug].time_zone is None}
    naive: dict[str, Any] = {
        "outlet": silent,
        "published_zone": {Zone.UNKNOWN, Zone.LEARNED},
        "revision": 1,
        "first_seen_at": span,
    }
    columns = ["outlet", "first_seen_at", "published_raw", "language"]
    rows = p.lake.read(tables.VERSIONS, where=naive, columns=columns) if silent else None
    clocks: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows.sort_by([("first_seen_at", "descending")]).to_pylist() if rows is not None else ():
        clock = naive_clock(row["published_raw"] or "", row["language"])
        if clock and len(clocks[row["outlet"]]) < _MOST_CLOCKS:
            clocks[row["outlet"]].append((clock, row["first_seen_at"]))
    found = {
        slug: learn_zone([c for c, _ in pairs], [at for _, at in pairs], p.outlets[slug].country)
        for slug, pairs in clocks.items()
    }
    return {slug: zone for slug, zone in found.items() if zone}


def sightings(p: Pipeline, slot: str, versions: pa.Table) -> pa.Table:
    """Rows of SIGHTINGS of a slot: what the pages that are an article's first version showed."""
    staged = p.lake.staged(slot, Stage.EXTRACT).select(["capture_id", "sighted", "extractor"])
    shown = {
        row["capture_id"]: {"lines": row["sighted"] or [], "extractor": row["extractor"]}
        for row in staged.to_pylist()
    }
    first = versions.filter(pc.field("revision") == 1)
    rows = first.select(["article_id", "capture_id", "slot", "outlet", "first_seen_at"]).to_pylist()
    return pa.Table.from_pylist(
        [row | shown[row["capture_id"]] for row in rows], schema=tables.SIGHTINGS.schema
    )


def known_now(p: Pipeline, outlet: str) -> pa.Table:
    """The row of MEMORY of an outlet as of now, if anything was seen of it."""
    return remember(_lately(p, outlet))


def boilerplate(p: Pipeline, outlet: str) -> pa.Table:
    """What an outlet repeats now, most frequent first: text, articles, first_seen_at, last_seen_at.

    Raises `Reject` when nothing was seen of it. The words are looked up in the versions of the newest articles
    that have the line; of a line that is neither text nor evidence there are none.
    """
    rows = _lately(p, outlet)
    if not len(rows):
        raise Reject(f"no article of {outlet!r} was first seen in the last {WINDOW_DAYS} days")
    known = {line["hash"]: line["articles"] for row in remember(rows).to_pylist() for line in row["lines"]}
    carriers: dict[int, list[dict[str, Any]]] = {key: [] for key in known}
    for row in rows.sort_by([("first_seen_at", "ascending"), ("article_id", "ascending")]).to_pylist():
        for line in row["lines"]:
            if line["hash"] in carriers:
                carriers[line["hash"]].append(row)
    words = _words(p, {rows[-1]["article_id"] for rows in carriers.values()})
    found = [
        {
            "text": words.get(key),
            "articles": known[key],
            "first_seen_at": rows[0]["first_seen_at"],
            "last_seen_at": rows[-1]["first_seen_at"],
        }
        for key, rows in carriers.items()
    ]
    table = pa.Table.from_pylist(found, schema=pa.schema(_RECURRING))
    return table.sort_by([("articles", "descending"), ("text", "ascending")])


def _words(p: Pipeline, articles: Iterable[str]) -> dict[int, str]:
    """Hash → words of the lines of some articles, those left out included as far as they are evidence."""
    columns = ["text", "evidence"]
    return texts_of(
        p.lake.read(tables.VERSIONS, where={"article_id": set(articles), "revision": 1}, columns=columns)
    )


def _lately(p: Pipeline, outlet: str) -> pa.Table:
    """Sightings of an outlet that count now."""
    return _newest(p, {outlet}, slice(datetime.now(UTC) - timedelta(days=WINDOW_DAYS), None))


def _newest(p: Pipeline, outlets: set[str], span: slice) -> pa.Table:
    """Sightings of the outlets' newest articles of a time, at least those that count.

    Of outlets with more than that in the last days of the time only these days are read: a season of all the
    lines of a busy one is a hundred megabytes.
    """
    seen = p.lake.read(
        tables.SIGHTINGS,
        where={"outlet": outlets, "first_seen_at": span},
        columns=["outlet", "first_seen_at"],
    )
    if not len(seen):
        return tables.SIGHTINGS.schema.empty_table().select(_COUNTED)
    late = pc.max(seen["first_seen_at"]).as_py() - timedelta(days=_BUSY_DAYS)
    lately = Counter(seen.filter(pc.field("first_seen_at") >= late)["outlet"].to_pylist())
    busy = {outlet for outlet in outlets if lately[outlet] >= MOST_ARTICLES}
    spans = ((busy, slice(late, span.stop)), (outlets - busy, span))
    return pa.concat_tables(
        p.lake.read(tables.SIGHTINGS, where={"outlet": some, "first_seen_at": when}, columns=_COUNTED)
        for some, when in spans
        if some
    )

"""What captures tell of each URL, kept as one object a shard so that a slot reads only what is new."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from presslake.pipeline import Pipeline
from schemas.tables import CAPTURES
from spiders.known import TELLING, TELLING_COLUMNS, note_of, renew

_ROWS = 200_000  # captures as Python objects at a time
_SLOTS = 10


def renew_known(p: Pipeline, slot: str, part: str, slugs: Sequence[str], path: Path) -> None:
    """Make `path` the KNOWN rows that the crawl of a shard in this slot starts from, for `keep_known` to keep.

    What is kept says up to which snapshot of `captures` it goes, and for which outlets: only the slots of
    later commits are read, and all days of outlets that are new to it. Without it, or once that snapshot has
    expired, all days of all outlets are read. Rows of `slot` itself, which a crash may have left, never count.
    """
    head = p.lake.snapshot_id(CAPTURES)
    begin = datetime.now(UTC) - timedelta(days=p.settings.remember_days)
    own = head is not None and len(_read(p, {"slot": slot, "outlet": slugs})) > 0
    path.parent.mkdir(parents=True, exist_ok=True)
    old: Path | None = path.with_suffix(".old")
    told, later = _kept(p, _key(part), path.with_suffix(".old"))
    if later is None or (own and slot not in later):
        old, told, later = None, set(), set()
    unread = set(slugs) - told if head else set()
    changes = chain(_of_slots(p, later - {slot}, told.intersection(slugs)), _of_days(p, slot, begin, unread))
    # What the slot's own rows tell is in the lake and not in this file: no slot may start from it.
    note = {} if own else {"snapshot": json.dumps(head), "outlets": json.dumps(list(slugs))}
    for rows in changes:
        new = path.with_suffix(".new")
        ages = p.settings.recheck_hours
        renew(old, new, rows, outlets=slugs, since=begin, usual_ages=ages, note=note)
        old = new.replace(path.with_suffix(".old"))
    if old:
        old.replace(path)


def keep_known(p: Pipeline, part: str, path: Path) -> None:
    """Put what `renew_known` made into the lake, for the next slot to start from; after the crawl, which does not wait
    for it.
    """
    if path.exists() and note_of(path):
        p.lake.put(_key(part), path, "application/vnd.apache.parquet")


def _key(part: str) -> str:
    return f"known/{part}.parquet"


def _kept(p: Pipeline, key: str, path: Path) -> tuple[set[str], set[str] | None]:
    """Fetch what is kept: (its outlets, slots of later commits); None when nothing is, or nobody can tell."""
    if not p.lake.exists(key):
        return set(), None
    path.write_bytes(p.lake.get(key))
    note = note_of(path)
    notes = p.lake.notes_since(CAPTURES, json.loads(note["snapshot"])) if note else None
    slots = None if notes is None else {note["slot"] for note in notes if "slot" in note}
    return set(json.loads(note.get("outlets", "[]"))), slots


def _of_slots(p: Pipeline, slots: Collection[str], outlets: Collection[str]) -> Iterator[pa.Table]:
    """What captures of some slots tell; always one table at least."""
    names = sorted(slots) if outlets else []
    for start in range(0, max(len(names), 1), _SLOTS):
        some = names[start : start + _SLOTS]
        yield _read(p, {"slot": some, "outlet": outlets, "outcome": TELLING}) if some else _nothing()


def _of_days(p: Pipeline, slot: str, begin: datetime, outlets: Collection[str]) -> Iterator[pa.Table]:
    """What captures of outlets tell since then, a day or more at a time."""
    rows = _nothing()
    while outlets and begin < datetime.now(UTC):
        day = slice(begin, begin := begin + timedelta(days=1))
        told = _read(p, {"found_at": day, "outlet": outlets, "outcome": TELLING})
        rows = pa.concat_tables([rows, told.filter(pc.field("slot") != slot)])
        if len(rows) >= _ROWS:
            yield rows
            rows = _nothing()
    if len(rows):
        yield rows


def _nothing() -> pa.Table:
    return pa.schema([CAPTURES.schema.field(name) for name in TELLING_COLUMNS]).empty_table()


def _read(p: Pipeline, where: dict[str, Any]) -> pa.Table:
    return p.lake.read(CAPTURES, where, TELLING_COLUMNS)

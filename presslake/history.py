"""What captures tell of each URL, kept as a base and its news a shard so that a slot reads only what is new."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from presslake.pipeline import Pipeline
from schemas.tables import CAPTURES
from spiders.known import (
    BASE_NAME,
    INDEX_NAME,
    NEWS_NAME,
    TELLING,
    TELLING_COLUMNS,
    fold,
    make_index,
    note_of,
    renew,
)

_PARQUET = "application/vnd.apache.parquet"
_ROWS = 200_000  # captures as Python objects at a time
_SLOTS = 10


def renew_known(p: Pipeline, slot: str, part: str, slugs: Sequence[str], folder: Path) -> None:
    """Put into `folder` what is known when the crawl of a shard in this slot starts, for `keep_known` to keep.

    What is kept says up to which snapshot of `captures` it goes, and for which outlets: only the slots of
    later commits are read, and all days of outlets that are new to it. Without it, or once that snapshot has
    expired, all days of all outlets are read. Rows of `slot` itself, which a crash may have left, never count.
    """
    head = p.lake.snapshot_id(CAPTURES)
    begin = datetime.now(UTC) - timedelta(days=p.settings.remember_days)
    own = head is not None and len(_read(p, {"slot": slot}, slugs)) > 0
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    news = folder / NEWS_NAME
    note = _kept(p, part, folder)
    later = _later(p, note)
    if later is None or (own and slot not in later):
        _clear(folder)
        note, later = {}, set()
    told = set(json.loads(note.get("outlets", "[]")))
    unread = set(slugs) - told if head else set()
    changes = chain(_of_slots(p, later - {slot}, told.intersection(slugs)), _of_days(p, slot, begin, unread))
    base = {"base": note["base"]} if note else {}
    # What the slot's own rows tell is in the lake and not in this file: no slot may start from it.
    note = {} if own else base | {"snapshot": json.dumps(head), "outlets": json.dumps(list(slugs))}
    for rows in changes:
        new = news.with_suffix(".new")
        renew(news if news.exists() else None, new, rows, usual_ages=p.settings.recheck_hours, note=note)
        new.replace(news)


def keep_known(p: Pipeline, part: str, folder: Path) -> None:
    """Put what `renew_known` made into the lake, for the next slot to start from; after the crawl, which does not wait
    for it. On a new day the news are folded into the base.
    """
    news, base = folder / NEWS_NAME, folder / BASE_NAME
    if not news.exists() or "snapshot" not in (note := note_of(news)):
        return
    now = datetime.now(UTC)
    before, today = note.get("base", ""), f"{now:%Y-%m-%d}"
    if not before.startswith(today):
        note["base"] = f"{today}-{uuid4().hex[:8]}"
        since = now - timedelta(days=p.settings.remember_days)
        new = folder / "known-base.new"
        fold(folder, new, outlets=json.loads(note["outlets"]), since=since, now=now)
        new.replace(base)
        renew(None, news, _nothing(), usual_ages=(), note=note)
        p.lake.put(_base_key(part, note["base"]), base, _PARQUET)
        # Another slot may have begun with the base before.
        wanted = {_base_key(part, name) for name in (before, note["base"])}
        p.lake.delete(*(key for key in p.lake.list(f"known/{part}/") if key not in wanted))
    p.lake.put(_key(part), news, _PARQUET)


def _clear(folder: Path) -> None:
    for name in (NEWS_NAME, BASE_NAME, INDEX_NAME):
        (folder / name).unlink(missing_ok=True)


def _key(part: str) -> str:
    return f"known/{part}.parquet"


def _base_key(part: str, name: str) -> str:
    return f"known/{part}/{name}.parquet"


def _kept(p: Pipeline, part: str, folder: Path) -> dict[str, str]:
    """Fetch what is kept into a folder: its note; empty when nothing is, or it is of another shape."""
    news = folder / NEWS_NAME
    if not p.lake.exists(_key(part)):
        return {}
    p.lake.fetch(_key(part), news)
    note = note_of(news)
    return note if "base" in note and _has_base(p, part, note["base"], folder) else {}


def _has_base(p: Pipeline, part: str, name: str, folder: Path) -> bool:
    """Put a base and its index into a folder, if there is one; this machine keeps the last for the next slots."""
    kept = p.settings.state_dir / "known" / part / name
    if not kept.exists():
        if not p.lake.exists(_base_key(part, name)):
            return False
        shutil.rmtree(draft := folder / "base", ignore_errors=True)
        draft.mkdir()
        p.lake.fetch(_base_key(part, name), draft / BASE_NAME)
        np.save(draft / INDEX_NAME, make_index(draft / BASE_NAME))
        shutil.rmtree(kept.parent, ignore_errors=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # another slot was quicker
            draft.rename(kept)
    for file in (BASE_NAME, INDEX_NAME):
        (folder / file).hardlink_to(kept / file)
    return True


def _later(p: Pipeline, note: Mapping[str, str]) -> set[str] | None:
    """Slots of the commits after what is kept; None when nothing is, or nobody can tell."""
    notes = p.lake.notes_since(CAPTURES, json.loads(note["snapshot"])) if note else None
    return None if notes is None else {it["slot"] for it in notes if "slot" in it}


def _of_slots(p: Pipeline, slots: Collection[str], outlets: Collection[str]) -> Iterator[pa.Table]:
    """What captures of some slots tell; always one table at least."""
    names = sorted(slots) if outlets else []
    for start in range(0, max(len(names), 1), _SLOTS):
        some = names[start : start + _SLOTS]
        yield _read(p, {"slot": some, "outcome": TELLING}, outlets) if some else _nothing()


def _of_days(p: Pipeline, slot: str, begin: datetime, outlets: Collection[str]) -> Iterator[pa.Table]:
    """What captures of outlets tell since then, a day or more at a time."""
    rows = _nothing()
    while outlets and begin < datetime.now(UTC):
        day = slice(begin, begin := begin + timedelta(days=1))
        told = _read(p, {"found_at": day, "outcome": TELLING}, outlets)
        rows = pa.concat_tables([rows, told.filter(pc.field("slot") != slot)])
        if len(rows) >= _ROWS:
            yield rows
            rows = _nothing()
    if len(rows):
        yield rows


def _nothing() -> pa.Table:
    return pa.schema([CAPTURES.schema.field(name) for name in TELLING_COLUMNS]).empty_table()


def _read(p: Pipeline, where: dict[str, Any], outlets: Collection[str]) -> pa.Table:
    return of_outlets(p.lake.read(CAPTURES, where, TELLING_COLUMNS), outlets)


def of_outlets(rows: pa.Table, outlets: Collection[str]) -> pa.Table:
    """Rows of some outlets: of thousands, this way is quicker than as a filter of the table's files."""
    return rows.filter(pc.is_in(rows["outlet"], pa.array(sorted(outlets), pa.string())))

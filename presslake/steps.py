"""One function a stage: read, transform, write. Airflow's tasks and the command line call these same ones.

Every step can be run again at any time and stopped at any moment: what it has written already is
recognised by its key. Steps return small counts; data goes through the lake.

What reads pages is imported by the steps that do: to import it takes a second of CPU, which collect has no use for.
"""

from __future__ import annotations

import json
import logging
import math
import mimetypes
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake import Conflict
from presslake.claims import with_claims
from presslake.history import keep_known, of_outlets, renew_known
from presslake.pipeline import Pipeline
from presslake.probes import keep_probes, todays_probes
from presslake.slots import slot_at
from schemas import tables
from schemas.errors import Halt, Reject, TryLater
from schemas.page import Page
from schemas.vocabulary import PUBLISHED, SET_ASIDE, CaptureOutcome, PageOutcome, Stage
from spiders.budgets import resting, spent
from spiders.child import run_crawl
from spiders.journal import Landing, read_journal
from spiders.manners import Spent
from spiders.plan import VISIT_COLUMNS, Plan, last_looks, make_plan, shards
from spiders.polling import LONGEST_RETRY_AFTER
from transforms.gate import Verdict
from transforms.gate import gate as judge
from transforms.ledger import ledger as make_ledger
from transforms.link import KNOWN_RECENT, KNOWN_VERSIONS, Known
from transforms.link import link as link_pages

log = logging.getLogger("presslake")

Counts = dict[str, int]
Progress = Callable[[str, int, int | None], None]


#: A journal nobody has written to for a crawl's time and this is of a crawl that died.
LEFTOVER_SECONDS = 300
#: A slot of which nothing was staged for so long is not being refined again.
AT_REST = timedelta(days=1)
#: Sources not looked at for so long, because nothing ran, are read as new ones.
_OUTAGE = timedelta(days=2)
# What captures and visits tell of the manners owed to sites.
_ASKED = ("requests", "received_bytes", "rests_until")


def _quiet(_what: str, _done: int, _total: int | None) -> None:
    """The progress of a step nobody watches."""


def part_of_shard(shard: int) -> str:
    """Name of a shard's WARC file and journal."""
    return f"shard-{shard}"


# --- collect -------------------------------------------------------------------------------------


def collect(
    p: Pipeline, slot: str, shard: int, progress: Progress = _quiet, *, all_sources: bool = False
) -> Counts:
    """Crawl one shard of the outlets and land what came: a WARC object, `visits` and `captures` rows.

    Sources are looked at that are due by the clock, whichever slot is run; or `all_sources`.
    A shard that has landed for this slot is not crawled again. After a crash the journal is resumed.
    Returns capture outcomes with their counts. Raises `TryLater` when the crawl died; its journal stays.
    """
    part = part_of_shard(shard)
    if (counts := landed(p, slot, part)) is not None:
        log.info("%s of slot %s has landed already", part, slot)
        return counts
    journal = p.journal_dir(slot, part)
    plan = plan_crawl(p, slot, shard, all_sources=all_sources)
    run_crawl(plan, journal, p.settings, lambda _, done, total: progress(f"collect {part}", done, total))
    keep_known(p, part, journal)
    return _land_journal(p, slot, part)


def plan_crawl(p: Pipeline, slot: str, shard: int, *, all_sources: bool = False) -> Plan:
    """The plan of one shard, without retired outlets; what is known of its URLs goes into the journal's folder."""
    at = datetime.fromisoformat(slot_at(p.settings.schedule, datetime.now(UTC))).replace(tzinfo=UTC)
    all_slugs = shards(p.outlets, p.settings.shards)[shard]
    slugs = [slug for slug in all_slugs if not p.outlets[slug].is_retired(at.date())]
    part = part_of_shard(shard)
    renew_known(p, slot, part, slugs, p.journal_dir(slot, part))
    looks, visits = _visits(p, slot, slugs)
    return make_plan(
        slot,
        shard,
        {slug: p.outlets[slug] for slug in slugs},
        looks,
        p.settings,
        None if all_sources else at,
        *_asked(p, slugs, visits),
        todays_probes(p, part),
    )


def land_leftovers(p: Pipeline) -> Counts:
    """Land the journals that dead crawls left on this machine; those written to lately are left alone.

    A journal of `presslake ingest` is no crawl's: it is begun anew when the file is ingested again.
    """
    counts: Counter[str] = Counter()
    still = time.time() - p.settings.run_seconds - LEFTOVER_SECONDS
    for journal in sorted((p.settings.state_dir / "journal").glob("*/shard-*/")):
        if _last_written(journal) < still:
            counts.update(_land_journal(p, journal.parent.name, journal.name))
    return counts


def _last_written(journal: Path) -> float:
    """When a file of the folder was written last; later than ever if one goes meanwhile: somebody is at work."""
    try:
        return max(path.stat().st_mtime for path in (journal, *journal.iterdir()))
    except FileNotFoundError:
        return math.inf


def _land_journal(p: Pipeline, slot: str, part: str) -> Counts:
    journal = p.journal_dir(slot, part)
    counts = land(p, slot, part, read_journal(journal, slot))
    shutil.rmtree(journal)
    if not any(journal.parent.iterdir()):
        journal.parent.rmdir()
    return counts


def land(p: Pipeline, slot: str, part: str, landing: Landing) -> Counts:
    """Put a journal into the lake: WARC object, `visits`, probes, `captures` (a commit a batch), last the manifest."""
    key = p.lake.put_warc(slot, part, landing.warc_path) if landing.archived else None
    note = {"slot": slot, "step": Stage.COLLECT, "part": part}
    p.lake.upsert(tables.VISITS, landing.visits, note=note)
    keep_probes(p, part, landing.probes)
    outcomes: Counter[str] = Counter()
    for captures in landing.batches():
        archived = pc.is_valid(captures["warc_offset"])
        keys = pc.if_else(archived, pa.scalar(key, pa.string()), pa.scalar(None, pa.string()))
        place = captures.schema.get_field_index("warc_key")
        rows = captures.set_column(place, "warc_key", keys).cast(tables.CAPTURES.schema)
        p.lake.upsert(tables.CAPTURES, rows, note=note)
        outcomes.update(_outcomes(rows))
    silent = dict.fromkeys(_distinct(landing.visits["outlet"]), 0)
    manifest = {"discovered": silent | landing.discovered, "outcomes": dict(outcomes), "torn": landing.torn}
    p.lake.put(_manifest_key(slot, part), json.dumps(manifest).encode(), "application/json")
    if landing.torn:
        log.warning("%s of slot %s: %d torn records of a crash were dropped", part, slot, landing.torn)
    return dict(outcomes)


def discovered(p: Pipeline, slot: str) -> dict[str, int]:
    """URLs the crawls of a slot named, per outlet, as they counted them themselves."""
    counts: Counter[str] = Counter()
    for key in p.lake.list(f"warc/{slot}/"):
        if key.endswith(".json"):
            counts.update(json.loads(p.lake.get(key))["discovered"])
    return dict(counts)


def landed(p: Pipeline, slot: str, part: str) -> Counts | None:
    """Capture outcomes of a part that is in the lake, whole; None when it is not."""
    manifest = _manifest(p, slot, part)
    return None if manifest is None else manifest["outcomes"]


def _manifest_key(slot: str, part: str) -> str:
    return f"warc/{slot}/{part}.json"


def _manifest(p: Pipeline, slot: str, part: str) -> dict[str, Counts] | None:
    key = _manifest_key(slot, part)
    if not p.lake.exists(key):
        return None
    manifest: dict[str, Counts] = json.loads(p.lake.get(key))
    return manifest


def _visits(p: Pipeline, slot: str, slugs: list[str]) -> tuple[pa.Table, pa.Table]:
    """The last looks at the sources of these outlets; and what these asked for today, with all that tells of rests.

    Visits are read as far back as a source can have been left alone, a batch at a time.
    """
    longest = timedelta(minutes=max((it.poll.max_minutes for it in p.outlets.values()), default=0))
    back = max(longest, LONGEST_RETRY_AFTER) + _OUTAGE
    now = datetime.now(UTC)
    since = now - min(timedelta(days=p.settings.remember_days), back)
    tells = ["outlet", "source_url", "visited_at", *_ASKED]
    columns = [*VISIT_COLUMNS, *_ASKED]
    looks = [tables.VISITS.schema.empty_table().select(columns)]
    asked = [looks[0].select(tells)]
    is_today = pc.field("outlet").isin(slugs) & (pc.field("visited_at") >= _midnight(now))
    for batch in p.lake.scan_batches(tables.VISITS, {"visited_at": slice(since, None)}, columns):
        rows = pa.Table.from_batches([batch])
        looks.append(of_outlets(last_looks(slot, rows), slugs))
        asked.append(rows.select(tells).filter(is_today | (pc.field("rests_until") > now)))
    return pa.concat_tables(looks), pa.concat_tables(asked)


def _asked(p: Pipeline, slugs: list[str], visits: pa.Table) -> tuple[dict[str, Spent], dict[str, datetime]]:
    """What these outlets asked of sites since midnight in UTC, and which sites asked anybody to rest until later."""
    now = datetime.now(UTC)
    columns = ["outlet", "url", "final_url", *_ASKED]
    today, lately = (slice(since, None) for since in (_midnight(now), now - LONGEST_RETRY_AFTER - _OUTAGE))
    asked = p.lake.read(tables.CAPTURES, {"found_at": today, "requests": slice(1, None)}, columns)
    rests = p.lake.read(tables.CAPTURES, {"found_at": lately, "rests_until": slice(now, None)}, columns)
    visited = visits.filter(pc.field("visited_at") >= today.start)
    return (
        spent(of_outlets(asked, slugs), of_outlets(visited, slugs)),
        resting(rests, visits.filter(pc.field("rests_until") >= now)),
    )


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


# --- refine --------------------------------------------------------------------------------------


def parts(p: Pipeline, slot: str) -> list[str]:
    """Capture files of a slot: the units `extract` and `normalise` work on."""
    keys = _distinct(_fetched(p, slot, columns=["warc_key"])["warc_key"])
    return sorted(key.rsplit("/", 1)[-1].removesuffix(".warc.gz") for key in keys)


def extract(
    p: Pipeline, slot: str, part: str, progress: Progress = _quiet, *, hindsight: bool = False
) -> Counts:
    """Read the pages of one capture file; stage one row a page with what it states.

    They are read with what was known of their outlets before, and whenever they are read again with the same;
    with `hindsight`, from then on with what is known now.
    """
    from presslake.memory import learn
    from transforms.extract import extract as extract_pages
    from transforms.extract.memory import needed, recall

    key = p.lake.warc_key(slot, part)
    rows = with_claims(p, _fetched(p, slot, warc_key=key))
    pages = _watched(p.lake.read_pages(key, rows), len(rows), f"extract {part}", progress)
    kept = None if hindsight else p.lake.memory(slot, part)
    memory = kept or learn(p, rows, hindsight=hindsight)
    extractions = extract_pages(pages, p.outlets, recall(memory))
    if kept is None:
        p.lake.keep_memory(slot, part, needed(memory, extractions))
    p.lake.stage(slot, Stage.EXTRACT, part, extractions)
    return _outcomes(extractions, "candidate")


def normalise(p: Pipeline, slot: str, part: str) -> Counts:
    """Make the fields of one part comparable; stage one row a page in the columns of `articles`."""
    from presslake.memory import time_zones
    from transforms.normalise import normalise as normalise_pages

    zones = time_zones(p.lake.memory(slot, part))
    pages = normalise_pages(p.lake.staged(slot, Stage.EXTRACT, part), p.outlets, zones)
    p.lake.stage(slot, Stage.NORMALISE, part, pages)
    return _outcomes(pages, "candidate")


def link(p: Pipeline, slot: str) -> Counts:
    """Decide for every page of the slot: new, revised, unchanged, duplicate, and of which story."""
    pages = p.lake.staged(slot, Stage.NORMALISE)
    linked = link_pages(pages, _known(p, pages))
    p.lake.stage(slot, Stage.LINK, "pages", linked)
    return _outcomes(linked)


def gate(p: Pipeline, slot: str) -> Counts:
    """Judge the slot: set rows aside with reasons, withhold outlets, or halt before anything is published.

    Writes `verdicts` and `quarantine` and puts Data Docs into the bucket. What is set aside may have
    been the original of a duplicate, so the rest is linked and judged again until nothing more falls.
    Raises `Halt` with the failing expectations when the batch as a whole must not be published.
    """
    pages = p.lake.staged(slot, Stage.LINK)
    captures = p.lake.read(tables.CAPTURES, where={"slot": slot})
    found = discovered(p, slot)
    first: Verdict | None = None
    settled = tables.PAGES.schema.empty_table()
    quarantine = tables.QUARANTINE.schema.empty_table()
    while True:
        equation = make_ledger(slot, captures, pa.concat_tables([pages, settled]), found)
        verdict = judge(slot, pages, equation, p.outlets)
        first = first or verdict
        if verdict.halted:
            break
        quarantine = pa.concat_tables([quarantine, verdict.quarantine])
        settled = pa.concat_tables([settled, _settled(verdict.pages)])
        rest = _without(p.lake.staged(slot, Stage.NORMALISE), settled)
        linked = link_pages(rest, _known(p, rest))
        if linked.select(["capture_id", "outcome"]).equals(
            _without(pages, settled).select(["capture_id", "outcome"])
        ):
            break
        pages = linked
    note = {"slot": slot, "step": Stage.GATE}
    p.lake.replace_slot(tables.VERDICTS, slot, first.verdicts, note=note)
    for name, content in first.docs.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        p.lake.put(f"{docs_prefix(slot)}/{name}", content, kind)
    log.info("\n%s", "\n".join(first.lines()))
    if verdict.halted:
        raise Halt(f"slot {slot} is halted, nothing of it is published: " + "; ".join(verdict.halted))
    p.lake.replace_slot(tables.QUARANTINE, slot, quarantine, note=note)
    decided = pa.concat_tables([linked, settled])
    p.lake.stage(slot, Stage.GATE, "pages", decided)
    return _outcomes(decided)


def docs_prefix(slot: str) -> str:
    """Where the Data Docs of a slot lie in the bucket."""
    return f"docs/{slot}"


def publish(p: Pipeline, slot: str) -> Counts:
    """Commit what passed: `versions`, then `articles`, `sightings`, and last `outcomes`, which settles the slot.

    If another slot published since this one was linked, the rows are linked again on what is there now. When
    the slot was published before and its pages read otherwise then, its rows are corrected in place; those of
    pages that no longer pass are taken back. Raises `Reject` when the slot has not been judged.
    """
    from presslake.memory import sightings

    decided = p.lake.staged(slot, Stage.GATE, "pages")
    settled = _settled(decided)
    passed = _without(p.lake.staged(slot, Stage.NORMALISE), settled)
    judged = _among(decided, PUBLISHED)
    note = {"slot": slot, "step": Stage.PUBLISH}
    while True:
        seen = p.lake.snapshot_id(tables.VERSIONS)
        pages = link_pages(passed, _known(p, passed, seen))
        versions = _among(pages, PUBLISHED).select(tables.VERSIONS.schema.names).cast(tables.VERSIONS.schema)
        if len(_without(versions, judged)):
            raise TryLater(f"history has changed since slot {slot} was judged: run it again from link on")
        try:
            p.lake.upsert(tables.VERSIONS, versions, whole_slot=slot, expected_snapshot=seen, note=note)
            break
        except Conflict:
            log.info("another slot published meanwhile: slot %s is linked again", slot)
    _publish_latest(p, slot, versions, note)
    p.lake.upsert(tables.SIGHTINGS, sightings(p, slot, versions), whole_slot=slot, note=note)
    outcomes = pa.concat_tables([pages, settled]).select(tables.OUTCOMES.schema.names)
    p.lake.upsert(tables.OUTCOMES, outcomes.cast(tables.OUTCOMES.schema), note=note)
    return _outcomes(outcomes)


def _known(p: Pipeline, pages: pa.Table, snapshot: int | None = None) -> Known:
    """What the lake held at a snapshot of `versions`: versions of these articles, and recent texts."""
    if not len(pages):
        return Known()
    since = pc.min(pages["fetched_at"]).as_py() - timedelta(days=p.settings.remember_days)
    ids = _distinct(pages["article_id"].drop_null())
    versions = p.lake.read(
        tables.VERSIONS, where={"article_id": ids}, columns=KNOWN_VERSIONS, snapshot=snapshot
    )
    recent = p.lake.read(
        tables.VERSIONS,
        where={"first_seen_at": slice(since, None)},
        columns=[*KNOWN_RECENT, "capture_id"],
        snapshot=snapshot,
    )
    # A page that was read as another article before must not be found to be a copy of itself.
    moved = _among_captures(_without(recent, versions), pages)
    return Known(versions, _without(recent, moved).select(KNOWN_RECENT))


def _publish_latest(p: Pipeline, slot: str, versions: pa.Table, note: dict[str, str]) -> None:
    """Make `articles` hold the latest fetched version of each article of the slot, and of those it had before."""
    while True:
        seen = p.lake.snapshot_id(tables.ARTICLES)
        before = p.lake.read(tables.ARTICLES, where={"slot": slot}, columns=["article_id"], snapshot=seen)
        ids = _distinct(pa.concat_tables([versions.select(["article_id"]), before])["article_id"])
        if not ids:
            return
        rows = p.lake.read(tables.VERSIONS, where={"article_id": ids})
        newest_first = rows.sort_by(
            [("article_id", "ascending"), ("fetched_at", "descending"), ("revision", "descending")]
        )
        latest = _first_of_each(newest_first).cast(tables.ARTICLES.schema)
        try:
            p.lake.upsert(tables.ARTICLES, latest, whole_slot=slot, expected_snapshot=seen, note=note)
            return
        except Conflict:
            continue


# --- whole slots ---------------------------------------------------------------------------------


def refine(p: Pipeline, slot: str, progress: Progress = _quiet, *, hindsight: bool = False) -> Counts:
    """Everything after collect, for one slot, in this process; `hindsight` as in `extract`."""
    for part in parts(p, slot):
        extract(p, slot, part, progress, hindsight=hindsight)
        normalise(p, slot, part)
    for done, stage in enumerate((link, gate, publish)):
        progress(stage.__name__, done, 3)
        counts = stage(p, slot)
    progress("published", 3, 3)
    return counts


def settle(p: Pipeline, slots: list[str], progress: Progress = _quiet) -> Counts:
    """Refine those of the slots that are owed it, in order; returns what became of their pages."""
    counts: Counter[str] = Counter()
    for slot in owed(p, among=slots):
        counts.update(refine(p, slot, progress))
    return dict(counts)


def slots(p: Pipeline, start: str | None, end: str | None, outlet: str | None) -> list[str]:
    """Scheduled slots from `start` to `end`, both included, in which a page (of the outlet) was fetched, in order."""
    where = {"outcome": CaptureOutcome.FETCHED} | ({"outlet": outlet} if outlet else {})
    names = _distinct(p.lake.read(tables.CAPTURES, where=where, columns=["slot"])["slot"])
    return sorted(s for s in names if s[0].isdigit() and (start or "") <= s <= (end or "9"))


def sight(p: Pipeline, slot: str, progress: Progress = _quiet) -> Counts:
    """Renew the sightings of a published slot if another extractor made them, or upkeep has forgotten them."""
    from presslake.memory import sightings
    from transforms.extract import EXTRACTOR

    versions = p.lake.read(tables.VERSIONS, where={"slot": slot})
    first = versions.filter(pc.field("revision") == 1)
    where = {"slot": slot, "extractor": EXTRACTOR}
    if len(_without(first, p.lake.read(tables.SIGHTINGS, where=where, columns=["capture_id"]))):
        for part in parts(p, slot):
            extract(p, slot, part, progress)
        note = {"slot": slot, "step": "sight"}
        p.lake.upsert(tables.SIGHTINGS, sightings(p, slot, versions), whole_slot=slot, note=note)
    return {"sighted": len(first)}


def replay(p: Pipeline, slot: str, progress: Progress = _quiet) -> Counts:
    """Read the archived pages of a slot again, with today's extractor and all that is known of the outlets now.

    Rows of captures are corrected in place: an article keeps its identity and its revisions keep their numbers.
    Returns how many versions were changed, added, removed and stayed the same.
    """
    before = _versions_of(p, slot)
    refine(p, slot, progress, hindsight=True)
    after = _versions_of(p, slot)
    both = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in both)
    return {
        "changed": changed,
        "same": len(both) - changed,
        "added": len(after.keys() - both),
        "removed": len(before.keys() - both),
    }


def _versions_of(p: Pipeline, slot: str) -> dict[str, dict[str, Any]]:
    """Capture → its row in `versions`, without who read it and how."""
    rows = p.lake.read(tables.VERSIONS, where={"slot": slot}).drop_columns(["extractor", "evidence"])
    return {row["capture_id"]: row for row in rows.to_pylist()}


def balance(p: Pipeline, slot: str) -> pa.Table:
    """The conservation equation of a slot as the tables stand now: LEDGER rows, one an outlet."""
    captures = p.lake.read(tables.CAPTURES, where={"slot": slot})
    outcomes = p.lake.read(tables.OUTCOMES, where={"slot": slot})
    return make_ledger(slot, captures, outcomes, discovered(p, slot))


def owed(p: Pipeline, among: list[str] | None = None) -> list[str]:
    """Slots, of all or `among` some, oldest first, with fetched pages that have no outcome yet."""
    of_slots: dict[str, str | list[str]] = {} if among is None else {"slot": among}
    fetched = p.lake.read(
        tables.CAPTURES,
        where={**of_slots, "outcome": CaptureOutcome.FETCHED},
        columns=["slot", "capture_id"],
    )
    settled = p.lake.read(tables.OUTCOMES, where=of_slots, columns=["capture_id"])
    open_ = fetched.join(settled, "capture_id", join_type="left anti")
    return sorted(_distinct(open_["slot"]))


def check_collected(p: Pipeline, slot: str) -> None:
    """Log the slot's balance; raises `Halt` naming the shards that did not land."""
    from presslake.show import as_text, balance_table, why_other

    captures, _, visits = rows_of(p, slot)
    table = balance_table(
        slot, balance(p, slot), why_other(captures, tables.OUTCOMES.schema.empty_table(), visits)
    )
    log.info("\n%s", as_text(table))
    missing = [
        shard for shard in range(p.settings.shards) if _manifest(p, slot, part_of_shard(shard)) is None
    ]
    if missing:
        raise Halt(f"slot {slot}: shard {', '.join(map(str, missing))} did not land; clear its crawl task")


def check_slot(p: Pipeline, slot: str) -> None:
    """Raises `Reject` when nothing has landed for the slot, which a mistyped name would hide."""
    if next(p.lake.list(f"warc/{slot}/"), None) is None:
        raise Reject(f"slot {slot} has no captures: `presslake collect {slot}` would make some")


def rows_of(p: Pipeline, slot: str) -> tuple[pa.Table, pa.Table, pa.Table]:
    """(captures, outcomes, visits) of a slot."""
    captures, outcomes, visits = (
        p.lake.read(table, where={"slot": slot})
        for table in (tables.CAPTURES, tables.OUTCOMES, tables.VISITS)
    )
    return captures, outcomes, visits


def tidy(p: Pipeline) -> Counts:
    """Forget old sightings, expire old snapshots, compact small files, and clear staged files of slots at rest."""
    from presslake.memory import KEEP_DAYS

    cleared = sorted(set(p.lake.staged_slots(datetime.now(UTC) - AT_REST)) - set(owed(p)))
    for slot in cleared:
        p.lake.clear_staged(slot)
    forgotten = p.lake.prune(tables.SIGHTINGS, KEEP_DAYS)
    compacted = sum(p.lake.compact(table) for table in tables.LAKE_TABLES)
    p.lake.expire_snapshots(p.settings.keep_snapshots_days)
    return {
        "staged_slots_cleared": len(cleared),
        "files_forgotten": forgotten,
        "files_compacted": compacted,
    }


def export_headlines(p: Pipeline, slot: str, per_language: int = 10) -> int:
    """Write the newest headlines of a slot per language to `exports/headlines/<slot>.parquet`; returns rows."""
    columns = ["language", "outlet", "title", "canonical_url", "published_at"]
    rows = p.lake.read(tables.ARTICLES, where={"slot": slot}, columns=columns)
    newest = rows.sort_by([("language", "ascending"), ("published_at", "descending")])
    taken: Counter[str] = Counter()
    keep = []
    for number, language in enumerate(newest["language"].to_pylist()):
        taken[str(language)] += 1
        if taken[str(language)] <= per_language:
            keep.append(number)
    sink = pa.BufferOutputStream()
    pq.write_table(newest.take(keep), sink)
    key = f"exports/headlines/{slot}.parquet"
    p.lake.put(key, sink.getvalue().to_pybytes(), "application/vnd.apache.parquet")
    return len(keep)


# --- rows ----------------------------------------------------------------------------------------


def _fetched(p: Pipeline, slot: str, columns: list[str] | None = None, **where: str) -> pa.Table:
    """Captures of the slot whose page is archived."""
    where |= {"slot": slot, "outcome": CaptureOutcome.FETCHED}
    return p.lake.read(tables.CAPTURES, where=where, columns=columns)


def _distinct(column: pa.ChunkedArray[Any]) -> list[str]:
    values: list[Any] = column.unique().to_pylist()
    return values


def _among(pages: pa.Table, outcomes: frozenset[PageOutcome]) -> pa.Table:
    return pages.filter(pc.is_in(pages["outcome"], pa.array(sorted(outcomes), pa.string())))


def _settled(pages: pa.Table) -> pa.Table:
    """Rows the gate set aside, and all of an outlet it withholds: none of it may move up into their place."""
    withheld = _among(pages, frozenset({PageOutcome.WITHHELD}))["outlet"].combine_chunks()
    aside = pc.is_in(pages["outcome"], pa.array(sorted(SET_ASIDE), pa.string()))
    return pages.filter(pc.or_(aside, pc.is_in(pages["outlet"], withheld)))


def _without(pages: pa.Table, others: pa.Table) -> pa.Table:
    return pages.filter(pc.invert(pc.is_in(pages["capture_id"], others["capture_id"].combine_chunks())))


def _among_captures(pages: pa.Table, others: pa.Table) -> pa.Table:
    return pages.filter(pc.is_in(pages["capture_id"], others["capture_id"].combine_chunks()))


def _first_of_each(rows: pa.Table) -> pa.Table:
    """The first row of each run of equal `article_id`."""
    ids = rows["article_id"].to_pylist()
    return rows.take([i for i, key in enumerate(ids) if i == 0 or key != ids[i - 1]])


def _outcomes(rows: pa.Table, undecided: str = "undecided") -> Counts:
    return dict(Counter(str(outcome or undecided) for outcome in rows["outcome"].to_pylist()))


def _watched(pages: Iterable[Page], total: int, what: str, progress: Progress) -> Iterator[Page]:
    for done, page in enumerate(pages, start=1):
        yield page
        progress(what, done, total)

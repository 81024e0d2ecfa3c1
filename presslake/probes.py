"""What hosts showed today for an address that nobody has: an object a shard, so that each host is asked once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter

from presslake.pipeline import Pipeline
from spiders.journal import Probe

_PROBES = TypeAdapter(list[Probe])


def todays_probes(p: Pipeline, part: str) -> list[Probe]:
    """The probes that crawls of a shard have made since midnight in UTC."""
    if not p.lake.exists(_key(part)):
        return []
    today = datetime.now(UTC).date().isoformat()
    return [it for it in _PROBES.validate_json(p.lake.get(_key(part))) if it.asked_at.startswith(today)]


def keep_probes(p: Pipeline, part: str, probes: Sequence[Probe]) -> None:
    """Put new probes of a shard beside those of today."""
    if probes:
        kept = {it.host: it for it in (*todays_probes(p, part), *probes)}
        p.lake.put(_key(part), _PROBES.dump_json(list(kept.values())), "application/json")


def _key(part: str) -> str:
    return f"probes/{part}.json"

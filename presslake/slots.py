"""Slots: the batches, named by the start of their interval in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from croniter import croniter

from schemas.errors import Reject

_FORMAT = "%Y-%m-%dT%H:%M:%S"
_SLOT = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|ingest-[A-Za-z0-9._-]{1,80})$")


def slot_at(schedule: str, when: datetime) -> str:
    """The slot a moment lies in, e.g. `2026-11-22T12:15:00` for a schedule of every 15 minutes."""
    when = when.astimezone(UTC)
    start: datetime = (
        croniter(schedule, when).get_prev(datetime) if not croniter.match(schedule, when) else when
    )
    return start.replace(second=0, microsecond=0).strftime(_FORMAT)


def begun_slot(slot: str, now: datetime) -> str:
    """The slot itself, if it is a start that has come; raises `Reject` otherwise."""
    try:
        start = datetime.strptime(slot, _FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Reject(f"{slot!r} is no start of a slot in UTC such as 2026-11-22T12:15:00") from error
    if start > now:
        raise Reject(f"slot {slot} has not begun")
    return slot


def checked_slot(slot: str) -> str:
    """The slot itself, if it is one; raises `Reject` otherwise. Slots are used in object keys."""
    if not _SLOT.match(slot):
        raise Reject(
            f"{slot!r} is no slot: it is a start in UTC such as 2026-11-22T12:15:00, or an ingest's name"
        )
    return slot

"""What the lake would hold, for link."""

from __future__ import annotations

import pyarrow as pa

from schemas.tables import VERSIONS
from schemas.vocabulary import PUBLISHED
from transforms.link import KNOWN_RECENT, KNOWN_VERSIONS, Known


def lake_after(*slots: pa.Table) -> Known:
    """What is known when these linked slots are published."""
    kept = [row for slot in slots for row in slot.to_pylist() if row["outcome"] in PUBLISHED]
    versions = pa.Table.from_pylist(kept, schema=VERSIONS.schema)
    return Known(versions.select(KNOWN_VERSIONS), versions.select(KNOWN_RECENT))

"""What sites were asked for already today, and which asked for a rest, by what has landed. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schemas.urls import site_of
from spiders.manners import Spent


def spent(captures: pa.Table, visits: pa.Table) -> dict[str, Spent]:
    """What each site was asked for, by rows of CAPTURES and VISITS: requests and bytes by registrable domain."""
    urls = pc.coalesce(captures["final_url"], captures["url"])
    asked = pa.concat_tables([_asked(captures, urls), _asked(visits, visits["source_url"])])
    totals: dict[str, Spent] = {}
    for row in (
        asked.group_by("origin").aggregate([("requests", "sum"), ("received_bytes", "sum")]).to_pylist()
    ):
        site = site_of(row["origin"])
        requests, size = totals.get(site, (0, 0))
        totals[site] = requests + row["requests_sum"], size + (row["received_bytes_sum"] or 0)
    return totals


def _asked(rows: pa.Table, urls: pa.ChunkedArray[Any]) -> pa.Table:
    """(origin, requests, received_bytes) of the rows for which something was asked."""
    origin = pc.struct_field(pc.extract_regex(urls, r"^(?P<origin>[a-z]+://[^/?#]*)"), "origin")
    told = rows.append_column("origin", origin).filter(pc.field("requests") > 0)
    return told.select(["origin", "requests", "received_bytes"])


def resting(captures: pa.Table, visits: pa.Table) -> dict[str, datetime]:
    """Until when each site, a registrable domain, asked to be left alone, by rows of CAPTURES and VISITS."""
    until: dict[str, datetime] = {}
    urls = pc.coalesce(captures["final_url"], captures["url"])
    for rows, asked in ((captures, urls), (visits, visits["source_url"])):
        for url, end in zip(asked.to_pylist(), rows["rests_until"].to_pylist(), strict=True):
            if url and end:
                site = site_of(url)
                until[site] = max(end, until.get(site, end))
    return until

"""The one door to S3. The map of the bucket, below the settings' prefix:

    warc/<slot>/<part>.warc.gz            raw pages as they arrived, one gzip member a record
    warc/<slot>/<part>.json               what the crawl of that part counted
    ingest/<name>.json                    how far a file that is ingested has been read
    memory/<slot>/<part>.parquet          what was known of the outlets when that part was read
    known/<part>.parquet                  what captures tell of the URLs of one shard's outlets: the news,
    known/<part>/<day>-<name>.parquet     … and the base they go before
    probes/<part>.json                    what hosts showed today for an address that nobody has, of one shard
    staged/<slot>/<stage>/<part>.parquet  between two stages of a slot; cleared a day after the slot was settled
    docs/<slot>/…                         Data Docs of the gate
    exports/…                             what consumers of the tables write
    tables/<name>/data/…                  Parquet (zstd), by day where the table has one
    tables/<name>/metadata/…              Iceberg; the catalog names the file in force

The tables are those of `schemas.tables.LAKE_TABLES`; the catalog (Postgres by default) says which of
their metadata files is current, and moving that one pointer is what makes a commit atomic.
"""

import schemas.arrow  # noqa: F401 -- before pyiceberg makes a value
from lake.door import Lake
from lake.failures import Conflict
from lake.writing import Commit

__all__ = ["Commit", "Conflict", "Lake"]

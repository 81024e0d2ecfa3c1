"""The tables for people: DuckDB for `presslake query`, and copy-paste Python for their own programs."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import duckdb

from lake.definitions import CATALOG, catalog_properties
from lake.door import Lake
from schemas.settings import Settings
from schemas.tables import LAKE_TABLES

_OPENING = """\
import json
from pyiceberg.catalog import load_catalog

catalog = load_catalog("{catalog}", **json.load(open("{path}")))
articles = catalog.load_table("{namespace}.articles")
newest = articles.scan(selected_fields=("outlet", "language", "title", "published_at"))
"""
_ENDINGS = {
    "DuckDB": """\
db = newest.to_duckdb("newest")
print(db.sql("SELECT outlet, count(*) AS articles FROM newest GROUP BY outlet ORDER BY articles DESC"))
""",
    "Polars": """\
print(newest.to_polars().group_by("language").len("articles").sort("articles", descending=True))
""",
    "pandas": """\
print(newest.to_pandas().sort_values("published_at").tail(10).to_string(index=False))
""",
}


def duckdb_connection(lake: Lake) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with one view a table, each fixed at its newest commit of this moment.

    The extensions come from their wheels: nothing is installed and nothing downloaded.
    """
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    for name in ("httpfs", "avro", "iceberg"):
        folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
        connection.load_extension(str(folder / f"{name}.duckdb_extension"))
    connection.execute(_secret(lake.settings))
    for spec in LAKE_TABLES:
        location = lake.table(spec).metadata_location
        connection.execute(f"CREATE VIEW {spec.name} AS FROM iceberg_scan({_quoted(location)})")
    return connection


def snippets(lake: Lake) -> dict[str, str]:
    """Python by library that shows the newest articles, whenever it is run.

    It reads how to reach catalog and storage from `catalog.json` in the state folder, which this writes
    for the user's eyes only, because it holds the keys.
    """
    path = (lake.settings.state_dir / "catalog.json").resolve()
    _write_private(path, json.dumps(catalog_properties(lake.settings), indent=2))
    opening = _OPENING.format(catalog=CATALOG, path=path, namespace=lake.settings.namespace)
    return {name: opening + ending for name, ending in _ENDINGS.items()}


def _secret(settings: Settings) -> str:
    options = {"REGION": settings.s3_region}
    if settings.endpoint:
        scheme, _, host = settings.endpoint.partition("://")
        options |= {"ENDPOINT": host, "URL_STYLE": "path", "USE_SSL": str(scheme == "https").lower()}
    if settings.s3_access_key and settings.s3_secret_key:
        options["KEY_ID"] = settings.s3_access_key.get_secret_value()
        options["SECRET"] = settings.s3_secret_key.get_secret_value()
    else:
        options["PROVIDER"] = "credential_chain"
    return (
        f"CREATE SECRET (TYPE s3, {', '.join(f'{name} {_quoted(value)}' for name, value in options.items())})"
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)

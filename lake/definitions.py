"""The Iceberg side of `schemas.tables`: catalog, schema, partitions, order and properties."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.exceptions import NoSuchTableError, TableAlreadyExistsError
from pyiceberg.io.pyarrow import _pyarrow_to_schema_without_ids
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.sorting import SortField, SortOrder
from pyiceberg.transforms import DayTransform, IdentityTransform
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from schemas.errors import Halt
from schemas.settings import Settings
from schemas.tables import Table

CATALOG = "presslake"

PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    # pyiceberg weighs Arrow bytes in memory; the Parquet file is 3 to 10 times smaller.
    "write.target-file-size-bytes": str(128 * 2**20),
    # pyiceberg 0.12 would rebase a commit that lost a race and so write keys twice; `Lake` decides anew.
    "commit.retry.num-retries": "0",
    # Without merging, every commit adds a manifest that every later plan reads.
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "100",
}


def catalog_properties(settings: Settings) -> dict[str, str]:
    """What pyiceberg's `load_catalog` needs to open this lake from anywhere; holds the keys.

    Raises `Halt` when there is no catalog to use.
    """
    properties = {
        "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
        "s3.region": settings.s3_region,
        "s3.connect-timeout": "5",
        "s3.request-timeout": "60",
    }
    if settings.endpoint:
        properties["s3.endpoint"] = settings.endpoint
    if settings.s3_access_key and settings.s3_secret_key:
        properties["s3.access-key-id"] = settings.s3_access_key.get_secret_value()
        properties["s3.secret-access-key"] = settings.s3_secret_key.get_secret_value()
    return properties | (settings.catalog or _postgres_catalog(settings))


def open_catalog(settings: Settings) -> Catalog:
    """The catalog, with its own tables and our namespace made if they are missing."""
    properties = catalog_properties(settings)
    try:
        catalog = load_catalog(CATALOG, **properties)
    except DBAPIError as error:
        if not _made_by_another(error):
            raise
        catalog = load_catalog(CATALOG, **properties)
    try:
        catalog.create_namespace_if_not_exists(settings.namespace)
    except DBAPIError as error:
        if not _made_by_another(error):
            raise
    return catalog


def open_table(catalog: Catalog, namespace: str, spec: Table, location: str) -> IcebergTable:
    """The table as it is now, created if missing; columns that `spec` has gained are added.

    Raises `Halt` when the lake's table and `spec` differ in another way.
    """
    name = (*namespace.split("."), spec.name)
    schema = iceberg_schema(spec)
    try:
        table = catalog.load_table(name)
    except NoSuchTableError:
        try:
            return catalog.create_table(
                name, schema, location, partition_spec(spec, schema), sort_order(spec, schema), PROPERTIES
            )
        except TableAlreadyExistsError:
            table = catalog.load_table(name)
    if _columns(table.schema()) != _columns(schema):
        _evolve(table, spec, schema)
    return table


def iceberg_schema(spec: Table) -> Schema:
    """The table's columns with field ids, sentences and identifier."""
    documented = pa.schema([pa.field(c.name, c.dtype, not c.required, {"doc": c.doc}) for c in spec.columns])
    schema = assign_fresh_schema_ids(_pyarrow_to_schema_without_ids(documented))
    key = [schema.find_field(name).field_id for name in spec.key]
    return Schema(*schema.fields, identifier_field_ids=key)


def partition_spec(spec: Table, schema: Schema) -> PartitionSpec:
    """By the day of `partition_by_day`, if any."""
    if not spec.partition_by_day:
        return UNPARTITIONED_PARTITION_SPEC
    source = schema.find_field(spec.partition_by_day).field_id
    return PartitionSpec(PartitionField(source, 1000, DayTransform(), f"{spec.partition_by_day}_day"))


def sort_order(spec: Table, schema: Schema) -> SortOrder:
    """The order rows are written in inside a file."""
    return SortOrder(*(SortField(schema.find_field(n).field_id, IdentityTransform()) for n in spec.sort))


def _postgres_catalog(settings: Settings) -> dict[str, str]:
    if settings.postgres_uri is None:
        raise Halt("no catalog for the tables; set PRESSLAKE_POSTGRES_URI or PRESSLAKE_CATALOG")
    url = make_url(settings.postgres_uri.get_secret_value()).set(drivername="postgresql+psycopg2")
    uri = url.update_query_dict({"connect_timeout": "5"}).render_as_string(hide_password=False)
    return {"type": "sql", "uri": uri, "pool_pre_ping": "true"}


def _made_by_another(error: DBAPIError) -> bool:
    """Whether another process made the same thing between our look and our making it."""
    return "already exists" in str(error) or "duplicate key" in str(error) or "UNIQUE" in str(error)


def _columns(schema: Schema) -> set[pa.Field[Any]]:
    return set(schema.as_arrow())


def _evolve(table: IcebergTable, spec: Table, schema: Schema) -> None:
    added = [f for f in schema.fields if f.name not in table.schema().column_names and not f.required]
    with table.update_schema() as update:
        for field in added:
            update.add_column(field.name, field.field_type, field.doc)
    if odd := {field.name for field in _columns(table.schema()) ^ _columns(schema)}:
        raise Halt(
            f"{spec.name}: the lake's table and schemas/tables.py differ in {sorted(odd)}; migrate it first"
        )

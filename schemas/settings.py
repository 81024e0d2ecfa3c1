"""The one settings object: read from the environment at the edge, frozen, passed down.

Every field can be set as ``PRESSLAKE_<NAME>``, e.g. ``PRESSLAKE_AIRFLOW_PORT=8081``. Lists and
objects are JSON. The standard ``AWS_*`` variables are read by boto3 itself when no key is set here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REPO = Path(__file__).resolve().parent.parent
#: The name that robots.txt and opt-outs address us by.
PRODUCT = "Presslake"


class Settings(BaseSettings):
    """How this installation runs. Paths are absolute or relative to the repository."""

    model_config = SettingsConfigDict(env_prefix="PRESSLAKE_", frozen=True, extra="ignore")

    state_dir: Path = Field(
        default=REPO / ".presslake",
        description="Everything this machine keeps between runs; deleting it is a full reset.",
    )
    outlets: str = Field(
        default="demo",
        description="Which outlets run: demo (the newsroom on this machine), world (spiders/outlets), "
        "or a folder of outlet files.",
    )
    bind: str = Field(
        default="127.0.0.1", description="Address of the Airflow UI; all other servers stay on 127.0.0.1."
    )

    s3_embedded: bool = Field(default=True, description="Start the SeaweedFS server of the wheel and use it.")
    s3_port: int = Field(default=8333, description="Port of the embedded S3 server.")
    s3_endpoint: str | None = Field(
        default=None,
        description="S3 endpoint URL; unset means the embedded server, or AWS if s3_embedded is off.",
    )
    s3_bucket: str = Field(default="presslake", description="The lake's one bucket.")
    s3_prefix: str = Field(default="", description="Folder inside the bucket, without slashes at the ends.")
    s3_region: str = Field(default="us-east-1", description="Region of the bucket.")
    s3_access_key: SecretStr | None = Field(
        default=None, description="Access key; unset leaves it to boto3's usual chain."
    )
    s3_secret_key: SecretStr | None = Field(default=None, description="Secret key, with s3_access_key.")

    inputs_endpoint: str | None = Field(
        default=None,
        description="S3 endpoint of the buckets `presslake ingest` reads, other than the lake's own, e.g. "
        "https://s3.us-east-1.amazonaws.com; keys by boto3's usual chain. Unset: endpoint and keys of the lake.",
    )

    postgres_embedded: bool = Field(
        default=True, description="Start the PostgreSQL 18 of the wheel and use it."
    )
    postgres_port: int = Field(default=8432, description="Port of the embedded PostgreSQL.")
    postgres_uri: SecretStr | None = Field(
        default=None,
        description="postgresql://user:password@host:port/database of another PostgreSQL, when not embedded.",
    )
    catalog: dict[str, str] = Field(
        default_factory=dict,
        description="pyiceberg catalog properties (type, uri, warehouse …) that replace the SQL catalog "
        'in PostgreSQL, e.g. {"type": "glue"}.',
    )
    namespace: str = Field(default="presslake", description="Iceberg namespace of the tables.")

    airflow_port: int = Field(default=8080, description="Port of the Airflow UI and API.")
    schedule: str = Field(default="*/15 * * * *", description="Cron of the slots, in UTC.")
    shards: int = Field(
        default=2, ge=1, description="Crawl processes a slot; an outlet is always in one shard."
    )

    newsroom_port: int = Field(default=8100, description="Port of the demo newsroom.")

    contact: str = Field(
        default="",
        pattern=r"^(https?://[^\s()]+|[^\s()@]+@[^\s()@]+)?$",
        description="Page or mailbox named in the user agent; without it no site but those of allow_hosts is asked.",
    )
    pace_seconds: float = Field(
        default=1.0,
        ge=0,
        description="Seconds between two requests to one registrable domain, if robots.txt asks no more.",
    )
    run_seconds: float = Field(default=600, gt=0, description="A shard's crawl ends after this time.")
    run_pages: int = Field(default=20_000, gt=0, description="… after this many pages,")
    run_bytes: int = Field(default=4_000_000_000, gt=0, description="… or after this many bytes.")
    outlet_seconds: float = Field(default=300, gt=0, description="An outlet's share of the time,")
    outlet_pages: int = Field(default=500, gt=0, description="… of the pages,")
    outlet_bytes: int = Field(default=500_000_000, gt=0, description="… and of the bytes of a slot.")
    page_bytes: int = Field(
        default=10_000_000,
        gt=0,
        description="Largest page kept, after decompression; larger ones are an outcome.",
    )
    page_seconds: float = Field(default=30, gt=0, description="Longest wait for one response.")
    host_day_requests: int = Field(
        default=20_000,
        gt=0,
        description="Requests to one registrable domain in a day (UTC), over all outlets and shards;",
    )
    host_day_bytes: int = Field(
        default=10_000_000_000, gt=0, description="… and bytes. What is over waits for the next day."
    )
    opt_outs: Literal["record", "obey"] = Field(
        default="record",
        description="What is done where a site or a page opts out of mining, archives or AI: record keeps its word "
        "in `captures.rights`, obey leaves such pages alone as well.",
    )
    allow_hosts: tuple[str, ...] = Field(
        default=("localhost",),
        description="Hosts (and their subdomains) on private or loopback addresses that may be fetched; "
        "the demo newsroom lives on *.localhost.",
    )
    recheck_hours: tuple[float, ...] = Field(
        default=(1, 6, 24, 168),
        description="Ages (since first seen) at which articles of an outlet nobody knows yet are looked at again; "
        "how often the outlet edits chooses among these, 20 minutes, and 1, 3, 6, 24, 72 and 168 hours.",
    )
    recheck_share: float = Field(
        default=0.5, ge=0, le=1, description="Share of `outlet_pages` that may be such looks; the rest waits."
    )
    remember_days: int = Field(
        default=30, gt=0, description="How far back known URLs, texts and stories are looked up."
    )
    keep_snapshots_days: int = Field(
        default=1, gt=0, description="Older snapshots of the tables are expired by upkeep."
    )

    @property
    def endpoint(self) -> str | None:
        """The S3 endpoint URL in force; None is AWS's own."""
        if self.s3_endpoint:
            return self.s3_endpoint
        return f"http://127.0.0.1:{self.s3_port}" if self.s3_embedded else None

    @property
    def user_agent(self) -> str:
        """What sites see; honest, with a contact."""
        return f"{PRODUCT}/0.1" + (f" (+{self.contact})" if self.contact else "")

    @property
    def outlets_dir(self) -> Path:
        """The folder of outlet files that `outlets` names."""
        if self.outlets == "demo":
            return self.demo_outlets_dir
        return REPO / "spiders" / "outlets" if self.outlets == "world" else Path(self.outlets)

    @property
    def demo_outlets_dir(self) -> Path:
        """Where the demo newsroom writes the YAML of its outlets."""
        return self.state_dir / "newsroom" / "outlets"

"""Objects of the one bucket, by key relative to the settings' prefix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from lake.failures import naming_failures
from schemas.errors import Reject
from schemas.settings import Settings

_PART_BYTES = 32 * 2**20  # held in memory; boto3's 8 MiB take 6 ms of CPU each
_IN_PARTS = TransferConfig(
    use_threads=False, multipart_threshold=_PART_BYTES, multipart_chunksize=_PART_BYTES
)


@dataclass(frozen=True)
class Stored:
    """One object as listed; `size` in bytes, `etag` changes with its content."""

    key: str
    size: int
    modified_at: datetime
    etag: str = ""


class Bucket:
    """Reads and writes objects; connects on first use, and then creates the bucket of the embedded server."""

    def __init__(self, settings: Settings, *, is_signed: bool = True) -> None:
        self.settings = settings
        self._signing = {} if is_signed else {"signature_version": UNSIGNED}
        self.prefix = f"{settings.s3_prefix}/" if settings.s3_prefix else ""
        self.uri = f"s3://{settings.s3_bucket}/{self.prefix}".rstrip("/")

    def put(self, key: str, data: bytes | Path, content_type: str = "application/octet-stream") -> None:
        """Writes one object, whole or not at all; large ones are sent in parts."""
        with (
            nullcontext(BytesIO(data)) if isinstance(data, bytes) else data.open("rb") as source,
            naming_failures(self.settings),
        ):
            self._client.upload_fileobj(
                source,
                self.settings.s3_bucket,
                self.prefix + key,
                ExtraArgs={"ContentType": content_type},
                Config=_IN_PARTS,
            )

    def get(self, key: str) -> bytes:
        """The bytes of one object; raises `Reject` when there is none."""
        return self._get(key)

    def fetch(self, key: str, path: Path) -> None:
        """Writes one object into a file, which may be larger than memory."""
        with path.open("wb") as target, naming_failures(self.settings):
            body = self._client.get_object(**self._at(key))["Body"]
            for chunk in body.iter_chunks(1 << 20):
                target.write(chunk)

    def open_range(self, key: str, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`, fewer at the object's end, none beyond it."""
        try:
            return self._get(key, Range=f"bytes={offset}-{offset + length - 1}")
        except _BeyondEnd:
            return b""

    def size(self, key: str) -> int | None:
        """Size of an object in bytes; None when there is none."""
        stored = self.stat(key)
        return None if stored is None else stored.size

    def stat(self, key: str) -> Stored | None:
        """What is known of one object; None when there is none."""
        with naming_failures(self.settings):
            try:
                head = self._client.head_object(**self._at(key))
            except ClientError as error:
                if _status(error) == 404:
                    return None
                raise
        return Stored(key, head["ContentLength"], head["LastModified"], head["ETag"])

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key."""
        return self.size(key) is not None

    def list(self, prefix: str) -> Iterator[str]:
        """Keys that start with `prefix`, in order."""
        return (stored.key for stored in self.stored(prefix))

    def stored(self, prefix: str) -> Iterator[Stored]:
        """All objects whose key starts with `prefix`, in order of key."""
        with naming_failures(self.settings):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.settings.s3_bucket, Prefix=self.prefix + prefix
            )
            for page in pages:
                for item in page.get("Contents", ()):
                    if not item["Key"].endswith("/"):  # SeaweedFS lists its folders too
                        yield Stored(
                            item["Key"].removeprefix(self.prefix),
                            item["Size"],
                            item["LastModified"],
                            item["ETag"],
                        )

    def delete(self, *keys: str) -> None:
        """Deletes objects; one that is not there is no error."""
        with naming_failures(self.settings):
            for start in range(0, len(keys), 1000):  # the most one request may name
                doomed = [{"Key": self.prefix + key} for key in keys[start : start + 1000]]
                answer = self._client.delete_objects(
                    Bucket=self.settings.s3_bucket, Delete={"Objects": doomed, "Quiet": True}
                )
                if errors := answer.get("Errors"):
                    raise OSError(f"{len(errors)} objects were not deleted, the first: {errors[0]}")

    def url(self, key: str, seconds: int = 3600) -> str:
        """An address at which anybody can read the object for this time."""
        with naming_failures(self.settings):
            return str(self._client.generate_presigned_url("get_object", self._at(key), ExpiresIn=seconds))

    def close(self) -> None:
        """Closes the connections."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> Any:
        settings = self.settings
        keys = settings.s3_access_key, settings.s3_secret_key
        client = boto3.client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.s3_region,
            aws_access_key_id=keys[0].get_secret_value() if keys[0] else None,
            aws_secret_access_key=keys[1].get_secret_value() if keys[1] else None,
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 4, "mode": "standard"},
                s3={"addressing_style": "path" if settings.endpoint else "auto"},
                # Newer checksum trailers are not understood by every S3 server.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                **self._signing,
            ),
        )
        if settings.s3_embedded and not settings.s3_endpoint:
            _create(client, settings.s3_bucket)
        return client

    def _get(self, key: str, **options: str) -> bytes:
        with naming_failures(self.settings):
            try:
                return bytes(self._client.get_object(**self._at(key), **options)["Body"].read())
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    raise Reject(f"no object {key!r} in {self.uri}") from error
                if _status(error) == 416:
                    raise _BeyondEnd from error
                raise

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.settings.s3_bucket, "Key": self.prefix + key}


def open_bucket(settings: Settings, name: str) -> Bucket:
    """Any bucket, whole, to read from: the lake's own, or another at the endpoint for inputs.

    Where `inputs_endpoint` is set, keys are those of boto3's usual chain; without any, only what is public is read.
    """
    whole: dict[str, Any] = {"s3_bucket": name, "s3_prefix": "", "s3_endpoint": settings.endpoint}
    if settings.inputs_endpoint is None or name == settings.s3_bucket:
        return Bucket(settings.model_copy(update=whole))
    whole |= {
        "s3_endpoint": settings.inputs_endpoint,
        "s3_region": "us-east-1",
        "s3_access_key": None,
        "s3_secret_key": None,
    }
    return Bucket(settings.model_copy(update=whole), is_signed=boto3.Session().get_credentials() is not None)


class _BeyondEnd(Exception):
    """The range starts at or after the object's end."""


def _create(client: Any, bucket: str) -> None:
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if _status(error) != 404:
            raise
        client.create_bucket(Bucket=bucket)


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])

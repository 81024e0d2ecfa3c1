"""What storage and catalog say when they fail, in our three words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from pyiceberg.exceptions import ForbiddenError, OAuthError, RESTError, UnauthorizedError
from requests.exceptions import RequestException
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from schemas.errors import Halt, PresslakeError, TryLater
from schemas.settings import Settings

_KEYS_REFUSED = re.compile(
    r"AccessDenied|ACCESS_DENIED|Forbidden|\b403\b|INVALID_ACCESS_KEY|InvalidAccessKey|SIGNATURE_DOES_NOT|"
    r"SignatureDoesNot|(Invalid|Expired)Token|(INVALID|EXPIRED)_TOKEN|INVALID_CLIENT_TOKEN",
)
_NO_BUCKET = re.compile(r"NoSuchBucket|NO_SUCH_BUCKET")
_LOGIN_REFUSED = re.compile(
    r"password authentication failed|no password supplied|(role|database) \S+ does not exist|pg_hba"
)


class Conflict(TryLater):
    """The table moved since the snapshot the caller had read: read again and decide again."""


class NoBucket(Halt):
    """There is no bucket of that name."""


@contextmanager
def naming_failures(settings: Settings) -> Iterator[None]:
    """Raises what boto3, pyarrow, pyiceberg and SQLAlchemy raise as `TryLater` or `Halt`, naming the place."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError, PermissionError) as error:
        raise _keys(settings, error) from error
    except FileNotFoundError as error:
        raise Halt(
            f"a file of a table is gone from the bucket: {error}; restore it before going on"
        ) from error
    except (ClientError, BotoCoreError, OSError) as error:
        raise _storage(settings, error) from error
    except (SQLAlchemyError, RESTError, RequestException) as error:
        raise _catalog(settings, error) from error


def place(settings: Settings) -> str:
    """How messages name the storage."""
    return f"S3 at {settings.endpoint or 'AWS'}"


def _storage(settings: Settings, error: Exception) -> PresslakeError:
    if isinstance(error, RequestException):  # an OSError too
        return _catalog(settings, error)
    text = str(error)
    if _KEYS_REFUSED.search(text):
        return _keys(settings, error)
    if _NO_BUCKET.search(text):
        return NoBucket(
            f"{place(settings)} has no bucket {settings.s3_bucket!r}; create it or set PRESSLAKE_S3_BUCKET"
        )
    return TryLater(f"{place(settings)} did not answer as it should: {_one_line(error)}")


def _keys(settings: Settings, error: Exception) -> Halt:
    return Halt(
        f"{place(settings)} refuses the keys for bucket {settings.s3_bucket!r}; set PRESSLAKE_S3_ACCESS_KEY and "
        f"PRESSLAKE_S3_SECRET_KEY, or the AWS_* variables ({_one_line(error)})"
    )


def _catalog(settings: Settings, error: Exception) -> PresslakeError:
    refused = isinstance(error, (UnauthorizedError, ForbiddenError, OAuthError))
    if refused or _LOGIN_REFUSED.search(str(error)):
        return Halt(
            f"the catalog refuses us; check PRESSLAKE_POSTGRES_URI or PRESSLAKE_CATALOG ({_one_line(error)})"
        )
    return TryLater(f"the catalog did not answer as it should: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return " ".join(str(cause).split())[:300]

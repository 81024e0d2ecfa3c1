"""Settings on their way to a child process, and the secrets this installation made for itself."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from schemas.settings import REPO, Settings


class Secrets(BaseModel):
    """What the embedded servers ask for; made once, kept in ``secrets.json`` (mode 0600)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    s3_access_key: str = Field(default_factory=lambda: secrets.token_hex(10))
    s3_secret_key: str = Field(default_factory=lambda: secrets.token_hex(20))
    postgres_password: str = Field(default_factory=lambda: secrets.token_hex(16))
    airflow_password: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    airflow_secret_key: str = Field(default_factory=lambda: secrets.token_hex(32))
    airflow_jwt_secret: str = Field(default_factory=lambda: secrets.token_hex(64))
    airflow_fernet_key: str = Field(
        default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    )


def read_secrets(state_dir: Path) -> Secrets:
    """The installation's secrets, made on the first call; safe when several processes call it at once."""
    path = state_dir / "secrets.json"
    if not path.exists():
        state_dir.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secrets.{os.getpid()}.json")
        draft.touch(mode=0o600)
        draft.write_text(Secrets().model_dump_json(indent=1))
        try:
            path.hardlink_to(draft)  # the first one wins, whole or not at all
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Secrets.model_validate_json(path.read_text())


def with_secrets(settings: Settings) -> Settings:
    """A copy that can reach the embedded servers: absolute state folder, S3 keys, PostgreSQL URI."""
    state_dir = (REPO / settings.state_dir).resolve()
    made = read_secrets(state_dir)
    update: dict[str, object] = {"state_dir": state_dir}
    if settings.s3_embedded and settings.s3_access_key is None:
        update |= {
            "s3_access_key": SecretStr(made.s3_access_key),
            "s3_secret_key": SecretStr(made.s3_secret_key),
        }
    if settings.postgres_embedded:
        address = f"127.0.0.1:{settings.postgres_port}"
        update["postgres_uri"] = SecretStr(f"postgresql://presslake:{made.postgres_password}@{address}/lake")
    return settings.model_copy(update=update)


def settings_env(settings: Settings) -> dict[str, str]:
    """The settings as ``PRESSLAKE_*`` variables; ``Settings()`` in a child reads the very same object."""
    return {f"PRESSLAKE_{name.upper()}": _as_text(value) for name, value in settings if value is not None}


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, bool | tuple | dict) else str(value)

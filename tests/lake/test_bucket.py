"""Objects go in and come out; what is wrong is said in one sentence that names it."""

from __future__ import annotations

from pathlib import Path
from urllib.request import urlopen

import pytest
from pydantic import SecretStr

from lake import Lake
from lake.bucket import Bucket
from presslake.services.ports import free_ports
from schemas.errors import Halt, Reject, TryLater
from schemas.settings import Settings
from schemas.tables import VERDICTS


def test_objects(lake: Lake, tmp_path: Path) -> None:
    lake.put("a/1", b"0123456789")
    (tmp_path / "file").write_bytes(b"x" * 34_000_000)  # more than one part
    lake.put("a/ü 2", tmp_path / "file", "text/plain")
    assert lake.get("a/1") == b"0123456789"
    assert [lake.open_range("a/1", *at) for at in [(2, 3), (8, 9), (10, 1)]] == [b"234", b"89", b""]
    assert (lake.size("a/ü 2"), lake.exists("a/1"), lake.exists("a/3")) == (34_000_000, True, False)
    assert list(lake.list("a/")) == ["a/1", "a/ü 2"]
    with urlopen(lake.url("a/1")) as answer:
        assert answer.read() == b"0123456789"
    lake.delete("a/1", "a/never")
    assert list(lake.list("")) == ["a/ü 2"]
    with pytest.raises(Reject, match="no object 'a/1'"):
        lake.get("a/1")


def test_two_prefixes_do_not_see_each_other(lake: Lake, lake_settings: Settings) -> None:
    other = Bucket(lake_settings.model_copy(update={"s3_prefix": "other-" + lake_settings.s3_prefix}))
    lake.put("x", b"1")
    assert not other.exists("x")
    other.close()


def _changed(settings: Settings, **update: object) -> Lake:
    return Lake(settings.model_copy(update=update))


def test_s3_away_is_tried_later(lake_settings: Settings) -> None:
    with _changed(lake_settings, s3_port=free_ports(1)[0]) as lake:
        with pytest.raises(TryLater, match=r"S3 at http://127\.0\.0\.1:\d+ did not answer"):
            lake.put("x", b"")
        with pytest.raises(TryLater, match=r"S3 at http://127\.0\.0\.1:\d+ did not answer"):
            lake.table(VERDICTS)


@pytest.mark.parametrize("update", [{"s3_access_key": SecretStr("no")}, {"s3_secret_key": SecretStr("no")}])
def test_wrong_keys_halt(lake_settings: Settings, update: dict[str, object]) -> None:
    with _changed(lake_settings, **update) as lake:
        with pytest.raises(Halt, match="set PRESSLAKE_S3_ACCESS_KEY"):
            lake.get("x")
        with pytest.raises(Halt, match="set PRESSLAKE_S3_ACCESS_KEY"):
            lake.table(VERDICTS)


def test_wrong_bucket_halts(lake_settings: Settings) -> None:
    endpoint = lake_settings.endpoint  # not the embedded one: the bucket is not made for you
    with (
        _changed(lake_settings, s3_endpoint=endpoint, s3_bucket="nowhere") as lake,
        pytest.raises(Halt, match="no bucket 'nowhere'; create it or set PRESSLAKE_S3_BUCKET"),
    ):
        lake.get("x")


def test_catalog_away_is_tried_later_and_refused_is_halt(lake_settings: Settings) -> None:
    assert lake_settings.postgres_uri is not None
    uri = lake_settings.postgres_uri.get_secret_value()
    away = uri.replace(f":{lake_settings.postgres_port}/", f":{free_ports(1)[0]}/")
    wrong = uri.replace("@127.0.0.1", "x@127.0.0.1")
    assert len({uri, away, wrong}) == 3
    with (
        _changed(lake_settings, postgres_uri=SecretStr(away)) as lake,
        pytest.raises(TryLater, match="the catalog"),
    ):
        lake.read(VERDICTS)
    with (
        _changed(lake_settings, postgres_uri=SecretStr(wrong)) as lake,
        pytest.raises(Halt, match="PRESSLAKE_POSTGRES"),
    ):
        lake.read(VERDICTS)
    with _changed(lake_settings, postgres_uri=None) as lake, pytest.raises(Halt, match="PRESSLAKE_CATALOG"):
        lake.read(VERDICTS)

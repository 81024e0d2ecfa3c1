"""DuckDB, Polars and pandas read what was written, and the printed code runs as it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from lake import Lake
from lake.readers import duckdb_connection, snippets
from schemas.tables import ARTICLES, LAKE_TABLES
from tests.lake.rows import by_key, made_up

pytestmark = pytest.mark.slow


@pytest.fixture
def articles(lake: Lake) -> Lake:
    lake.upsert(ARTICLES, made_up(ARTICLES, 12, language="en"))
    lake.upsert(ARTICLES, made_up(ARTICLES, 12, first=6, outlet="o'clock", title=None, language="en"))
    return lake


def test_duckdb(articles: Lake) -> None:
    with duckdb_connection(articles) as db:
        tables = {
            name for (name,) in db.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        }
        assert tables == {spec.name for spec in LAKE_TABLES}
        found = db.sql("FROM articles").to_arrow_table().cast(ARTICLES.schema)
        assert by_key(ARTICLES, found) == by_key(ARTICLES, articles.read(ARTICLES))
        assert db.sql("SELECT count(*) FROM articles WHERE outlet = 'o''clock'").fetchall() == [(12,)]
        assert db.sql("FROM outcomes").fetchall() == []


def test_duckdb_installs_and_downloads_nothing(
    articles: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with duckdb_connection(articles) as db:
        assert len(db.sql("FROM articles").fetchall()) == 18
        with pytest.raises(duckdb.Error):
            db.sql("SELECT excel_text(1, '0')")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:.*polars_iceberg", "ignore:.*region")
def test_polars_and_pandas(articles: Lake) -> None:
    wanted = by_key(ARTICLES, articles.read(ARTICLES))
    table = articles.table(ARTICLES)
    lazy = pl.scan_iceberg(table, storage_options=dict(table.io.properties))
    assert by_key(ARTICLES, lazy.collect().to_arrow().cast(ARTICLES.schema)) == wanted
    assert lazy.filter(pl.col("outlet") == "o'clock").select(pl.len()).collect().item() == 12
    frame = table.scan().to_pandas()
    assert sorted(frame["article_id"]) == sorted(key for (key,) in wanted)
    assert frame["title"].isna().sum() == 12


def test_snippets_run_as_they_stand_and_show_the_newest_commit(articles: Lake, tmp_path: Path) -> None:
    code = snippets(articles)
    assert set(code) == {"DuckDB", "Polars", "pandas"}
    catalog = articles.settings.state_dir / "catalog.json"
    assert catalog.stat().st_mode & 0o777 == 0o600
    articles.upsert(ARTICLES, made_up(ARTICLES, 1, first=50, outlet="just-in", language="just-in"))
    for text in code.values():
        run = subprocess.run(
            [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        assert run.stderr == ""
        assert "just-in" in run.stdout
        assert len(text.splitlines()) <= 8

"""Scrapy's own commands on the outlets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from schemas.settings import REPO
from tests.spiders.tiny import PAGE, Tiny

pytestmark = pytest.mark.slow


def scrapy(folder: Path, *arguments: str, contact: str = "") -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "PRESSLAKE_OUTLETS": str(folder / "outlets"),
        "PRESSLAKE_STATE_DIR": str(folder / "state"),
        "PRESSLAKE_PACE_SECONDS": "0",
        "PRESSLAKE_CONTACT": contact,
    }
    command = [sys.executable, "-m", "scrapy", *arguments]
    return subprocess.run(command, cwd=REPO, env=env, capture_output=True, text=True, check=False)


def outlet(folder: Path, slug: str, **facts: object) -> None:
    path = folder / "outlets" / "de" / f"{slug}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    home = f"http://{slug}.localhost/"
    path.write_text(yaml.safe_dump({"name": slug, "language": "de", "homepage": home} | facts))


def test_every_outlet_is_a_spider_and_one_can_be_crawled(tmp_path: Path) -> None:
    with Tiny() as site:
        site.pages |= {"a.localhost/1": PAGE, "a.localhost/feed": site.rss("a.localhost/1", "a.localhost/no")}
        site.pages["a.localhost/robots.txt"] = b"User-agent: *\nDisallow: /no\n"
        outlet(tmp_path, "a", feeds=[site.url("a.localhost/feed")])
        outlet(tmp_path, "b")
        outlet(tmp_path, "gone", retired="2026-01-01")
        assert scrapy(tmp_path, "list").stdout.split() == ["a", "b"]
        done = scrapy(tmp_path, "crawl", "a", "-O", str(tmp_path / "out.jsonl"))
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        assert {(row["url"].rpartition("/")[2], row["outcome"]) for row in rows} == {
            ("1", "fetched"),
            ("no", "disallowed"),
        }
        assert list((tmp_path / "state" / "scrapy" / "a").glob("*/pages.warc.gz"))
        assert "/no" not in site.paths("a.localhost")
    outlet(tmp_path, "real", homepage="https://paper.invalid/", feeds=["https://paper.invalid/feed"])
    nameless = scrapy(tmp_path, "crawl", "real")
    assert nameless.returncode
    assert "set PRESSLAKE_CONTACT" in nameless.stderr
    assert "Traceback" not in nameless.stderr
    named = scrapy(tmp_path, "crawl", "real", contact="desk@paper.example")
    assert "feed https://paper.invalid/feed failed: dns" in named.stderr
    missing = scrapy(tmp_path, "crawl", "gone")
    assert missing.returncode
    assert "gone" in missing.stderr

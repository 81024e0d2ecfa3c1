"""Every real feed and sitemap read: what became of each, how long it took, and where other parsers agree.

`python -m tests.bench.feeds [FOLDER] [--show]`. FOLDER holds files of feed parsers' own suites, by default
`../shared/corpus/feeds`; a `.json` beside an `.xml` may be another parser's reading of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from html import unescape
from pathlib import Path
from typing import Any

from schemas.errors import Reject
from schemas.outlet import SourceKind
from schemas.settings import REPO
from schemas.urls import url_key
from spiders.discover import Discovery, read_source
from spiders.items import Item, plain
from spiders.refused import Refused

FEEDS = REPO.parent / "shared" / "corpus" / "feeds"
BASE = "https://example.org/feed"
LIMIT = 10_000_000


def reading_of(path: Path) -> tuple[str, Discovery, float]:
    """(outcome, what was found, seconds) of one file; the outcome is `items` where nothing is wrong."""
    kind: SourceKind = "sitemap" if "sitemap" in path.name.lower() else "feed"
    body = path.read_bytes()
    began = time.perf_counter()
    found = Discovery()
    try:
        found = read_source(kind, body, BASE, limit=LIMIT)
        outcome = found.reason or "items"
    except Refused as refused:
        outcome = f"refused {refused.reason}"
    return outcome, found, time.perf_counter() - began


def others_reading(path: Path) -> list[tuple[str, str]] | None:
    """(URL key, title) of each item with a link, as the other parser read it; None where there is none."""
    stem = path.stem.partition("-")[2]
    pairs = [p for p in path.parent.glob("*.json") if p.stem.partition("-")[2] == stem] if stem else []
    if path.suffix == ".json" or not pairs:
        return None
    read: Any = json.loads(pairs[0].read_text(encoding="utf-8-sig"))
    entries = read.get("items") or read.get("entries") or []
    items = []
    for entry in entries:
        links = [it if isinstance(it, str) else it.get("href", "") for it in entry.get("links") or []]
        link = entry.get("link") or next(iter(links), "")
        guid = entry.get("guid")
        if not link and isinstance(guid, dict) and str(guid.get("value", "")).startswith("http"):
            link = guid["value"]
        try:
            key = url_key(link) if link else ""
        except Reject:
            key = ""
        if key:
            items.append((key, plain(unescape(entry.get("title") or ""))))
    return items


def _title(item: Item) -> str:
    return next((claim.value for claim in item.claims if claim.field == "title"), "")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.feeds", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FEEDS)
    parser.add_argument("--show", action="store_true", help="each file without items, and each disagreement")
    options = parser.parse_args()
    outcomes: Counter[str] = Counter()
    compared = same_links = same_titles = 0
    slowest = 0.0
    say = sys.stdout.write
    for path in sorted(options.folder.glob("*/*")):
        outcome, found, seconds = reading_of(path)
        outcomes[outcome] += 1
        slowest = max(slowest, seconds)
        if options.show and outcome != "items":
            say(f"{outcome}\t{path.parent.name}/{path.name}\t{found.detail or ''}\n")
        mine = {item.key: _title(item) for item in found.items}
        for key, title in others_reading(path) or []:
            compared += 1
            same_links += key in mine
            same_titles += mine.get(key) == title
            if options.show and mine.get(key) != title:
                say(f"differs\t{path.parent.name}/{path.name}\t{key} {title!r}: {mine}\n")
    for outcome, count in outcomes.most_common():
        say(f"{count:6} {outcome}\n")
    say(f"{sum(outcomes.values()):6} files, the slowest in {slowest:.3f} s\n")
    say(
        f"of {compared} items of another parser {same_links} links and {same_titles} links and titles agree\n"
    )


if __name__ == "__main__":
    main()

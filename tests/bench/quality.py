"""Scores our records on the annotated corpus, beside bare trafilatura on the same pages.

    python -m tests.bench.quality --set np4k --limit 100 --worst 20 --dump readings.jsonl

Body: F1 of 4-word shingles (4 characters for text without spaces); `dek+body` puts the standfirst before
the body, as some sets do. Title: equal after folding. Authors: the same set of names. Date: the same day.
Language: the same ISO 639-1 code. With and without: share of the snippets that are there, that are not.
Means are over annotated pages. `article` is the share of pages taken for articles: 1 is right on the
article sets, 0 on `wcxb_other`.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from fastwarc.warc import ArchiveIterator

from schemas.page import Page
from schemas.urls import capture_id, url_key
from transforms.extract import extract
from transforms.normalise import normalise

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
ARTICLE_SETS = ("scrapinghub", "np4k", "fundus_eval", "fundus_tests", "wcxb_article")
FIELDS = ("body", "dek+body", "exact", "dek+exact", "title", "authors", "date", "language", "with", "without")
_READ = ["text", "title", "authors", "published_on", "language", "dek", "outcome"]

Gold = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What an extractor made of one page; `article` is False when it says the page is none."""

    text: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    day: str = ""
    language: str = ""
    dek: str = ""
    article: bool = True
    error: str = ""

    @property
    def whole(self) -> str:
        """Standfirst and body."""
        return f"{self.dek}\n{self.text}".strip()


def read_set(name: str, limit: int | None = None, corpus: Path = CORPUS) -> list[tuple[Page, Gold]]:
    """Pages of a set with their annotations, suspect ones left out."""
    with (corpus / f"{name}.jsonl").open(encoding="utf-8") as lines:
        golds = [json.loads(line, parse_constant=lambda _: None) for line in lines]  # a NaN is no annotation
    found: list[tuple[Page, Gold]] = []
    with (corpus / f"{name}.warc.gz").open("rb") as stream:
        for gold, record in zip(golds, ArchiveIterator(stream), strict=True):
            if gold.get("gold_is_suspect"):
                continue
            at = datetime.fromisoformat(record.headers["WARC-Date"]).astimezone(UTC)
            url, body = record.headers["WARC-Target-URI"], record.reader.read()
            found.append((page_of(name, url, body, at, record.http_content_type or "text/html"), gold))
            if len(found) == limit:
                break
    return found


def page_of(slot: str, url: str, body: bytes, at: datetime, content_type: str = "text/html") -> Page:
    """A page fetched without trouble, of no outlet we know."""
    key = url_key(url)
    return Page(
        capture_id=capture_id(slot, "corpus", key),
        slot=slot,
        outlet="corpus",
        url=url,
        url_key=key,
        final_url=None,
        found_at=at,
        fetched_at=at,
        status=200,
        content_type=content_type,
        body=body,
        error=None,
    )


def ours(pages: Sequence[Page]) -> list[Reading]:
    """Our own records."""
    rows: pa.Table = normalise(extract(pages, {}), {})
    return [
        Reading(
            text=row["text"] or "",
            title=row["title"] or "",
            authors=tuple(row["authors"] or ()),
            day=str(row["published_on"] or ""),
            language=row["language"] or "",
            dek=row["dek"] or "",
            article=row["outcome"] is None,
        )
        for row in rows.select(_READ).to_pylist()
    ]


def score(gold: Gold, reading: Reading) -> dict[str, float]:
    """Field → score between 0 and 1, for the fields that are annotated."""
    scores: dict[str, float] = {}
    if gold.get("text"):
        expected, letters = shingles(gold["text"]), fold(gold["text"])

        def of(text: str) -> tuple[float, float]:
            return f1(expected, shingles(text)), float(letters == fold(text))

        scores["body"], scores["exact"] = bare = of(reading.text)
        scores["dek+body"], scores["dek+exact"] = of(reading.whole) if reading.dek else bare
    if gold.get("title"):
        scores["title"] = float(fold(gold["title"]) == fold(reading.title))
    if gold.get("authors"):
        scores["authors"] = float(_names(gold["authors"]) == _names(reading.authors))
    if gold.get("date"):
        scores["date"] = float(gold["date"][:10] == reading.day)
    if gold.get("language"):
        scores["language"] = float(gold["language"] == reading.language)
    for field, wanted in (("with", True), ("without", False)):
        if snippets := [kept for snippet in gold.get(field, ()) if (kept := fold(snippet))]:
            found = fold(reading.whole)
            scores[field] = sum((snippet in found) is wanted for snippet in snippets) / len(snippets)
    return scores


def _names(stated: Any) -> set[str]:
    """Names, folded; some tools give a list or an object for an author."""
    if isinstance(stated, str):
        return {fold(stated)}
    inner = stated.values() if isinstance(stated, Mapping) else stated
    return {name for one in inner or () for name in _names(one)}


def fold(text: str) -> str:
    """Letters and digits only, without case."""
    return "".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def shingles(text: str, size: int = 4) -> set[tuple[str, ...]]:
    """Runs of words, or of characters where the script has no spaces."""
    words = re.findall(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]|\w+", text.casefold())
    return {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))} if words else set()


def f1(gold: set[tuple[str, ...]], found: set[tuple[str, ...]]) -> float:
    """Harmonic mean of precision and recall; 1 when both are empty."""
    if not gold and not found:
        return 1.0
    return 2 * len(gold & found) / (len(gold) + len(found))


def means(scores: Sequence[dict[str, float]]) -> dict[str, float]:
    """Field → mean over the pages where it is annotated."""
    return {
        field: sum(values) / len(values)
        for field in FIELDS
        if (values := [page[field] for page in scores if field in page])
    }


def table(name: str, rows: Mapping[str, tuple[dict[str, float], float]]) -> Iterator[str]:
    """Lines of an aligned table: one row a tool, from its means and its pages per second of CPU."""
    heads = (*FIELDS, "article", "pages/s")
    yield f"{name:24}" + "".join(f"{head:>10}" for head in heads)
    for tool, (row, speed) in rows.items():
        cells = "".join(f"{row[head]:>10.3f}" if head in row else " " * 10 for head in heads[:-1])
        yield f"{tool:24}{cells}{speed:>10.1f}"


def worst(pairs: Sequence[tuple[Gold, Reading]], number: int) -> Iterator[str]:
    """Lines: the pages of the lowest body F1, how many shingles were missed and are false, what was said."""
    found = []
    for gold, reading in pairs:
        if gold.get("text"):
            expected, read = shingles(gold["text"]), shingles(reading.text)
            found.append((f1(expected, read), len(expected - read), len(read - expected), gold, reading))
    yield f"{'body':>6}{'missed':>8}{'false':>8}  page"
    for body, missed, false, gold, reading in sorted(found, key=lambda entry: entry[0])[:number]:
        said = "" if reading.article else "  (no article)"
        yield f"{body:6.3f}{missed:8}{false:8}  {gold['id']}  {gold['url'][:80]}{said}"


def main() -> None:
    """The command line."""
    from tests.bench.race import BLIND, PEERS, TRAFILATURA, peers_folder, running

    tools = {tool.name.lower(): tool for tool in (BLIND, *PEERS)}
    parser = argparse.ArgumentParser(description="Score records on the annotated corpus.")
    parser.add_argument("--set", action="append", dest="sets", help="a set's name; may be repeated")
    parser.add_argument("--limit", type=int, help="pages of a set")
    parser.add_argument(
        "--tool", action="append", choices=tools, help="may be repeated; default presslake and trafilatura"
    )
    parser.add_argument("--worst", type=int, metavar="N", default=0, help="show the N worst bodies")
    parser.add_argument(
        "--dump", type=Path, metavar="FILE", help="one JSON line a page: reading, gold, scores"
    )
    arguments = parser.parse_args()
    dumped: list[str] = []
    for name in arguments.sets or ARTICLE_SETS:
        pairs = read_set(name, arguments.limit)
        rows: dict[str, tuple[dict[str, float], float]] = {}
        shown: list[str] = []
        for tool in arguments.tool or (BLIND.name.lower(), TRAFILATURA.name):
            with running(tools[tool], peers_folder(), print) as worker:
                readings, cpu_s = worker.read([page for page, _ in pairs])
            speed = len(pairs) / cpu_s
            read = [(gold, reading) for (_, gold), reading in zip(pairs, readings, strict=True)]
            scores = [score(*pair) for pair in read]
            rows[tool] = means(scores) | {"article": sum(r.article for r in readings) / len(readings)}, speed
            shown += [f"\n{tool}", *worst(read, arguments.worst)] if arguments.worst else []
            for (gold, reading), each in zip(read, scores, strict=True):
                facts = {"set": name, "tool": tool, "id": gold["id"], "scores": each}
                dumped.append(
                    json.dumps(facts | {"reading": asdict(reading), "gold": gold}, ensure_ascii=False)
                )
        print("\n".join([*table(name, rows), *shown, ""]))
    if arguments.dump:
        arguments.dump.write_text("\n".join([*dumped, ""]), "utf-8")


if __name__ == "__main__":
    main()

"""Scores our records on the annotated corpus, beside bare trafilatura on the same pages.

    python -m tests.bench.quality --set np4k --limit 100

Body: F1 of 4-word shingles (4 characters for text without spaces). Title: equal after folding. Authors:
the same set of names. Date: the same day. Language: the same ISO 639-1 code. Means are over annotated pages.
`article` is the share of pages taken for articles: 1 is right on the article sets, 0 on `wcxb_other`.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
FIELDS = ("body", "exact", "title", "authors", "date", "language")

Gold = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What an extractor made of one page; `article` is False when it says the page is none."""

    text: str
    title: str
    authors: tuple[str, ...]
    day: str
    language: str
    article: bool = True


def read_set(name: str, limit: int | None = None, corpus: Path = CORPUS) -> list[tuple[Page, Gold]]:
    """Pages of a set with their annotations, suspect ones left out."""
    with (corpus / f"{name}.jsonl").open(encoding="utf-8") as lines:
        golds = [json.loads(line) for line in lines]
    found: list[tuple[Page, Gold]] = []
    with (corpus / f"{name}.warc.gz").open("rb") as stream:
        for gold, record in zip(golds, ArchiveIterator(stream), strict=True):
            if gold.get("gold_is_suspect"):
                continue
            found.append((_page(name, record), gold))
            if len(found) == limit:
                break
    return found


def _page(name: str, record: Any) -> Page:
    url = record.headers["WARC-Target-URI"]
    at = datetime.fromisoformat(record.headers["WARC-Date"]).astimezone(UTC)
    key = url_key(url)
    return Page(
        capture_id=capture_id(name, "corpus", key),
        slot=name,
        outlet="corpus",
        url=url,
        url_key=key,
        final_url=None,
        found_at=at,
        fetched_at=at,
        status=200,
        content_type=record.http_content_type or "text/html",
        body=record.reader.read(),
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
            article=row["outcome"] is None,
        )
        for row in rows.to_pylist()
    ]


def bare_trafilatura(pages: Sequence[Page], **options: Any) -> list[Reading]:
    """trafilatura with metadata, called as its documentation shows."""
    import py3langid
    import trafilatura

    found: list[Reading] = []
    for page in pages:
        document = trafilatura.bare_extraction(
            page.body, url=page.url, with_metadata=True, include_comments=False, **options
        )
        text = (document and document.text) or ""
        found.append(
            Reading(
                text=text,
                title=(document and document.title) or "",
                authors=tuple(filter(None, ((document and document.author) or "").split("; "))),
                day=(document and document.date) or "",
                language=py3langid.classify(text)[0] if text else "",
            )
        )
    return found


def score(gold: Gold, reading: Reading) -> dict[str, float]:
    """Field → score between 0 and 1, for the fields that are annotated."""
    scores: dict[str, float] = {}
    if gold.get("text"):
        scores["body"] = f1(shingles(gold["text"]), shingles(reading.text))
        scores["exact"] = float(fold(gold["text"]) == fold(reading.text))
    if gold.get("title"):
        scores["title"] = float(fold(gold["title"]) == fold(reading.title))
    if gold.get("authors"):
        scores["authors"] = float(set(map(fold, gold["authors"])) == set(map(fold, reading.authors)))
    if gold.get("date"):
        scores["date"] = float(gold["date"][:10] == reading.day)
    if gold.get("language"):
        scores["language"] = float(gold["language"] == reading.language)
    return scores


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


TOOLS: dict[str, Callable[[Sequence[Page]], list[Reading]]] = {
    "presslake": ours,
    "trafilatura": bare_trafilatura,
    "trafilatura precision": lambda pages: bare_trafilatura(pages, favor_precision=True),
    "trafilatura fast": lambda pages: bare_trafilatura(pages, fast=True),
}


def table(name: str, limit: int | None, tools: Sequence[str]) -> Iterator[str]:
    """Lines of an aligned table: one row a tool, with pages per second of CPU."""
    pairs = read_set(name, limit)
    pages = [page for page, _ in pairs]
    yield f"{name:24}" + "".join(f"{field:>10}" for field in (*FIELDS, "article", "pages/s"))
    for tool in tools:
        start = time.process_time()
        readings = TOOLS[tool](pages)
        seconds = time.process_time() - start
        row = means([score(gold, reading) for (_, gold), reading in zip(pairs, readings, strict=True)])
        row["article"] = sum(reading.article for reading in readings) / len(readings)
        cells = "".join(f"{row[f]:>10.3f}" if f in row else " " * 10 for f in (*FIELDS, "article"))
        yield f"{tool:24}{cells}{len(pages) / seconds:>10.1f}"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Score records on the annotated corpus.")
    parser.add_argument("--set", action="append", dest="sets", help="a set's name; may be repeated")
    parser.add_argument("--limit", type=int, help="pages of a set")
    parser.add_argument(
        "--tool", action="append", choices=TOOLS, help="may be repeated; default ours and bare"
    )
    arguments = parser.parse_args()
    for name in arguments.sets or ARTICLE_SETS:
        for line in table(name, arguments.limit, arguments.tool or ["presslake", "trafilatura"]):
            print(line)


if __name__ == "__main__":
    main()

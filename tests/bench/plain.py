"""How well documents without markup are read: pages of the corpus as plain lines.

    .venv/bin/python -m tests.bench.plain [--folds 5] [--limit 50]

A page becomes a document the way WET records are made: every line of text in it, in order, menus and hidden
parts too; every second one begins with the page's `<title>`. Forests are learned without the sites they judge
(that needs lightgbm, see `train_lines`). Memory is what the other pages of a site in the corpus leave.
"""

from __future__ import annotations

import argparse
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from presslake.demo.stories import World
from presslake.demo.truth import truth
from schemas.errors import Reject
from schemas.page import Page
from schemas.tables import SIGHTINGS
from schemas.urls import site_of
from tests.bench.blind import part_of
from tests.bench.newsroom import NOW, fetched
from tests.bench.quality import ARTICLE_SETS, Gold, f1, fold, read_set, shingles
from tests.bench.train_blocks import labels_of
from transforms.extract.decode import decode
from transforms.extract.lines import Forests
from transforms.extract.markup import Markup, parse
from transforms.extract.memory import Memory, recall, remember
from transforms.extract.plain import read_plain

SETS = (*ARTICLE_SETS, "magic_article")
#: Sets that annotate titles, and those that only know what a site repeats.
TITLED = ("np4k", "fundus_tests", "wcxb_article", "traf_eval", "postlight")
OTHERS = ("htmldate_eval", "wcxb_other")
_KNOWN_SITE = 3  # other pages from which memory can know something

Row = dict[str, Any]


@dataclass(frozen=True)
class Document:
    """A page as lines, with what people annotated: which lines are text (None if nobody said) or the title."""

    name: str
    site: str
    url: str
    lines: list[str]
    gold: Gold
    labels: npt.NDArray[np.int8] | None

    def is_title(self) -> npt.NDArray[np.bool_]:
        """Which lines are the annotated title."""
        title = fold(self.gold.get("title") or "") if self.name in TITLED else ""
        return np.array([bool(title) and fold(line) == title for line in self.lines])


def documents(names: Iterable[str] = SETS, limit: int | None = None) -> Iterator[Document]:
    """The pages of some sets."""
    for name in names:
        for page, gold in read_set(name, limit):
            try:
                markup = _markup(page)
            except Reject:
                continue
            lines = _lines(markup)
            labels = labels_of(markup.blocks, gold["text"]) if gold.get("text") and name in SETS else None
            title = markup.first("title")
            if title and title.text and zlib.crc32(page.url.encode()) % 2:
                lines.insert(0, title.text)
                labels = None if labels is None else np.insert(labels, 0, 0)
            if lines:
                yield Document(name, site_of(page.url), page.url, lines, gold, labels)


def _markup(page: Page) -> Markup:
    return parse(decode(page.body, page.content_type)[0])


def _lines(markup: Markup) -> list[str]:
    return [block.text for block in markup.blocks]


def memories(rows: Iterable[tuple[str, str, Row]]) -> dict[str, Memory]:
    """URL → what the other pages of its site leave, of (site, URL, row) of documents already read."""
    sites: defaultdict[str, list[tuple[str, Row]]] = defaultdict(list)
    for site, url, row in rows:
        sites[site].append((url, row))
    found = {}
    for pages in sites.values():
        for url, _ in pages:
            others = [
                {"outlet": "", "article_id": other, "lines": row["sighted"]}
                for other, row in pages
                if other != url
            ]
            table = pa.Table.from_pylist(others, schema=SIGHTINGS.schema)
            found[url] = recall(remember(table)).get("", Memory())
    return found


def wrapped(lines: list[str], width: int = 80) -> str:
    """The document with its lines broken at a width, and with Windows' line ends."""
    import textwrap

    return "\r\n".join(part for line in lines for part in textwrap.wrap(line, width) or [""])


VARIANTS: Mapping[str, Callable[[list[str]], str]] = {
    "lines": "\n".join,
    "an empty line between": "\n\n".join,
    "wrapped at 80": wrapped,
}


def main() -> None:
    """Print the scores of site-disjoint cross-validation."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--limit", type=int, help="pages of a set")
    options = parser.parse_args()
    found = list(documents(dict.fromkeys((*SETS, *TITLED, *OTHERS)), options.limit))
    report(found, cross_validated(found, options.folds))


def newsroom_scores(world: World) -> dict[str, float]:
    """Means over the articles of a newsroom; `known` is with what the other articles of a paper show."""
    told = [one for one in truth(world, NOW) if one.expected in {"published", "duplicate"}]
    pages = [(one, "\n".join(_lines(_markup(page)))) for one in told if (page := fetched(world, one))]
    rows = [read_plain(text, "") for _, text in pages]
    memory = memories((one.outlet, one.url, row) for (one, _), row in zip(pages, rows, strict=True))
    known = [read_plain(text, "", memory[one.url]) for one, text in pages]

    def body(read: list[Row]) -> float:
        pairs = zip(pages, read, strict=True)
        return float(
            np.mean([f1(shingles(one.text), shingles(row["text_raw"] or "")) for (one, _), row in pairs])
        )

    titles = [(row["title_raw"], one.title) for (one, _), row in zip(pages, rows, strict=True)]
    return {
        "body": body(rows),
        "known_body": body(known),
        "title": float(np.mean([fold(found or "") == fold(title) for found, title in titles])),
        "articles_found": float(np.mean([row.get("outcome") is None for row in rows])),
    }


def cross_validated(found: list[Document], folds: int) -> dict[str, Forests]:
    """Site → forests that were learned without it."""
    from tests.bench.train_lines import learn, samples

    told = list(samples(found))
    part = {d.site: part_of(d.site, folds) for d in found}
    learned = [learn([s for s in told if part[s.document.site] != out]) for out in range(folds)]
    return {site: learned[own] for site, own in part.items()}


def report(found: list[Document], forests: Mapping[str, Forests]) -> None:
    """Print the tables."""

    def read(document: Document, text: str, memory: Memory | None = None) -> Row:
        return read_plain(text, "", memory, forests[document.site])

    rows = [(document, read(document, "\n".join(document.lines))) for document in found]
    memory = memories((d.site, d.url, row) for d, row in rows)
    with_memory = [(d, read(d, "\n".join(d.lines), memory[d.url])) for d, _ in rows]
    known = {url for url, one in memory.items() if one.articles >= _KNOWN_SITE}
    print(f"body F1{'':24}" + "".join(f"{name:>14}" for name in (*SETS, "mean", "mean of five")))
    for name, make in VARIANTS.items():
        if name != "lines":
            _print(name, _body((d, read(d, make(d.lines))) for d, _ in rows if d.name in SETS))
    _print("without memory", _body(rows))
    _print("with memory", _body(with_memory))
    _print(f"without, {_KNOWN_SITE} pages known", _body(r for r in rows if r[0].url in known))
    _print(f"with, {_KNOWN_SITE} pages known", _body(r for r in with_memory if r[0].url in known))
    print("\ntitles right, and right where a line is the title")
    for name in TITLED:
        of_set = [(d, row) for d, row in rows if d.name == name and d.gold.get("title")]
        right = [fold(row["title_raw"] or "") == fold(d.gold["title"]) for d, row in of_set]
        shown = [d.is_title().any() for d, _ in of_set]
        print(f"{name:16}{np.mean(right):8.3f}{np.mean(right) / np.mean(shown):8.3f}")
    print("\ntaken for articles")
    for name in dict.fromkeys(d.name for d in found):
        print(f"{name:16}{np.mean([row.get('outcome') is None for d, row in rows if d.name == name]):8.3f}")


def _body(rows: Iterable[tuple[Document, Row]]) -> dict[str, list[float]]:
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for document, row in rows:
        if document.labels is not None:
            scores[document.name].append(f1(shingles(document.gold["text"]), shingles(row["text_raw"] or "")))
    return scores


def _print(what: str, scores: Mapping[str, list[float]]) -> None:
    means = [float(np.mean(scores[name])) if scores.get(name) else np.nan for name in SETS]
    cells = (*means, np.nanmean(means), np.nanmean(means[: len(ARTICLE_SETS)]))
    print(f"{what:31}" + "".join(f"{cell:14.4f}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()

"""Scores what the outlets' memory does: promos of the newsroom left out, prose kept, bodies of the corpus.

    python -m tests.bench.boilerplate

Newsroom: each paper's articles are read in the order they appeared, from the 21st on with what those before
showed. *memory* judges every line of the whole page by itself, without a reader of bodies; *text* is what the
whole extractor makes of the page. Corpus: pages of sites that have three others or more are read without and
with what those others showed; copies of the page in other sets are not among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pyarrow as pa

from presslake.demo.stories import World
from presslake.demo.truth import Truth, truth
from schemas.page import Page
from schemas.tables import SIGHTINGS
from schemas.urls import site_of
from tests.bench import quality
from tests.bench.newsroom import EPOCH, NOW, fetched
from transforms.extract import extract
from transforms.extract.decode import decode
from transforms.extract.markup import fold, parse
from transforms.extract.memory import Memory, Seen, recall, remember, seen, sighting

KNOWN_PAGES = 20
FEWEST_OTHERS = 3
SETS = (*quality.ARTICLE_SETS, "traf_eval", "htmldate_eval", "postlight", "magic_article")


@dataclass
class Tally:
    """Lines of promos and of prose there were; how many promos were found out, and how much prose was taken for one."""

    promos: int = 0
    found: int = 0
    prose: int = 0
    lost: int = 0

    @property
    def removed(self) -> float:
        """Share of the promo lines that do not reach the text."""
        return self.found / max(1, self.promos)

    @property
    def kept(self) -> float:
        """Share of the prose lines that do."""
        return 1 - self.lost / max(1, self.prose)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.promos + other.promos,
            self.found + other.found,
            self.prose + other.prose,
            self.lost + other.lost,
        )


@dataclass(frozen=True)
class Shown:
    """A page with all its lines, and those a reader weighs."""

    page: Page
    lines: list[Seen]
    weighed: list[dict[str, object]]


def newsroom(world: World) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """Paper → the tally of its memory by itself, and that of its texts."""
    by_paper: dict[str, list[tuple[Truth, Page]]] = defaultdict(list)
    for told in sorted(truth(world, NOW), key=lambda told: told.visible_from):
        if told.expected == "published" and (page := fetched(world, told)):
            by_paper[told.outlet].append((told, page))
    by_itself: dict[str, Tally] = {}
    texts: dict[str, Tally] = {}
    for paper, pages in by_paper.items():
        shown = [show(page) for _, page in pages]
        by_itself[paper], texts[paper] = Tally(), Tally()
        for number in range(KNOWN_PAGES, len(shown)):
            one, (told, _) = shown[number], pages[number]
            memory = _learned(paper, [sighting(s.lines) for s in shown[:number]])
            left = [line.text for line in one.lines if not memory.recurs(line)]
            by_itself[paper] += _judge(told, (line.text for line in one.lines), left)
            memory = _learned(paper, [s.weighed for s in shown[:number]])
            [row] = extract([one.page], {}, {paper: memory}).to_pylist()
            texts[paper] += _judge(
                told, (line.text for line in one.lines), (row["text_raw"] or "").split("\n")
            )
    return by_itself, texts


def show(page: Page) -> Shown:
    """What there is to remember of a page."""
    [row] = extract([page], {}).to_pylist()
    blocks = parse(decode(page.body, page.content_type)[0]).blocks
    return Shown(page, [seen(block) for block in blocks], row["sighted"] or [])


def _learned(outlet: str, sightings: Iterable[Sequence[Mapping[str, object]]]) -> Memory:
    """What these articles of an outlet teach, each seen a minute after the one before."""
    rows = [
        {
            "article_id": f"{number:06}",
            "capture_id": f"{number:06}",
            "slot": "bench",
            "outlet": outlet,
            "first_seen_at": EPOCH + timedelta(minutes=number),
            "lines": lines,
            "extractor": "bench",
        }
        for number, lines in enumerate(sightings)
    ]
    return recall(remember(pa.Table.from_pylist(rows, schema=SIGHTINGS.schema))).get(outlet, Memory())


def _judge(told: Truth, lines: Iterable[str], left: Iterable[str]) -> Tally:
    on_page = {fold(line) for line in lines}
    prose = {fold(line) for line in told.text.split("\n")} - {""}
    promos = {fold(line) for line in told.promos} & on_page - prose - {""}
    kept = {fold(line) for line in left}
    return Tally(len(promos), len(promos - kept), len(prose), len(prose - kept))


def corpus() -> dict[str, list[tuple[float, float]]]:
    """Set → (body F1 without, with memory) of each annotated page of a site with enough others."""
    by_site: dict[str, list[tuple[str, Page, quality.Gold]]] = defaultdict(list)
    for name in SETS:
        for page, gold in quality.read_set(name):
            by_site[site_of(page.url)].append((name, page, gold))
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for site, pages in by_site.items():
        if len({page.url_key for _, page, _ in pages}) <= FEWEST_OTHERS:
            continue
        rows = [extract([replace(page, outlet=site)], {}).to_pylist()[0] for _, page, _ in pages]
        for (name, page, gold), row in zip(pages, rows, strict=True):
            if name not in quality.ARTICLE_SETS or not gold.get("text"):
                continue
            others = {
                other["url_key"]: other["sighted"] or [] for other in rows if other["url_key"] != page.url_key
            }
            memory = _learned(site, others.values())
            [again] = extract([replace(page, outlet=site)], {}, {site: memory}).to_pylist()
            expected = quality.shingles(gold["text"])
            without, with_it = (
                quality.f1(expected, quality.shingles(r["text_raw"] or "")) for r in (row, again)
            )
            scores[name].append((without, with_it))
    return scores


def report() -> Iterator[str]:
    """Both tables."""
    by_itself, texts = newsroom(World(EPOCH, seed=20260328, scale=4))
    yield f"{'newsroom':22}{'memory: removed':>16}{'kept':>8}{'text: removed':>16}{'kept':>8}"
    for name in (*by_itself, "together"):
        one, other = (
            sum(of.values(), Tally()) if name == "together" else of[name] for of in (by_itself, texts)
        )
        yield f"{name:22}{one.removed:>16.3f}{one.kept:>8.3f}{other.removed:>16.3f}{other.kept:>8.3f}"
    yield f"\n{'corpus':22}{'pages':>8}{'without':>10}{'with':>10}{'better':>8}{'worse':>8}"
    for name, pairs in sorted(corpus().items()):
        without, with_it = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
        better, worse = (sum(sign * (b - a) > 0 for a, b in pairs) for sign in (1, -1))
        yield f"{name:22}{len(pairs):>8}{without:>10.4f}{with_it:>10.4f}{better:>8}{worse:>8}"


if __name__ == "__main__":
    for line in report():
        print(line)

"""What a race came to, as tables: bodies, duels, fields, speeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from schemas.page import Page
from tests.bench import quality
from tests.bench.quality import ARTICLE_SETS, Gold, Reading
from tests.bench.race import OURS, PEERS, TRAFILATURA
from tests.bench.report import table

#: Sets beyond those of articles with whole bodies → the peers that read them too.
BESIDE = {
    "traf_eval": ("trafilatura", "newspaper4k"),
    "postlight": ("trafilatura", "newspaper4k"),
    "magic_article": ("trafilatura", "newspaper4k"),
    "htmldate_eval": ("trafilatura", "htmldate"),
}
OTHERS = "wcxb_other"
_RESAMPLES = 10_000
_STATED = {"title": "title", "authors": "authors", "date": "day", "language": "language"}

Sets = Mapping[str, Sequence[tuple[Page, Gold]]]
Found = Mapping[str, Mapping[str, Sequence[Reading]]]
"""Tool → set → what it read of each page."""
Scores = Mapping[str, Mapping[str, Sequence[dict[str, float]]]]
Row = tuple[str, list[float | None]]


def scores_of(pairs: Sequence[tuple[Page, Gold]], found: Sequence[Reading]) -> list[dict[str, float]]:
    """Scores of each page, but none for fields that the tool never states."""
    silent = {
        field
        for field, attribute in _STATED.items()
        if not any(getattr(reading, attribute) for reading in found)
    }
    return [
        {field: value for field, value in quality.score(gold, reading).items() if field not in silent}
        for (_, gold), reading in zip(pairs, found, strict=True)
    ]


def interval(differences: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Where 95 % of the means lie when the pages are drawn again with replacement; the same every time."""
    size = len(differences)
    drawn = np.random.default_rng(20260328).integers(0, size, (_RESAMPLES, size))
    low, high = np.percentile(differences[drawn].mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


def bodies(sets: Sets, scores: Scores, field: str) -> str:
    """Each tool on each set, ours with and without the standfirst; `field` is body or exact."""
    rows: list[Row] = []
    for tool, by_set in scores.items():
        ways = {f"**{tool}**": field, f"**{tool}**, dek + body": f"dek+{field}"}
        for label, way in ways.items() if tool == OURS.name else [(tool, field)]:
            means = [_mean(by_set.get(name, ()), way) for name in ARTICLE_SETS]
            known = [mean for mean in means if mean is not None]
            if known:
                rows.append((label, [*means, sum(known) / len(known)]))
    sizes = [f"{name} ({len(sets[name])})" for name in ARTICLE_SETS]
    return shares({"body": "body F1: set (pages)", "exact": "exact bodies"}[field], [*sizes, "mean"], rows)


def duels(scores: Scores) -> str:
    """Ours against the best peer of each set, without and with the standfirst."""
    rows: list[tuple[object, ...]] = []
    for name in ARTICLE_SETS:
        peers = {
            tool: of_tool[name] for tool, of_tool in scores.items() if tool != OURS.name and name in of_tool
        }
        if not peers:
            continue
        best = max(peers, key=lambda tool: _mean(peers[tool], "body") or 0)
        theirs = _column(peers[best], "body")
        most_exact = max(_mean(peer, "exact") or 0 for peer in peers.values())
        for way in ("", "dek+"):
            ours = _column(scores[OURS.name][name], f"{way}body")
            exact = _mean(scores[OURS.name][name], f"{way}exact") or 0
            low, high = interval(ours - theirs)
            rows.append(
                (
                    f"{name}, {way.replace('+', ' + ')}body",
                    best,
                    f"{theirs.mean():.3f}",
                    f"{ours.mean():.3f}",
                    f"{(ours - theirs).mean():+.3f}",
                    f"{low:+.3f} … {high:+.3f}",
                    "ahead" if low > 0 else "behind" if high < 0 else "level",
                    exact / most_exact if most_exact else None,
                )
            )
    heads = "set|best peer|its F1|our F1|difference|95 % interval|we are|exact: best peer = 1"
    return table(heads.split("|"), rows)


def fields(scores: Scores) -> str:
    """Title, authors, date and language, where they are annotated."""
    asked = [
        (field, name)
        for field in ("title", "authors", "date", "language")
        for name in ARTICLE_SETS
        if any(field in page for page in scores[OURS.name][name])
    ]
    rows = [
        (tool, [_mean(by_set.get(name, ()), field) for field, name in asked])
        for tool, by_set in scores.items()
    ]
    return shares(
        "share right", [f"{field}, {name}" for field, name in asked], [row for row in rows if any(row[1])]
    )


def beside(sets: Sets, scores: Scores) -> str:
    """The sets that hold snippets or dates only, or pages of another sort."""
    fields = ("body", "with", "without", "title", "authors", "date")
    rows = [
        (f"{name} ({len(sets[name])}), {tool}", [_mean(scores[tool][name], field) for field in fields])
        for name, peers in BESIDE.items()
        for tool in (OURS.name, *peers)
        if tool in scores
    ]
    return shares("other sets (pages), tool", fields, rows, best=False)


def kinds(ours: Mapping[str, Sequence[Reading]]) -> str:
    """How well we tell articles from other pages."""
    articles = [reading.article for name in ARTICLE_SETS for reading in ours[name]]
    others = [reading.article for reading in ours[OTHERS]]
    right, taken = sum(articles), sum(articles) + sum(others)
    return (
        f"Articles told from other pages: precision {right / max(1, taken):.3f}, recall {right / len(articles):.3f}, "
        f"on the {len(articles):,} articles above and {len(others):,} pages of `{OTHERS}`. No peer claims to."
    )


def errors(found: Found) -> str:
    """How many pages each tool gave up on."""
    counts = {
        tool: sum(bool(reading.error) for of_set in by_set.values() for reading in of_set)
        for tool, by_set in found.items()
    }
    told = ", ".join(f"{tool} {count}" for tool, count in counts.items() if count)
    return f"Pages that a tool raised an error on, read as empty: {told or 'none'}."


def speeds(
    samples: Mapping[str, Sequence[Page]],
    speeds: Mapping[str, Mapping[str, float]],
    peaks: Mapping[str, float],
) -> str:
    """Pages a second, and as multiples of trafilatura with metadata."""
    versions = {tool.name: tool.version for tool in (OURS, *PEERS)}
    peer = speeds.get(TRAFILATURA.name)
    sizes = [f"{np.mean([len(page.body) for page in sample]) / 1000:.0f} kB" for sample in samples.values()]
    heads = [head for size in sizes for head in (f"pages of {size}", "trafilatura = 1")]
    rows = []
    for tool, by_size in speeds.items():
        pairs = [(speed, speed / peer[name] if peer else None) for name, speed in by_size.items()]
        rows.append((tool, versions[tool], *chain.from_iterable(pairs), peaks[tool]))
    return table(["pages per CPU s", "version", *heads, "peak MB"], rows)


def _mean(pages: Sequence[Mapping[str, float]], field: str) -> float | None:
    values = [page[field] for page in pages if field in page]
    return sum(values) / len(values) if values else None


def _column(pages: Sequence[Mapping[str, float]], field: str) -> npt.NDArray[np.float64]:
    return np.array([page[field] for page in pages if field in page])


def shares(head: str, heads: Sequence[str], rows: Sequence[Row], best: bool = True) -> str:
    """A table of shares, the highest of each column in bold."""
    highest = [
        max((value or 0 for value in column), default=0)
        for column in zip(*(row[1] for row in rows), strict=True)
    ]

    def cell(value: float | None, top: float) -> str | None:
        return None if value is None else f"**{value:.3f}**" if best and value == top else f"{value:.3f}"

    return table([head, *heads], [(name, *map(cell, values, highest)) for name, values in rows])

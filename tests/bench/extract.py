"""How well and how fast pages become records, beside the peers on the same pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from schemas.page import Page
from tests.bench import quality, tables
from tests.bench.quality import ARTICLE_SETS, Gold, Reading
from tests.bench.race import BATCH, BLIND, HTMLDATE, OURS, PEERS, Tool, peers_folder, readings, running
from tests.bench.tables import BESIDE, OTHERS, Found, Sets

PACKAGES = ("selectolax", "numpy", "pyarrow")
#: Smaller and larger pages.
TIMED = ("scrapinghub", "np4k")
#: Pages before the clock runs: what a tool loads when it first needs it, some on one page in fourteen, is loaded.
WARM_UP = 64

Say = Callable[[str], None]


def measure(quick: bool, say: Say) -> str:
    """The section's text."""
    if not quality.CORPUS.exists():
        return "Not measured: the corpus was not there."
    sets = {name: quality.read_set(name, 8 if quick else None) for name in (*ARTICLE_SETS, *BESIDE, OTHERS)}
    found, fallen = read_all(sets, say)
    say("scores")
    scores = {
        tool: {name: tables.scores_of(sets[name], of_set) for name, of_set in by_set.items()}
        for tool, by_set in found.items()
    }
    tools = [tool for tool in (OURS, *PEERS) if tool.name in scores]
    samples = {name: [page for page, _ in spread(sets[name], 8 if quick else 64)] for name in TIMED}
    warm_up = [page for page, _ in sets["fundus_tests"][:WARM_UP]]
    parts = [
        *(f"Out of the race: {name} {why}" for name, why in fallen.items()),
        tables.bodies(sets, scores, "body"),
        tables.bodies(sets, scores, "exact"),
        tables.duels(scores),
        tables.fields(scores),
        tables.beside(sets, scores),
        tables.kinds(found[OURS.name]),
        tables.errors(found),
        tables.speeds(samples, *clock(tools, samples, warm_up, 1 if quick else 2, say)),
    ]
    return "\n\n".join(filter(None, parts))


def read_all(sets: Sets, say: Say) -> tuple[Found, dict[str, str]]:
    """What each tool reads, two tools at a time; and, of those that fell out, why."""
    found: dict[str, dict[str, Sequence[Reading]]] = {}
    fallen: dict[str, str] = {}

    def read(tool: Tool) -> None:
        names = [name for name in sets if tool is BLIND or tool.name in BESIDE.get(name, ())]
        names += [name for name in ARTICLE_SETS if tool in PEERS]
        pages = [page for name in names for page, _ in sets[name]]
        try:
            rest = iter(readings(tool, pages, peers_folder(), say))
        except RuntimeError as error:
            if tool is BLIND:
                raise
            fallen[tool.name] = str(error)
        else:
            found[tool.name] = {name: [next(rest) for _ in sets[name]] for name in names}

    everyone = (BLIND, *PEERS, HTMLDATE)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(read, everyone))
    return {tool.name: found[tool.name] for tool in everyone if tool.name in found}, fallen


def clock(
    tools: Sequence[Tool],
    samples: Mapping[str, Sequence[Page]],
    warm_up: Sequence[Page],
    rounds: int,
    say: Say,
) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """(tool → sample → pages per second of CPU, tool → peak MB): a batch to each in turn, each first in turn."""
    with ExitStack() as stack:
        workers = [stack.enter_context(running(tool, peers_folder(), say)) for tool in tools]
        for worker in workers:
            worker.read(warm_up)
        cpu_s = {tool.name: dict.fromkeys(samples, 0.0) for tool in tools}
        for number in range(rounds):
            for name, sample in samples.items():
                say(f"speed, round {number + 1} of {rounds}: {name}")
                for start in range(0, len(sample), BATCH):
                    workers.append(workers.pop(0))
                    for worker in workers:
                        cpu_s[worker.tool.name][name] += worker.read(sample[start : start + BATCH])[1]
        peaks = {worker.tool.name: worker.peak_mb for worker in workers}
    speeds = {
        tool: {name: rounds * len(samples[name]) / seconds for name, seconds in took.items()}
        for tool, took in cpu_s.items()
    }
    return speeds, peaks


def spread(pairs: Sequence[tuple[Page, Gold]], number: int) -> Sequence[tuple[Page, Gold]]:
    """So many from the whole length of a set."""
    return [pairs[place] for place in sorted({i * len(pairs) // number for i in range(number)})]

"""Where the body still differs from the annotated one, by class, with counts: `python -m tests.bench.losses`.

Every line that is read but not annotated is false, every line annotated but not read is missed; a page's class is
where most of its letters go wrong. Read with what was learned on other sites (`blind`), on the five article sets.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.blind import read_unseen
from tests.bench.quality import ARTICLE_SETS, CORPUS, Reading, f1, fold, ours, read_set, shingles

_SHORT = 60  # characters: labels, items, cells
_HELD = 0.5  # of a line's shingles, from which the other text holds the line


def classes_of(gold: str, reading: Reading) -> Counter[str]:
    """Class → letters that are false or missed; of `body` and `dek + body` whichever is nearer to the annotation."""
    expected = shingles(gold)
    read = max((reading.text, reading.whole), key=lambda text: f1(expected, shingles(text)))
    if not read:
        return Counter({"nothing is read": len(gold)})
    found: Counter[str] = Counter()
    lines = [line for line in read.split("\n") if line]
    held = [_holds(gold, expected, line) for line in lines]
    first = held.index(True) if True in held else len(lines)
    last = len(held) - held[::-1].index(True) if True in held else 0
    for place, line in enumerate(lines):
        if not held[place]:
            where = (
                "above the text"
                if place < first
                else "below the text"
                if place >= last
                else "inside the text"
            )
            found[f"false, {where}"] += len(line)
    present = shingles(read)
    for line in filter(None, gold.split("\n")):
        if not _holds(read, present, line):
            found["missed, short lines" if len(line) < _SHORT else "missed, paragraphs"] += len(line)
    return found


def _holds(text: str, inside: set[tuple[str, ...]], line: str) -> bool:
    own = shingles(line)
    return len(own & inside) >= _HELD * len(own) if len(own) > 1 else fold(line) in fold(text)


def table(losses: Sequence[tuple[str, float]]) -> Iterator[str]:
    """Lines: class, pages, what they cost together in points of the mean F1 of all pages, those below .9."""
    by_class: defaultdict[str, list[float]] = defaultdict(list)
    for name, loss in losses:
        by_class[name].append(loss)
    yield "| most letters wrong | pages | points of F1 they cost | pages below .9 |"
    yield "| :--- | ---: | ---: | ---: |"
    for name, values in sorted(by_class.items(), key=lambda item: -sum(item[1])):
        yield f"| {name} | {len(values)} | {100 * sum(values) / len(losses):.2f} | {sum(v > 0.1 for v in values)} |"


def main() -> None:
    """The command line."""
    if not Path(CORPUS).exists():
        raise SystemExit(f"the corpus is not there: {CORPUS}")
    losses: list[tuple[str, float]] = []
    for name in ARTICLE_SETS:
        pairs = [(page, gold["text"]) for page, gold in read_set(name) if gold.get("text")]
        readings = read_unseen([page for page, _ in pairs], ours)
        for (_, gold), reading in zip(pairs, readings, strict=True):
            expected = shingles(gold)
            best = max(f1(expected, shingles(text)) for text in (reading.text, reading.whole))
            wrong = classes_of(gold, reading).most_common(1)
            losses.append((wrong[0][0] if wrong else "as annotated, but for some words", 1 - best))
    print("\n".join(table(losses)))


if __name__ == "__main__":
    main()

"""Learns the forests that tell headlines and text among plain lines: `transforms/extract/{headlines,lines}.npz`.

    .venv/bin/pip install lightgbm          (to learn only; nothing of it is needed to run)
    .venv/bin/python -m tests.bench.train_lines

Documents are those of `tests.bench.plain`, which scores forests of this kind on sites they have not seen. Every
document weighs the same, a line in it with the root of its length; each is shown a second time, bare of most lines
around its text. A headline's label is the annotated title; the forest of text is shown chances of headlines as
others find them: by a forest learned without the site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.bench.blind import part_of
from tests.bench.plain import SETS, TITLED, Document, documents
from tests.bench.train_blocks import SETTINGS, WEIGHTS, arrays_of
from transforms.extract.forest import Floats, Forest
from transforms.extract.line_features import (
    BELOW_TITLE,
    NAMES,
    Marks,
    below_title,
    features,
    may_be_text,
    may_be_title,
    words_of,
)
from transforms.extract.lines import Forests

MODELS = Path(__file__).resolve().parents[2] / "transforms" / "extract"
TITLE_SETTINGS = {**SETTINGS, "num_leaves": 12, "max_depth": 5}
TITLE_ROUNDS, TEXT_ROUNDS = 100, 150
_FOLDS = 3
_AROUND, _PARAGRAPHS = 3, (3, 5, 8, 13)  # lines left around a headline and text, of a text

Labels = npt.NDArray[np.int8] | npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """A document with what is told about its lines, and which of them are the title."""

    document: Document
    words: list[set[str]]
    table: Floats
    is_title: npt.NDArray[np.bool_]


def samples(found: Sequence[Document]) -> Iterator[Sample]:
    """The documents that say anything about headline or text."""
    for whole in found:
        for document in (whole, *_bare(whole)):
            is_title = document.is_title()
            if document.labels is not None or is_title.any():
                words = [words_of(line) for line in document.lines]
                yield Sample(document, words, features(document.lines, words), is_title)


def _bare(document: Document) -> Iterator[Document]:
    """The document as people make them: headline and some paragraphs, and next to nothing around."""
    if document.labels is None or not document.labels.any():
        return
    text = np.flatnonzero(document.labels)
    first = np.flatnonzero(document.is_title() | (document.labels > 0))[0]
    last = text[: _PARAGRAPHS[len(document.lines) % len(_PARAGRAPHS)]][-1]
    places = [
        *range(max(0, first - _AROUND), last + 1),
        *range(text[-1] + 1, min(len(document.lines), text[-1] + 1 + _AROUND)),
    ]
    yield replace(document, lines=[document.lines[at] for at in places], labels=document.labels[places])


def learn(found: Sequence[Sample]) -> Forests:
    """Both forests."""
    part = [part_of(sample.document.site, _FOLDS) for sample in found]
    text: list[tuple[Floats, Labels, Marks, Floats]] = []
    for out in range(_FOLDS):
        title = _titles([sample for sample, own in zip(found, part, strict=True) if own != out])
        for sample, own in zip(found, part, strict=True):
            document = sample.document
            if own != out or document.labels is None:
                continue
            asked = may_be_title(sample.table)
            titles = np.where(asked, title.chances(sample.table), 0)
            weight = np.sqrt([min(len(line), 1_500) for line in document.lines])
            weight *= 100 * WEIGHTS.get(document.name, 1.0) / weight.sum()
            rows = np.column_stack((sample.table, below_title(sample.table, sample.words, titles)))
            text.append((rows, document.labels, may_be_text(sample.table), weight))
    return Forests(_titles(found), _forest(text, SETTINGS, TEXT_ROUNDS, (*NAMES, *BELOW_TITLE)))


def _titles(found: Sequence[Sample]) -> Forest:
    """Headlines weigh as much as all other lines of their document."""
    parts = []
    for sample in found:
        is_title = sample.is_title
        if is_title.any():
            weight = np.where(is_title, 30 / is_title.sum(), 30 / len(is_title))
            parts.append((sample.table, is_title, may_be_title(sample.table), weight))
    return _forest(parts, TITLE_SETTINGS, TITLE_ROUNDS, NAMES)


def _forest(
    parts: Sequence[tuple[Floats, Labels, Marks, Floats]],
    settings: dict[str, Any],
    rounds: int,
    names: Sequence[str],
) -> Forest:
    import lightgbm

    rows, labels, weights = (np.concatenate([part[i][part[2]] for part in parts]) for i in (0, 1, 3))
    model = lightgbm.train(settings, lightgbm.Dataset(rows, labels, weight=weights), rounds)
    return Forest.of(arrays_of(model) | {"names": tuple(names)})


def main() -> None:
    """Learn from every document and write the forests."""
    found = list(samples(list(documents(dict.fromkeys((*SETS, *TITLED))))))
    print(f"{len(found)} documents, {sum(len(s.words) for s in found):,} lines", flush=True)
    for name, forest in zip(("headlines", "lines"), learn(found), strict=True):
        path = MODELS / f"{name}.npz"
        np.savez_compressed(path, **vars(forest))
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

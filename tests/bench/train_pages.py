"""Learns the weights that tell articles from other pages: `transforms/extract/pages.csv`.

    .venv/bin/pip install scikit-learn          (to learn only; nothing of it is needed to run)
    .venv/bin/python -m tests.bench.train_pages [--rows rows.npz]

Pages: those of the corpus, `wcxb_other` against all others; front pages among the articles are left out. The forest
of the blocks is surer of pages it was learned from, and these are nearly all articles: therefore every page is read
by a forest of blocks that was learned on other sites (`blind`). Weights for each fold of the sites, learned without
it, are kept there, too; the scores printed are theirs. `--rows` keeps the features in a file, and reads them from
there if it exists.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from tests.bench.blind import FOLDS, fold_of, forest_without, pages_file
from tests.bench.quality import ARTICLE_SETS, read_set
from transforms.extract.article import read_fields
from transforms.extract.body import read_body
from transforms.extract.decode import decode
from transforms.extract.forest import Floats
from transforms.extract.kind import REFUSED
from transforms.extract.markup import parse
from transforms.extract.pages import FARTHEST, NAMES, Weights, page_features

WEIGHTS = Path(__file__).resolve().parents[2] / "transforms" / "extract" / "pages.csv"
OTHERS = "wcxb_other"
#: Sets the scores are told for; the other two hold pages that few would call articles.
SCORED = (OTHERS, *ARTICLE_SETS, "htmldate_eval")
SETS = (*SCORED, "postlight", "magic_article")
COUNTED = {OTHERS: 2.0, "wcxb_article": 1.5}  # what a page counts; those of other sets count OTHERWISE
OTHERWISE = 0.6
PENALTY = 0.01  # inverse strength of L2; .003 to .05 score alike


@dataclass(frozen=True)
class Samples:
    """A row of features a page; its set, type (of those that are no articles), site and address."""

    rows: Floats
    sets: npt.NDArray[np.str_]
    types: npt.NDArray[np.str_]
    urls: npt.NDArray[np.str_]

    @property
    def labels(self) -> npt.NDArray[np.bool_]:
        """Whether each page is an article."""
        return np.asarray(self.sets != OTHERS)

    @property
    def fronts(self) -> npt.NDArray[np.bool_]:
        """Front pages that count as articles in their set."""
        return np.array([urlsplit(url).path in {"", "/"} for url in self.urls]) & self.labels

    @property
    def folds(self) -> npt.NDArray[np.int64]:
        """The fold of each page's site."""
        return np.array([fold_of(url) for url in self.urls])


def samples() -> Samples:
    """Every page of the sets that has text at all."""
    rows, *texts = zip(*_samples(), strict=True)
    return Samples(np.array(rows), *map(np.array, texts))


def _samples() -> Iterator[tuple[Floats, str, str, str]]:
    for name in SETS:
        for page, gold in read_set(name):
            markup = parse(decode(page.body, page.content_type)[0])
            if not markup.blocks:
                continue
            stated = read_fields(markup, page.url)
            with forest_without(fold_of(page.url)):
                body = read_body(markup, stated.known)
            type_ = next(iter(gold.get("tags", ())[1:2]), "") if name == OTHERS else ""
            if body.features is not None and body.chances is not None:
                row = page_features(markup, stated.fields, body.features, body.chances, page.url)
                yield row, name, type_, page.url


def learn(found: Samples, among: npt.NDArray[np.bool_]) -> Weights:
    """The weights by some of the pages."""
    from sklearn.linear_model import LogisticRegression

    among = among & ~found.fronts
    rows = found.rows[among].astype(np.float64)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = np.clip((rows - mean) / deviation, -FARTHEST, FARTHEST)
    counted = np.array([COUNTED.get(name, OTHERWISE) for name in found.sets[among]])
    model = LogisticRegression(C=PENALTY, max_iter=1_000).fit(scaled, found.labels[among], counted)
    return Weights(mean, deviation, model.coef_[0], float(model.intercept_[0]))


def cross_validate(found: Samples) -> Floats:
    """The chance of each page to be an article, by weights of other sites; these are kept."""
    folds = found.folds
    chances = np.zeros(len(folds), np.float32)
    for fold in range(FOLDS):
        weights = learn(found, folds != fold)
        keep(weights, pages_file(fold))
        chances[folds == fold] = [weights.chance(row) for row in found.rows[folds == fold]]
    return chances


def report(found: Samples, chances: Floats, below: float) -> Iterator[str]:
    """Lines: precision and recall both ways, the share kept per set, the share refused per type."""
    kept = chances >= below
    for title, sets in (("scored sets", SCORED), ("within WCXB", (OTHERS, "wcxb_article"))):
        asked = np.isin(found.sets, sets) & ~found.fronts
        said, true = kept[asked], found.labels[asked]
        yield (
            f"{title}, chance below {below:.2f}: not an article P {_share(~true, ~said)} R {_share(~said, ~true)}; "
            f"article P {_share(true, said)} R {_share(said, true)}"
        )
    for name in SETS:
        yield f"  kept of {name:16}{_share(kept, (found.sets == name) & ~found.fronts)}"
    for name in sorted(set(found.types) - {""}):
        yield f"  refused of {name:16}{_share(~kept, found.types == name)}"


def _share(of: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> str:
    return f"{of[among].mean():.3f} ({among.sum()})"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=Path, help="a file that keeps the features")
    arguments = parser.parse_args()
    if arguments.rows and arguments.rows.exists():
        with np.load(arguments.rows) as arrays:
            found = Samples(**arrays)
    else:
        found = samples()
        if arguments.rows:
            np.savez(arguments.rows, **vars(found))
    print(f"{len(found.rows)} pages", flush=True)
    print("\n".join(report(found, cross_validate(found), REFUSED)))
    keep(learn(found, np.ones(len(found.rows), np.bool_)), WEIGHTS)


def keep(weights: Weights, path: Path) -> None:
    """Write weights as a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["feature", "mean", "deviation", "weight"])
        out.writerow(["offset", "", "", f"{weights.offset:.6g}"])
        for name, *numbers in zip(NAMES, weights.mean, weights.deviation, weights.weight, strict=True):
            out.writerow([name, *(f"{number:.6g}" for number in numbers)])


if __name__ == "__main__":
    main()

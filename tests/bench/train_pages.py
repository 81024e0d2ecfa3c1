"""Learns the weights that tell articles from other pages: `transforms/extract/pages.csv`.

    .venv/bin/pip install scikit-learn          (to learn only; nothing of it is needed to run)
    .venv/bin/python -m tests.bench.train_pages [--rows rows.npz]

Pages: those of the corpus, `wcxb_other` against all others; front pages among the articles are left out. The forest
of the blocks is surer of pages it was learned from, and these are nearly all articles: therefore every page is read
by a forest of blocks that was learned on other sites (`blind`). Weights for each fold of the sites, learned without
it, are kept there, too; the scores printed are of them together with the rules of `kind`. `--rows` keeps the features
in a file, and reads them from there if it exists.
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
from transforms.extract.kind import REFUSED, ruled_out
from transforms.extract.markup import parse
from transforms.extract.pages import FARTHEST, KINDS, NAMES, Weights, page_features

WEIGHTS = Path(__file__).resolve().parents[2] / "transforms" / "extract" / "pages.csv"
OTHERS, ARTICLE = "wcxb_other", "article"
SETS = (OTHERS, *ARTICLE_SETS, "htmldate_eval", "postlight", "magic_article")
#: Groups of sets the scores are told for; `wcxb_other` against the articles of each.
SCORED = {
    "the five article sets": ARTICLE_SETS,
    "these and htmldate_eval": (*ARTICLE_SETS, "htmldate_eval"),
    "wcxb_article alone": ("wcxb_article",),
}
# What a page counts; those of other sets count OTHERWISE. Three were not chosen to be articles, though most pages are.
COUNTED = {OTHERS: 2.0, "wcxb_article": 1.5, "htmldate_eval": 0.3, "postlight": 0.3, "magic_article": 0.3}
OTHERWISE = 0.6
PENALTY = 0.01  # inverse strength of L2; .005 to .02 score alike


@dataclass(frozen=True)
class Samples:
    """A row of features a page, zeros where there is no text; its set, its kind (`ARTICLE` or one of `KINDS`), its
    address, whether the rules refuse it.
    """

    rows: Floats
    sets: npt.NDArray[np.str_]
    kinds: npt.NDArray[np.str_]
    urls: npt.NDArray[np.str_]
    ruled: npt.NDArray[np.bool_]

    @property
    def labels(self) -> npt.NDArray[np.bool_]:
        """Whether each page is an article."""
        return np.asarray(self.kinds == ARTICLE)

    @property
    def fronts(self) -> npt.NDArray[np.bool_]:
        """Front pages that count as articles in their set."""
        return np.array([urlsplit(url).path in {"", "/"} for url in self.urls]) & self.labels

    @property
    def folds(self) -> npt.NDArray[np.int64]:
        """The fold of each page's site."""
        return np.array([fold_of(url) for url in self.urls])


def samples() -> Samples:
    """Every page of the sets."""
    rows, *rest = zip(*_samples(), strict=True)
    return Samples(np.array(rows), *map(np.array, rest))


def _samples() -> Iterator[tuple[Floats, str, str, str, bool]]:
    for name in SETS:
        for page, gold in read_set(name):
            text = decode(page.body, page.content_type)[0]
            markup = parse(text)
            stated = read_fields(markup, page.url)
            with forest_without(fold_of(page.url)):
                body = read_body(markup, stated.known)
            row = np.zeros(len(NAMES), np.float32)
            if body.features is not None and body.chances is not None:
                row = page_features(markup, stated.fields, body.features, body.chances, page.url)
            kind = gold["tags"][1] if name == OTHERS else ARTICLE
            is_ruled = ruled_out(markup, stated.fields, body, page.url, text) is not None
            yield row, name, kind, page.url, is_ruled


def learn(found: Samples, among: npt.NDArray[np.bool_]) -> Weights:
    """The weights by some of the pages."""
    from sklearn.linear_model import LogisticRegression

    among = among & ~found.fronts & found.rows.any(axis=1)
    rows = found.rows[among].astype(np.float64)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = np.clip((rows - mean) / deviation, -FARTHEST, FARTHEST)
    counted = np.array([COUNTED.get(name, OTHERWISE) for name in found.sets[among]])
    model = LogisticRegression(C=PENALTY, max_iter=1_000).fit(scaled, found.kinds[among], counted)
    article, *others = (list(model.classes_).index(kind) for kind in (ARTICLE, *KINDS))
    return Weights(
        mean,
        deviation,
        (model.coef_[others] - model.coef_[article]).T,
        model.intercept_[others] - model.intercept_[article],
    )


def cross_validate(found: Samples) -> Floats:
    """The chances of each page to be an article and each of `KINDS`, by weights of other sites; these are kept."""
    folds = found.folds
    chances = np.zeros((len(folds), 1 + len(KINDS)), np.float32)
    for fold in range(FOLDS):
        weights = learn(found, folds != fold)
        keep(weights, pages_file(fold))
        chances[folds == fold] = [weights.chances(row) for row in found.rows[folds == fold]]
    return chances


def report(found: Samples, chances: Floats, below: float) -> Iterator[str]:
    """Lines: precision and recall both ways, the share kept per set; per kind, the share refused and of these the
    share taken for that kind.
    """
    kept = (chances[:, 0] >= below) & ~found.ruled
    for title, sets in SCORED.items():
        asked = np.isin(found.sets, (OTHERS, *sets)) & ~found.fronts
        said, true = kept[asked], found.labels[asked]
        yield (
            f"{title}: not an article P {_share(~true, ~said)} R {_share(~said, ~true)}; "
            f"article P {_share(true, said)} R {_share(said, true)}"
        )
    for name in SETS:
        yield f"  kept of {name:16}{_share(kept, (found.sets == name) & ~found.fronts)}"
    likest = np.array(KINDS)[chances[:, 1:].argmax(axis=1)]
    for kind in KINDS:
        is_kind = found.kinds == kind
        refused = _share(~kept, is_kind)
        yield f"  {kind:16}refused {refused}, named so {_share(likest == kind, is_kind & ~kept & ~found.ruled)}"


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
        out.writerow(["feature", "mean", "deviation", *KINDS])
        out.writerow(["offset", "", "", *(f"{number:.4g}" for number in weights.offset)])
        for name, mean, deviation, own in zip(
            NAMES, weights.mean, weights.deviation, weights.weight, strict=True
        ):
            out.writerow([name, *(f"{number:.4g}" for number in (mean, deviation, *own))])


if __name__ == "__main__":
    main()

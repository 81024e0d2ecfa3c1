"""Learns what tells blocks of the body from others: `transforms/extract/{blocks,words,company}.npz`.

    .venv/bin/pip install lightgbm scikit-learn      (to learn only; nothing of it is needed to run)
    .venv/bin/python -m tests.bench.train_blocks            (--second: all but `blocks.npz`, which is kept)

Pages: those of the corpus whose body is annotated, of those that are no articles as well, as their main text teaches
what is none; those whose blocks were labelled by eye (`labels`); of `traf_eval` and `postlight`, which annotate
snippets, those where trafilatura's text agrees with every snippet; and pages of a newsroom of our own.
A block is labelled by where its letters stand in the annotated text: the heaviest chain of long blocks that keeps
the order, then short ones in the gaps. Each page weighs the same. The second forest learns from what the first and
the words say of pages they have not seen. All are kept for each fold of the sites, learned without it, for `blind`;
the scores printed are theirs.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from presslake.demo.stories import World
from presslake.demo.truth import truth
from schemas.page import Page
from schemas.urls import site_of
from tests.bench.blind import (
    FOLDS,
    blocks_file,
    blocks_without,
    company_file,
    fold_of,
    words_file,
    words_without,
)
from tests.bench.labels import Labels, digests, page_digest, read_labels
from tests.bench.learn_words import keep_words, learn_words, tell
from tests.bench.newsroom import fetched
from tests.bench.quality import ARTICLE_SETS, f1, read_set, shingles
from tests.bench.quality import fold as fold_hard
from transforms.extract.article import read_fields
from transforms.extract.body import standfirst
from transforms.extract.chances import KEPT, is_asked, settled, weighed
from transforms.extract.company import NAMES as COMPANY
from transforms.extract.company import company, is_open
from transforms.extract.decode import decode
from transforms.extract.features import COLUMN, NAMES, features, groups_of
from transforms.extract.forest import Forest
from transforms.extract.markup import Block, Markup, parse

MODELS = Path(__file__).resolve().parents[2] / "transforms" / "extract"
NO_ARTICLES = "wcxb_other"
WEIGHTS = {
    "wcxb_article": 0.7,
    "magic_article": 0.7,
    NO_ARTICLES: 0.4,
    "traf_eval": 0.6,
    "postlight": 0.6,
    "newsroom": 0.3,
}
TITLED = ("magic_article", NO_ARTICLES)  # their text begins with the title, ours never does
NEWSROOM = datetime(2026, 1, 5, tzinfo=UTC)  # not the one the floors are measured on
SETTINGS = {
    "objective": "binary",
    "num_leaves": 24,
    "max_depth": 6,
    "learning_rate": 0.1,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 10,
    "path_smooth": 5,
    "max_bin": 63,
    "seed": 3,
    "num_threads": 1,
    "deterministic": True,
    "verbosity": -1,
}
ROUNDS = 150
AGAIN = {**SETTINGS, "num_leaves": 16, "max_depth": 5}
ROUNDS_AGAIN = 60
LEAST_FIT = 0.6  # F1 in characters
_LONG, _SURE, _SHORTEST = 25, 40, 12  # letters
_SHARE = 0.6  # of a block's shingles that stand in the text, for one that is no literal part of it

Floats = npt.NDArray[np.float64]
Span = tuple[int, int, int]


@dataclass
class Sample:
    """One page: features, labels and weights of its blocks, which of them are asked about; what the second forest is
    told of them, by the chances of one that has not seen the page's site.
    """

    name: str
    site: str
    fold: int
    gold: str | None
    blocks: list[Block]
    rows: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int8]
    weights: Floats
    asked: npt.NDArray[np.bool_] = field(repr=False)
    chances: npt.NDArray[np.float32] = field(init=False, repr=False)
    company: npt.NDArray[np.float32] = field(init=False, repr=False)


def labels_of(blocks: Sequence[Block], gold: str) -> npt.NDArray[np.int8]:
    """1 for each block that is part of the annotated text."""
    whole = fold_hard(gold)
    folds = [fold_hard(block.text) for block in blocks]
    chain = _heaviest(list(_spans(blocks, folds, gold, whole)))
    labels = np.zeros(len(blocks), np.int8)
    labels[[place for place, _, _ in chain]] = 1
    lines = {fold_hard(line) for line in gold.split("\n")}
    ends = [(-1, 0, 0), *chain, (len(blocks), len(whole), len(whole))]
    for (place, _, start), (following, stop, _) in pairwise(ends):
        at = start
        is_inside = place >= 0 and following < len(blocks)
        for between in range(place + 1, following):
            words = folds[between]
            found = whole.find(words, at, stop) if words else -1
            is_line = words in lines
            if found < 0 or not (is_line or (is_inside and (len(words) >= _SHORTEST or found - at <= 2))):
                continue
            labels[between] = 1
            at = found + len(words)
    return labels


def _spans(blocks: Sequence[Block], folds: Sequence[str], gold: str, whole: str) -> Iterator[Span]:
    """(block, start, end) of long blocks in the folded text; more than one where a text is repeated."""
    inside = shingles(gold)
    for place, words in enumerate(folds):
        if len(words) < _LONG:
            continue
        starts = [match.start() for match in re.finditer(re.escape(words), whole)][:4]
        yield from ((place, start, start + len(words)) for start in starts)
        if starts or len(words) < _SURE:
            continue
        own = shingles(blocks[place].text)
        shared = len(own & inside) / len(own)
        tokens = re.findall(r"\w+", blocks[place].text.casefold())
        first = (whole.find(fold_hard("".join(tokens[i : i + 4]))) for i in range(len(tokens)))
        start = next((at for at in first if at >= 0), -1)
        if shared >= _SHARE and start >= 0:
            yield place, start, start + int(shared * len(words))


def _heaviest(spans: list[Span]) -> list[Span]:
    """The chain of spans with most letters in which both the blocks and their places in the text ascend."""
    best: list[int] = []
    back: list[int] = []
    for here, (place, start, end) in enumerate(spans):
        before = [i for i in range(here) if spans[i][0] < place and spans[i][2] <= start + 5]
        last = max(before, key=best.__getitem__, default=-1)
        best.append(end - start + (best[last] if last >= 0 else 0))
        back.append(last)
    chain: list[Span] = []
    at = max(range(len(spans)), key=best.__getitem__, default=-1)
    while at >= 0:
        chain.append(spans[at])
        at = back[at]
    return chain[::-1]


def samples() -> Iterator[Sample]:
    """Every page there is a label for."""
    for name in (*ARTICLE_SETS, "magic_article"):
        for page, gold in read_set(name):
            if gold.get("text"):
                yield from sample_of(name, page, gold["text"])
    for page, gold in read_set(NO_ARTICLES):
        if gold.get("text"):
            yield from sample_of(NO_ARTICLES, page, gold["text"], is_gold=False)
    by_eye = read_labels()
    yield from labelled(by_eye)
    for name in ("traf_eval", "postlight"):
        for page, gold in read_set(name):
            if (name, page_digest(gold["id"])) not in by_eye:
                for text in _agreeing(page.body, gold):
                    yield from sample_of(name, page, text, is_gold=False)
    world = World(NEWSROOM, seed=7, scale=1)
    for told in truth(world, NEWSROOM + timedelta(hours=3)):
        if told.expected in {"published", "duplicate"} and (own := fetched(world, told)):
            yield from sample_of("newsroom", own, told.text, is_gold=False)


def labelled(labels: Mapping[tuple[str, str], Labels]) -> Iterator[Sample]:
    """The pages that were labelled by eye."""
    for name in dict.fromkeys(name for name, _ in labels):
        for page, gold in read_set(name):
            if label := labels.get((name, page_digest(gold["id"]))):
                yield from sample_of("by eye", page, label)


def _agreeing(body: bytes, gold: dict[str, Any]) -> Iterator[str]:
    import trafilatura

    text = trafilatura.extract(body, include_comments=False, favor_precision=True) or ""
    words = fold_hard(text)
    wanted = [fold_hard(part) for part in gold.get("with") or ()]
    unwanted = [part for one in gold.get("without") or () if len(part := fold_hard(one)) > 3]
    if text and all(part in words for part in wanted) and not any(part in words for part in unwanted):
        yield text


def sample_of(name: str, page: Page, gold: str | Labels, *, is_gold: bool = True) -> Iterator[Sample]:
    """The page with the labels that its text, or an eye, gives to its blocks; nothing, if it has next to none."""
    markup: Markup = parse(decode(page.body, page.content_type)[0])
    blocks = markup.blocks
    if len(blocks) < 3:
        return
    rows = features(markup, read_fields(markup, page.url).known, groups_of(blocks))
    skipped = np.zeros(len(blocks), np.bool_)
    if isinstance(gold, Labels):
        known = list(digests(block.text for block in blocks))
        labels = np.array([digest in gold.text for digest in known], np.int8)
        skipped = np.array([digest in gold.skipped for digest in known])
    else:
        labels = labels_of(blocks, gold)
    if name in TITLED:
        labels[rows[:, COLUMN["is_title"]] > 0] = 0
    sizes = np.sqrt(np.minimum([len(block.text) for block in blocks], 1_500) + 15)
    weights = sizes / sizes.sum() * 100 * WEIGHTS.get(name, 1.0)
    kept = [block for block in blocks if labels[block.place]]
    weights[[block.place for block in standfirst(blocks, kept, rows)]] = 0  # the sets do not agree on these
    weights[skipped] = 0
    yield Sample(
        name,
        site_of(page.url),
        fold_of(page.url),
        gold if is_gold and isinstance(gold, str) else None,
        blocks,
        rows,
        labels,
        weights,
        is_asked(rows),
    )


def learn(found: Sequence[Sample]) -> Any:
    """A LightGBM model of the samples, without the articles it cannot be made to fit: there the annotated text is a
    part of the article only.
    """

    def fit(fitting: Sequence[Sample]) -> Any:
        return _fit(fitting, [(s.rows, s.asked) for s in fitting], NAMES, SETTINGS, ROUNDS)

    first = fit(found)
    return fit(
        [s for s in found if s.name == NO_ARTICLES or _agrees(s, first.predict(s.rows[s.asked]))],
    )


def learn_again(found: Sequence[Sample]) -> Any:
    """A model of what the first forest, of other sites, leaves open."""
    return _fit(found, [(s.company, is_open(s.chances)) for s in found], COMPANY, AGAIN, ROUNDS_AGAIN)


def _agrees(sample: Sample, chances: Floats) -> bool:
    kept = np.zeros(len(sample.blocks))
    kept[sample.asked] = chances > KEPT
    sizes = np.array([len(block.text) for block in sample.blocks])
    return bool(
        2 * (sizes * kept * sample.labels).sum() >= LEAST_FIT * (sizes * (kept + sample.labels)).sum()
    )


def _fit(
    found: Sequence[Sample],
    told: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]],
    names: Sequence[str],
    settings: dict[str, Any],
    rounds: int,
) -> Any:
    """A model of the rows, of each sample, that are marked."""
    import lightgbm

    data = lightgbm.Dataset(
        np.vstack([rows[marked] for rows, marked in told]),
        np.concatenate([s.labels[marked] for s, (_, marked) in zip(found, told, strict=True)]),
        weight=np.concatenate([s.weights[marked] for s, (_, marked) in zip(found, told, strict=True)]),
        feature_name=list(names),
    )
    return lightgbm.train(settings, data, rounds)


def arrays_of(model: Any) -> dict[str, npt.NDArray[Any]]:
    """The model as the arrays of `forest.Forest`."""
    nodes: list[tuple[int, float, int, int, float]] = []

    def add(tree: dict[str, Any], depth: int) -> tuple[int, int]:
        place = len(nodes)
        if "leaf_value" in tree:
            nodes.append((0, 0.0, place, place, tree["leaf_value"]))
            return place, depth
        nodes.append((0, 0.0, 0, 0, 0.0))
        left, one = add(tree["left_child"], depth + 1)
        right, other = add(tree["right_child"], depth + 1)
        nodes[place] = (tree["split_feature"], tree["threshold"], left, right, tree["internal_value"])
        return place, max(one, other)

    roots, depths = zip(*(add(t["tree_structure"], 0) for t in model.dump_model()["tree_info"]), strict=True)
    feature, threshold, left, right, value = zip(*nodes, strict=True)
    return {
        "names": np.array(model.feature_name()),
        "feature": np.array(feature, np.int32),
        "threshold": np.array(threshold),
        "left": np.array(left, np.int32),
        "right": np.array(right, np.int32),
        "value": np.array(value),
        "roots": np.array(roots, np.int32),
        "depth": np.array(max(depths)),
    }


def keep_all_words(found: Sequence[Sample]) -> None:
    """Learn what words say, for each fold without it and from all. A text counts once a page."""
    texts = [block.text for sample in found for block in sample.blocks]
    told = tell(texts, [sample.site for sample in found for _ in sample.blocks])
    labels = np.concatenate([sample.labels for sample in found])
    folds = np.concatenate([np.full(len(sample.blocks), sample.fold) for sample in found])
    weights = np.concatenate([_once(sample) for sample in found])
    for fold in range(FOLDS):
        keep_words(learn_words(told, labels, weights, folds != fold), words_file(fold))
    keep_words(learn_words(told, labels, weights, folds >= 0), MODELS / "words.npz")


def _once(sample: Sample) -> Floats:
    """The weights of blocks, nothing of one that says the same as another before it."""
    first = {block.text: block.place for block in reversed(sample.blocks)}
    return np.where([first[block.text] == block.place for block in sample.blocks], sample.weights, 0)


def cross_validate(found: Sequence[Sample]) -> None:
    """Keep a second forest for each fold; print body F1 and exact bodies per set, of `body` and of `dek + body`."""
    scores: defaultdict[str, list[tuple[float, float, float, float]]] = defaultdict(list)
    for fold in range(FOLDS):
        forest = keep(learn_again([sample for sample in found if sample.fold != fold]), company_file(fold))
        for sample in found:
            if sample.fold != fold or sample.gold is None:
                continue
            chances = weighed(sample.blocks, sample.rows, sample.chances, sample.company, forest)
            kept = [block for block in sample.blocks if chances[block.place] > KEPT]
            dek = standfirst(sample.blocks, kept, sample.rows)
            body = "\n".join(block.text for block in kept if block not in dek)
            both = "\n".join(block.text for block in sample.blocks if block in kept or block in dek)
            gold, words = shingles(sample.gold), fold_hard(sample.gold)
            scores[sample.name].append(
                (
                    f1(gold, shingles(body)),
                    fold_hard(body) == words,
                    f1(gold, shingles(both)),
                    fold_hard(both) == words,
                )
            )
    for name, values in scores.items():
        body_f1, exact, both_f1, both_exact = np.mean(values, axis=0)
        print(f"{name:16}{len(values):5} pages  body {body_f1:.4f} / {exact:.3f}", end="")
        print(f"  dek + body {both_f1:.4f} / {both_exact:.3f}")


def keep(model: Any, path: Path) -> Forest:
    """Write a model as a forest's file."""
    arrays = arrays_of(model)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    print(f"{path.name}: {path.stat().st_size:,} bytes", flush=True)
    return Forest.of(arrays)


def judge(sample: Sample) -> None:
    """Tell the second forest what the first one, and the words, of the other folds say of the page."""
    alone = np.zeros(len(sample.blocks), np.float32)
    alone[sample.asked] = blocks_without(sample.fold).chances(sample.rows[sample.asked])
    sample.chances = settled(sample.blocks, sample.rows, alone)
    groups, words = groups_of(sample.blocks), words_without(sample.fold)
    sample.company = company(sample.blocks, groups, sample.rows, alone, sample.chances, words=words)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--second", action="store_true", help="learn all but the first forest")
    arguments = parser.parse_args()
    found = list(samples())
    print(f"{len(found)} pages, {sum(len(s.blocks) for s in found)} blocks", flush=True)
    if not arguments.second:
        for fold in range(FOLDS):
            keep(learn([sample for sample in found if sample.fold != fold]), blocks_file(fold))
        keep(learn(found), MODELS / "blocks.npz")
    keep_all_words(found)
    for sample in found:
        judge(sample)
    cross_validate(found)
    keep(learn_again(found), MODELS / "company.npz")


if __name__ == "__main__":
    main()

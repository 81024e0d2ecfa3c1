"""Which articles tell nearly the same text: MinHash signatures, compared where a band of them is equal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Indexes = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]

SIGNATURE = 64
#: 21 bands of 3 values: pairs with a Jaccard similarity of .5 meet with a chance of 94 %, .7 of 99.98 %,
#: unrelated ones (.02) of 0.02 %.
BANDS, BAND_ROWS = 21, 3
#: Least Jaccard similarity: fewer than 16 equal values of 64 say nothing about how much is contained.
JACCARD = 0.25
#: Share of the shorter text that must be in the longer one to tell the same story …
SAME_STORY = 0.65
#: … and to be a copy of it.
SAME_TEXT = 0.8
WINDOW = timedelta(days=3)
#: Of the articles that share a band each meets the first one and this many of its neighbours in time.
NEIGHBOURS = 16
_CHUNK = 100_000
_NODE = ("article_id", "outlet", "story_id", "word_count", "first_seen_at", "minhash")


class Story(NamedTuple):
    """Where an article belongs; `taken_from` is the outlet of `duplicate_of`."""

    story_id: str
    duplicate_of: str | None = None
    taken_from: str | None = None


def find_stories(new: pa.Table, recent: pa.Table, min_words: int) -> dict[str, Story]:
    """The story of each new article, by article_id.

    Both tables have article_id, outlet, story_id, word_count, first_seen_at and minhash. A story of new
    articles only is named for its earliest (first_seen_at, article_id); one that reaches into `recent` keeps
    the story_id of the earliest there, for what is published does not change. Articles under `min_words`
    words, or more than three days apart, are not compared.
    """
    stories = {str(article_id): Story(str(article_id)) for article_id in new["article_id"].to_pylist()}
    nodes = _nodes(new, recent, min_words)
    # From here on an article is its place in `rows`: those of `recent` first, each group earliest first.
    at = nodes["first_seen_at"].to_numpy()
    is_new = pc.is_in(nodes["article_id"], new["article_id"].combine_chunks()).to_numpy()
    rows = np.lexsort((nodes["article_id"].to_numpy(), at, is_new))
    article, outlet, story, words = (nodes[name].to_numpy()[rows] for name in _NODE[:4])
    at, is_new = at[rows], is_new[rows]
    signatures = pc.list_flatten(nodes["minhash"]).to_numpy().reshape(-1, SIGNATURE)

    left, right = _pairs(signatures, rows, is_new)
    near = np.abs(at[left] - at[right]) <= np.timedelta64(WINDOW)
    left, right = left[near], right[near]
    contained = _contained(_jaccard(signatures, rows[left], rows[right]), words[left], words[right])
    alike = contained >= SAME_STORY
    first = _first_of_component(len(rows), left[alike], right[alike])
    copied = (contained >= SAME_TEXT) & (outlet[left] != outlet[right])
    source = _oldest_source(np.lexsort((article, at)), left[copied], right[copied])
    for node in np.flatnonzero(is_new).tolist():
        origin = source.get(node)
        stories[article[node]] = Story(
            story[first[node]],
            None if origin is None else article[origin],
            None if origin is None else outlet[origin],
        )
    return stories


def _nodes(new: pa.Table, recent: pa.Table, min_words: int) -> pa.Table:
    """The articles worth comparing; a new one's story is itself so far."""
    since = pc.subtract(pc.min(new["first_seen_at"]), pa.scalar(WINDOW))
    until = pc.add(pc.max(new["first_seen_at"]), pa.scalar(WINDOW))
    seen_at = pc.field("first_seen_at")
    fresh = new.set_column(new.schema.get_field_index("story_id"), "story_id", new["article_id"])
    return pa.concat_tables([recent.select(_NODE), fresh.select(_NODE)], promote_options="default").filter(
        (pc.list_value_length(pc.field("minhash")) == SIGNATURE)
        & (pc.field("word_count") >= min_words)
        & (seen_at >= since)
        & (seen_at <= until)
    )


def _pairs(
    signatures: npt.NDArray[np.int64], rows: Indexes, is_new: npt.NDArray[np.bool_]
) -> tuple[Indexes, Indexes]:
    """Pairs (left < right, right is new) that share a band."""
    total = len(rows)
    found = np.unique(np.concatenate([np.empty(0, np.int64), *_meetings(signatures, rows, is_new)]))
    left, right = np.divmod(found, max(total, 1))
    kept = is_new[right] & (left != right)
    return left[kept], right[kept]


def _meetings(
    signatures: npt.NDArray[np.int64], rows: Indexes, is_new: npt.NDArray[np.bool_]
) -> Iterator[Indexes]:
    """left * total + right of those that share a band, band by band."""
    total = len(rows)
    for band in range(BANDS):
        keys = np.zeros(total, np.uint64)
        for value in range(band * BAND_ROWS, (band + 1) * BAND_ROWS):
            keys = (keys ^ signatures[:, value].view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            keys ^= keys >> np.uint64(29)
        keys = keys[rows]
        members = np.flatnonzero(np.isin(keys, keys[is_new]))
        members = members[np.argsort(keys[members], kind="stable")]
        keys = keys[members]
        _, starts, sizes = np.unique(keys, return_index=True, return_counts=True)
        yield members[np.repeat(starts, sizes)] * total + members
        for step in range(1, min(NEIGHBOURS, sizes.max(initial=1) - 1) + 1):
            same = keys[step:] == keys[:-step]
            yield members[:-step][same] * total + members[step:][same]


def _jaccard(signatures: npt.NDArray[np.int64], left: Indexes, right: Indexes) -> Shares:
    """Estimated similarity of each pair of rows."""
    chunks = [slice(start, start + _CHUNK) for start in range(0, len(left), _CHUNK)]
    equal = [(signatures[left[part]] == signatures[right[part]]).mean(axis=1) for part in chunks]
    return np.concatenate([np.empty(0), *equal])


def _contained(jaccard: Shares, words: Indexes, other_words: Indexes) -> Shares:
    """Estimated share of the shorter text that is in the longer one; 0 when too little is equal to tell."""
    shared = jaccard / (1 + jaccard) * (words + other_words)
    return np.where(jaccard >= JACCARD, np.minimum(shared / np.minimum(words, other_words), 1), 0)


def _first_of_component(total: int, left: Indexes, right: Indexes) -> Indexes:
    """The smallest number in each one's connected component."""
    label = np.arange(total)
    while True:
        before = label.copy()
        smallest = np.minimum(label[left], label[right])
        np.minimum.at(label, left, smallest)
        np.minimum.at(label, right, smallest)
        label = label[label]
        if (label == before).all():
            return label


def _oldest_source(by_age: Indexes, left: Indexes, right: Indexes) -> dict[int, int]:
    """For each that has an older one among its pairs, the oldest of them."""
    age = np.empty_like(by_age)
    age[by_age] = np.arange(len(by_age))
    swap = age[left] > age[right]
    older, younger = np.where(swap, right, left), np.where(swap, left, right)
    oldest_last = np.argsort(-age[older], kind="stable")
    return dict(zip(younger[oldest_last].tolist(), older[oldest_last].tolist(), strict=True))

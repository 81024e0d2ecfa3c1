"""What is told of each block once all have been judged: the input of the second forest.

The first forest's chances of the blocks around it, of its groups and of the page, some of what it is told itself, and
what the words of the block say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from transforms.extract.features import ALONG, COLUMN, ECHO, GROUPS, prose_of
from transforms.extract.forest import Floats
from transforms.extract.markup import Block
from transforms.extract.spots import Numbers, Places
from transforms.extract.words import Words

Marked = npt.NDArray[np.bool_]

_NEAR = (-3, -2, -1, 1, 2, 3)  # blocks before and behind
_PROSE_NEAR = (-2, -1, 1, 2)  # blocks of prose before and behind
_WINDOWS = (3, 8)
_OPEN = 0.05  # chance up to which a block is left out without a second look
_MOST_ASKED = 3_000  # blocks whose words are read, 0.2 s at most; the largest real page has 2,430
_SURE, _FAR, _NONE = 0.6, 40, 99  # chance; blocks
_ROWS = ("parent", "page_form")  # groups whose blocks are looked at one after the other
_HEADINGS = [COLUMN[f"tag_h{level}"] for level in (1, 2, 3, 4)]
_OWN = (
    *(
        "size",
        "linked",
        "strong",
        "anchors",
        "ends_sentence",
        "starts_upper",
        "starts_odd",
        "ends_colon",
        "clock",
    ),
    *(
        "author",
        "has_digit",
        "has_odd",
        "has_quote",
        "is_title",
        "is_description",
        "calls_read_more",
        "calls_sign_up",
    ),
    *ALONG,
    *(
        "tag_p",
        "tag_li",
        "tag_h2",
        "tag_h3",
        "tag_h4",
        "tag_div",
        "in_li",
        "in_blockquote",
        "in_aside",
        "in_figure",
    ),
    *("in_best", "alike", "parents_alike", "beside", "beside_if_small", "depth", "shared_with_heading"),
    *("levels_to_heading", "tag_figcaption", "in_comments", "named_hidden"),
    *ECHO,
)

#: Names of the columns of `company`.
NAMES: tuple[str, ...] = (
    *("alone", "chance"),
    *(f"chance{step:+}" for step in _NEAR),
    *(f"prose{step:+}" for step in _PROSE_NEAR),
    *("text_before", "text_behind", "text", "text_of_prose"),
    *(f"{where}_{n}" for n in _WINDOWS for where in ("before", "behind")),
    *("since_sure", "until_sure"),
    *(f"{group}_{what}" for group in GROUPS for what in ("others", "share", "best")),
    *(f"{group}_{where}" for group in _ROWS for where in ("before", "behind")),
    *("since_heading", "heading"),
    *_OWN,
    "words",
)


def is_open(chances: Floats) -> Marked:
    """Whether each block gets a second look."""
    return chances > _OPEN


def company(
    blocks: Sequence[Block],
    groups: Places,
    rows: Floats,
    alone: Floats,
    chances: Floats,
    *,
    words: Words,
) -> Floats:
    """One row per block, one column per name in `NAMES`.

    `groups` are those of the blocks, `rows` the page's `features`, `alone` what the first forest says of each,
    `chances` the same, settled; of `words` only open blocks are asked.
    """
    lengths = np.array([len(block.text) for block in blocks], np.float32)
    prose = prose_of(lengths, rows[:, COLUMN["linked"]], rows[:, COLUMN["ends_sentence"]])
    columns = (
        alone,
        chances,
        *_moved(chances),
        *_of_prose(chances, prose),
        *_of_page(chances, lengths, prose),
        *_since(chances),
        *(column for group in groups for column in _of_group(chances, lengths, group)),
        *(column for name in _ROWS for column in _in_row(chances, groups[GROUPS.index(name)])),
        *_of_heading(chances, rows[:, _HEADINGS].max(axis=1) > 0),
    )
    own = rows[:, [COLUMN[name] for name in _OWN]]
    said = np.zeros((len(blocks), 1), np.float32)
    asked = np.flatnonzero(is_open(chances))[:_MOST_ASKED]
    said[asked, 0] = words.says([blocks[place].text for place in asked.tolist()])
    parts = (np.stack(columns, axis=1), own, said)
    return np.concatenate(parts, axis=1, dtype=np.float32, casting="same_kind")


def _moved(chances: Floats) -> Iterator[Numbers]:
    """The chances of the blocks before and behind each; -1 beyond the page's ends."""
    beyond = np.full(_NEAR[-1], -1, np.float32)
    padded = np.concatenate([beyond, chances, beyond])
    for step in _NEAR:
        start = len(beyond) + step
        yield padded[start : start + len(chances)]


def _of_prose(chances: Floats, prose: Floats) -> Iterator[Numbers]:
    """The chances of the nearest blocks of prose; -1 if there are none."""
    places = np.flatnonzero(prose)
    padded = np.concatenate([[-1, -1], chances[places], [-1, -1]])
    everywhere = np.arange(len(chances))
    before, behind = np.searchsorted(places, everywhere), np.searchsorted(places, everywhere, "right")
    for step in _PROSE_NEAR:
        yield padded[before + 2 + step if step < 0 else behind + 1 + step]


def _of_page(chances: Floats, lengths: Floats, prose: Floats) -> Iterator[Numbers]:
    """The likely text before and behind each block, all of it, its share of prose; its share of what is near."""
    count = len(chances)
    text = np.concatenate([[0], np.cumsum(chances * lengths)])
    read = np.concatenate([[0], np.cumsum(lengths)])
    total = text[-1] + 1
    yield text[:-1] / total
    yield 1 - text[1:] / total
    yield np.full(count, np.log2(total))
    yield np.full(count, min(total / (prose.sum() + 1), 3))
    here = np.arange(count)
    for n in _WINDOWS:
        first, last = np.maximum(here - n, 0), np.minimum(here + n + 1, count)
        yield (text[here] - text[first]) / (read[here] - read[first] + 1)
        yield (text[last] - text[here + 1]) / (read[last] - read[here + 1] + 1)


def _since(chances: Floats) -> Iterator[Numbers]:
    """Blocks since the last sure one, and until the next."""
    count = len(chances)
    here = np.arange(count)
    sure = chances > _SURE
    last = np.concatenate([[-1], np.maximum.accumulate(np.where(sure, here, -1))[:-1]])
    following = np.concatenate([np.minimum.accumulate(np.where(sure, here, count)[::-1])[::-1][1:], [count]])
    yield np.where(last < 0, _NONE, np.minimum(here - last, _FAR))
    yield np.where(following == count, _NONE, np.minimum(following - here, _FAR))


def _of_group(chances: Floats, lengths: Floats, group: Places) -> Iterator[Numbers]:
    """Of the others in its group, how much is likely text; its group's share of all likely text; the best chance."""
    text = chances * lengths
    sums, read = np.bincount(group, text)[group], np.bincount(group, lengths)[group]
    rest = read - lengths
    yield np.where(rest > 0, (sums - text) / np.maximum(rest, 1), -1)
    yield sums / (text.sum() + 1)
    best = np.zeros(group.max() + 1, chances.dtype)  # of another type it would take ten times as long
    np.maximum.at(best, group, chances)
    yield best[group]


def _in_row(chances: Floats, group: Places) -> Iterator[Numbers]:
    """The chances of the ones before and behind in its group; -1 if there are none."""
    order = np.argsort(group, kind="stable")
    first, second = order[:-1], order[1:]
    is_same = group[first] == group[second]
    before, behind = np.full(len(group), -1.0), np.full(len(group), -1.0)
    before[second[is_same]] = chances[first[is_same]]
    behind[first[is_same]] = chances[second[is_same]]
    yield from (before, behind)


def _of_heading(chances: Floats, is_heading: Marked) -> Iterator[Numbers]:
    """Blocks since the last heading before each, and its chance; -1 if there is none."""
    here = np.arange(len(chances))
    last = np.concatenate([[-1], np.maximum.accumulate(np.where(is_heading, here, -1))[:-1]])
    yield np.where(last < 0, -1, np.minimum(here - last, _FAR))
    yield np.where(last < 0, -1, chances[last])

"""What tells a line of text from others in a document without markup: numbers, a row per line.

A line alone says little. What tells is the company it keeps: how much prose is around it, whether its words
are those of the text beside it, whether it repeats, what the lines near it ask of a reader, how far the
headline is.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from transforms.extract.calls import CALLS, calls_in
from transforms.extract.forest import Floats
from transforms.extract.markup import fold
from transforms.extract.wording import CLOCK

Places = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
Values = npt.NDArray[np.generic]

_SENTENCE_END = re.compile(r"""[.!?…。！？।؟۔။።][\s"'»”’“)\]」』\d*]*$""")
_SIGNS = {
    "stop": re.compile(r"[.!?。！？।؟۔።]"),
    "comma": re.compile(r"[,،、，;]"),
    "odd": re.compile(r"[|©@#/→›»•·:&]"),
    "quote": re.compile(r"[\"“”„«「]"),
}
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_WORD = re.compile(r"[^\s\d_.,;:!?…।۔،؛؟\"'’‘“”„«»()\[\]/|–—-]{4,}")  # signs of vowels are not \w
_UNSPACED_WORD = re.compile(r"[^\W\d_]{2,}")
_STEM = 6  # letters of a word that count, so that its endings do not
_READ = 400  # characters of a line that are looked at

_LONG, _SENTENCE = 160, 40  # characters: of prose that needs no end, of prose that ends like a sentence
_TITLE = (8, 300)  # characters
_NEAR = 10  # lines
_LEAD, _HEAD = 4, 3  # first lines of a text, of a document
_GAPS = (3, 8)  # lines without prose that a run of prose may hold
_FAR = 99
_WINDOWS = (3, 10)

_CALLS = ("sign_up", "read_more", "follow", "advert", "credit", "rights", "comments", "writer", "dated")
_BITS = tuple(CALLS.index(name) for name in _CALLS)
_OWN = (
    *("size", "words", "ends_sentence", "capitals", "titled"),
    *(f"has_{sign}" for sign in _SIGNS),
    *("clock", "ends_colon"),
    *(f"calls_{name}" for name in _CALLS),
)
_NEIGHBOUR = ("size", "titled", "calls", "copies", "near")
_WITHIN = ("size", "sentences", "prose", "clock", "calls", "known", "near", "best")

#: Names of the columns of `features`.
NAMES: tuple[str, ...] = (
    *_OWN,
    *("copies", "copies_before", "in_head", "known", "near", "best", "lead"),
    *("place", "lines", "prose_before", "prose", "since_prose", "until_prose"),
    *(f"run_{what}_{gap}" for gap in _GAPS for what in ("share", "since_start", "since_end", "weight")),
    *(f"{what}_since_start" for what in ("comments", "read_more", "calls", "clock")),
    *(f"{what}_{where}" for where in ("before", "after") for what in _NEIGHBOUR),
    *(f"{what}_{where}_{n}" for n in _WINDOWS for where in ("before", "after") for what in _WITHIN),
)
#: Names of the columns that `below_title` adds.
BELOW_TITLE = (
    *("title", "next_title", "since_title", "text_since_title", "short_since_title"),
    *("title_before", "title_after"),
)
_COLUMN = {name: place for place, name in enumerate(NAMES)}


def ends_sentence(line: str) -> bool:
    """Whether it ends with a full stop of any script, maybe with quotes or a footnote's number behind."""
    return _SENTENCE_END.search(line[-20:]) is not None


def size_of(line: str) -> float:
    """Length in characters of Latin script: one of a script that needs fewer counts as three."""
    seen = line[:_READ]
    return len(line) * (1 if seen.isascii() else 1 + 2 * len(_UNSPACED.findall(seen)) / len(seen))


def words_of(line: str) -> set[str]:
    """Starts of the longer words; pairs of characters where a script has no spaces."""
    text = line[:_READ].casefold()
    if text.isascii() or not _UNSPACED.search(text):
        return {word[:_STEM] for word in _WORD.findall(text)}
    return {one + other for run in _UNSPACED_WORD.findall(text) for one, other in pairwise(run)}


def features(lines: list[str], words: list[set[str]]) -> Floats:
    """One row per line, one column per name in `NAMES`."""
    calls_of = calls_in([line[:_READ].casefold() for line in lines])
    own = np.array([_own(line, of) for line, of in zip(lines, calls_of, strict=True)], np.float32)
    column = dict(zip(_OWN, own.T, strict=True))
    count = len(lines)
    size, ends = np.exp2(column["size"]) - 1, column["ends_sentence"] > 0
    calls = own[:, -len(_CALLS) :].sum(axis=1)
    copies, before, in_head = _copies(lines)
    prose = (ends & (size >= _SENTENCE)) | (size >= _LONG)
    mass = np.where(prose, np.minimum(size, 1_000), 0.0)
    runs = [_runs(prose, mass, gap) for gap in _GAPS]
    best = runs[0][-1] > 0
    start = int(best.argmax())
    known, near, in_best, lead = _shared(words, prose & (copies == 1), best)
    neighbour = {**column, "calls": calls, "copies": copies, "near": near}
    within = {
        "size": np.minimum(size, _READ) / _READ,
        "sentences": np.where(ends, np.minimum(size, _READ) / _READ, 0),
        "prose": prose,
        "clock": column["clock"],
        "calls": np.minimum(calls, 2),
        "known": known,
        "near": near,
        "best": in_best,
    }
    since_start = (column["calls_comments"], column["calls_read_more"], calls, column["clock"])
    parts = [
        *own.T,
        *(np.minimum(copies, 10), np.minimum(before, 10), in_head, known, near, in_best, lead),
        *(np.arange(count) / count, np.full(count, np.log2(count))),
        *((np.cumsum(mass) - mass) / (mass.sum() + 1), np.full(count, np.log2(mass.sum() + 1))),
        *(_since(prose), _since(prose[::-1])[::-1]),
        *(part for run in runs for part in run[:-1]),
        *(np.minimum(np.cumsum(np.where(np.arange(count) < start, 0, each)), _FAR) for each in since_start),
        *(_beside(neighbour[name], ahead=ahead) for ahead in (False, True) for name in _NEIGHBOUR),
        *(part for n in _WINDOWS for ahead in (False, True) for part in _means(within, n, ahead=ahead)),
    ]
    return np.column_stack(parts).astype(np.float32)


def may_be_title(table: Floats) -> Marks:
    """Which lines the forest of headlines is asked about: by their length."""
    shortest, longest = np.log2(1 + np.array(_TITLE))
    size = table[:, _COLUMN["size"]]
    return np.asarray((size >= shortest) & (size <= longest))


def may_be_text(table: Floats) -> Marks:
    """Which lines the forest of text is asked about: those that have prose within ten lines."""
    return np.asarray((table[:, [_COLUMN["since_prose"], _COLUMN["until_prose"]]] <= _NEAR).any(axis=1))


def below_title(table: Floats, words: list[set[str]], titles: Floats) -> Floats:
    """One row per line, one column per name in `BELOW_TITLE`: where it stands from the likeliest headline on.

    `titles` are the chances of the lines to be it.
    """
    count, title = len(words), int(titles.argmax())
    places = np.arange(count)
    below = places > title
    size = np.minimum(np.exp2(table[:, _COLUMN["size"]]), _READ) / _READ
    shares = size * np.array([not words[title].isdisjoint(each) for each in words])
    windows = (_means({"shares": shares}, _NEAR, ahead=ahead)[0] for ahead in (False, True))
    parts = [
        titles,
        np.maximum.accumulate(np.where(places > title + 1, titles, 0)),
        np.clip(places - title, -_FAR, 2 * _FAR),
        np.cumsum(np.where(below, size, 0)),
        np.cumsum(below & (size < _SENTENCE / _READ)),
        *windows,
    ]
    return np.column_stack(parts).astype(np.float32)


def _own(line: str, calls: int) -> tuple[float, ...]:
    seen = line[:_READ]
    per = 1 / len(seen)
    size = size_of(line)
    words = seen.split()
    starts = [word[0] for word in words if word[0].isalpha()]
    return (
        np.log2(1 + size),
        np.log2(1 + max(len(words) * len(line) * per, size / 8)),
        ends_sentence(line),
        sum(map(str.isupper, seen)) * per,
        sum(map(str.isupper, starts)) / len(starts) if starts else 0.0,
        *(len(sign.findall(seen)) * per for sign in _SIGNS.values()),
        CLOCK.search(seen) is not None,
        line[-1] in ":：",
        *(calls >> bit & 1 for bit in _BITS),
    )


def _copies(lines: list[str]) -> tuple[Places, Places, Marks]:
    """How often each line stands in the document, how often above, and whether one of the first lines holds it."""
    keys = [fold(line[:_READ]) for line in lines]
    total = Counter(keys)
    so_far: Counter[str] = Counter()
    before = []
    for key in keys:
        before.append(so_far[key])
        so_far[key] += 1
    in_head = [any(_TITLE[0] < len(key) < len(head) and key in head for head in keys[:_HEAD]) for key in keys]
    return np.array([total[key] for key in keys]), np.array(before), np.array(in_head)


def _runs(prose: Marks, mass: Floats, gap: int) -> list[Floats]:
    """Runs of prose with at most `gap` other lines in between: for each line the weight of its run beside the
    heaviest (0 outside of runs), its place from the start and from the end of that, that one's share of all
    prose, and whether it is a line of prose in it."""
    count = len(prose)
    at = np.flatnonzero(prose)
    if not len(at):
        return [np.zeros(count, np.float32)] * 5
    number = np.cumsum(np.diff(at, prepend=at[0]) > gap + 1)
    weights = np.bincount(number, mass[at])
    best = weights.argmax()
    firsts, lasts = np.flatnonzero(np.diff(number, prepend=-1)), np.flatnonzero(np.diff(number, append=-1))
    share = np.zeros(count)
    for first, last, weight in zip(at[firsts], at[lasts], weights, strict=True):
        share[first : last + 1] = weight / weights[best]
    places = np.arange(count)
    since_start, since_end = (np.clip(places - at[ends[best]], -_FAR, _FAR) for ends in (firsts, lasts))
    inside = prose & (since_start >= 0) & (since_end <= 0)
    parts = (share, since_start, since_end, np.full(count, weights[best] / weights.sum()), inside)
    return [np.asarray(part, np.float32) for part in parts]


def _shared(words: list[set[str]], prose: Marks, best: Marks) -> list[Floats]:
    """Shares of each line's words that stand in other lines of prose: in any, within ten lines, in the best run,
    in the first lines of that."""
    count = len(words)
    number = {word: place for place, word in enumerate(dict.fromkeys(w for each in words for w in each))}
    line = np.repeat(np.arange(count), [len(each) for each in words])
    word = np.array([number[w] for each in words for w in each], np.int64)
    order = np.argsort(word, kind="stable")
    line, word = line[order], word[order]
    step = 2 * count
    key, shown = word * step + line, prose[line]
    last = np.maximum.accumulate(np.concatenate(([-step], np.where(shown, key, -step)[:-1])))
    beyond = (len(number) + 1) * step
    following = np.minimum.accumulate(np.concatenate((np.where(shown, key, beyond)[1:], [beyond]))[::-1])[
        ::-1
    ]
    distance = np.minimum(key - last[: len(key)], following[: len(key)] - key)
    hits = [distance < count, distance <= _NEAR]
    for marked in (prose & best, best & (np.cumsum(best) <= _LEAD)):
        hits.append(np.bincount(word, marked[line], len(number))[word] > marked[line])
    total = np.maximum(np.bincount(line, minlength=count), 1)
    return [np.asarray(np.bincount(line, hit, count) / total, np.float32) for hit in hits]


def _since(marked: Marks) -> Places:
    """Lines since the last marked one."""
    places = np.arange(len(marked))
    return np.minimum(places - np.maximum.accumulate(np.where(marked, places, -_FAR)), _FAR)


def _beside(values: Values, *, ahead: bool) -> Floats:
    """The value of the line before each line, or after it; -1 beyond the document's ends."""
    row = [*values[1:], -1] if ahead else [-1, *values[:-1]]
    return np.array(row, np.float32)


def _means(values: dict[str, Values], lines: int, *, ahead: bool) -> Floats:
    """Means of the values, a row each, over some lines before each line, or after it."""
    table = np.array(list(values.values()), np.float32)
    count = table.shape[1]
    total = np.concatenate((np.zeros((len(table), 1), np.float32), np.cumsum(table, axis=1)), axis=1)
    places = np.arange(count)
    start, end = (places + 1, places + 1 + lines) if ahead else (places - lines, places)
    sums = total[:, np.clip(end, 0, count)] - total[:, np.clip(start, 0, count)]
    return np.asarray(sums / lines, np.float32)

"""What an outlet repeats: a line that stands in several of its articles is not what any of them says.

A *sighting* is what one article showed: its candidate lines, each as a hash, with its size and its form (the
tags and classes it stands in). Counts are made from sightings, never kept, so that nothing is counted twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b, sha256
from itertools import islice
from math import ceil
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import MEMORY
from transforms.extract.markup import Block, fold

#: Days of sightings that count, and how many of an outlet, newest first.
WINDOW_DAYS, MOST_ARTICLES = 90, 200
_FEWEST = 2  # other articles; .2 % of what this finds on real sites was prose, 1.3 % with one (2026-11)
_SHARE = 0.02  # of the articles: a paragraph of background is repeated by a few that follow one story
_LONG = (
    80  # letters; what copies share; shorter lines are repeated in earnest too: "Background", "Pros", a name
)
_OFTEN = 0.5  # of the articles, from which a short line among prose is none of theirs
_COPY = 0.5  # share; .4 to .8 make no difference on those sites
_ALWAYS = 0.9  # share of the lines of a form that recur or are links, from which the form itself tells
_SURE = 10  # articles in which a form stood, from which it tells about lines never seen before
_STEPS = 4  # elements around a line, up to one with a class
_START = 120  # characters of a line that identify it; evidence holds as many
_WIDE = re.compile("[\u2e80-\uffff]")  # CJK and Hangul: each says as much as two others
_NUMBER = re.compile(r"\d+")

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Seen(NamedTuple):
    """A line as memory sees it: its words, the tags and classes it stands in, whether it is mostly a link."""

    text: str
    form: str = ""
    linked: bool = False


@dataclass(frozen=True)
class Memory:
    """What is known of one outlet: lines that recur, and forms nearly all of whose lines recur or are links;
    each with the number of different articles it stood in."""

    articles: int = 0
    lines: dict[int, int] = field(default_factory=dict)
    forms: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """The memory in one row of `MEMORY`."""
        lines, forms = ({one["hash"]: one["articles"] for one in row[name]} for name in ("lines", "forms"))
        return cls(row["articles"], lines, forms)

    def articles_with(self, text: str) -> int:
        """In how many different articles the line stood; 0 if in too few to tell."""
        return self.lines.get(_key(text)[0], 0)

    def recurs(self, line: Seen) -> str | None:
        """Why the line is not this article's own, or None."""
        key, size = _key(line.text)
        count, place = self.lines.get(key, 0), self.forms.get(_hash(line.form), 0)
        if count and (place or size >= _LONG or count >= max(_SURE / 2, _OFTEN * self.articles)):
            return f"recurs in {count} articles"
        return f"its place recurs in {place} articles" if place >= _SURE else None


def recall(table: pa.Table) -> dict[str, Memory]:
    """Outlet → its memory, from rows of `MEMORY`."""
    return {row["outlet"]: Memory.of(row) for row in table.to_pylist()}


def seen(block: Block) -> Seen:
    """A block of a page; its form ends at the first element around it that has a class, four levels up at most."""
    steps = [(block.element.tag, block.element.marks)]
    for element in islice(block.element.ancestors(), _STEPS):
        steps.append((element.tag, element.marks))
        if element.marks:
            break
    return Seen(block.text, _form(tuple(steps)), block.linked > len(block.text) / 2)


def digest(lines: Iterable[str]) -> str:
    """SHA-256 of the lines, hex: the same for the same text, whatever memory leaves out of it."""
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def sighting(lines: Iterable[Seen]) -> list[dict[str, Any]]:
    """What to remember of the lines a reader weighed for an article, each once."""
    keys = {_key(line.text): line for line in lines}
    return [
        {"hash": key, "size": size, "form": _hash(line.form), "linked": line.linked}
        for (key, size), line in keys.items()
        if size
    ]


def remember(sightings: pa.Table, *, own: bool = False) -> pa.Table:
    """Rows of `MEMORY`, one an outlet, from `SIGHTINGS`: what stands in at least two articles, and in 2 %.

    `own` says that the pages to be read are among them: then it takes one article more. Articles that are
    copies of each other (the same page under another URL, a live page that grew, a page that holds others
    whole) count as one.
    """
    outlets = sorted(map(str, sightings["outlet"].unique().to_pylist()))
    fewest = _FEWEST + own
    rows = [_row(outlet, sightings.filter(pc.field("outlet") == outlet), fewest) for outlet in outlets]
    return pa.Table.from_pylist(rows, schema=MEMORY.schema)


def needed(memory: pa.Table, extractions: pa.Table) -> pa.Table:
    """Of rows of `MEMORY` what pages with these sightings can meet; reading them with it gives the same."""
    shown = pc.list_flatten(extractions["sighted"].combine_chunks())
    lines, forms = (set(pc.struct_field(shown, name).to_pylist()) for name in ("hash", "form"))
    rows = memory.to_pylist()
    for row in rows:
        row["lines"] = [one for one in row["lines"] if one["hash"] in lines]
        row["forms"] = [one for one in row["forms"] if one["hash"] in forms]
    return pa.Table.from_pylist(rows, schema=MEMORY.schema)


def texts_of(articles: pa.Table) -> dict[int, str]:
    """Hash → words of the lines in `text` and of those left out, from rows with `text` and `evidence`."""
    lines = [line for text in articles["text"].to_pylist() for line in (text or "").split("\n")]
    left_out = [
        str(one["value"])
        for evidence in articles["evidence"].to_pylist()
        for one in evidence or ()
        if one["field"] == "text" and one["value"]
    ]
    return {_key(text)[0]: text for text in (*left_out, *lines) if _key(text)[1]}


def _row(outlet: str, sightings: pa.Table, fewest: int) -> dict[str, Any]:
    newest = sightings.sort_by([("first_seen_at", "descending"), ("article_id", "ascending")])
    lines = newest.slice(0, MOST_ARTICLES)["lines"].combine_chunks()
    article = np.asarray(pc.list_parent_indices(lines), np.int64)
    flat = pc.list_flatten(lines)
    text, size, form, linked = (
        np.asarray(pc.struct_field(flat, name), np.int64) for name in ("hash", "size", "form", "linked")
    )
    hashes, text = np.unique(text, return_inverse=True)
    kept = _originals(article, text, size, len(lines))
    text, form, linked, article = (column[kept[article]] for column in (text, form, linked, article))
    articles = np.bincount(text, minlength=len(hashes))
    recurs = articles >= max(fewest, ceil(_SHARE * kept.sum()))
    forms, form = np.unique(form, return_inverse=True)
    seen = np.bincount(form, minlength=len(forms))
    again = np.bincount(form, recurs[text] | (linked > 0), minlength=len(forms))
    stood = np.unique(form * len(lines) + article) // max(1, len(lines))
    places = np.bincount(stood, minlength=len(forms))
    tells = (again >= _ALWAYS * seen) & (places >= fewest)
    return {
        "outlet": outlet,
        "articles": int(kept.sum()),
        "lines": _counted(hashes[recurs], articles[recurs]),
        "forms": _counted(forms[tells], places[tells]),
    }


def _originals(article: Ints, text: Ints, size: Ints, count: int) -> Mask:
    """Which articles are no copy of a newer one: half of the smaller one's long lines, by weight, are in both.

    The more articles a line is in, the less it weighs, or short notes would be copies for the long notice under
    each of them.
    """
    long = size >= _LONG
    article, text, size = article[long], text[long], size[long]
    carriers = np.bincount(text, minlength=1)[text]
    weight = size / np.sqrt(carriers)
    total = np.bincount(article, weight, minlength=count)
    shared = carriers > 1
    columns, column = np.unique(text[shared], return_inverse=True)
    carried = np.zeros((count, len(columns)), np.float32)
    carried[article[shared], column] = weight[shared]
    common = carried @ (carried > 0).T.astype(np.float32)
    kept = np.zeros(count, np.bool_)
    for one in range(count):
        both = common[one, kept]
        kept[one] = not ((both > 0) & (both >= _COPY * np.minimum(total[one], total[kept]))).any()
    return kept


def _counted(hashes: Ints, articles: Ints) -> list[dict[str, int]]:
    return [
        {"hash": key, "articles": count}
        for key, count in zip(hashes.tolist(), articles.tolist(), strict=True)
    ]


def _key(text: str) -> tuple[int, int]:
    """What identifies a line, and its letters as far as read, 0 where there are none, as in a row of underscores."""
    return _key_of(text[:_START])


@lru_cache(maxsize=20_000)
def _key_of(start: str) -> tuple[int, int]:
    folded = fold(start).replace("_", "")
    return _hash(folded), len(folded) + (0 if folded.isascii() else len(_WIDE.findall(folded)))


@lru_cache(maxsize=20_000)
def _hash(words: str) -> int:
    digest = blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@lru_cache(maxsize=20_000)
def _form(steps: tuple[tuple[str, str], ...]) -> str:
    return _NUMBER.sub("0", " ".join(f"{tag}.{marks}" for tag, marks in steps))

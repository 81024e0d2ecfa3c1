"""A second opinion on a page of which the forests are unsure as a whole: that of trafilatura, in its precise mode.

Asked about one article in nineteen. Where the two texts agree by half, a block has to be in trafilatura's, and a small
chance is then enough: both readers have to think it possible. Where they do not, ours stands.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from transforms.extract.chances import JUST_KEPT, KEPT, Marked, expected
from transforms.extract.forest import Floats
from transforms.extract.markup import Markup, fold

_UNSURE = 0.9  # F1 that can be expected, below which it is asked
_AGREES = 0.5  # F1 of our text and its, in characters, above which it is heard
_PLAUSIBLE = 0.2  # chance that is then enough
# To sort 40,000 combining marks takes seconds; none counts where texts are compared.
_PILED = re.compile(r"[^\x00-\x7f\w\s]{31,}")
_MOST_CHARACTERS, _MOST_ELEMENTS = 600_000, 8_000  # it takes 0.5 s at most


@dataclass(frozen=True)
class Opinion:
    """The chances after it, which blocks it has moved into the text or out of it, and what came of asking."""

    chances: Floats
    moved: Marked
    said: str


def second_opinion(page: Markup, chances: Floats) -> Opinion | None:
    """What another reader makes of a page, by the chances that ours gives its blocks; None where it is not asked."""
    lengths = np.array([len(block.text) for block in page.blocks])
    ours = chances > KEPT
    likely = expected(chances, lengths)
    is_small = len(page.source) <= _MOST_CHARACTERS and len(page.elements) <= _MOST_ELEMENTS
    if likely >= _UNSURE or not ours.any() or not is_small:
        return None
    text = fold(_read(page.source))
    theirs = np.array([bool(words := fold(block.text)) and words in text for block in page.blocks])
    agreement = 2 * lengths[ours & theirs].sum() / (lengths[ours].sum() + lengths[theirs].sum())
    is_heard = agreement > _AGREES
    kept = theirs & (chances > _PLAUSIBLE) if is_heard else ours
    moved = np.where(kept, np.maximum(chances, JUST_KEPT), np.minimum(chances, KEPT))
    said = f"{'heard' if is_heard else 'not heard'}: agrees by {agreement:.2f}, {likely:.2f} expected of ours"
    return Opinion(moved.astype(np.float32), kept != ours, said)


def _read(source: str) -> str:
    try:
        return _trafilatura()(_PILED.sub(" ", source), favor_precision=True, include_comments=False) or ""
    except Exception:  # whatever a page does to another reader, ours stands
        return ""


@cache
def _trafilatura() -> Callable[..., str | None]:
    """Imported when it is first asked (0.15 s); that it cannot read a page is no news to an operator."""
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return extract

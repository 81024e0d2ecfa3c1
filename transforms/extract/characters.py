"""Texts as the codes of their characters, so that all lines of a page are looked at in one step."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Marks = npt.NDArray[np.bool_]

#: Beyond are neither letters nor signs that are told: tables by code end here and are read with `mode="clip"`.
MOST_CODES = 0x33000


def codes_of(text: str) -> Codes:
    """The code of each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def text_of(codes: Codes) -> str:
    """The characters of the codes."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def matched_by(pattern: str) -> Marks:
    """By code, whether a character is one that a pattern finds: runs of them are found fastest."""
    marks = np.zeros(MOST_CODES, np.bool_)
    for match in re.finditer(pattern, text_of(np.arange(MOST_CODES, dtype=np.uint32))):
        marks[match.start() : match.end()] = True
    return marks

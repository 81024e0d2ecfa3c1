"""Which lines of a page are its body, before our own rules: trafilatura's answer. Another engine goes here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from configparser import ConfigParser

import trafilatura
from lxml.etree import _Element, iterwalk
from lxml.html import HtmlElement
from trafilatura.settings import Document, use_config

from transforms.extract.blocks import SOME_LINKED, Block, Line
from transforms.extract.markup import fold, squeeze

ENGINE = f"trafilatura {trafilatura.__version__}"

_MOST_ELEMENTS = 8_000  # trafilatura takes 0.15 ms an element; 938 real pages have 3,728 at most (2026-11)
_ENOUGH = 0.5  # share of the page's prose
_TAGS = {"head": "h2", "item": "li", "quote": "blockquote", "row": "tr", "p": "p", "code": "p"}
_BREAKS = {*_TAGS, "list", "table", "lb"}


def find_lines(root: HtmlElement, blocks: list[Block]) -> list[Line]:
    """Lines of the body in order; `blocks` are those of `root`, which is left as it is.

    The careful reading counts. If it is little of the page's prose, a fuller one does, if it holds the same.
    """
    prose = [block for block in blocks if block.line.is_prose and block.line.linked < SOME_LINKED]
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        return _lines_of_one_form(prose)
    careful = _extracted(root, favor_precision=True)
    if sum(len(line.text) for line in careful) >= _ENOUGH * sum(len(block.line.text) for block in prose):
        return careful
    fuller = _extracted(root, favor_precision=False)
    have = fold("".join(line.text for line in fuller))
    return fuller if all(fold(line.text) in have for line in careful if line.is_prose) else careful


def _lines_of_one_form(prose: list[Block]) -> list[Line]:
    """For pages so large that the engine would take seconds: the prose that shares tags and classes."""
    weights: Counter[tuple[str, ...]] = Counter()
    for block in prose:
        weights[block.form] += len(block.line.text)
    form = weights.most_common(1)[0][0] if weights else ()
    return [block.line for block in prose if block.form == form]


def _extracted(root: HtmlElement, *, favor_precision: bool) -> list[Line]:
    document = trafilatura.bare_extraction(
        root, include_comments=False, favor_precision=favor_precision, config=_config()
    )
    return list(_lines(document.body)) if isinstance(document, Document) else []


def _config() -> ConfigParser:
    """Settings: it must not fall back on all text of the page when it finds next to none."""
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "0")
    return config


def _lines(body: _Element) -> Iterator[Line]:
    parts: list[str] = []
    tag = "p"
    for event, element in iterwalk(body, events=("start", "end")):
        if element.tag in _BREAKS:
            if text := squeeze("".join(parts)):
                yield Line(text, tag)
            parts.clear()
            if element.tag != "lb":
                tag = _TAGS.get(str(element.tag), "p") if event == "start" else "p"
        elif element.tag == "cell" and event == "end":
            parts.append(" ")
        parts.append((element.text if event == "start" else element.tail) or "")
    if text := squeeze("".join(parts)):
        yield Line(text, tag)

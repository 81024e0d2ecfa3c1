"""HTML text → one tree that every reader of the page shares."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.etree import strip_elements
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from schemas.errors import Reject

# Of 938 real pages the largest has 9,770 tags and the deepest 43 levels (2026-11).
_MOST_TAGS = 40_000
_UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "object", "math")


@dataclass(frozen=True)
class Statement:
    """What a page says about a field: the article's column, where it stands, and its words."""

    field: str
    source: str
    value: str


@dataclass(frozen=True)
class Markup:
    """A parsed page: the tree without what no reader sees, and its JSON-LD, unparsed."""

    root: HtmlElement
    json_ld: list[str] = field(default_factory=list)


def parse(text: str) -> Markup:
    """The tree of a page. Raises `Reject` when there is nothing in it.

    libxml2 stops at 256 levels and we at 40,000 tags: what lies beyond is not read, what lies before is.
    """
    try:
        parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
        root = document_fromstring(_start_of(text).encode("utf-8", "replace"), parser=parser)
    except (ValueError, SyntaxError) as error:  # lxml's ParserError is a SyntaxError
        raise Reject(f"no HTML in it: {error}") from error
    scripts = root.iterfind('.//script[@type="application/ld+json"]')
    json_ld = [script.text for script in scripts if script.text]
    strip_elements(root, *_UNSEEN, with_tail=False)
    return Markup(root, json_ld)


def _start_of(text: str) -> str:
    parts = text.split("<", _MOST_TAGS)
    return text if len(parts) <= _MOST_TAGS else text[: -len(parts[-1])]


def words_of(element: HtmlElement) -> str:
    """The element's text on one line."""
    return squeeze("".join(element.itertext()))


def brief(element: HtmlElement, longest: int) -> str:
    """The element's text on one line, or '' if it is longer; a long text is not read to its end."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        length += len(part.strip())
        if length > longest:
            return ""
        parts.append(part)
    words = squeeze("".join(parts))
    return words if len(words) <= longest else ""


def squeeze(text: str) -> str:
    """Runs of white space as one space; the ideographic space between words of a CJK headline stays."""
    return re.sub(r"[^\S\u3000]+", " ", text).strip()


def fold(text: str) -> str:
    """Letters and digits, without case: what two wordings of one headline share."""
    return "".join(re.findall(r"\w+", text.casefold()))


def marks_of(element: HtmlElement) -> str:
    """Class and id of an element as one lower-case string; camelCase parts are split by `-`."""
    return _marks(f"{element.get('class', '')} {element.get('id', '')}")


@lru_cache(maxsize=50_000)
def _marks(raw: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", raw[:500]).lower()

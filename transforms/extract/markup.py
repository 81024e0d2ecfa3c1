"""HTML text → one tree that every reader of the page shares, and its blocks: the lines of text in it.

A page is parsed once (lexbor, by selectolax) and walked once. What no reader sees is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from schemas.errors import Reject
from transforms.extract.limits import bounded

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: Elements that end a line of text; any other is a part of one.
ENDS_LINE = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "button",
            "caption",
            "center",
            "dd",
            "details",
        ),
        *("dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "head"),
        *(
            "header",
            "hgroup",
            "hr",
            "html",
            "legend",
            "li",
            "main",
            "menu",
            "nav",
            "ol",
            "p",
            "pre",
            "section",
        ),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"),
        *HEADINGS,
    )
)
# Cut out of the text before it is parsed: two thirds of the bytes of real pages, and of the parser's time.
_CUT = re.compile(r"<(script|style|svg)\b([^>]*)>", re.IGNORECASE)
_END = {tag: re.compile(rf"</{tag}\b[^>]*>", re.IGNORECASE) for tag in ("script", "style", "svg")}
_UNSEEN = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "iframe", "object", "math", "select", "option"),
        *("textarea", "canvas", "audio", "video"),
    )
)
_STRONG = frozenset(["b", "strong", "em", "i", "u", "mark"])
# Of 2,550 real pages the largest has 9,770 tags and the deepest 43 levels (2026-11).
_MOST_NODES, _MOST_CHARACTERS = 60_000, 10_000_000
_SPACE = re.compile(r"[^\S\u3000]+")
_WORD = re.compile(r"\w+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Statement:
    """What a page says about a field: the article's column, where it stands, and its words."""

    field: str
    source: str
    value: str


Attributes = dict[str, str | None]


class Element:
    """An element of the page.

    `order` is its place in the document, `end` the place behind the last element inside of it, `depth` its
    level below the root, `marks` its class and id as one lower-case string. The page's blocks from
    `first_block` up to `last_block`, not included, are inside of it.
    """

    __slots__ = (
        "_pieces",
        "attributes",
        "depth",
        "end",
        "first",
        "first_block",
        "last",
        "last_block",
        "marks",
        "order",
        "parent",
        "tag",
    )

    def __init__(
        self, tag: str, attributes: Attributes, parent: Element | None, order: int, pieces: list[str]
    ) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.order = order
        self.depth: int = parent.depth + 1 if parent else 0
        self.marks = marks_in(attributes.get("class"), attributes.get("id"))
        self._pieces = pieces
        self.first = self.last = len(pieces)
        self.end = order + 1
        self.first_block = self.last_block = 0

    def get(self, name: str) -> str:
        """An attribute's value; '' if there is none."""
        return self.attributes.get(name) or ""

    @property
    def text(self) -> str:
        """What a reader sees of it, on one line."""
        return squeeze("".join(self._pieces[self.first : self.last]))

    def brief(self, longest: int) -> str:
        """The text, or '' if it is longer; a long text is not read to its end."""
        length = 0
        for piece in self._pieces[self.first : self.last]:
            length += len(piece.strip())
            if length > longest:
                return ""
        words = self.text
        return words if len(words) <= longest else ""

    def ancestors(self) -> Iterator[Element]:
        """Elements around it, inmost first."""
        element = self.parent
        while element is not None:
            yield element
            element = element.parent

    def holds(self, other: Element) -> bool:
        """Whether the other one is inside it."""
        return self.order < other.order < self.end


@dataclass(frozen=True, slots=True)
class Block:
    """A line of text: what stands between two places where a line ends, and the element that holds it.

    `place` is its number among the page's blocks; `linked` and `strong` count its characters inside links
    and inside emphasis.
    """

    place: int
    text: str
    element: Element
    linked: int
    strong: int
    anchors: tuple[Element, ...]


@dataclass(frozen=True)
class Markup:
    """A parsed page: its elements in document order, all and by tag, its blocks, its JSON-LD, unparsed.

    `tree` is the parser's own, for CSS selectors.
    """

    elements: list[Element]
    by_tag: dict[str, list[Element]]
    blocks: list[Block]
    json_ld: list[str]
    tree: LexborHTMLParser = field(repr=False)

    def all(self, *tags: str) -> list[Element]:
        """Elements of some tags, in document order."""
        found = [element for tag in tags for element in self.by_tag.get(tag, ())]
        return found if len(tags) == 1 else sorted(found, key=lambda element: element.order)

    def within(self, element: Element) -> list[Element]:
        """Elements inside of one, in document order."""
        return self.elements[element.order + 1 : element.end]

    def first(self, tag: str) -> Element | None:
        """The first element of a tag."""
        return next(iter(self.by_tag.get(tag, ())), None)


def parse(text: str) -> Markup:
    """The page. Raises `Reject` when there is no element in it.

    What lies beyond 10 million characters, or 60,000 nodes, is not read; what lies before is.
    """
    lean, json_ld = _without_scripts(text[:_MOST_CHARACTERS])
    tree = LexborHTMLParser(bounded(lean))
    if tree.root is None:
        raise Reject("no HTML in it")
    page = Markup([], {}, [], json_ld, tree)
    _Walk(page).run(tree.root)
    return page


def _without_scripts(text: str) -> tuple[str, list[str]]:
    """(the text without scripts, styles and drawings, the scripts that hold JSON-LD)."""
    kept: list[str] = []
    json_ld: list[str] = []
    place = 0
    drawings_end = True
    while match := _CUT.search(text, place):
        tag = match[1].lower()
        end = _END[tag].search(text, match.end()) if tag != "svg" or drawings_end else None
        if end is None and tag == "svg":  # unlike a script, one that is not closed hides nothing
            drawings_end = False
            kept.append(text[place : match.end()])
            place = match.end()
            continue
        kept.append(text[place : match.start()])
        if end is None:
            place = len(text)
            break
        if tag == "script" and "ld+json" in match[2].lower():
            json_ld.append(text[match.end() : end.start()])
        place = end.end()
    kept.append(text[place:])
    return "".join(kept), json_ld


class _Walk:
    """One pass over the nodes: elements with the pieces of text they hold, and a block wherever a line ends."""

    def __init__(self, page: Markup) -> None:
        self.page = page
        self.pieces: list[str] = []
        self.line: list[str] = []
        self.linked = self.strong = self.in_strong = 0
        self.anchors: list[Element] = []
        self.anchor: Element | None = None
        self.in_body = False
        self.open: list[tuple[int, Element]] = []  # the parser's id of an open element, the element
        self.holders: list[Element] = []  # those that end lines

    def run(self, root: LexborNode) -> None:
        """Fill the page from its root on."""
        stack, ids, pieces, line = self.open, set[int](), self.pieces, self.line
        elements, by_tag = self.page.elements, self.page.by_tag
        for _, node in zip(range(_MOST_NODES), root.traverse(include_text=True), strict=False):
            tag = node.tag
            above = node.parent
            if stack:
                above_id = above.mem_id if above is not None else 0
                if stack[-1][0] != above_id:
                    if above_id not in ids:
                        continue  # inside of what is not seen
                    while stack[-1][0] != above_id:
                        ids.discard(self._close())
            if tag == "-text":
                words = node.text_content or ""
                pieces.append(words)
                line.append(words)
                if self.anchor is not None:
                    self.linked += len(words.strip())
                if self.in_strong:
                    self.strong += len(words.strip())
            elif tag == "br":
                self._end_line()
            elif tag is not None and tag[0] not in "-!":
                parent = stack[-1][1] if stack else None
                element = Element(tag, node.attributes, parent, len(elements), pieces)
                elements.append(element)
                by_tag.setdefault(tag, []).append(element)
                if tag not in _UNSEEN:
                    self._open(element)
                    stack.append((node.mem_id, element))
                    ids.add(node.mem_id)
        while stack:
            self._close()

    def _open(self, element: Element) -> None:
        tag = element.tag
        if tag in ENDS_LINE:
            self._end_line()
            self.holders.append(element)
            self.in_body = self.in_body or tag == "body"
        elif tag == "a":
            self.anchor = element
        elif tag in _STRONG:
            self.in_strong += 1
        element.first_block = len(self.page.blocks)

    def _close(self) -> int:
        id_, element = self.open.pop()
        element.last, element.end = len(self.pieces), len(self.page.elements)
        tag = element.tag
        if tag in ENDS_LINE:
            self._end_line()
            self.holders.pop()
        elif tag == "a":
            self.anchors.append(element)
            self.anchor = None
        elif tag in _STRONG:
            self.in_strong -= 1
        element.last_block = len(self.page.blocks) + bool(self.line)
        return id_

    def _end_line(self) -> None:
        self.pieces.append("\n")
        if not self.line:
            return
        if self.in_body and (text := squeeze("".join(self.line))):
            anchors = (*self.anchors, self.anchor) if self.anchor is not None else tuple(self.anchors)
            block = Block(len(self.page.blocks), text, self.holders[-1], self.linked, self.strong, anchors)
            self.page.blocks.append(block)
        self.line.clear()
        self.anchors.clear()
        self.linked = self.strong = 0


def squeeze(text: str) -> str:
    """Runs of white space as one space; the ideographic space between words of a CJK headline stays."""
    return _SPACE.sub(" ", text).strip()


def fold(text: str) -> str:
    """Letters and digits, without case: what two wordings of one headline share."""
    return "".join(_WORD.findall(text.casefold()))


@lru_cache(maxsize=50_000)
def marks_in(css_class: str | None, css_id: str | None) -> str:
    """Class and id as one lower-case string; camelCase parts are split by `-`."""
    if not (css_class or css_id):
        return ""
    return _HUMP.sub("-", f"{css_class or ''} {css_id or ''}"[:500]).lower()

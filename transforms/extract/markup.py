"""HTML text → one tree that every reader of the page shares, and its blocks: the lines of text in it.

A page is parsed once (lexbor, by selectolax) and walked once. What no reader sees is left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from schemas.errors import Reject
from transforms.extract.limits import bounded

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
#: Attributes by which elements can be looked for.
SOUGHT = ("data-testid", "datetime", "itemprop", "itemtype", "rel")
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
# A tag that is not closed runs to the end: to look for its end from every start would take minutes.
_PARSED = ("svg", "noscript")  # unlike a script, one that is not closed hides nothing
_CUT = re.compile(r"<(?=[sn])(script|style|svg|noscript)\b([^>]*)>?", re.IGNORECASE)
_END = {tag: re.compile(rf"</{tag}\b[^>]*>?", re.IGNORECASE) for tag in ("script", "style", *_PARSED)}
_UNSEEN = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "iframe", "object", "math", "select", "option"),
        *("textarea", "canvas", "audio", "video"),
    )
)
_VOID = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "col", "embed", "frame", "img", "input", "keygen"),
        *("link", "meta", "param", "source", "track", "wbr"),
    )
)
# The parser writes text and values with `<`, `>` and `&` escaped, but for comments and what is inside of these.
_RAW = re.compile(
    r"<(?:!--.*?-->|((iframe|noembed|noframes|plaintext|script|style|xmp)\b[^>]*>).*?(</\2>))", re.DOTALL
)
# (text before it, '/' of an end tag, name, attributes) of each tag; what is no element has no name.
_TOKEN = re.compile(r"([^<]*+)<(?:(/?)([a-zA-Z][^\s>]*+)([^>]*+)|[^>]*+)>")
_NAMED = re.compile(r' (?:class|id)="([^"]*)"')
_STRONG = frozenset(["b", "strong", "em", "i", "u", "mark"])
#: Tag → what the walk does at it: it ends a line, is a link or stresses words; is not seen; is void; is a break.
_ROLE = (
    dict.fromkeys(_VOID, "void")
    | dict.fromkeys(_STRONG, "strong")
    | {"a": "link"}
    | dict.fromkeys(ENDS_LINE, "line")
    | dict.fromkeys(_UNSEEN, "unseen")
    | dict.fromkeys(("br", "hr"), "break")
)
# Of 2,550 real pages the largest has 3.1 million characters, 12,607 elements and 2,430 blocks, the deepest 43 levels.
_MOST_TAGS, _MOST_BLOCKS, _DEEPEST, _MOST_CHARACTERS = 60_000, 10_000, 500, 6_000_000
_CELLS = frozenset(["td", "th"])
_LONGEST_CELL = 120  # characters; a longer one is a part of the page's layout, not of a table
_LONGEST_ROW = 2_000
_WIDE_SPACE = "\u3000"
_SPACE = re.compile(r"[^\S\u3000]+")
_WORD = re.compile(r"\w+")
_NO_WORD = bytes(code for code in range(128) if not _WORD.match(chr(code)))
_FOUND_BY = "data-found-by"  # an attribute of ours
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Element:
    """An element of the page.

    `order` is its place in the document, `end` the place behind the last element inside of it, `depth` its
    level below the root, `marks` its class and id as one lower-case string, `written` its attributes as the parser
    writes them. The page's blocks from `first_block` up to `last_block`, not included, are inside of it.
    """

    __slots__ = (
        *("_pieces", "depth", "end", "first", "first_block", "last", "last_block", "marks", "order"),
        *("parent", "tag", "written"),
    )

    def __init__(self, tag: str, written: str, parent: Element | None, order: int, pieces: list[str]) -> None:
        self.tag = tag
        self.written = written
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.order = order
        self.marks = marks_in(written) if written else ""
        self._pieces = pieces
        self.first = self.last = len(pieces)
        self.end = order + 1
        self.first_block = self.last_block = 0

    def get(self, name: str) -> str:
        """An attribute's value; '' if there is none."""
        _, found, behind = self.written.partition(f' {name}="')
        return _unescape(behind[: behind.find('"')]) if found else ""

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


class Block(NamedTuple):
    """A line of text: what stands between two places where a line ends, and the element that holds it. The short
    cells of a table's row are one line, which the row holds.

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

    `source` is the HTML that was walked: what the parser made of it, without scripts. `selected` has the elements each
    CSS selector found that was asked for.
    """

    elements: list[Element]
    by_tag: dict[str, list[Element]]
    blocks: list[Block]
    json_ld: list[str]
    source: str = field(repr=False)
    selected: dict[str, list[Element]] = field(default_factory=dict)

    def all(self, *tags: str) -> list[Element]:
        """Elements of some tags, in document order."""
        found = [element for tag in tags for element in self.by_tag.get(tag, ())]
        return found if len(tags) == 1 else sorted(found, key=lambda element: element.order)

    def having(self, attribute: str) -> list[Element]:
        """Elements with an attribute, one of `SOUGHT`, in document order."""
        return self._having[attribute]

    @cached_property
    def _having(self) -> dict[str, list[Element]]:
        starts = {attribute: f' {attribute}="' for attribute in SOUGHT}
        return {
            attribute: [e for e in self.elements if start in e.written] if start in self.source else []
            for attribute, start in starts.items()
        }

    @cached_property
    def by_marks(self) -> dict[str, list[Element]]:
        """Elements with class or id by their marks, those of the same marks in document order."""
        found: defaultdict[str, list[Element]] = defaultdict(list)
        for element in self.elements:
            if element.marks:
                found[element.marks].append(element)
        return found

    @cached_property
    def addresses(self) -> list[str]:
        """Where each `<a>` leads, in document order; '' if nowhere."""
        return [link.get("href") for link in self.by_tag.get("a", ())]

    @cached_property
    def metas(self) -> list[tuple[str, Element]]:
        """Each `<meta>` with its name, whatever attribute states it, in document order."""
        return [
            (e.get("property") or e.get("name") or e.get("itemprop") or e.get("http-equiv"), e)
            for e in self.by_tag.get("meta", ())
        ]

    def within(self, element: Element) -> list[Element]:
        """Elements inside of one, in document order."""
        return self.elements[element.order + 1 : element.end]

    def first(self, tag: str) -> Element | None:
        """The first element of a tag."""
        return next(iter(self.by_tag.get(tag, ())), None)


def parse(text: str, selectors: Collection[str] = ()) -> Markup:
    """The page, with what CSS selectors find in it. Raises `Reject` when there is no element in it.

    What lies beyond 6 million characters, 60,000 tags, 10,000 blocks or 500 levels is not read; the rest is.
    """
    lean, json_ld = _without_scripts(text[:_MOST_CHARACTERS])
    tree = LexborHTMLParser(bounded(lean), options=LexborDocumentOptions.WO_EVENTS)
    if tree.root is None:
        raise Reject("no HTML in it")
    _mark(tree, selectors)
    page = Markup([], defaultdict(list), [], json_ld, _RAW.sub(_without_content, tree.root.html or ""))
    _walk(page.source, page)
    if selectors:
        found = [(e, by.split()) for e in page.elements if (by := e.get(_FOUND_BY))]
        for place, selector in enumerate(selectors):
            page.selected[selector] = [element for element, by in found if str(place) in by]
    return page


def _mark(tree: LexborHTMLParser, selectors: Collection[str]) -> None:
    """Write into elements by which selectors they are found, so that they are known when the page is walked."""
    for node in tree.css(f"[{_FOUND_BY}]") if selectors else ():
        del node.attrs[_FOUND_BY]
    for place, selector in enumerate(selectors):
        for node in tree.css(selector):
            node.attrs[_FOUND_BY] = f"{node.attributes.get(_FOUND_BY) or ''} {place}"


def _without_scripts(text: str) -> tuple[str, list[str]]:
    """(the text without scripts, what stands in for them, styles and drawings; the scripts that hold JSON-LD)."""
    kept: list[str] = []
    json_ld: list[str] = []
    place = 0
    closed = set(_END)
    while match := _CUT.search(text, place):
        tag = match[1].lower()
        end = _END[tag].search(text, match.end()) if tag in closed else None
        if end is None and tag in _PARSED:
            closed.discard(tag)
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


def _without_content(match: re.Match[str]) -> str:
    return f"<{match[1]}{match[3]}" if match[1] else ""


class _Lines:
    """The line of text that is being read, and the blocks that lines before it became."""

    def __init__(self, page: Markup) -> None:
        self.page = page
        self.words: list[str] = []
        self.linked = self.strong = 0
        self.anchors: list[Element] = []
        self.anchor: Element | None = None
        self.holders: list[Element] = []  # the elements around that end lines
        self.cell: Element | None = None  # the last one whose line is part of a row

    def end(self) -> None:
        """Make a block of the line, if it has words."""
        page = self.page
        if (
            "body" in page.by_tag
            and len(page.blocks) < _MOST_BLOCKS
            and (text := squeeze("".join(self.words)))
        ):
            self._add(text, (*self.anchors, self.anchor) if self.anchor else tuple(self.anchors))
        self.words.clear()
        self.linked = self.strong = 0

    def _add(self, text: str, anchors: tuple[Element, ...]) -> None:
        blocks, cell = self.page.blocks, self.holders[-1]
        before = blocks[-1] if blocks else None
        row = cell.parent
        if cell.tag in _CELLS and row is not None and row.tag == "tr" and len(text) <= _LONGEST_CELL:
            if before and before.element is row and cell is not self.cell and len(before.text) < _LONGEST_ROW:
                text, anchors = f"{before.text} {text}", (*before.anchors, *anchors)
                self.linked, self.strong = before.linked + self.linked, before.strong + self.strong
                blocks.pop()
            self.cell, cell = cell, row
        blocks.append(Block(len(blocks), text, cell, self.linked, self.strong, anchors))


def _walk(written: str, page: Markup) -> None:  # noqa: PLR0912, PLR0915 -- calls a token would be half its time
    """Fill the page from its HTML as the parser writes it, every element closed: elements with the pieces of text
    they hold, and a block wherever a line ends.
    """
    elements, by_tag, blocks = page.elements, page.by_tag, page.blocks
    line = _Lines(page)
    line_words, anchors, holders = line.words, line.anchors, line.holders
    pieces: list[str] = []
    above: Element | None = None
    in_strong = 0
    unseen, unseen_depth = "", 0
    for words, closes, tag, attributes in _TOKEN.findall(written)[:_MOST_TAGS]:
        if unseen_depth:
            unseen_depth += (tag == unseen) * (-1 if closes else 1)
            continue
        if words:
            if words.isspace():
                pieces.append(" ")
                if line_words:
                    line_words.append(" ")
            else:
                said = _unescape(words) if "&" in words else words
                pieces.append(said)
                line_words.append(said)
                if line.anchor is not None:
                    line.linked += len(said.strip())
                if in_strong:
                    line.strong += len(said.strip())
        role = _ROLE.get(tag)
        if role == "line" and (not closes or (above is not None and above.tag == tag)):
            pieces.append("\n")
            if line_words:
                line.end()
            if anchors:
                anchors.clear()
        if closes:
            if above is None or above.tag != tag:
                continue
            if role == "line":
                holders.pop()
            elif role == "link":
                anchors.append(above)
                line.anchor = None
            elif role == "strong":
                in_strong -= 1
            above.last, above.end = len(pieces), len(elements)
            above.last_block = len(blocks) + bool(line_words)
            above = above.parent
        elif role == "break":
            pieces.append("\n")
            if line_words:
                line.end()
            anchors.clear()
        elif tag:
            element = Element(tag, attributes, above, len(elements), pieces)
            elements.append(element)
            by_tag[tag].append(element)
            if role == "unseen" or element.depth >= _DEEPEST:
                unseen, unseen_depth = tag, tag not in _VOID
            elif role != "void":
                if role == "line":
                    holders.append(element)
                elif role == "link":
                    line.anchor = element
                elif role == "strong":
                    in_strong += 1
                element.first_block = len(blocks)
                above = element
    if above is not None and line_words:
        line.end()
    while above is not None:
        above.last, above.end, above.last_block = len(pieces), len(elements), len(blocks)
        above = above.parent


def squeeze(text: str) -> str:
    """Runs of white space as one space; the ideographic space between words of a CJK headline stays."""
    return " ".join(text.split()) if _WIDE_SPACE not in text else _SPACE.sub(" ", text).strip()


def fold(text: str) -> str:
    """Letters and digits, without case: what two wordings of one headline share."""
    if text.isascii():  # then bytes can be dropped, which is ten times as fast
        return text.lower().encode().translate(None, _NO_WORD).decode()
    return "".join(_WORD.findall(text.casefold()))


def _unescape(words: str) -> str:
    """The parser's own escapes, and no other."""
    if "&" not in words:
        return words
    words = words.replace("&nbsp;", "\xa0").replace("&lt;", "<").replace("&gt;", ">")
    return words.replace("&quot;", '"').replace("&amp;", "&")


@lru_cache(maxsize=50_000)
def marks_in(written: str) -> str:
    """Class and id in an element's attributes as one lower-case string; camelCase parts are split by `-`."""
    if 'class="' not in written and 'id="' not in written:
        return ""
    named = " ".join(_NAMED.findall(written))[:500]
    lower = named.lower()
    return _HUMP.sub("-", named).lower() if lower != named else lower

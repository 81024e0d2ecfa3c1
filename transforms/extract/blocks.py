"""The blocks of a page: its lines of text with what their place in the tree says about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from transforms.extract.markup import brief, marks_of, words_of

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LINKED, SOME_LINKED = 0.55, 0.3  # shares of a line: it is a link; it holds more link than prose does
LONG = 140  # characters; nobody writes a label as long as that
SENTENCE_END = re.compile(r"""[.!?…。！？।؟۔।][\s"'»”’“)\]\d*]*$""")

_BLOCK_TAGS = ("p", "li", *HEADINGS, "blockquote", "td", "dd", "dt", "div")
_NEAR = 2  # levels between a block and the parent it shares with the next one of the same text

# Words in class and id of blocks that stand beside the text wherever they are put …
_BESIDE = re.compile(
    r"newsletter|promo|related|read-?(more|also|next)|recommend|(^|[-_ ])shar(e|ing)\b|social|side-?bar|sign-?up|"
    r"advert|outbrain|taboola|comments|bread-?crumb|trending|most-?(read|popular|viewed)|teaser|cookie|consent|"
    r"author-?(bio|box|info)|about-?(the-)?author"
)
# … and of blocks that do if they are small: sites put them around the text as well.
_BESIDE_IF_SMALL = re.compile(r"paywall|subscri|premium|donat|caption|credit|copyright|agency|byline|tags?\b")
_SMALL = 300  # characters
_BESIDE_TAGS = ("aside", "nav", "form", "figcaption", "button", "footer")
_CUT_TAGS = ("div", "section", "ul", "ol", "p", "table", "td", "header", "span", *_BESIDE_TAGS)
# A block with more than this share of the page's paragraphs, or with more than two long ones, is the article.
_LARGEST_SHARE, _LONG_PARAGRAPH, _MOST_LONG = 0.3, 200, 2


@dataclass(frozen=True)
class Line:
    """A line of text: its tag, the share of it that is link, its links."""

    text: str
    tag: str
    linked: float = 0.0
    anchors: tuple[HtmlElement, ...] = ()

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return self.tag in HEADINGS

    @property
    def is_prose(self) -> bool:
        """Whether it reads like a sentence, in any script."""
        return len(self.text) >= LONG or (len(self.text) > 12 and bool(SENTENCE_END.search(self.text)))


@dataclass(frozen=True)
class Block:
    """An element of the page that holds text and no other such element."""

    element: HtmlElement
    line: Line

    @property
    def form(self) -> tuple[str, ...]:
        """Tags and classes of the element and of two levels above it."""
        chain = (self.element, *islice(self.element.iterancestors(), _NEAR))
        return tuple(f"{element.tag}.{element.get('class', '')}" for element in chain)

    def is_near(self, other: Block) -> bool:
        """Whether both are in one container, or one is in a list beside the other."""
        above = list(islice(self.element.iterancestors(), _NEAR))
        return any(parent in above for parent in islice(other.element.iterancestors(), _NEAR))


def blocks_of(root: HtmlElement) -> list[Block]:
    """Blocks in document order."""
    return [Block(element, _line_of(element)) for element in _leaves(root)]


def cut_beside(root: HtmlElement) -> None:
    """Take out of the tree what its tag, class or id says stands beside the text, unless it holds the text."""
    lengths = {paragraph: len(words_of(paragraph)) for paragraph in root.iter("p")}
    most = _LARGEST_SHARE * sum(lengths.values())
    for element in list(root.iter(*_CUT_TAGS)):
        marks = marks_of(element)
        if element.tag in _BESIDE_TAGS or _BESIDE.search(marks):
            is_beside = _holds_little(element, lengths, most)
        else:
            is_beside = bool(_BESIDE_IF_SMALL.search(marks) and brief(element, _SMALL))
        if is_beside and element.getparent() is not None and element.find(".//h1") is None:
            element.drop_tree()


def _holds_little(element: HtmlElement, lengths: dict[HtmlElement, int], most: float) -> bool:
    whole = long = 0
    for paragraph in element.iter("p"):
        whole += lengths[paragraph]
        long += lengths[paragraph] > _LONG_PARAGRAPH
        if whole > most or long > _MOST_LONG:
            return False
    return True


def _leaves(root: HtmlElement) -> Iterator[HtmlElement]:
    for element in root.iter(*_BLOCK_TAGS):
        if next(element.iterdescendants(*_BLOCK_TAGS), None) is None:
            yield element


def _line_of(element: HtmlElement) -> Line:
    text = words_of(element)
    anchors = tuple(a for a in element.iterfind(".//a[@href]") if not a.get("href", "").startswith("#"))
    linked = sum(len(words_of(anchor)) for anchor in anchors) / max(1, len(text))
    is_in_link = next(element.iterancestors("a"), None) is not None
    return Line(text, str(element.tag), 1.0 if is_in_link else linked, anchors)

"""The body of an article: what trafilatura finds, corrected by the structure of the page.

The engine says which blocks are prose. Around it, rules that hold for any site: what is marked as standing beside
the text is cut out first; headings, lists and paragraphs it lost between two blocks it kept come back; repeated
titles, bylines, links to other texts and calls to sign up are left out, each with the rule that did it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from itertools import pairwise

import trafilatura
from lxml.etree import _Element, iterwalk
from lxml.html import HtmlElement
from trafilatura.settings import use_config

from transforms.extract.markup import fold, marks_of, squeeze, words_of

ENGINE = f"trafilatura {trafilatura.__version__}"

# Words in class and id of blocks that stand beside the text wherever they are put …
_BESIDE = re.compile(
    r"newsletter|promo|related|read-?(more|also|next)|recommend|(^|[-_ ])shar(e|ing)\b|social|side-?bar|sign-?up|"
    r"advert|outbrain|taboola|comments|bread-?crumb|trending|most-?(read|popular|viewed)|teaser|"
    r"author-?(bio|box|info)|about-?(the-)?author|cookie|consent"
)
# … and of blocks that do if they are small: sites put them around the text as well.
_BESIDE_IF_SMALL = re.compile(r"paywall|subscri|premium|donat|caption|credit|copyright|agency|byline|tags?\b")
_SMALL = 300  # characters
_BESIDE_TAGS = ("aside", "nav", "form", "figcaption", "button", "footer")
_CUT_TAGS = ("div", "section", "ul", "ol", "p", "table", "td", "header", "span", *_BESIDE_TAGS)
_LARGEST_SHARE = 0.3  # of the page's paragraphs: a block with more is the article, whatever it is called
_LONG_PARAGRAPH, _MOST_LONG = 200, 2

_LINE_TAGS = {"p", "head", "item", "quote", "row", "list", "table", "lb", "code"}
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_BLOCK_TAGS = ("p", "li", "h1", *_HEADINGS, "blockquote", "td", "dd", "dt", "div")
_FILLERS = {"p", "li", "blockquote", "dd", "dt", *_HEADINGS}
_NEAR = 2  # levels between a block and the parent it shares with the next one of the same text
_MOST_FILLERS = 15
_KIN = 3

_SENTENCE_END = re.compile(r"""[.!?…。！？।؟۔।]["'»”’“)\]\d*\s]*$""")
_LONG = 140  # characters; nobody writes a label as long as that
_LINKED, _SOME_LINKED = 0.55, 0.3  # shares of a line: it is a link; it holds more link than prose does
_ENOUGH = 0.5  # share of the page's prose
_MOST_BLOCKS = 6_000  # trafilatura takes 0.4 ms a block; 938 real pages have 1,500 at most
_DATED = re.compile(r"\d{1,2}\s*[:.]\s*\d{2}|\b(19|20)\d\d\b")
_LABELLED_LINK = re.compile(r"^[^.!?。！？]{2,40}[:：|]\s*$")
_ASKS = re.compile(
    r"\b(sign up|subscribe|newsletters?|abonnieren|abonnez|melden sie sich|suscr[ií]b|iscriviti|assine|подпи[сш]|"
    r"prenumer|tilmeld|bülten)|اشترك|订阅|登録",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """A line of the body: its text, its tag, the share of it that is link, its links."""

    text: str
    tag: str
    linked: float = 0.0
    anchors: tuple[HtmlElement, ...] = ()

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return self.tag in _HEADINGS or self.tag in {"h1", "head"}

    @property
    def is_prose(self) -> bool:
        """Whether it reads like a sentence, in any script."""
        return len(self.text) >= _LONG or (len(self.text) > 12 and bool(_SENTENCE_END.search(self.text)))


@dataclass(frozen=True)
class Block:
    """A block of the page that holds text and no other block."""

    element: HtmlElement
    line: Line


@dataclass(frozen=True)
class Body:
    """Lines in order, and those left out with the rule that did it."""

    lines: list[Line]
    dropped: list[tuple[str, Line]]

    @property
    def text(self) -> str:
        """Paragraphs joined by a newline."""
        return "\n".join(line.text for line in self.lines)


def read_body(root: HtmlElement, titles: list[str], authors: list[str], labels: list[str]) -> Body:
    """The body below `root`, which is changed: blocks beside the text are cut out of it."""
    _cut_beside(root)
    blocks = [Block(element, _line_of(element)) for element in _leaves(root)]
    prose = [block for block in blocks if block.line.is_prose and block.line.linked < _SOME_LINKED]
    found = _prose_of_one_form(prose) if len(blocks) > _MOST_BLOCKS else _found_by_engine(root, prose)
    return _without_labels(_with_gaps_filled(found, blocks), set(map(fold, titles)), authors, set(map(fold, labels)))


def _found_by_engine(root: HtmlElement, prose: list[Block]) -> list[Line]:
    """What trafilatura finds: careful first; if that is little of the page's prose, fuller, if it holds the same."""
    careful = _extracted(root, favor_precision=True)
    if sum(len(line.text) for line in careful) >= _ENOUGH * sum(len(block.line.text) for block in prose):
        return careful
    fuller = _extracted(root, favor_precision=False)
    have = fold("".join(line.text for line in fuller))
    return fuller if all(fold(line.text) in have for line in careful if line.is_prose) else careful


def _extracted(root: HtmlElement, *, favor_precision: bool) -> list[Line]:
    document = trafilatura.bare_extraction(
        root, include_comments=False, favor_precision=favor_precision, config=_config()
    )
    return [] if document is None else list(_lines(document.body))


def _prose_of_one_form(prose: list[Block]) -> list[Line]:
    """For pages so large that the engine would take seconds: the prose that shares tags and classes."""
    weights: Counter[tuple[str, ...]] = Counter()
    for block in prose:
        weights[_form(block.element)] += len(block.line.text)
    form = weights.most_common(1)[0][0] if weights else ()
    return [block.line for block in prose if _form(block.element) == form]


def _config() -> ConfigParser:
    """trafilatura's settings; it must not fall back on all text of the page when it finds next to none."""
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "0")
    return config


def _cut_beside(root: HtmlElement) -> None:
    total = sum(len(words_of(p)) for p in root.iter("p"))
    for element in list(root.iter(*_CUT_TAGS)):
        if element.getparent() is None:
            continue
        marks = marks_of(element)
        if element.tag in _BESIDE_TAGS or _BESIDE.search(marks):
            lengths = [len(words_of(p)) for p in element.iter("p")]
            long = sum(length > _LONG_PARAGRAPH for length in lengths)
            is_beside = sum(lengths) <= _LARGEST_SHARE * total and long <= _MOST_LONG
        else:
            is_beside = bool(_BESIDE_IF_SMALL.search(marks)) and len(words_of(element)) <= _SMALL
        if is_beside and element.tag != "h1" and element.find(".//h1") is None:
            element.drop_tree()


def _leaves(root: HtmlElement) -> Iterator[HtmlElement]:
    for element in root.iter(*_BLOCK_TAGS):
        if next(element.iterdescendants(*_BLOCK_TAGS), None) is None:
            yield element


def _line_of(element: HtmlElement) -> Line:
    text = words_of(element)
    anchors = tuple(a for a in element.iterfind(".//a[@href]") if not a.get("href", "").startswith("#"))
    linked = sum(len(words_of(anchor)) for anchor in anchors) / max(1, len(text))
    if next(element.iterancestors("a"), None) is not None:
        linked = 1.0
    return Line(text, element.tag, linked, anchors)


def _with_gaps_filled(found: list[Line], blocks: list[Block]) -> list[Line]:
    """The engine's lines with what the page knows of them, and the blocks of the same text that it lost.

    These are: what stands between two kept blocks that are near each other, and prose with the same tags and
    classes, two levels up, as several kept blocks (a body split over containers).
    """
    places: dict[str, int] = {}
    for place, block in enumerate(blocks):
        places.setdefault(fold(block.line.text), place)
    known = [(line, places.get(fold(line.text))) for line in found]
    kept = sorted({place for _, place in known if place is not None})
    filled = {
        place
        for one, other in pairwise(kept)
        if other - one <= _MOST_FILLERS and _are_near(blocks[one].element, blocks[other].element)
        for place in range(one + 1, other)
        if _fills(blocks[place], blocks[place + 1])
    }
    forms = Counter(_form(blocks[place].element) for place in kept)
    split = {
        place
        for place, block in enumerate(blocks)
        if block.line.is_prose and block.line.linked < _SOME_LINKED and forms[_form(block.element)] >= _KIN
    }
    lines: list[Line] = []
    have = fold("".join(line.text for line in found))
    missing = [place for place in sorted(filled | split) if fold(blocks[place].line.text) not in have]
    for line, place in known:
        while missing and place is not None and missing[0] < place:
            lines.append(blocks[missing.pop(0)].line)
        lines.append(line if place is None else blocks[place].line)
    return [*lines, *(blocks[place].line for place in missing)]


def _form(element: HtmlElement) -> tuple[str, ...]:
    line = [element, *element.iterancestors()][:3]
    return tuple(f"{e.tag}.{e.get('class', '')}" for e in line)


def _fills(block: Block, following: Block) -> bool:
    line = block.line
    if not line.text or line.tag not in _FILLERS or line.linked >= _LINKED:
        return False
    return not line.is_heading or (not following.line.is_heading and following.line.linked < _LINKED)


def _are_near(one: HtmlElement, other: HtmlElement) -> bool:
    above = [*one.iterancestors()][: _NEAR]
    return any(parent in above for parent in [*other.iterancestors()][: _NEAR])


def _without_labels(lines: list[Line], titles: set[str], authors: list[str], labels: set[str]) -> Body:
    body = Body(lines, [])
    repeats = [i for i, line in enumerate(lines[:6]) if fold(line.text) in titles]
    body = _dropped(body, "the title again", lambda i, kept: i in repeats)
    above = repeats[-1] - len(repeats) + 1 if repeats else 0
    body = _dropped(body, "label above the title", lambda i, kept: i < above and not kept[i].is_prose)
    body = _dropped(body, "link to another text", lambda i, kept: _leads_away(kept[i]))
    teasers = _teasers(body.lines)
    body = _dropped(body, "teaser", lambda i, kept: i in teasers)
    body = _dropped(body, "asks to sign up", lambda i, kept: _asks(kept[i]))
    start = next((i for i, line in enumerate(body.lines) if line.is_prose), 0)
    body = _dropped(body, "label above the text", lambda i, kept: i < start and _is_label(kept[i], authors, labels))
    end = _end_of(body.lines)
    body = _dropped(body, "below the last sentence", lambda i, kept: i >= end)
    last = len(body.lines) - 2
    return _dropped(
        body, "about the author", lambda i, kept: i >= max(last, 3) and kept[i].text.startswith(tuple(authors or " "))
    )


def _dropped(body: Body, rule: str, is_wrong: Callable[[int, list[Line]], bool]) -> Body:
    wrong = [is_wrong(i, body.lines) for i in range(len(body.lines))]
    return Body(
        [line for line, gone in zip(body.lines, wrong, strict=True) if not gone],
        [*body.dropped, *((rule, line) for line, gone in zip(body.lines, wrong, strict=True) if gone)],
    )


def _leads_away(line: Line) -> bool:
    """A line that is nothing but a link, or a label and a link."""
    if not line.anchors or len(line.text) > 2 * _LONG:
        return False
    label, _, rest = line.text.partition(words_of(line.anchors[0]) or "\0")
    if _LABELLED_LINK.match(label) and len(rest) < 3:
        return True
    return line.linked >= (0.95 if _SENTENCE_END.search(line.text) else _LINKED)


def _teasers(lines: list[Line]) -> set[int]:
    """Places in runs of at least two linked headings, each with at most one line below."""
    heads = [i for i, line in enumerate(lines) if line.is_heading and line.linked > 0.4]
    found: set[int] = set()
    for one, other in pairwise(heads):
        if other - one <= 2:
            found.update(range(one, min(other + 2, len(lines))))
    return {i for i in found if i in heads or len(lines[i].text) < 2 * _LONG}


def _asks(line: Line) -> bool:
    return bool(line.anchors) and len(line.text) < 2 * _LONG and bool(_ASKS.search(line.text))


def _is_label(line: Line, authors: list[str], labels: set[str]) -> bool:
    if any(author in line.text for author in authors) or fold(line.text) in labels:
        return True
    return not line.is_heading and len(line.text) < 80 and bool(_DATED.search(line.text))


def _end_of(lines: list[Line]) -> int:
    """Where labels, headings over nothing and lists of links begin that nothing follows."""
    end = len(lines)
    while end and not lines[end - 1].is_prose and (
        lines[end - 1].is_heading or lines[end - 1].linked > 0.2 or len(lines[end - 1].text) < 40 and lines[end - 1].tag == "p"
    ):
        end -= 1
    return end


def _lines(body: _Element) -> Iterator[Line]:
    """Lines of the engine's output."""
    parts: list[str] = []
    tag = "p"
    for event, element in iterwalk(body, events=("start", "end")):
        if element.tag in _LINE_TAGS:
            if text := squeeze("".join(parts)):
                yield Line(text, tag)
            parts.clear()
            if element.tag != "lb":
                tag = element.tag if event == "start" else "p"
        elif element.tag == "cell" and event == "end":
            parts.append(" ")
        parts.append((element.text if event == "start" else element.tail) or "")
    if text := squeeze("".join(parts)):
        yield Line(text, tag)

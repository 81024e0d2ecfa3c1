"""Who a page says wrote it: what stands in plain sight, and which of all its statements are believed."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise

from schemas.page import Statement
from schemas.vocabulary import Precision
from transforms.dates.reading import readings
from transforms.extract.head import value_of
from transforms.extract.markup import ENDS_LINE, Block, Element, Markup, fold
from transforms.normalise.people import is_full, is_person, is_signed, names_in, plain

_AUTHOR = re.compile(
    r"(?:by-?lines?|authors?|autor(?:e[ns]?|i|in)?|auteure?s?|writers?|reporters?|contributors?|verfasser|"
    r"redakteure?|forfatter|skribent|journalists?)(?:names?|links?|info|text|wrapper|container|label)?"
)
_HINT = re.compile(r"aut|by-?l|writer|report|contrib|verfass|redakt|forfatter|skribent|journalist")
_NOT_NAME = re.compile(
    r"bio|box|avatar|ima?ge?|photo|pic(?:ture)?|icon|social|desc(?:ription)?|follow|role|title|job|position|share|"
    r"comments?|more|articles|posts|related|archive|email|bookmark|twitter|facebook"
)
# What begins with a set of characters is found twice as fast.
_AUTHOR_PAGE = re.compile(
    r"[/?&](?:(?<=/)(?:authors?|autor(?:es|en|i|in)?|autore|auteurs?|contributors?|reporters?|journalists?|columnists?|"
    r"staff|staff-contributors|newsteam|redaktion|redakteure?|interviewer|firmas?)/[^/?#]+|"
    r"(?<=[?&])author=[0-9a-f]+(?:&|$))"
)
_ELSEWHERE = re.compile(
    r"//(?:[\w-]+\.)*(?:facebook|twitter|x|linkedin|bsky|instagram|threads|youtube)\.\w+/"
)
#: Where others than the author are named, and where the authors of other articles are.
_OTHERS = re.compile(
    r"(?:^|[-_ ])(?:(?:pull-?)?quotes?|comments?|respond|replies|reply|disqus|testimonials?)(?:$|[-_ ])"
)
_BESIDE = re.compile(
    r"(?:^|[-_ ])(?:related|recommend\w*|sidebar|widget|teasers?|cards?|more|trending|popular|latest|promo|footer|"
    r"carousel|menu|nav)(?:$|[-_ ])"
)
_BY = r"by|von|par|por|door|przez|av|af|di|автор|текст|文|作者|بقلم|كتبت?"
_BY_LINE = re.compile(
    r"(?:|.*(?:\d{4}|:\d\d|[ap]m|[|·•–-])\s*)\W{0,2}"
    r"(?:(?:written|posted|published|reported|story|text|words|report|article|interview|guide|recipe|analysis|essay|"
    r"review) )?"
    rf"(?:(?:{_BY})(?:\s*[:：/・]\s*|\s+)(?=(?-i:[^\W\da-z]))|(?-i:By(?=[A-Z])))",
    re.IGNORECASE,
)
_AUTHORS = r"(?:authors?|autor(?:e[ns]?|in|a|i)?|auteure?s?|verfasser(?:in)?|автор|作者|撰文|記者|기자)"
_LABEL_ALONE = re.compile(
    rf"(?:(?:(?:written|posted|published|words|story) )?by|von|par|por|door|av|af|{_AUTHORS})\s*[:：]?",
    re.IGNORECASE,
)
#: A label that names the author wherever it stands.
_LABEL = re.compile(
    rf"\W{{0,2}}(?:(?:this (?:article|post|story) was )?(?:written|posted) by|{_AUTHORS}\s*[:：])\s*\S",
    re.IGNORECASE,
)
_COUNT = re.compile(r"\d")  # in a line beside a name: a day, or minutes to read
_LONGEST, _SHORT, _LONGEST_SIGNATURE = 120, 60, 160  # characters
_FEW_LETTERS = 20  # beside a date
_DATES = re.compile(r"[\d:./-]*\d[\d:./-]*")
_STOPS = (".", "!", "?", "…", "。")
_MOST, _MOST_INSIDE, _MOST_ABOVE = 40, 60, 40  # elements of a source read, inside of one, above it
_OUTLET_NAME = 6  # letters; names that begin with that of the outlet are its own
_LONG_HEADING = 15  # letters; a shorter <h1> may be the outlet's name
_JUST_ABOVE = 20  # elements above the heading that still belong to it
_JUST_BELOW = 4  # blocks below the heading in which a bare name may stand
_BEFORE, _BEHIND = 4, 14  # blocks around the heading in which a line may name the author

# Source → (where it stands, how much it is trusted: log odds of naming exactly the authors where it names
# anybody, on annotated pages of some 900 sites, 2026-11).
_TRUST = (
    ("json-ld:author:Person", "head", 2.3),
    ("json-ld:author:Organization", "head", 0.6),
    ("json-ld:author", "head", 2.0),
    ("json-ld:creator", "head", 1.6),
    ("json-ld:WebPage", "head", 1.6),
    ("json-ld:", "head", 0.6),
    ("meta:parsely-author", "head", 2.3),
    ("meta:sailthru.author", "head", 2.3),
    ("meta:byl", "head", 2.0),
    ("meta:citation_author", "head", 2.3),
    ("meta:", "head", 1.2),
    ("rel=author", "sight", 2.2),
    ("itemprop:author", "sight", 1.9),
    ("line", "sight", 1.7),
    ("label", "sight", 1.6),
    ("name", "sight", 1.6),
    ("byline", "sight", 1.6),
    ("repeated", "sight", 0.3),
    ("a[author]", "sight", 1.6),
    ("feed:", "feed", 0.25),  # not measured: below all that a page says, but among equals it decides
    ("", "head", 0.5),
)
# The share of trust left in a source that names no person, and in one that names only the outlet.
_NO_PERSON, _ONLY_OUTLET = 0.5, 0.35
_REPEATED = 0.2  # what further sources in the same place add: they are often one field of the editor's form


def stated(page: Markup) -> Iterator[Statement]:
    """Author statements in plain sight; of a source those that stand beside its first one below the heading."""
    heading = _heading(page)
    found = _candidates(page)
    for source in ("itemprop:author", "rel=author", "byline", "a[author]"):
        for words in _near(found[source], heading, page):
            yield Statement("authors", source, words)
    for source, words in _lines(page, heading):
        yield Statement("authors", source, words)


def signs(line: str) -> bool:
    """Whether a line says who wrote it or when, and nothing else."""
    if len(line) > _LONGEST_SIGNATURE:
        return False
    if _BY_LINE.match(line) and names_in(line):
        return True
    dates = readings(line)
    has_clock = bool(dates) and dates[0].precision is not Precision.DAY
    return bool(dates) and (
        (has_clock and not line.endswith(_STOPS)) or len(fold(_DATES.sub("", line))) < _FEW_LETTERS
    )


def _heading(page: Markup) -> Element | None:
    """The first `<h1>` that the page's `<title>` confirms, or the first."""
    headings = page.all("h1")
    title = page.first("title")
    words = fold(title.text) if title else ""
    return next(
        (h for h in headings if len(one := fold(h.text)) >= _LONG_HEADING and one[:40] in words),
        headings[0] if headings else None,
    )


def choose_authors(statements: list[Statement], sites: list[str]) -> list[Statement]:
    """The statements, the believed source's first: the source whose names most other sources agree on.

    What that source says beside them of the outlet itself (`sites`), or of nobody, follows as `rejected:…`.
    """
    outlet = {plain(site) for site in sites}
    named: defaultdict[str, dict[str, bool]] = defaultdict(dict)  # source → names, whether a person's
    words: dict[str, list[str]] = {}
    for statement in statements:
        for name in names_in(statement.value):
            named[statement.source][plain(name.text)] = not name.is_group
            words[plain(name.text)] = name.text.casefold().split()
    fuller = _fuller(words)
    sets = {
        source: _authors({fuller.get(name, name): is_person for name, is_person in names.items()}, outlet)
        for source, names in named.items()
    }
    support: defaultdict[frozenset[str], float] = defaultdict(float)
    by_place: defaultdict[tuple[frozenset[str], str], list[float]] = defaultdict(list)
    for source, (names, share) in sets.items():
        _, place, weight = _trust(source)
        by_place[names, place].append(weight * share)
        if place == "head" and len(names) == 1:  # many heads have room for one: it speaks for a visible list
            for more in {m for other, (m, _) in sets.items() if names < m and _trust(other)[1] == "sight"}:
                by_place[more, place].append(weight * share)
    for (names, _), weights in by_place.items():
        support[names] += max(weights) + _REPEATED * (sum(weights) - max(weights))
    if guests := _guests(sets, words):
        support[guests] = math.inf
    ranked = sorted(
        sets,
        key=lambda source: (
            support[sets[source][0]],
            fuller.keys().isdisjoint(named[source]),
            _trust(source)[2],
        ),
        reverse=True,
    )
    order = {source: rank for rank, source in enumerate(ranked)}
    found = [
        Statement(s.field, f"rejected:{s.source}", s.value)
        if s.source in ranked[:1] and {plain(n.text) for n in names_in(s.value)} <= outlet - sets[s.source][0]
        else s
        for s in statements
    ]
    return sorted(found, key=lambda s: order.get(s.source, len(order)))


def _guests(
    sets: dict[str, tuple[frozenset[str], float]], words: dict[str, list[str]]
) -> frozenset[str] | None:
    """Whom a line "By …" names in full of whom no other source knows a word: others name who put the text in."""
    line, share = sets.get("line", (frozenset(), 0))
    others = {
        name
        for source, (names, _) in sets.items()
        if source != "line" and _trust(source)[1] != "feed"
        for name in names
    }
    known = {word for name in others for word in words[name]}
    is_new = all(len(words[name]) > 1 and known.isdisjoint(words[name]) for name in line)
    return line if share == 1 and is_new else None


def _fuller(words: dict[str, list[str]]) -> dict[str, str]:
    """First names → the one name of two words among all that begins so; names are given with their words."""
    pairs = [(said[0], name) for name, said in words.items() if len(said) == 2]
    found = {
        name: [full for first, full in pairs if first == said[0]]
        for name, said in words.items()
        if len(said) == 1
    }
    return {name: full[0] for name, full in found.items() if len(full) == 1}


def _authors(names: dict[str, bool], outlet: set[str]) -> tuple[frozenset[str], float]:
    """Names that count as the authors, and the share of trust they leave: people, else groups, else the outlet."""
    own = tuple(name for name in outlet if len(name) >= _OUTLET_NAME)
    others = {n: is_person for n, is_person in names.items() if n not in outlet and not n.startswith(own)}
    if people := frozenset(name for name, is_person in others.items() if is_person):
        return people, 1.0
    return (frozenset(others), _NO_PERSON) if others else (frozenset(names), _ONLY_OUTLET)


def _trust(source: str) -> tuple[str, str, float]:
    return next(entry for entry in _TRUST if source.startswith(entry[0]))


def _candidates(page: Markup) -> dict[str, list[Element]]:
    """Source → elements that may hold an author's name."""
    found: defaultdict[str, list[Element]] = defaultdict(list)
    marked = (e for marks, alike in page.by_marks.items() if is_byline(marks) for e in alike)
    tested = (e for e in page.having("data-testid") if is_byline(e.get("data-testid")))
    found["byline"] = list(dict.fromkeys((*page.all("byline", "author"), *marked, *tested)))
    for attribute, source in (("itemprop", "itemprop:author"), ("rel", "rel=author")):
        found[source] = [e for e in page.having(attribute) if "author" in e.get(attribute).lower().split()]
    for link, address in zip(page.all("a"), page.addresses, strict=True):
        if _AUTHOR_PAGE.search(address) and not _ELSEWHERE.search(address):
            found["a[author]"].append(link)
    return found


@lru_cache(maxsize=20_000)
def is_byline(marks: str) -> bool:
    """Whether class and id name a byline."""
    if not _HINT.search(marks):
        return False
    for mark in marks.split():
        parts = re.split(r"[-_]+", mark)
        if any(map(_AUTHOR.fullmatch, parts)) and (
            "name" in parts or not any(map(_NOT_NAME.fullmatch, parts))
        ):
            return True
    return False


@lru_cache(maxsize=20_000)
def _zone(tag: str, marks: str) -> int:
    """0: the article's own, 1: beside it, 2: others' words."""
    if tag in {"figure", "figcaption", "form", "nav", "blockquote"} or _OTHERS.search(marks):
        return 2
    return int(tag in {"aside", "footer"} or _BESIDE.search(marks) is not None)


def _near(elements: list[Element], heading: Element | None, page: Markup) -> list[str]:
    """The first element that names somebody and those beside it: further ones name the authors of other articles."""
    above = heading.order - _JUST_ABOVE if heading else 0
    first_ones = sorted(elements, key=lambda e: (e.order < above, e.order))[:_MOST]
    holders: set[int] = set()
    named: list[tuple[int, bool, Element, str, set[int]]] = []
    for element in sorted(first_ones, key=lambda e: e.order, reverse=True):
        if id(element) in holders or not names_in(words := _words(element, page)):
            continue
        around = list(islice(element.ancestors(), _MOST_ABOVE))
        holders.update(map(id, around))
        outside = [e for e in around if e.tag not in {"body", "html"} and not (heading and e.holds(heading))]
        zone = max((_zone(e.tag, e.marks) for e in outside), default=0)
        if zone < 2:
            named.append((zone, element.order < above, element, words, {id(e) for e in around[:2]}))
    if not named:
        return []
    *_, first, words, boxes = min(named, key=lambda n: (n[0], n[1], n[2].order))
    others = [n for n in reversed(named) if n[2].order > first.order and boxes & n[4]]
    return [words, *(more for *_, more, _ in others if any(is_full(n.text) for n in names_in(more)))]


def _words(element: Element, page: Markup) -> str:
    """Its lines, parted by `|`, or the names in it that only the layout keeps apart; '' if they are long."""
    if " itemprop=" in element.written and (inner := element.get("content")):
        return inner[:_LONGEST]
    words = element.brief(_LONGEST)
    inside = page.elements[element.order + 1 : min(element.end, element.order + _MOST_INSIDE)]
    name = next((e for e in inside if e.get("itemprop") == "name"), None)
    if not words or name is not None:
        return value_of(name)[:_LONGEST] if name else ""
    parts = [text for e in inside if e.end == e.order + 1 and (text := e.text)]
    if len(parts) > 1 and all(map(is_full, parts)) and plain("".join(parts)) == plain(words):
        return ", ".join(dict.fromkeys(parts))
    if any(e.tag in ENDS_LINE or e.tag == "br" for e in inside):
        lines = [b.text for b in page.blocks if element.order <= b.element.order < element.end]
        return " | ".join(lines) or words
    return words


def _lines(page: Markup, heading: Element | None) -> Iterator[tuple[str, str]]:
    """(source, line) of lines without a mark: "By …" near the heading, a label, a name beside a day or a role."""
    blocks = page.blocks
    start = heading.order if heading else 0
    place = next((b.place for b in blocks if b.element.order >= start), 0)
    texts = [b.text for b in blocks]
    behind = [_with_label(*pair) for pair in zip(["", *texts][place:], texts[place:], strict=False)]
    near = texts[max(0, place - _BEFORE) : place] + behind[:_BEHIND]
    for line in near:
        if len(line) <= _LONGEST and _BY_LINE.match(line) and names_in(line):
            yield "line", line
            break
    for line in behind:
        if len(line) <= _LONGEST and _LABEL.match(line) and any(is_full(n.text) for n in names_in(line)):
            yield "label", line
            break
    for line, following in pairwise(near[1:]):
        if len(line) <= _LONGEST // 2 and is_signed(line, following):
            yield "name", line
            return
    for line, *beside in zip(behind[1:_JUST_BELOW], behind, behind[2:], strict=False):
        if (
            is_person(line)
            and any(len(b) <= _SHORT and _COUNT.search(b) for b in beside)
            and _returns(line, place, blocks)
        ):
            yield "repeated", line
            return


def _returns(name: str, place: int, blocks: list[Block]) -> bool:
    """Whether a name from below the heading begins a line far behind, as in a box about the author, and no menu's."""
    starts = [b.place for b in blocks if b.text.startswith(name)]
    return starts[0] > place and starts[-1] > place + _BEHIND


def _with_label(label: str, line: str) -> str:
    """A line; with the one above it if that is but a label."""
    return f"{label.rstrip(' :')}: {line}" if len(label) < 20 and _LABEL_ALONE.fullmatch(label) else line

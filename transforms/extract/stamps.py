"""Where a page says when it was published or changed: <meta>, microdata, what readers see, its URL.

What is seen says where it stands: `headline` below the heading and above the text, `above headline`, `page`
anywhere else. Dates of other articles, comments and copyright lines are left out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice, pairwise
from urllib.parse import urlsplit

from schemas.page import Statement
from schemas.vocabulary import Precision
from transforms.dates.reading import LONGEST, Stated, readings
from transforms.extract.markup import Element, Markup, fold, squeeze

_META = {
    "published_at": re.compile(
        r"publi(sh(ed)?|cation)?\W?_?(date|time|on)|pub\W?_?(date|time)|date\W?_?(publi|pub|issued|created)|"
        r"(^|\W)(article\.published|published|datecreated|created|issued|ptime|release_date|displaydate)$|"
        r"(^|\W)date(\.(issued|created))?$"
    ),
    "modified_at": re.compile(
        r"(modifi|updat)\w*\W?_?(date|time|at|on)?$|(date|last|og:)\W?_?(modifi|updat|revis)"
    ),
}
_ITEMPROP = {"datepublished": "published_at", "datemodified": "modified_at"}
_URL_DATE = re.compile(
    r"[/_-]((?:19|20)\d\d)(?:[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?!\d)|/(\d{1,2})/(\d{1,2})(?=/))|"
    r"[/_-](1[3-9]|2\d|3[01])-(0[1-9]|1[0-2])-((?:19|20)\d\d)(?!\d)"
)
# What a line with a date in it has: a year, or a short date. A set of first characters is looked for fastest.
_YEAR = re.compile(r"[\d令平民](?:(?<=\d)(?:\d{3}|\.\d{1,2}\.\d\d)|(?<=令)和|(?<=平)成|(?<=民))")
_OTHERS = re.compile(
    r"comment|related|teaser|recommend|sidebar|footer|popular|trending|latest|carousel|tweet|copyright|calendar|"
    r"more-?(news|stories|articles)|read-?(more|next)|(^|[-_ ])(promo|event|archive)s?($|[-_ ])"
)
_OTHERS_TAGS = frozenset(["aside", "nav", "figcaption", "blockquote", "pre", "table"])
_DATE_MARKS = re.compile(r"publi|posted|(^|[-_ ])(date|datum|fecha|time(stamp)?)\b|dateline|byline|meta")
_MODIFIED = re.compile(
    r"updat|modif|revis|edited|last (change|review)|aktuali[sz]|geändert|überarbeit|mise? à jour|actuali[sz]|"
    r"atuali[sz]|aggiornat|bijgewerkt|gewijzigd|up+dat|opdater|ændret|endret|ändrad|päivit|muokat|zmien|zmian|"
    r"zmodyf|upraven|zmen[ěe]n|frissít|módosít|ažurir|ажурир|posodob|обновл|обновен|измен[её]|изменя|оновлен|"
    r"змінен|актуал|ενημ[εέ]ρω|τροποποι|güncel|yenilən|تحديث|تعديل|به.?روز|بروزرسانی|ویرایش|اپ ڈیٹ|עודכן|עדכון|"
    r"अपडेट|अद्यतन|संशोधित|আপডেট|হালনাগাদ|புதுப்பி|อัปเดต|อัพเดท|แก้ไข|ปรับปรุง|cập nhật|diperbar|diubah|kemas ?kini|"
    r"更新|修改|修订|修訂|改訂|수정|업데이트|갱신|განახლ|թարմաց|жаңарт|yangilan|шинэчил|përditës|uuendat|muudet|"
    r"atjauno|labots|atnaujint|redaguot|uppfært|eguneratu"
)
_PUBLISHED = re.compile(
    r"publi|posted|gepostet|written|issued|created|pubblicat|veröffentlicht|erschienen|erstellt|geplaatst|skapad|"
    r"julkaistu|dodano|vydáno|zveřejn|közzét|megjelen|опублик|опублік|размещ|публ|δημοσ[ιί]|ανάρτησ|yayın|yayım|"
    r"oluşturul|نشر|انتشار|منتشر|פורסם|प्रकाशित|प्रकाशन|প্রকাশ|เผยแพร่|โพสต์|đăng|xuất bản|dipublikasi|diterbit|tayang|"
    r"公開|公表|掲載|配信|投稿|发布|發布|发表|發表|刊登|입력|등록|게시|승인|გამოქვეყ|հրապարակ|dərc|жарияла|chop etil|"
    r"нийтэл|publikuar|avaldat|paskelbt|imechapishwa"
)
# `updated` stands beside these in themes that follow the hAtom microformat, whatever the date is.
_DATE_OF_IT = re.compile(r"publi|posted|(entry|post|article|story)[-_]*date|created")
_NO_DATE_OF_IT = re.compile(
    r"©|copyright|\(c\)|rights reserved|review due|valid until|expires|release", re.IGNORECASE
)
_BELOW, _ABOVE = 25, 6  # how many blocks below and above the heading are still at it
_PROSE = 250  # letters of a block that is the text already
_TEASERS = 3  # dates of one class; then they are those of other articles
_NEAR = 5  # blocks from the heading, where a class may be shared with teasers
_DATELINE = 80  # characters of a line that is no sentence: author, place and date
_MOST, _MOST_READ = 3, 60  # dates of a zone, of a page
_FAR = 1_000_000
_LONG_HEADING = 10  # letters and digits; a shorter one is a section's
_LONGEST_LABEL = 20  # characters
_COUNT = re.compile(r"\W*(?!\d{8}\W*$)\d+\W*")  # eight digits may be a day
_LONGEST_OPENING = 72  # characters
# What agencies and press offices open a text with: "Example City, (3 May 2021). …", "03.05.2021 – …".
_OPENING = re.compile(
    r"(?P<place>[^\d(–—]{0,30})\(?(?P<day>\w{0,9}[^()–—]{6,24}\d)(?: [–—-]|\)[.:]?(?: [–—-])?) "
)


def stated(page: Markup, url: str = "") -> Iterator[Statement]:
    """Date statements of the page, each once, and of its address."""
    yield from dict.fromkeys((*_metas(page), *_microdata(page), *_shown(page)))
    if match := _URL_DATE.search(urlsplit(url).path):
        yield Statement("published_at", "url", "-".join(filter(None, match.groups())))


def _metas(page: Markup) -> Iterator[Statement]:
    for name, meta in page.metas:
        field = _field_of(name)
        if field and not _is_others(meta, None, page):
            value = squeeze(meta.get("content") or meta.get("value"))[:LONGEST]
            if value:
                yield Statement(field, f"meta:{name.lower()}", value)


@lru_cache(maxsize=5_000)
def _field_of(name: str) -> str | None:
    """The field that a name of <meta> means; the date of an image or a video is its own."""
    fields = (field for field, pattern in _META.items() if pattern.search(name.lower()))
    return None if "image" in name.lower() or "video" in name.lower() else next(fields, None)


def _microdata(page: Markup) -> Iterator[Statement]:
    for element in page.having("itemprop"):
        prop = element.get("itemprop").lower()
        if prop in _ITEMPROP and element.tag != "meta" and not _is_others(element, None, page):
            value = squeeze(element.get("content") or element.get("datetime")) or element.brief(LONGEST)
            if value:
                yield Statement(_ITEMPROP[prop], f"itemprop:{prop}", value[:LONGEST])


@dataclass(frozen=True, slots=True)
class _Date:
    """A date that readers see: `away` blocks below the heading, what its line says of it, where it stands, the line
    before.
    """

    away: int
    value: str
    label: str
    element: Element
    above: str = ""


def _shown(page: Markup) -> Iterator[Statement]:
    """Dates in sight, nearest to the heading first."""
    heading = _heading(page)
    top = _place(page, heading) if heading else -_FAR
    text = next(
        (b.place for b in page.blocks[max(top, 0) + 1 :] if _length(b.text) > _PROSE > 2 * b.linked),
        _FAR,
    )
    dates = [
        date
        for date in islice(_dates(page, top), _MOST_READ)
        if (-2 <= date.away <= _NEAR or not _is_others(date.element, heading, page))
        and not (heading and (date.element is heading or heading.holds(date.element)))
    ]
    alike = Counter(marks for marks, _ in {(date.element.marks, date.value) for date in dates} if marks)
    zones: dict[str, list[_Date]] = {"headline": [], "above headline": [], "page": []}
    for date in dates:
        if alike[date.element.marks] >= _TEASERS and abs(date.away) > _NEAR:
            continue
        if 0 <= date.away <= _BELOW and date.away < text - top:
            zones["headline"].append(date)
        elif -_ABOVE <= date.away < 0:
            zones["above headline"].insert(0, date)
        elif len(dates) == 1 or _DATE_MARKS.search(date.element.marks) or _PUBLISHED.search(date.label):
            zones["page"].append(date)
    above = zones["above headline"]
    if not zones["headline"] and above and above[0].away == -1 and _has_clock(above[0].value):
        zones["headline"].append(above.pop(0))
    for zone, found in zones.items():
        for date in found[:_MOST]:
            yield from _statements(zone, date)


def _dates(page: Markup, top: int) -> Iterator[_Date]:
    """Dates of short lines, in document order; as software words them where the page says it so."""
    above = ""
    stamps: dict[int, list[Element]] = {}
    if stamped := [element for element in page.having("datetime") if readings(element.get("datetime"))]:
        starts = list(accumulate((block.element.order for block in page.blocks), max))
        for element in stamped:
            stamps.setdefault(bisect_right(starts, element.order) - 1, []).append(element)
    for block in page.blocks:
        away, elements = block.place - top, stamps.get(block.place)
        if elements:
            rest = block.text
            for element in elements:
                before, _, after = rest.partition(element.text or "\0")
                label = f"{before} {element.text}" if after or len(elements) > 1 else rest
                yield _Date(away, _stamp(element), label[-LONGEST:].lower(), element, above)
                rest = after or rest
        elif len(block.text) <= LONGEST and _YEAR.search(block.text):
            pieces = [] if _NO_DATE_OF_IT.search(block.text.lower()) else list(_pieces(block.text))
            for value, label in pieces:
                if label or len(value) <= _DATELINE:
                    yield _Date(away, value, label, block.element, above)
            if (
                not pieces and 0 <= away <= _NEAR
            ):  # then the layout alone may part the date from what is beside it
                inside = ((e, e.brief(_DATELINE)) for e in page.within(block.element))
                parted = [(e, said) for e, said in inside if _YEAR.search(said) and _read(said)]
                yield from (_Date(away, said, "", e) for e, said in parted[:1])
        elif 0 < away <= _NEAR and (day := _opening(block.text)):
            yield _Date(away, day, "", block.element)
        above = block.text


def _length(text: str) -> int:
    """Letters, as many as they say: a sign of Chinese, with its three bytes, counts twice."""
    return (len(text) + len(text.encode("utf-8", "replace"))) // 2


def _is_label(line: str) -> bool:
    """Whether a line, without case, only says what the date below it is of."""
    return len(line) <= _LONGEST_LABEL and any(p.search(line) for p in (_PUBLISHED, _MODIFIED))


def _read(words: str) -> tuple[Stated, ...]:
    """What words that readers see state: a number alone counts something else than seconds."""
    return () if _COUNT.fullmatch(words) else readings(words)


def _has_clock(value: str) -> bool:
    """Whether a date has a time of day, as those of mastheads have not."""
    return readings(value)[0].precision is not Precision.DAY


def _opening(text: str) -> str:
    """The day that a text opens with, and the place before it; '' if there is none or it is a sentence's."""
    match = _OPENING.match(text) if _YEAR.search(text, 0, _LONGEST_OPENING) else None
    is_sentence = match and any(word.islower() and len(word) > 3 for word in match["place"].split())
    return match[0] if match and not is_sentence and _YEAR.search(match[0]) and readings(match[0]) else ""


def _statements(zone: str, date: _Date) -> Iterator[Statement]:
    """What a date is of: by the words beside it, else above it, else by class and id, else of the publication.

    One below a line that speaks of a change is that of the publication where nothing else is.
    """
    above = date.above.lower()
    is_below = not _PUBLISHED.search(date.label) and not _MODIFIED.search(date.label) and _is_label(above)
    label = above if is_below else date.label
    marks = date.element.marks + (date.element.parent.marks if date.element.parent else "")
    if _PUBLISHED.search(label):
        yield Statement("published_at", f"{zone}:published", date.value)
    elif _MODIFIED.search(label) or (_MODIFIED.search(marks) and not _DATE_OF_IT.search(marks)):
        yield Statement("modified_at", zone, date.value)
        if is_below:
            yield Statement("published_at", "page:updated", date.value)
    else:
        yield Statement("published_at", zone, date.value)


def _stamp(element: Element) -> str:
    """The machine's wording, unless it tells of another day than the words that are shown."""
    stamp, words = element.get("datetime")[:LONGEST], element.brief(LONGEST)
    shown = readings(words) if _YEAR.search(words) else ()
    days = abs(shown[0].clock - readings(stamp)[0].clock).days if len(shown) == 1 else 0
    return words if days > 1 else stamp


def _pieces(words: str) -> Iterator[tuple[str, str]]:
    """(a part with a date in it, what the words say of it, in lower case) of a line."""
    lower = words.lower()
    words = words if len(lower) == len(words) else lower  # a dotted İ becomes two
    labels = sorted(m.start() for pattern in (_PUBLISHED, _MODIFIED) for m in pattern.finditer(lower))
    first = words[: labels[0]] if labels else words
    after = [slice(*ends) for ends in pairwise([*labels, len(words)])]
    has_date = bool(_read(first))
    if has_date and after and not any(_read(words[piece]) for piece in after):  # the words follow the date
        yield first, lower
        return
    if has_date:
        yield first, ""
    yield from ((words[piece], lower[piece]) for piece in after if _read(words[piece]))


def _heading(page: Markup) -> Element | None:
    """The <h1> that says what <title> says; else another heading that does, else the first <h1> of some length."""
    title = page.first("title")
    named = fold(title.text) if title else ""
    headings = (*page.all("h1"), *page.all("h2", "h3")[:10])
    words = {heading: fold(heading.brief(300)) for heading in headings}
    long = {heading: said for heading, said in words.items() if _length(said) >= _LONG_HEADING}
    alike = [h for h, said in long.items() if said in named or named in said]
    first = next((heading for heading in long if heading.tag == "h1"), None)
    return max(alike, key=lambda h: min(len(words[h]), len(named)), default=first)


def _place(page: Markup, element: Element) -> int:
    """The last block inside of an element, or the one before it."""
    start, end = element.order, element.end
    inside = [b.place for b in page.blocks if start <= b.element.order < end]
    return max(inside, default=next((b.place - 1 for b in page.blocks if b.element.order > start), 0))


def _is_others(element: Element, heading: Element | None, page: Markup) -> bool:
    """Whether it stands in a part of the page about something else: not what holds the heading or half the page."""
    for above in (element, *element.ancestors()):
        if (heading is not None and above.holds(heading)) or 2 * (above.end - above.order) > len(
            page.elements
        ):
            return False
        if above.tag in _OTHERS_TAGS or _is_aside(above.marks):
            return True
    return False


@lru_cache(maxsize=20_000)
def _is_aside(marks: str) -> bool:
    return bool(_OTHERS.search(marks))

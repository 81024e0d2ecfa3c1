"""Images and links of an article."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from schemas.errors import Reject
from schemas.urls import normal_url, site_of
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.markup import Element, Markup, fold

Image = dict[str, str | None]

_MOST = 200
_SMALLEST = 100  # pixels; a side below this is an icon's or an avatar's
_LONGEST_CAPTION, _LONGEST_CREDIT = 1_000, 150
_TELLING = 12  # characters of a name that no other picture has
_HELD, _LARGEST_BOX = 4, 80  # levels above an image that may hold its caption, and elements in them
_BESIDE = sum(
    1 << HINTS.index(name)
    for name in ("related", "promo", "ad", "share", "comment", "author", "nav", "footer", "tags")
)
_CAPTION = 1 << HINTS.index("caption")
_SOURCES = ("data-srcset", "srcset", "data-src", "data-lazy-src", "data-original", "data-hi-res-src", "src")
_EMPTY = re.compile(r"place-?holder|spacer|blank\.|(^|/)(1x1|pixel|lazy|loading)|transparent\.")
_STAND_IN = re.compile(rf"^data:|\.svg($|\?)|{_EMPTY.pattern}")
_NO_PICTURE = re.compile(
    r"(?<![a-z])(logos?|icons?|avatars?|gravatar|sprites?|emojis?|badges?|authors?)(?![a-z])"
)
# Whose it is that is named so is the author or a button, in whatever format.
_NO_PHOTO = re.compile(
    r"/(avatars?|gravatar|authors?|autor(e[ns])?|staff|by-?lines?|contributors?)/|/ico(ns?)?[-_./]|gravatar\."
)
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|avif)($|\?)", re.IGNORECASE)
_FORMATS = re.compile(r"(\.(jpe?g|png|gif|webp|avif))+$")
_SIZE = re.compile(
    r"^\d{2,4}x\d{2,4}_|"
    r"([-_]?\d{2,4}x(\d{2,4})?|[-_]v?\d{1,2}[_x]\d{1,2}([-_]\d{3,4})?|[-_]scaled|@\dx|~_v-\w+)+$"
)
# Folders that tell a size or a ratio, and file names that tell a size only.
_SIZE_FOLDER = re.compile(r"sizes?|[swh]?(?!19|20)\d{3,4}|\d{1,2}[x_]\d{1,2}|\w{0,8}?\d{2,4}x\d{2,4}\w{0,8}")
_STYLE = re.compile(r"/styles/[^/]+/public(?=/)")  # sizes of Drupal
_SIZE_NAME = re.compile(
    r"\d{3,4}|originals?|large|medium|small|default|master|full|image|photo|thumb(nail)?|"
)
_SIDES = re.compile(r"(?<![a-z\d])(\d{2,4})x(\d{2,4})(?![a-z\d])")
_ASKED_SMALL = re.compile(r"(?:^|&)(?:w|h|width|height)=[1-9]\d(?:&|$)")
_MOST_PORTRAITS = 2  # of an article's authors; more are what it shows
_LEAST_SIDE = 30  # what is less is a ratio's
# Tokens of an address that may be a picture's number; eight digits may be a day.
_NUMBER = re.compile(r"(?<![a-z\d])(?=[a-z]*\d)(?!\d{8}(?!\w)|(19|20)\d\d[01]\d)[a-z\d]{6,}")
_SIZED = re.compile(r"(\S+)(?:\s+([\d.]+)[wx])?\s*(?:,\s+|,(?=https?:|//)|$)")

_CREDIT_MARKS = re.compile(
    r"credit|copyright|photographer|rights|agency|quelle|foto-?graf|auteur-photo|fotocredit"
)
_PICTURE_WORDS = (
    r"photos?(?:graphs?|graphie|grapher)?|images?|pictures?|illustrations?|credits?|courtesy|fotos?(?:graf\w*|credit)?|"
    r"bilder|bild(?:quelle|nachweis)?|abbildung|quelle|crédits?(?:\s+photos?)?|créditos?|crediti|fuente|fonte|source|"
    r"imagen|imagem|immagine|bron|beeld|kuvat?|kuvaaja|zdj(?:ęcie|\.)?|fot\.?|źródło|zdroj|snímek|kép|forrás|sursa|"
    r"фото(?:графия)?|источник|снимка|слика|извор|джерело|φωτο\w*|πηγή|fotoğraf|kaynak|gambar|sumber|ảnh|nguồn|"
    r"صورة|تصوير|عکس|תמונה|צילום|फोटो|ছবি|写真(?:提供)?|撮影|提供|图片来源|圖片來源|摄影|攝影|图源|사진(?:제공)?"
)
_AGENCIES = (
    r"AP Photo|AP|AFP|Reuters|Getty Images|Getty|dpa|EPA(?:-EFE)?|EFE|ANSA|Xinhua|TASS|Shutterstock|Alamy|iStock|"
    r"Imago|imago images|picture[ -]alliance|Keystone|Bloomberg|Anadolu|NurPhoto|ZUMA\w*|Kyodo|PTI|Belga|ANP|TT|NTB|"
    r"Ritzau|Scanpix|Lehtikuva|MTI|PAP|ČTK|LUSA|Agência Brasil|Pixabay|Unsplash|Pexels|Wikimedia(?: Commons)?|"
    r"CC BY[-\w. ]*|via \w+"
)
_NAME = r"(?-i:(?=[^a-zà-þ\s]|dpa|epa|imago|picture|apa))"  # how a photographer or an agency begins
_LABEL = (
    rf"(?:©|\(c\)|(?:{_PICTURE_WORDS})\s*(?:[:：=|]|©|[/／](?=\s))|(?:fot|zdj|ph)\.(?=\s)|"
    rf"(?:{_PICTURE_WORDS})\s+(?:by|of|von|di|par|de|por|via|av|af|door)\s)\s*[:：]?\s*{_NAME}"
)
# A label and what follows to the end, or brackets at the end with an agency or a label in them.
_NAMED = re.compile(
    rf"(?:^|(?<=[.!?…|/–—()\[\]。」）＝]\s)|(?<=[\s.!?…|/–—()\[\]。」）＝])(?=\S+\s?[:：=©.]|©)){_LABEL}"
    rf"(?P<named>[^\s:].{{1,{_LONGEST_CREDIT}}})$",
    re.IGNORECASE,
)
_HELD_IN = re.compile(
    rf"[(\[（【](?P<named>[^()\[\]]{{0,80}}\b(?:(?:{_PICTURE_WORDS})\b|(?-i:{_AGENCIES})(?![a-z]))[^()\[\]]{{0,80}})"
    r"[)\]）】]\W{0,3}$",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    r"(?:^|(?<=[.!?…”]\s))"
    rf"(?P<named>[^.!?:]{{2,60}}(?:\s?[/|,–]\s?|\svia\s)(?:{_AGENCIES})\b[^.]{{0,30}})$"
)
_LABELLED = re.compile(rf"^{_LABEL}", re.IGNORECASE)
_LABEL_LEFT = re.compile(rf"[\s|]*\b(?:{_PICTURE_WORDS})\W*$|\W*[|:]\s*$", re.IGNORECASE)


def images_of(
    page: Markup,
    leads: Iterable[str],
    url: str,
    lines: Collection[str] = (),
    authors: Iterable[str] = (),
) -> list[Image]:
    """Images of an article, the lead image first: URL, caption and credit apart, one a picture.

    `leads` are the URLs the page states, `lines` those of its body: only pictures among them, or between the
    headline and them, are the article's, but for portraits of its `authors`; without lines only the stated ones.
    """
    pictures: dict[str, Image] = {}
    names = tuple(fold(author) for author in authors if " " in author)
    shown = [*_pictured(page, set(lines), url)]
    portraits = {image for image, element in shown if names and _is_portrait(element, image, names)}
    for image, element in shown:
        if image in portraits and len(portraits) <= _MOST_PORTRAITS:
            continue
        caption, credit = _caption(page, element)
        pictures.setdefault(_picture(image), {"url": image, "caption": caption, "credit": credit})
    by_number = _by_number(pictures)
    stated = {
        _twin(a, pictures, by_number): a
        for lead in reversed([*leads])
        if not _EMPTY.search(lead) and (a := _absolute(lead, url)) and not _is_icon(a)
    }
    first = [
        (picture, pictures.get(picture) or {"url": address, "caption": None, "credit": None})
        for picture, address in reversed(stated.items())
    ]
    found = [image for _, image in first] + [i for picture, i in pictures.items() if picture not in stated]
    return found[:_MOST]


def links_of(anchors: Iterable[Element], url: str) -> list[dict[str, Any]]:
    """Absolute addresses and texts of links, each once, in order; `is_own` on the page's registrable site."""
    found: dict[str, str] = {}
    for anchor in anchors:
        address = _absolute(anchor.get("href"), url)
        if address and (text := anchor.text):
            found.setdefault(address, text)
    own = site_of(url)
    return [
        {"url": address, "text": text, "is_own": site_of(address) == own} for address, text in found.items()
    ][:_MOST]


def credit_in(caption: str) -> tuple[str, str]:
    """(the caption without its credit, the credit), either may be ''.

    >>> credit_in("The old light. Photograph: Ada Wren/Northwire")
    ('The old light.', 'Ada Wren/Northwire')
    >>> credit_in("The old light (AP Photo/Ada Wren)")
    ('The old light', 'AP Photo/Ada Wren')
    """
    match = _HELD_IN.search(caption) or _NAMED.search(caption) or _UNNAMED.search(caption)
    if match is None:
        return caption, ""
    credit = _LABELLED.sub("", match["named"]).strip(" .,;|/–—-©")
    if credit.count("(") < credit.count(")"):
        credit = credit.rstrip(")")
    return caption[: match.start()].rstrip(" |/–—-([（＝"), credit


def _pictured(page: Markup, lines: set[str], url: str) -> Iterator[tuple[str, Element]]:
    """Address and element of each image of the article."""
    held = [block.element for block in page.blocks if block.text in lines]
    if not held:
        return
    headings = [h.order for h in page.all("h1") if h.order < held[0].order]
    around = _around(held)
    start, end = min([around.order, *headings[-1:]]), held[-1].end
    for image in page.all("img", "amp-img"):
        if not start < image.order < end or _is_small(image) or _is_beside(image, around):
            continue
        if (address := _source(page, image, url)) and not _is_no_photo(address):
            yield address, image


def _around(elements: list[Element]) -> Element:
    """The smallest element that holds all of some, in document order."""
    return next(
        (e for e in elements[0].ancestors() if e.end >= elements[-1].end), elements[0].parent or elements[0]
    )


def _is_small(image: Element) -> bool:
    sides = [image.get(name).removesuffix("px") for name in ("width", "height")]
    is_pixel = image.tag == "img" and sides == ["1", "1"]
    return is_pixel or any(side.isdigit() and 1 < int(side) < _SMALLEST for side in sides)


def _is_portrait(image: Element, address: str, names: tuple[str, ...]) -> bool:
    """Whether an image is named for somebody (folded names)."""
    file = urlsplit(address).path.rpartition("/")[2]
    return fold(image.get("alt")) in names or fold(file).startswith(names)


@lru_cache(maxsize=5_000)
def _is_no_photo(address: str) -> bool:
    """Whether an address is that of an author's portrait, a button or a thumbnail."""
    parts = urlsplit(address)
    path = parts.path.lower()
    sides = [int(side) for size in _SIDES.findall(path)[-1:] for side in size]
    is_small = any(_LEAST_SIDE <= side < _SMALLEST for side in sides) or _ASKED_SMALL.search(parts.query)
    return bool(is_small or _NO_PHOTO.search(path))


def _is_beside(image: Element, around: Element) -> bool:
    """Whether an image belongs to something beside the text: a teaser, a promo, an author's box."""
    for above in image.ancestors():
        if above is around or above.order < around.order:
            break
        if above.tag in {"aside", "nav", "footer", "form"} or hints_in(above.marks) & _BESIDE:
            return True
        if above.tag == "a" and leads_away(above.get("href")):
            return True
    return bool(_NO_PICTURE.search(image.marks))


def leads_away(href: str) -> bool:
    """Whether a link leads to another page, not to a picture or a place on this one."""
    return bool(href) and not href.startswith(("#", "javascript:")) and not _PICTURE.search(href)


def _source(page: Markup, image: Element, url: str) -> str | None:
    """The image's real and largest address, whatever stands in for it until it is seen."""
    holder = image.parent
    variants = [image]
    if holder is not None and holder.tag == "picture":
        inside = page.elements[holder.order + 1 : min(holder.end, holder.order + _LARGEST_BOX)]
        variants += [e for e in inside if e.tag == "source"]
    for name in _SOURCES:
        for variant in variants:
            said = variant.get(name)
            best = _largest(said) if name.endswith("srcset") else said.strip()
            if best and not _STAND_IN.search(best) and (address := _absolute(best, url)):
                return None if _is_icon(address) else address
    return None


def _largest(srcset: str) -> str:
    """The address with the most pixels of a `srcset`; one without a size counts as 1."""
    found = [(float(size or 1), address) for address, size in _SIZED.findall(srcset[:5_000]) if size != "."]
    return max(found, key=lambda one: one[0])[1].rstrip(",") if found else ""


@lru_cache(maxsize=5_000)
def _is_icon(address: str) -> bool:
    path = urlsplit(address).path.lower()
    return bool(_NO_PICTURE.search(path)) and not path.endswith((".jpg", ".jpeg", ".webp"))


@lru_cache(maxsize=5_000)
def _picture(address: str) -> str:
    """What the sizes and formats of one picture share: the name of its file, or its folder's, or its whole path."""
    *folders, file = _STYLE.sub("", urlsplit(address).path.lower()).split("/")
    name = _SIZE.sub("", _FORMATS.sub("", file))
    if len(name) >= _TELLING:
        return name
    if _SIZE_NAME.fullmatch(name) and len(folder := max(folders, key=len, default="")) >= _TELLING:
        return folder
    return "/".join([*(folder for folder in folders if not _SIZE_FOLDER.fullmatch(folder)), name])


def _by_number(pictures: Iterable[str]) -> dict[str, list[str]]:
    """Number in the address → the pictures that have it."""
    found: dict[str, list[str]] = {}
    for picture in pictures:
        for number in set(_numbers(picture)):
            found.setdefault(number, []).append(picture)
    return found


def _twin(lead: str, pictures: Collection[str], by_number: Mapping[str, list[str]]) -> str:
    """What a lead image shares with itself among the pictures: at least a number that no other has."""
    found = _picture(lead)
    if found in pictures:
        return found
    alike = {picture for number in _numbers(found) for picture in by_number.get(number, ())}
    return alike.pop() if len(alike) == 1 else found


def _numbers(picture: str) -> Iterator[str]:
    return (match[0] for match in _NUMBER.finditer(picture))


def _caption(page: Markup, image: Element) -> tuple[str | None, str | None]:
    """Caption and credit beside an image: inside the <figure> or the box that holds this image alone."""
    for _, above in zip(range(_HELD), image.ancestors(), strict=False):
        if above.end - above.order - 1 > _LARGEST_BOX:
            break
        inside = page.within(above)
        if sum(e.tag in {"img", "amp-img"} for e in inside) > 1 and above.tag != "figure":
            break
        if holders := [e for e in inside if e.tag == "figcaption" or hints_in(e.marks) & _CAPTION]:
            return _parted(page, holders[0])
        if above.tag == "figure":
            break
    return None, None


def _parted(page: Markup, holder: Element) -> tuple[str | None, str | None]:
    said = holder.brief(_LONGEST_CAPTION)
    marked = next((e.text for e in page.within(holder) if _CREDIT_MARKS.search(e.marks) and e.text), "")
    if marked and len(marked) <= _LONGEST_CREDIT:
        caption = _LABEL_LEFT.sub("", " ".join(said.replace(marked, " ", 1).split()))
        return caption or None, (credit_in(marked)[1] or marked)
    caption, credit = credit_in(said)
    return caption or None, credit or None


def _absolute(address: str, url: str) -> str | None:
    """A normal URL; that of the picture itself where a resizing service is asked for it."""
    if not address or address.startswith(("data:", "#", "javascript:", "mailto:", "tel:")):
        return None
    try:
        found = normal_url(address, url)
        if "url=" not in found:
            return found
        parts = urlsplit(found)
        inner = dict(parse_qsl(parts.query)).get("url", "")
        asked = inner.startswith("http") or ("_next/image" in parts.path and inner)
        return normal_url(urljoin(found, inner)) if asked else found
    except (Reject, ValueError):
        return None

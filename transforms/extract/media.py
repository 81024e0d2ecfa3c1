"""Images and links of an article."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from schemas.errors import Reject
from schemas.urls import normal_url, site_of
from transforms.extract.hints import HINTS, hints_in
from transforms.extract.markup import Element, Markup

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
_STAND_IN = re.compile(
    r"^data:|\.svg($|\?)|place-?holder|spacer|blank\.|(^|/)(1x1|pixel|lazy|loading)|transparent\."
)
_NO_PICTURE = re.compile(
    r"(?<![a-z])(logos?|icons?|avatars?|gravatar|sprites?|emojis?|badges?|authors?)(?![a-z])"
)
_PICTURE = re.compile(r"\.(jpe?g|png|gif|webp|avif)($|\?)", re.IGNORECASE)
_SIZE = re.compile(r"([-_]?\d{2,4}x\d{2,4}|[-_]v?\d{1,2}[_x]\d{1,2}([-_]\d{3,4})?|[-_]scaled|@\dx)+$")
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


def images_of(page: Markup, leads: Iterable[str], url: str, lines: Collection[str] = ()) -> list[Image]:
    """Images of an article, the lead image first: URL, caption and credit apart, one a picture.

    `leads` are the URLs the page states, `lines` those of its body: only pictures among them, or between the
    headline and them, are the article's. Without them only the stated ones are.
    """
    pictures: dict[str, Image] = {}
    for image, around in _pictured(page, set(lines), url):
        caption, credit = _caption(page, around)
        pictures.setdefault(_picture(image), {"url": image, "caption": caption, "credit": credit})
    stated = {
        _picture(a): a for lead in reversed([*leads]) if (a := _absolute(lead, url)) and not _is_icon(a)
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
        if not start < image.order < end:
            continue
        if not _is_small(image) and not _is_beside(image, around) and (address := _source(page, image, url)):
            yield address, image


def _around(elements: list[Element]) -> Element:
    """The smallest element that holds all of some, in document order."""
    return next(
        (e for e in elements[0].ancestors() if e.end >= elements[-1].end), elements[0].parent or elements[0]
    )


def _is_small(image: Element) -> bool:
    sides = [image.get(name).removesuffix("px") for name in ("width", "height")]
    return any(side.isdigit() and 1 < int(side) < _SMALLEST for side in sides)


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
    """What the sizes and formats of one picture share: the name of its file or, if that is short, its folder's."""
    path = urlsplit(address).path
    *folders, file = path.split("/")
    name = _SIZE.sub("", file.rpartition(".")[0] or file)
    best = name if len(name) >= _TELLING else max([name, *folders], key=len)
    return best if len(best) >= _TELLING else path


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

"""Images and links of an article."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml.html import HtmlElement

from schemas.errors import Reject
from schemas.urls import normal_url
from transforms.extract.markup import marks_of, words_of

_CREDIT = re.compile(r"credit|copyright|source|photographer|rights|agency|quelle|foto-?graf")
_MOST = 200


def images_of(root: HtmlElement, lead: Iterable[str], url: str) -> list[dict[str, str | None]]:
    """Lead images the page states, then those in <figure>; with caption and credit apart, one a URL."""
    found: dict[str, dict[str, str | None]] = {}
    for figure in root.iter("figure"):
        image = figure.find(".//img")
        source = image is not None and (image.get("src") or image.get("data-src"))
        if not source or not (address := _absolute(source, url)):
            continue
        caption, credit = _caption(figure)
        found.setdefault(address, {"url": address, "caption": caption, "credit": credit})
    stated = [address for one in lead if (address := _absolute(one, url))]
    leading = [found.get(one, {"url": one, "caption": None, "credit": None}) for one in dict.fromkeys(stated)]
    return [*leading, *(image for address, image in found.items() if address not in stated)][:_MOST]


def links_of(anchors: Iterable[HtmlElement], url: str) -> list[dict[str, str]]:
    """Absolute addresses and texts of links, each once, in order."""
    found: dict[str, str] = {}
    for anchor in anchors:
        address = _absolute(anchor.get("href", ""), url)
        if address and (text := words_of(anchor)):
            found.setdefault(address, text)
    return [{"url": address, "text": text} for address, text in found.items()][:_MOST]


def _caption(figure: Any) -> tuple[str | None, str | None]:
    element = figure.find(".//figcaption")
    if element is None:
        return None, None
    credit = next(
        (words_of(part) for part in element.iterdescendants("*") if _CREDIT.search(marks_of(part))), ""
    )
    caption = words_of(element)
    if credit and credit != caption:
        caption = caption.replace(credit, "", 1).strip()
    return caption or None, credit or None


def _absolute(address: str, url: str) -> str | None:
    if not address or address.startswith(("data:", "#", "javascript:", "mailto:", "tel:")):
        return None
    try:
        return normal_url(address, url)
    except Reject:
        return None

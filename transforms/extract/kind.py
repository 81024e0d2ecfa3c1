"""Is a page an article? If not: why, and what was seen that says so.

Rules know the pages that stand in an article's place, lead to articles or have next to no text; of the others a
model says whether the page as a whole looks like an article. Words only count together with structure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from schemas.page import Statement
from schemas.phrases import CONSENT, MEMBERS, MISSING
from schemas.vocabulary import Reason
from transforms.extract.body import Body
from transforms.extract.fields import believed, stated_free
from transforms.extract.markup import Element, Markup
from transforms.extract.pages import KINDS, page_features, page_weights
from transforms.extract.wording import UNSPACED

REFUSED = 0.5  # chance to be an article below which a page is none
_TOO_SHORT = 250  # characters of Latin script: some 40 words
_BRIEF = 1_200  # a body below this does not outweigh signs that the page is something else
_HEADLINE = 25  # characters from which a link reads like a headline
_MANY_HEADLINES, _SOME_HEADLINES = 12, 3  # on the page; in the block of its heading
_ROOTS = frozenset(["root", "app", "__next", "__nuxt", "___gatsby", "svelte", "react-root", "q-app"])
_MANY_FIGURES = 5
_LISTS = re.compile(r"^(CollectionPage|SearchResultsPage|ItemList)$")

_REASONS = {
    "collection": Reason.PRODUCT_PAGE,
    "documentation": Reason.DOCUMENTATION,
    "forum": Reason.FORUM_PAGE,
    "listing": Reason.LIST_PAGE,
    "product": Reason.PRODUCT_PAGE,
    "service": Reason.LANDING_PAGE,
}


@dataclass(frozen=True)
class Outline:
    """What a page shows before anything is cut from it."""

    page: Markup

    @property
    def heading(self) -> str:
        """Words of the first <h1>."""
        heading = self.page.first("h1")
        return heading.text if heading else ""

    @cached_property
    def around_heading(self) -> str:
        """The start of what stands around the first <h1>, or of the page."""
        around = self._around or self.page.first("body")
        return around.text[:3_000] if around else ""

    @property
    def headline_links(self) -> int:
        """Links that read like headlines."""
        return sum(map(self.page.elements[0].holds, self._links))

    @property
    def headline_links_near(self) -> int:
        """Those around the first <h1>."""
        return sum(map(self._around.holds, self._links)) if self._around else 0

    @property
    def has_player(self) -> bool:
        """Whether it plays films or sound."""
        return any(self.page.first(tag) for tag in ("video", "audio", "amp-video"))

    @property
    def _around(self) -> Element | None:
        heading = self.page.first("h1")
        return heading.parent if heading else None

    @cached_property
    def _links(self) -> list[Element]:
        return _headline_links(self.page)


@dataclass(frozen=True)
class Verdict:
    """A page is not an article, for a reason."""

    reason: Reason
    detail: str


def judge(
    page: Markup, fields: dict[str, list[Statement]], body: Body, url: str, written: str
) -> Verdict | None:
    """Why the page, read at `url` and `written` so, is not an article; None when it is one.

    `fields` are what it states itself: a page that is gone still stands in a feed.
    """
    return ruled_out(page, fields, body, url, written) or _looks_otherwise(page, fields, body, url)


def ruled_out(
    page: Markup, fields: dict[str, list[Statement]], body: Body, url: str, written: str
) -> Verdict | None:
    """The same, by the rules alone."""
    seen = Outline(page)
    size = _size(body.text)
    kinds = [statement.value for statement in fields.get("kind", ())]
    is_dated = "published_at" in fields
    return (
        _stands_in(seen, believed(fields, "title") or "", size, is_dated=is_dated)
        or _lists(seen, kinds, size, url, is_dated=is_dated)
        or _is_bare(page, seen, kinds, size, written, is_free=stated_free(believed(fields, "is_free")))
    )


def _stands_in(seen: Outline, title: str, size: int, *, is_dated: bool) -> Verdict | None:
    """A page in the article's place: it asks for consent, or says there is nothing."""
    if size >= _BRIEF:
        return None
    asked = [match.group() for words in CONSENT if (match := words.search(seen.around_heading))]
    if len(asked) >= 3 and len(seen.around_heading) < 2 * _BRIEF:
        return Verdict(Reason.CONSENT_WALL, f"{size} characters; {', '.join(asked)}")
    match = None if is_dated else MISSING.search(seen.heading) or MISSING.search(title)
    if match:
        return Verdict(Reason.SOFT_404, f"{size} characters under the heading {match.group()!r}")
    return None


def _lists(seen: Outline, kinds: list[str], size: int, url: str, *, is_dated: bool) -> Verdict | None:
    """A page that leads to articles."""
    address = urlsplit(url)
    is_homepage = address.path in {"", "/"} and not address.query
    says_so = next((kind for kind in kinds if _LISTS.match(kind)), None)
    may_lead = is_homepage or size < _TOO_SHORT or (not is_dated and (says_so or size < _BRIEF))
    if may_lead and seen.headline_links >= _MANY_HEADLINES:
        why = says_so or ("the front page" if is_homepage else f"{size} characters")
        return Verdict(Reason.LIST_PAGE, f"{seen.headline_links} links that read like headlines; {why}")
    if size < _TOO_SHORT and seen.headline_links_near >= _SOME_HEADLINES:
        return Verdict(
            Reason.LIST_PAGE, f"{seen.headline_links_near} links below the heading; {size} characters"
        )
    return None


def _is_bare(
    page: Markup, seen: Outline, kinds: list[str], size: int, written: str, *, is_free: bool | None
) -> Verdict | None:
    """A page with next to no text. Behind a paywall that is all of an article there is."""
    video = next((kind for kind in kinds if kind.lower().startswith("video")), None)
    is_article = any(kind.lower().endswith("article") for kind in kinds)
    if (video and not is_article and size < 2 * _TOO_SHORT) or (
        (video or seen.has_player) and size < _TOO_SHORT
    ):
        return Verdict(Reason.VIDEO_PAGE, f"{size} characters; {video or 'a player'}")
    if size >= _TOO_SHORT or (size > 0 and is_free is False):
        return None
    reason, shown = _why_bare(page, written, is_free=is_free)
    return Verdict(reason, f"{size} characters{shown and f'; {shown}'}")


def _why_bare(page: Markup, written: str, *, is_free: bool | None) -> tuple[Reason, str]:
    """Why a page shows next to no text, with what says so."""
    said = next(filter(None, (MEMBERS.search(block.text) for block in page.blocks)), None)
    if said or is_free is False:
        return Reason.LOGIN_WALL, repr(said.group()) if said else "stated not to be free"
    if sum(len(block.text) for block in page.blocks) < _BRIEF:  # of the whole page, menus included
        if shown := _waits_for_script(page, written):
            return Reason.NEEDS_SCRIPT, shown
        if any(field.get("type") == "password" for field in page.all("input")):
            return Reason.LOGIN_WALL, "a field for a password"
    if (figures := len(page.all("figure"))) >= _MANY_FIGURES:
        return Reason.VIDEO_PAGE, f"{figures} pictures"
    return Reason.TOO_SHORT, ""


def _waits_for_script(page: Markup, written: str) -> str | None:
    """What shows that a page is empty until a script fills it in."""
    lower = written.lower()
    if "<script" not in lower:
        return None
    for part in lower.split("<noscript")[1:]:
        if "javascript" in part.partition("</noscript")[0]:  # the word is the same in every language
            return "<noscript> that asks for JavaScript"
    root = next((e for e in page.elements if _is_root(e) and not e.text), None)
    return f"<{root.tag} {root.get('id')}> is empty" if root else None


def _is_root(element: Element) -> bool:
    """Whether a framework fills this element in, by the names they use."""
    return element.get("id") in _ROOTS or element.tag.endswith(("-root", "-app"))


def _looks_otherwise(
    page: Markup, fields: dict[str, list[Statement]], body: Body, url: str
) -> Verdict | None:
    """A page that as a whole is unlike an article; the reason is the kind that it is most like."""
    if body.features is None or body.chances is None:
        return None
    weights, row = page_weights(), page_features(page, fields, body.features, body.chances, url)
    chance, *others = weights.chances(row).tolist()
    if chance >= REFUSED:
        return None
    _, kind = max(zip(others, KINDS, strict=True))
    return Verdict(
        _REASONS[kind],
        f"chance to be an article {chance:.2f}; {kind}: {', '.join(weights.reasons(row, kind))}",
    )


def _headline_links(page: Markup) -> list[Element]:
    """Links that read like headlines, but for those in parts beside the text."""
    found: list[Element] = []
    beside = 0
    for element in page.all("a", "aside", "nav", "footer"):
        if element.tag != "a":
            beside = max(beside, element.end)
        elif element.order >= beside and not element.get("href").startswith("#"):
            found += [element] * (_size(element.text) >= _HEADLINE)
    return found


def _size(text: str) -> int:
    """Length in characters of Latin script: one of a script that needs fewer counts as three."""
    return len(text) if text.isascii() else len(text) + 2 * len(UNSPACED.findall(text))

"""Is a page an article? If not: why, and what was seen that says so. Words only count together with structure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from schemas.vocabulary import Reason
from transforms.extract.body import Body
from transforms.extract.fields import believed
from transforms.extract.markup import Statement, words_of

_CONSENT = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"cookie|クッキー|куки|ملفات تعريف|쿠키",
        r"personal (data|information)|personenbezogene|données (à caractère )?personnel|datos personales|dati personali|"
        r"dados pessoais|personuppgifter|persoonsgegevens|danych? osobow|(личны|персональны)[ех]\w* данны|"
        r"بيانات شخصية|個人(データ|情報)|个人(信息|数据)|개인정보",
        r"\bpartner|partenaires|socios|parceiros|партн[её]р|شركا|提携|パートナー|合作伙伴|파트너",
        r"consent|zustimm|einwillig|consenti|akkoord|samtyck|zgod[ay]|соглас|موافق|同意|동의",
        r"accept all|alle akzeptieren|tout accepter|acept(ar|e)|accetta|aceitar|(privacy|privatsphäre|datenschutz).{0,9}"
        r"(settings|einstellung)|(your|ihre|su|votre|sua) (choice|auswahl|elección|choix|scelta)|настройк|設定|设置|설정|اختيار",
    )
)
_MISSING = re.compile(
    r"\b404\b|\b410\b|(page|article|story|content|file)\b.{0,30}\b(not found|(no longer|not) (available|here|exist)|does ?n.t exist)|"
    r"(seite|artikel|inhalt)\b.{0,30}\b(nicht (mehr )?(gefunden|verfügbar|vorhanden)|existiert nicht)|"
    r"(page|article)\b.{0,20}\b(introuvable|n.existe (pas|plus))|(página|artículo|nota|artigo)\b.{0,20}\bno?.{0,3}(encontrad|existe|disponible)|"
    r"não encontrad|pagina\b.{0,20}\b(non (è stata )?trovata|niet gevonden)|niet gevonden|hittades inte|ikke fundet|ikke funnet|ei löydy|"
    r"nie (znalezion|istniej)|nenalezen|nem található|bulunamadı|не найден|не существует|не знайден|غير موجود|לא נמצא|یافت نشد|"
    r"見つかりません|存在しません|找不到|不存在|찾을 수 없|không tìm thấy|tidak ditemukan|ไม่พบ",
    re.IGNORECASE,
)
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_TOO_SHORT = 250  # characters of Latin script: some 40 words
_BRIEF = 1_200  # a body below this does not outweigh signs that the page is something else
_HEADLINE = 25  # characters from which a link reads like a headline
_MANY_HEADLINES, _SOME_HEADLINES = 12, 3  # on the page; in the block of its heading
_LISTS = re.compile(r"^(CollectionPage|SearchResultsPage|ItemList)$")


@dataclass(frozen=True)
class Outline:
    """What a page shows before anything is cut from it."""

    heading: str
    around_heading: str
    headline_links: int
    headline_links_near: int
    has_player: bool


@dataclass(frozen=True)
class Verdict:
    """A page is not an article, for a reason."""

    reason: Reason
    detail: str


def outline(root: HtmlElement) -> Outline:
    """The outline of a page."""
    heading = root.find(".//h1")
    parent = heading.getparent() if heading is not None else root.find(".//body")
    return Outline(
        heading=words_of(heading) if heading is not None else "",
        around_heading=words_of(parent)[:3_000] if parent is not None else "",
        headline_links=_headline_links(root),
        headline_links_near=_headline_links(parent) if heading is not None else 0,
        has_player=next(root.iter("video", "audio", "amp-video"), None) is not None,
    )


def judge(seen: Outline, fields: dict[str, list[Statement]], body: Body, url: str) -> Verdict | None:
    """Why the page is not an article; None when it is one."""
    size = _size(body.text)
    title = believed(fields, "title") or ""
    kinds = [statement.value for statement in fields.get("kind", ())]
    if size < _BRIEF:
        consent = [match.group() for words in _CONSENT if (match := words.search(seen.around_heading))]
        if len(consent) >= 3 and len(seen.around_heading) < 2 * _BRIEF:
            return Verdict(Reason.CONSENT_WALL, f"{size} characters; {', '.join(consent)}")
        for words in (seen.heading, title):
            if match := _MISSING.search(words):
                return Verdict(Reason.SOFT_404, f"{size} characters under the heading {match.group()!r}")
    address = urlsplit(url)
    is_homepage = address.path in {"", "/"} and not address.query
    says_list = next((kind for kind in kinds if _LISTS.match(kind)), None)
    is_dated = bool(fields.get("published_at"))
    if seen.headline_links >= _MANY_HEADLINES and (
        size < _TOO_SHORT or (size < _BRIEF and not is_dated) or is_homepage or (says_list and not is_dated)
    ):
        why = says_list or ("the front page" if is_homepage else f"{size} characters")
        return Verdict(Reason.LIST_PAGE, f"{seen.headline_links} links that read like headlines; {why}")
    if size < _TOO_SHORT and seen.headline_links_near >= _SOME_HEADLINES:
        return Verdict(Reason.LIST_PAGE, f"{seen.headline_links_near} links that read like headlines; {size} characters")
    if size < 2 * _TOO_SHORT:
        video = next((kind for kind in kinds if kind.lower().startswith("video")), None)
        if video or (seen.has_player and size < _TOO_SHORT):
            return Verdict(Reason.VIDEO_PAGE, f"{size} characters; {video or 'a player'}")
    if size < _TOO_SHORT and (believed(fields, "is_free") or "").lower() not in {"false", "locked", "metered"}:
        return Verdict(Reason.TOO_SHORT, f"{size} characters")
    return None


def _headline_links(below: HtmlElement) -> int:
    links = (a for a in below.iter("a") if a.get("href") and not a.get("href", "").startswith("#"))
    return sum(_size(words_of(a)) >= _HEADLINE for a in links)


def _size(text: str) -> int:
    """Length in characters of Latin script: one of a script that needs fewer counts as three."""
    return len(text) + 2 * len(_UNSPACED.findall(text))

"""Which statement of a page is believed, field by field; the others stay as evidence."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from schemas.page import CLAIMED, Statement
from schemas.urls import site_of
from transforms.extract.bylines import choose_authors
from transforms.extract.markup import fold
from transforms.extract.titles import labels_in, order_titles
from transforms.genres import is_vague

# Sources in order of trust, where it is not the order they are read in.
_TRUST: dict[str, tuple[str, ...]] = {
    "published_at": ("json-ld:", *CLAIMED),
    "canonical_url": ("link:canonical", "meta:og:url", "redirect"),
    "language": ("html[lang]", "json-ld:inLanguage", "meta:"),
    "section": ("json-ld:articleSection", "meta:", "itemprop:"),
}
_ADDRESS = re.compile(r"https?://|www\.|@|^[\W\d]*$|^[\w-]+(\.[a-z]{2,3}){1,2}$", re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)+")
_CRUMBS = frozenset(["json-ld:BreadcrumbList", "breadcrumb"])
_LONGEST_SECTION = 60
# Names of front pages, as `fold` leaves them.
_FRONT_NAMES = """
    home homepage frontpage start startseite zurstartseite accueil inicio início capa portada forside hem etusivu
    back zurück retour volver voltar terug indietro
    stronagłówna domů főoldal primapagină главная головна начало αρχική anasayfa الرئيسية صفحهاصلی ראשי होम প্রচ্ছদ
    ホーム トップ 首页 首頁 홈 beranda trangchủ หน้าแรก
"""
_FRONT = frozenset(map(fold, _FRONT_NAMES.split()))
_LONGEST = 2_000  # characters of a field; what is longer is no title, name or description
_MOST = 50  # statements of one field from one source


def choose(statements: Iterable[Statement], url: str) -> dict[str, list[Statement]]:
    """Field → its statements, the believed one first. A field nothing is said about is left out."""
    fields: defaultdict[str, list[Statement]] = defaultdict(list)
    read: Counter[tuple[str, str]] = Counter()
    for statement in dict.fromkeys(statements):
        read[statement.field, statement.source] += 1
        if len(statement.value) <= _LONGEST and read[statement.field, statement.source] <= _MOST:
            fields[statement.field].append(statement)
    for field, trust in _TRUST.items():
        fields[field].sort(key=lambda statement, trust=trust: _rank(statement.source, trust))  # type: ignore[misc]
    sites = [statement.value for statement in fields["site"]]
    labels = ((s.source, label) for s in fields["title"] for label in labels_in(s.value))
    fields["label"] += (Statement("label", f"{source} piece", label) for source, label in labels)
    fields["title"] = order_titles(
        fields["title"],
        sites,
        [s.value for s in fields["section"] if s.source not in _CRUMBS],
        url,
        is_news=any("News" in s.value for s in fields["kind"] if s.source == "json-ld:@type"),
    )
    fields["section"] = _sections(fields["section"], fields["title"], sites, url)
    fields["authors"] = choose_authors(fields["authors"], sites)
    return {field: found for field, found in fields.items() if found}


def believed(fields: dict[str, list[Statement]], field: str) -> str | None:
    """The value of a field that is believed."""
    found = fields.get(field)
    return found[0].value if found else None


def all_believed(fields: dict[str, list[Statement]], field: str) -> list[str]:
    """Every value the believed source gives, for fields that hold several."""
    found = fields.get(field, [])
    return [statement.value for statement in found if statement.source == found[0].source]


def stated_free(words: str | None) -> bool | None:
    """Whether a page says it can be read for free; None if it says nothing known."""
    word = (words or "").rpartition("/")[2].lower()
    if word in {"true", "free", "yes", "1"}:
        return True
    return False if word in {"false", "locked", "metered", "paid", "premium", "no", "0"} else None


def _sections(found: list[Statement], titles: list[Statement], sites: list[str], url: str) -> list[Statement]:
    """Statements that may name a section: no address, no list of tags, not the outlet, not the page itself.

    Before names of any article's section, a software's and those with a comma come the others.
    """
    own = {fold(site_of(url).partition(".")[0]), *(fold(title.value) for title in titles)}
    front = _FRONT | {fold(site) for site in sites}

    def is_section(statement: Statement) -> bool:
        name = fold(statement.value)
        return (
            len(statement.value) <= _LONGEST_SECTION
            and statement.value.count(",") < 2
            and not _ADDRESS.search(statement.value)
            and name not in front
            and not (statement.source in _CRUMBS and name in own)
        )

    def is_poor(statement: Statement) -> bool:
        name = statement.value
        return is_vague(name) or "," in name or _SLUG.fullmatch(name) is not None

    return sorted(filter(is_section, found), key=is_poor)


def _rank(source: str, trust: tuple[str, ...]) -> int:
    return next((rank for rank, prefix in enumerate(trust) if source.startswith(prefix)), len(trust))

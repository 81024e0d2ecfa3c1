"""What an article is, and its tags."""

from __future__ import annotations

import pytest

from schemas.vocabulary import Kind
from transforms.genres import kind_of_label, kind_of_path
from transforms.normalise.kinds import kind_of
from transforms.normalise.tags import are_sites, tags_of


@pytest.mark.parametrize(
    ("said", "path", "agency", "words", "kind"),
    [
        ((["NewsArticle", "article"], ["Local"]), "/a", None, 400, "article"),
        ((["LiveBlogPosting"], []), "/a", None, 400, "live"),
        ((["NewsArticle", "live report of 12 entries"], []), "/a", "dpa", 400, "live"),
        ((["OpinionNewsArticle"], []), "/a", None, 400, "opinion"),
        ((["article"], []), "/opinion/2026/a", None, 400, "opinion"),
        ((["article"], ["Meinung"]), "/a", "dpa", 400, "opinion"),
        ((["article"], ["Town", "Press release"]), "/a", None, 400, "press_release"),
        (([], []), "/alive-and-well", None, 400, "article"),
        (([], []), "/a", "dpa", 400, "wire"),
        ((["video.other"], []), "/a", None, 30, "video"),
        ((["video.other"], []), "/a", None, 400, "article"),
        ((["NewsArticle", "VideoObject"], []), "/a", None, 30, "article"),
        ((["article"], ["Video"]), "/a", None, 30, "video"),
        ((["ImageGallery"], []), "/a", None, 30, "gallery"),
        ((["article"], []), "/bildergalerien/pier", None, 30, "gallery"),
    ],
)
def test_kinds(
    said: tuple[list[str], list[str]], path: str, agency: str | None, words: int, kind: str
) -> None:
    types, labels = said
    assert kind_of(types, labels, path, agency, words) == kind


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("OP-ED", Kind.OPINION),
        ("Point de vue", Kind.OPINION),
        ("Редакционная политика", None),
        ("Мнение", Kind.OPINION),
        ("社説", Kind.OPINION),
        ("رأي", Kind.OPINION),
        ("Minuto a minuto", Kind.LIVE),
        ("En direct", Kind.LIVE),
        ("Live music", None),
        ("Nota de prensa", Kind.PRESS_RELEASE),
        ("Politics", None),
        ("", None),
    ],
)
def test_labels(label: str, kind: Kind | None) -> None:
    assert kind_of_label(label) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/news/storm-liveticker-7.html", Kind.LIVE),
        ("/storm-as-it-happened-live-updates", Kind.LIVE),
        ("/world/live/2026/nov/21/storm", Kind.LIVE),
        ("/where-to-live", None),
        ("/daily/livenews/storm", None),
        ("/DE/Presse/Listenseite_Pressemitteilungen/2026/storm", Kind.PRESS_RELEASE),
        ("/presse/pressemeldungen-verband/storm", Kind.PRESS_RELEASE),
        ("/news/press-release-ignites-storm", None),
        ("/meinung-analyse/storm", Kind.OPINION),
        ("/opinion", None),
        ("/opinion/storm", Kind.OPINION),
        ("/meinung/kommentare/storm", Kind.OPINION),
        ("/opini%C3%B3n/storm", Kind.OPINION),
        ("/", None),
    ],
)
def test_paths(path: str, kind: Kind | None) -> None:
    assert kind_of_path(path) == kind


@pytest.mark.parametrize(
    ("stated", "tags"),
    [
        (["harbour, Storm; harbour｜x"], ["harbour", "Storm", "harbour｜x"]),
        (["Paris, Texas", "storm"], ["Paris, Texas", "storm"]),
        (["港、灯台，嵐"], ["港", "灯台", "嵐"]),
        (["@meter, _index, type: news, layout_wide, #harbour"], ["harbour"]),
        (["climate-change", "Climate Change"], ["climate-change"]),
        (["Uncategorized", "harbour", "News"], ["harbour"]),
        (["Main Category: News, Page: archived, clone:no, Harbour Wars: Storm"], ["Harbour Wars: Storm"]),
        (["x" * 81], []),
        ([], []),
    ],
)
def test_tags(stated: list[str], tags: list[str]) -> None:
    assert tags_of(stated) == tags


TITLE = "Storm over the old harbour light"


@pytest.mark.parametrize(
    ("stated", "tags"),
    [
        ([f"{TITLE}, harbour, Harbour Gazette"], ["harbour"]),
        (["Storm, over, the, old, harbour, light"], []),
        (["storm, harbour, light"], ["storm", "harbour", "light"]),
        (["Storm, harbour, light, ferry"], ["Storm", "harbour", "light", "ferry"]),
    ],
)
def test_neither_title_nor_outlet_is_a_tag(stated: list[str], tags: list[str]) -> None:
    assert tags_of(stated, TITLE, ["Harbour Gazette"]) == tags


@pytest.mark.parametrize(
    ("keywords", "of_site"),
    [
        (["hotels", "chat", "forum", "weather"], True),
        (["hotels", "chat", "storms", "harbours"], False),
        (["hotels", "chat", "forum"], False),
        (["港", "灯台", "嵐", "海"], True),
    ],
)
def test_keywords_that_the_text_has_none_of_are_the_sites(keywords: list[str], of_site: bool) -> None:
    text = f"{TITLE} broke the pier of Harbourton. " * 15
    assert are_sites(keywords, text) is of_site
    assert not are_sites(keywords, TITLE)

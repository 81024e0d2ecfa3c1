"""What is true of every page of the newsroom, for tests to compare with what was published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal

from presslake.demo.feeds import named_url
from presslake.demo.layouts import MODIFIED_LAYOUTS
from presslake.demo.papers import PAPERS, Kind, Paper
from presslake.demo.stories import (
    World,
    appears,
    article,
    count,
    kind_of,
    named_path,
    path_of,
    stated,
    window,
)

Expected = Literal["published", "not_article", "duplicate", "gone", "disallowed"]

_EXPECTED: dict[Kind, Expected] = {
    "copy": "duplicate",
    "gone": "gone",
    "missing": "gone",
    "private": "disallowed",
    "consent_wall": "not_article",
    "soft_404": "not_article",
    "list_page": "not_article",
    "video_page": "not_article",
    "too_short": "not_article",
}


@dataclass(frozen=True)
class Truth:
    """One page as it stands at one time. From `title` on, the fields are set for articles and their copies."""

    outlet: str
    number: int
    url: str = field(metadata={"doc": "the address it is fetched from, without tracking parameters"})
    named_as: tuple[str, ...] = field(metadata={"doc": "the address as each source of the outlet spells it"})
    canonical_url: str
    expected: Expected = field(metadata={"doc": "what becomes of it"})
    reason: str = field(metadata={"doc": "why it is no article; empty otherwise"})
    visible_from: datetime
    is_listed: bool = field(metadata={"doc": "whether a source names it at that time"})
    title: str = ""
    text: str = field(default="", metadata={"doc": "paragraphs, subheadings and list items, one a line"})
    description: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = field(
        default=None, metadata={"doc": "UTC, as exactly as the page states it"}
    )
    published_on: date | None = field(default=None, metadata={"doc": "the day where the publisher is"})
    published_precision: Literal["second", "minute", "day"] | None = None
    modified_at: datetime | None = field(default=None, metadata={"doc": "UTC; None if the page states none"})
    language: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    revision: int = 0
    story: str = field(default="", metadata={"doc": "shared by versions of one wire story and by copies"})
    is_free: bool = True
    promos: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "newsletter, related, share, comment, agency and paywall lines near the text"},
    )
    captions: tuple[str, ...] = field(default=(), metadata={"doc": "picture captions and credits"})


def truth(world: World, at: datetime, papers: Iterable[Paper] | None = None) -> list[Truth]:
    """Every page that exists at that time, listed or not; by default of the papers that are not down by nature."""
    return [
        page(world, paper, number, at)
        for paper in (papers if papers is not None else [paper for paper in PAPERS if not paper.fault])
        for number in range(count(world, paper, at))
    ]


def page(world: World, paper: Paper, number: int, at: datetime) -> Truth:
    """The truth of one page; it must have appeared."""
    kind = kind_of(paper, number)
    expected = _EXPECTED.get(kind, "published")
    home = paper.home(world.port)
    place = Truth(
        outlet=paper.slug,
        number=number,
        url=home + named_path(world, paper, number),
        named_as=tuple(
            named_url(world, paper, form, number) for form, _ in paper.sources if form != "rss_html"
        ),
        canonical_url=home + path_of(world, paper, number),
        expected=expected,
        reason=kind if expected == "not_article" else "",
        visible_from=appears(world, paper, number),
        is_listed=number in window(world, paper, at),
    )
    return place if expected not in {"published", "duplicate"} else _with_content(place, world, paper, at)


def _with_content(place: Truth, world: World, paper: Paper, at: datetime) -> Truth:
    shown = article(world, paper, place.number, at)
    is_day_only = shown.kind == "day_only"
    published, modified = stated(paper, shown.published), stated(paper, shown.modified)
    has_instant = not is_day_only
    states_modified = has_instant and paper.layout in MODIFIED_LAYOUTS
    return replace(
        place,
        title=shown.title,
        text=shown.text,
        description=shown.description,
        authors=shown.authors,
        published_at=published.astimezone(UTC) if has_instant else None,
        published_on=published.date(),
        published_precision="day" if is_day_only else paper.stamp,
        modified_at=modified.astimezone(UTC) if states_modified else None,
        language=paper.language,
        section=shown.section,
        tags=shown.tags,
        revision=shown.revision,
        story=shown.story,
        is_free=shown.kind != "paywall",
        promos=shown.extras.lines(paper.language),
        captions=(shown.caption, shown.credit),
    )

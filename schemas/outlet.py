"""An outlet as data: one YAML file `<country>/<slug>.yml`, read strictly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from schemas.errors import Reject


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in value:
        raise ValueError(f"not an http(s) URL: {value!r}")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"not an IANA time zone such as Europe/Berlin: {value!r}")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {value!r}: {error}") from error
    return value


def _selector(value: str) -> str:
    try:
        LexborHTMLParser("<p>").css(value)
    except SelectolaxError as error:
        raise ValueError(f"not a CSS selector: {value!r}") from error
    return value


def split_attribute(value: str) -> tuple[str, str | None]:
    """(CSS selector, attribute) of `selector@attribute`, the attribute None where there is none.

    >>> split_attribute("time.published@datetime"), split_attribute('a[href*="@"]')
    (('time.published', 'datetime'), ('a[href*="@"]', None))
    """
    match = _ATTRIBUTE.fullmatch(value)
    return (match[1], match[2]) if match else (value, None)


def _value_selector(value: str) -> str:
    _selector(split_attribute(value)[0])
    return value


_ATTRIBUTE = re.compile(r"(.*?)\s*@([\w:-]+)")
HttpUrl = Annotated[str, AfterValidator(_http_url)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
#: A CSS selector: one element, or several if that is what it finds.
Selector = Annotated[str, AfterValidator(_selector)]
#: A CSS selector, and the attribute that holds the value if it is not the text: `time.published@datetime`.
ValueSelector = Annotated[str, AfterValidator(_value_selector)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
CoveredField = Literal["title", "text", "authors", "published_at", "published_on", "language"]
SourceKind = Literal["feed", "news_sitemap", "sitemap", "section"]


class Expect(BaseModel):
    """What normal looks like for an outlet: too little is withheld, too much warns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    articles_per_day: tuple[int, int] | None = Field(
        default=None, description="Fewest and most new articles in 24 hours; outside is a warning."
    )
    coverage: dict[CoveredField, float] = Field(
        default={"title": 0.9, "text": 0.9},
        description="Smallest share of a slot's articles that state the field; below, it is withheld.",
    )
    min_rows: int = Field(
        default=5, ge=1, description="Coverage is judged from this many articles in a slot on."
    )


class Layout(BaseModel):
    """Where the pages of one template state a field; it beats the engine wherever it finds something."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: Pattern | None = Field(default=None, description="Regular expression; only pages with such a URL.")
    until: date | None = Field(
        default=None,
        description="Last day (UTC) whose pages look like this; later ones are left to the engine.",
    )
    title: ValueSelector | None = Field(default=None, description="The headline: the first element found.")
    authors: ValueSelector | None = Field(default=None, description="Names: every element found.")
    published_at: ValueSelector | None = Field(
        default=None, description="Date of publication: the first element found."
    )
    section: ValueSelector | None = Field(default=None, description="Section: the first element found.")
    dek: Selector | None = Field(default=None, description="Standfirst: the lines in the elements found.")
    text: Selector | None = Field(
        default=None,
        description="Body: all lines in the elements found but headline, standfirst and captions.",
    )
    drop: Selector | None = Field(
        default=None, description="What is not text, wherever it stands; may find nothing."
    )


class Corrections(BaseModel):
    """What to read instead of a statement: by the raw string, as the evidence has it; null for nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: dict[str, str | None] = Field(default={}, description="Headlines.")
    authors: dict[str, str | None] = Field(default={}, description="Statements of authors.")
    section: dict[str, str | None] = Field(default={}, description="Sections.")


class Outlet(BaseModel):
    """One news outlet. Only name, country, language and homepage are required."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug = Field(description="The file's stem; names the outlet everywhere.")
    name: str = Field(min_length=1, description="The outlet's name as it calls itself.")
    country: str = Field(
        pattern=r"^[a-z]{2}$", description="ISO 3166-1 alpha-2, lower case; also the folder."
    )
    language: str = Field(pattern=r"^[a-z]{2,3}$", description="ISO 639 code of the main language.")
    homepage: HttpUrl = Field(description="Where a reader starts.")
    feeds: tuple[HttpUrl, ...] = Field(default=(), description="RSS, Atom or JSON feeds.")
    news_sitemaps: tuple[HttpUrl, ...] = Field(default=(), description="Google-News sitemaps.")
    sitemaps: tuple[HttpUrl, ...] = Field(default=(), description="Sitemaps or sitemap indexes.")
    sections: tuple[HttpUrl, ...] = Field(default=(), description="List pages whose links are followed.")
    allow: tuple[str, ...] = Field(
        default=(), description="Regular expressions; a URL must match one, if any."
    )
    deny: tuple[str, ...] = Field(default=(), description="Regular expressions; a URL must match none.")
    time_zone: TimeZone | None = Field(
        default=None, description="IANA zone of dates the outlet states without one."
    )
    pace_seconds: float | None = Field(default=None, ge=0, description="Overrides the setting of that name.")
    expect: Expect = Field(default_factory=Expect, description="What normal looks like.")
    layouts: tuple[Layout, ...] = Field(
        default=(), description="Where pages state what; of several, the first that finds a field tells it."
    )
    corrections: Corrections = Field(
        default_factory=Corrections, description="What to read instead of wrong statements."
    )
    notes: str = Field(default="", description="Facts a person should know.")

    def sources(self) -> list[tuple[SourceKind, str]]:
        """(kind, URL) of every place new articles are looked for."""
        return [
            *(("feed", url) for url in self.feeds),
            *(("news_sitemap", url) for url in self.news_sitemaps),
            *(("sitemap", url) for url in self.sitemaps),
            *(("section", url) for url in self.sections),
        ]


def read_outlet(path: Path) -> Outlet:
    """The outlet of one file `<country>/<slug>.yml`; raises `Reject` naming file, line and key."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Reject(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
        raise Reject(f"{path}: expected keys such as name, language and homepage")
    for key in ("slug", "country"):
        if key in data:
            raise Reject(
                f"{path}:{_line(node, (key,))}: leave out {key!r}; the file's place <country>/<slug>.yml gives it"
            )
    try:
        return Outlet.model_validate({**data, "slug": path.stem, "country": path.parent.name})
    except ValidationError as error:
        problems = [
            f"{path}:{_line(node, e['loc'])}: {'.'.join(map(str, e['loc']))}: " + _say(e["type"], e["msg"])
            for e in error.errors()
        ]
        raise Reject("\n".join(problems)) from error


def read_outlets(folder: Path) -> dict[str, Outlet]:
    """All outlets below a folder by slug, in order of slug; raises `Reject` listing every problem found."""
    if not folder.is_dir():
        raise Reject(f"no folder of outlets at {folder}; set PRESSLAKE_OUTLETS to demo, world or a folder")
    outlets: dict[str, Outlet] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*/*.yml"), key=lambda p: p.stem):
        try:
            outlet = read_outlet(path)
        except Reject as error:
            problems.append(str(error))
            continue
        if outlet.slug in outlets:
            problems.append(f"{path}: slug {outlet.slug!r} is used by another file too")
        outlets[outlet.slug] = outlet
    if problems:
        raise Reject("\n".join(problems))
    return outlets


def _line(node: yaml.Node, place: Sequence[str | int]) -> int:
    """The line of what stands at a place in the file, or of what is nearest around it, from 1 on."""
    line = 1
    for step in place:
        inside: dict[str | int, tuple[yaml.Node, yaml.Node]] = {}
        if isinstance(node, yaml.MappingNode):
            inside = {key.value: (key, value) for key, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            inside = {number: (value, value) for number, value in enumerate(node.value)}
        if step not in inside:
            break
        mark, node = inside[step]
        line = mark.start_mark.line + 1
    return line


def _say(kind: str, message: str) -> str:
    known = {"extra_forbidden": "unknown key", "missing": "missing"}
    return known.get(kind, message.removeprefix("Value error, "))

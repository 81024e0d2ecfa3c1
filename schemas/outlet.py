"""An outlet as data: one YAML file `<country>/<slug>.yml`, read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

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


HttpUrl = Annotated[str, AfterValidator(_http_url)]
TimeZone = Annotated[str, AfterValidator(_zone)]
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
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    for key in ("slug", "country"):
        if key in data:
            raise Reject(
                f"{path}:{lines[key]}: leave out {key!r}; the file's place <country>/<slug>.yml gives it"
            )
    try:
        return Outlet.model_validate({**data, "slug": path.stem, "country": path.parent.name})
    except ValidationError as error:
        problems = [
            f"{path}:{lines.get(str(e['loc'][0]), 1)}: {'.'.join(map(str, e['loc']))}: "
            + _say(e["type"], e["msg"])
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


def _say(kind: str, message: str) -> str:
    known = {"extra_forbidden": "unknown key", "missing": "missing"}
    return known.get(kind, message.removeprefix("Value error, "))

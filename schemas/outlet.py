"""An outlet as data: one YAML file `<country>/<slug>.yml`, read strictly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from schemas.codes import COUNTRIES, LANGUAGES
from schemas.errors import Reject
from schemas.urls import normal_url


def _http_url(value: str) -> str:
    try:
        normal_url(value)
    except Reject as error:
        raise ValueError(str(error)) from error
    if not value.isprintable() or " " in value:
        raise ValueError(f"not an http(s) URL: {value!r}")
    if "@" in urlsplit(value).netloc:
        raise ValueError(f"a URL with user or password is never asked for: {value!r}")
    return value


_zones = cache(available_timezones)  # reads the disk


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError(f"not an IANA time zone such as Europe/Berlin: {value!r}")
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"not an ISO 639 code such as de or fil: {value!r}")
    return value


def _country(value: str) -> str:
    if value not in COUNTRIES:
        raise ValueError(f"not an ISO 3166-1 code in lower case such as de or gb: {value!r}")
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


# libyaml's where it is, ten times faster.
_YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_YAML):  # type: ignore[misc]
    """Numbers and null, and all else is text: `no` is Norwegian, and what is no date is said with its key."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [it for it in found if it[0].rpartition(":")[2] not in {"bool", "timestamp"}]
        for first, found in _YAML.yaml_implicit_resolvers.items()
    }


_SOURCES = ("feeds", "news_sitemaps", "sitemaps", "sections")
_ATTRIBUTE = re.compile(r"(.*?)\s*@([\w:-]+)")
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Language = Annotated[str, AfterValidator(_language)]
Country = Annotated[str, AfterValidator(_country)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
#: A CSS selector: one element, or several if that is what it finds.
Selector = Annotated[str, AfterValidator(_selector)]
#: A CSS selector, and the attribute that holds the value if it is not the text: `time.published@datetime`.
ValueSelector = Annotated[str, AfterValidator(_value_selector)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
CoveredField = Literal["title", "text", "authors", "published_at", "published_on", "language"]
Share = Annotated[float, Field(ge=0, le=1)]
SourceKind = Literal["feed", "news_sitemap", "sitemap", "section"]


class Expect(BaseModel):
    """What normal looks like for an outlet: too little is withheld, too much warns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    articles_per_day: tuple[NonNegativeInt, NonNegativeInt] | None = Field(
        default=None,
        description="Fewest and most new articles in 24 hours, such as `[20, 400]`; outside is a warning.",
    )
    coverage: dict[CoveredField, Share] = Field(
        default={"title": 0.9, "text": 0.9},
        description="Smallest share (0 to 1) of a slot's articles that state the field; below, it is withheld.",
    )
    min_rows: int = Field(
        default=5, ge=1, description="Coverage is judged from this many articles in a slot on."
    )

    @field_validator("articles_per_day")
    @classmethod
    def _in_order(cls, value: tuple[int, int] | None) -> tuple[int, int] | None:
        if value and value[0] > value[1]:
            raise ValueError("fewest first, then most")
        return value

    @property
    def is_quiet(self) -> bool:
        """Whether a day without an article is normal."""
        return self.articles_per_day is not None and self.articles_per_day[0] == 0


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


class Poll(BaseModel):
    """How often a source is looked at: the interval moves between these bounds, with what the source yields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_minutes: int = Field(
        default=15, ge=0, description="Never sooner after the last look; 0 and 0: in every slot."
    )
    max_minutes: int = Field(
        default=1440,
        ge=0,
        le=43_200,
        description="Never later (43200 at most), even if it yields nothing or fails; only Retry-After is waited for.",
    )
    patience_minutes: float = Field(
        default=25,
        gt=0,
        allow_inf_nan=False,
        description="In between, when the new articles expected have waited so long, all together.",
    )

    @field_validator("max_minutes")
    @classmethod
    def _in_order(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("min_minutes", 0):
            raise ValueError("less than min_minutes")
        return value


class Rights(BaseModel):
    """What the outlet says of using its articles; for people, `outlets show` prints it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    licence: str | None = Field(
        default=None, description="Name, SPDX identifier or URL of a licence it grants."
    )
    notes: str = Field(default="", description="Terms a person should know.")


class Outlet(BaseModel):
    """One news outlet. Only name, country, language and homepage are required."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug = Field(description="The file's stem; names the outlet everywhere.")
    name: str = Field(min_length=1, description="The outlet's name as it calls itself.")
    country: Country = Field(
        description="ISO 3166-1 alpha-2, lower case (zz: of no country); also the folder."
    )
    language: Language = Field(description="ISO 639 code of the main language.")
    homepage: HttpUrl = Field(description="Where a reader starts; a section, where the file names no source.")
    feeds: tuple[HttpUrl, ...] = Field(default=(), description="RSS, Atom or JSON feeds.")
    news_sitemaps: tuple[HttpUrl, ...] = Field(default=(), description="Google-News sitemaps.")
    sitemaps: tuple[HttpUrl, ...] = Field(default=(), description="Sitemaps or sitemap indexes.")
    sections: tuple[HttpUrl, ...] = Field(default=(), description="List pages whose links are followed.")
    section_links: tuple[Pattern, ...] = Field(
        default=(),
        description="Regular expressions; of a section's links those are followed that match one. "
        "By default `allow`; without it, links that look like articles.",
    )
    allow: tuple[Pattern, ...] = Field(
        default=(), description="Regular expressions; a URL must match one, if any."
    )
    deny: tuple[Pattern, ...] = Field(default=(), description="Regular expressions; a URL must match none.")
    time_zone: TimeZone | None = Field(
        default=None, description="IANA zone of dates the outlet states without one."
    )
    pace_seconds: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="Overrides the setting of that name."
    )
    render: Literal["browser"] | None = Field(
        default=None,
        description="`browser` for pages that only scripts fill: pages and sections are archived as Chromium "
        "renders them. Needs `pip install presslake[browser]` and Chromium.",
    )
    poll: Poll = Field(default_factory=Poll, description="How often sources are looked at.")
    expect: Expect = Field(default_factory=Expect, description="What normal looks like.")
    layouts: tuple[Layout, ...] = Field(
        default=(), description="Where pages state what; of several, the first that finds a field tells it."
    )
    corrections: Corrections = Field(
        default_factory=Corrections, description="What to read instead of wrong statements."
    )
    rights: Rights = Field(default_factory=Rights, description="What the outlet says of using its articles.")
    verified: dict[HttpUrl, date] = Field(
        default={},
        description="By source, the day `outlets check --mark` last found nothing wrong with it. "
        "A source that is not here is unverified; it is collected all the same.",
    )
    retired: date | None = Field(
        default=None, description="From this day on it is not crawled; what was published stays."
    )
    notes: str = Field(default="", description="Facts a person should know.")

    @field_validator("feeds", "news_sitemaps", "sitemaps", "sections")
    @classmethod
    def _each_once(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        before = [url for name in _SOURCES for url in info.data.get(name, ())]
        for url in value:
            if url in before:
                raise ValueError(f"named twice: {url}")
            before.append(url)
        return value

    @field_validator("verified")
    @classmethod
    def _only_own_sources(cls, value: dict[str, date], info: ValidationInfo) -> dict[str, date]:
        if strange := value.keys() - {url for name in _SOURCES for url in info.data.get(name, ())}:
            raise ValueError(f"no source of this outlet: {min(strange)}")
        return value

    def is_retired(self, on: date) -> bool:
        """Whether it is not crawled any more on a day."""
        return self.retired is not None and self.retired <= on

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
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        data = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Reject(f"{path}:{line}: not YAML: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Reject(f"{path}: not YAML in UTF-8: {' '.join(str(error).split())}") from error
    if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
        raise Reject(f"{path}: expected keys such as name, language and homepage")
    for key in _repeated(node):
        raise Reject(f"{path}:{key.start_mark.line + 1}: {key.value}: stands there more than once")
    for given in ("slug", "country"):
        if given in data:
            raise Reject(
                f"{path}:{_line(node, (given,))}: leave out {given!r}; the file's place <country>/<slug>.yml gives it"
            )
    place = {"slug": path.stem, "country": path.parent.name}
    usual = {} if any(data.get(name) for name in _SOURCES) else {"sections": [data.get("homepage")]}
    try:
        return Outlet.model_validate({**data, **usual, **place})
    except ValidationError as error:
        problems = [
            f"{path}:{_line(node, e['loc'])}: {'.'.join(map(str, e['loc']))}: " + _say(e["type"], e["msg"])
            for e in error.errors()
            if e["loc"][0] not in usual
        ]
        raise Reject("\n".join(problems)) from error


def outlet_yaml(facts: Mapping[str, Any]) -> str:
    """Keys of an outlet's file as YAML, in their order."""
    text: str = yaml.dump(facts, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000)
    return text


class _Plain(yaml.SafeDumper):
    """Lists indented, and no anchors where a value comes twice."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def read_outlets(folder: Path, kept: Path | None = None) -> dict[str, Outlet]:
    """All outlets below a folder by slug, in order of slug; raises `Reject` listing every problem found.

    `kept` is a file for what was read: while no file below the folder changes, that is checked again, and YAML, which
    takes most of the time, is not read again.
    """
    if not folder.is_dir():
        raise Reject(f"no folder of outlets at {folder}; set PRESSLAKE_OUTLETS to demo, world or a folder")
    paths = sorted(folder.glob("*/*.yml"), key=lambda p: p.stem)
    problems = [f"{path}: expected <country>/<slug>.yml, such as de/blatt.yml" for path in _misplaced(folder)]
    digest = _digest(paths) if kept else b""
    if kept and not problems and (outlets := _kept(kept, digest)) is not None:
        return outlets
    outlets = {}
    for path in paths:
        try:
            outlet = read_outlet(path)
        except Reject as error:
            problems.append(str(error))
            continue
        if outlet.slug in outlets:
            other = folder / outlets[outlet.slug].country / path.name
            problems.append(f"{path}: slug {outlet.slug!r} is used by {other} too")
        outlets[outlet.slug] = outlet
    if problems:
        raise Reject("\n".join(problems))
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=kept.parent, delete=False) as draft:
            draft.write(digest + _fleet().dump_json(outlets, exclude_unset=True))
        Path(draft.name).replace(kept)
    return outlets


@cache
def _fleet() -> TypeAdapter[dict[str, Outlet]]:
    return TypeAdapter(dict[str, Outlet])


def _digest(paths: Sequence[Path]) -> bytes:
    """The SHA-256 (hex) of names and content of files."""
    content = sha256()
    for path in paths:
        data = path.read_bytes()
        content.update(f"{path.parent.name}/{path.name} {len(data)}\n".encode() + data)
    return content.hexdigest().encode()


def _kept(kept: Path, digest: bytes) -> dict[str, Outlet] | None:
    """What was kept under that digest; None when something else was, or it would not pass today."""
    try:
        data = kept.read_bytes()
        return _fleet().validate_json(data.removeprefix(digest)) if data.startswith(digest) else None
    except (FileNotFoundError, ValidationError):
        return None


def _misplaced(folder: Path) -> list[Path]:
    """Files of YAML that would be passed over."""
    files = {path for path in folder.rglob("*.y*ml") if path.suffix in {".yml", ".yaml"}}
    return sorted(files - set(folder.glob("*/*.yml")))


def _repeated(root: yaml.Node) -> Iterator[yaml.Node]:
    """Keys that stand beside another of the same name, anywhere in a file."""
    waiting, seen = [root], {id(root)}  # by aliases a node may stand in many places, inside itself too
    for node in waiting:
        names: set[str] = set()
        for child in node.value if isinstance(node, yaml.CollectionNode) else ():
            key, value = child if isinstance(node, yaml.MappingNode) else (None, child)
            if key and key.value in names:
                yield key
            names.update([key.value] if key else ())
            if id(value) not in seen:
                seen.add(id(value))
                waiting.append(value)


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
    known = {
        "extra_forbidden": "unknown key",
        "missing": "missing",
        "tuple_type": "expected a list, such as [a, b]",
        "string_type": "expected text; put it in quotes",
        "model_type": "expected keys and values",
        "dict_type": "expected keys and values",
    }
    return known.get(kind, message.removeprefix("Value error, "))

"""What happens in the newsroom: every article is a pure function of the world, the paper, its number and now.

When the epoch comes, each paper has `12 * scale` articles spread over the day before it; from then on a new
one appears every few minutes for ever. Some are edited later: a changed text is a revision, a moved stamp alone
is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from random import Random
from typing import Literal

from presslake.demo.grammar import Voice, grammar
from presslake.demo.papers import PAPERS, Kind, Paper

CYCLE = 60
FIRST_ID = 100_000
DAY = timedelta(days=1)
_LATIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PLAIN: frozenset[Kind] = frozenset({"article", "wire", "paywall", "moved", "day_only"})


@dataclass(frozen=True)
class World:
    """All that is given; the rest follows. `page_kb` pads pages to about that size."""

    epoch: datetime
    seed: int = 1
    scale: int = 1
    page_kb: int | None = None
    port: int = 8100

    @property
    def backlog(self) -> int:
        """How many articles each paper has when the epoch comes."""
        return 12 * self.scale

    def random(self, *names: object) -> Random:
        """A random stream of its own for what the names name."""
        return Random("/".join(map(str, (self.seed, *names))))  # noqa: S311


@dataclass(frozen=True)
class Block:
    """A part of the body: a paragraph, a subheading or a list item."""

    kind: Literal["p", "h2", "li"]
    text: str


@dataclass(frozen=True)
class Extras:
    """What stands on the page beside the article."""

    newsletter: str
    more: tuple[tuple[str, str], ...]
    share: tuple[str, ...]
    comments: tuple[str, ...]
    agency: str
    paywall: str

    def lines(self, language: str) -> tuple[str, ...]:
        """Each as a line of text on the page, as far as the page has it."""
        label = grammar(language)["ui_more"].options[0][0]
        related = (line for title, _ in self.more for line in (title, f"{label}: {title}"))
        return tuple(
            filter(None, (self.newsletter, *related, *self.share, *self.comments, self.agency, self.paywall))
        )


@dataclass(frozen=True)
class Article:
    """An article as it stands at one time."""

    number: int
    kind: Kind
    title: str
    description: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...]
    section: str
    tags: tuple[str, ...]
    caption: str
    credit: str
    published: datetime
    modified: datetime
    revision: int
    story: str
    extras: Extras

    @property
    def text(self) -> str:
        """The body, a block a line."""
        return "\n".join(block.text for block in self.blocks)


def kind_of(paper: Paper, number: int) -> Kind:
    """What the page of that number is."""
    return paper.specials.get(number % CYCLE, "article")


@lru_cache(65536)
def appears(world: World, paper: Paper, number: int) -> datetime:
    """When the page appears, in whole seconds."""
    jitter = world.random(paper.slug, number, "time").random() * 0.8
    ahead = number - world.backlog
    step = DAY / world.backlog if ahead < 0 else timedelta(minutes=paper.pace_minutes)
    return (world.epoch + (ahead + 0.1 + jitter) * step).replace(microsecond=0)


def count(world: World, paper: Paper, now: datetime) -> int:
    """How many pages have appeared; their numbers are 0 … count - 1."""
    step = DAY / world.backlog if now < world.epoch else timedelta(minutes=paper.pace_minutes)
    number = max(0, world.backlog + (now - world.epoch) // step)
    return number + 1 if appears(world, paper, number) <= now else number


def window(world: World, paper: Paper, now: datetime) -> range:
    """The numbers the paper's sources name: the newest."""
    end = count(world, paper, now)
    return range(max(0, end - world.backlog - 24), end)


def modified(world: World, paper: Paper, number: int, now: datetime) -> datetime:
    """When the page was last edited; its publication if never."""
    return max([appears(world, paper, number), *(at for at, _ in edits(world, paper, number) if at <= now)])


@lru_cache(65536)
def edits(world: World, paper: Paper, number: int) -> tuple[tuple[datetime, bool], ...]:
    """(when, is the text changed) of every edit the page will ever have, in order."""
    if kind_of(paper, number) != "article":
        return ()
    first = appears(world, paper, number)
    random = world.random(paper.slug, number, "edits")
    texts = 2 if number % 12 == 5 else int(number % 4 == 1)
    found = [
        (first + timedelta(minutes=20 + 60 * i, seconds=random.randrange(1800)), True) for i in range(texts)
    ]
    if number % 6 == 3:
        found.append((first + timedelta(minutes=55, seconds=random.randrange(240)), False))
    return tuple(sorted(found))


def edits_until(world: World, paper: Paper, number: int, now: datetime) -> int:
    """How many edits the page has had."""
    return sum(when <= now for when, _ in edits(world, paper, number))


def last_change(world: World, paper: Paper, now: datetime) -> datetime:
    """When anything the paper's sources show last changed."""
    changes = [world.epoch - DAY]
    for number in reversed(window(world, paper, now)):
        first = appears(world, paper, number)
        if first < now - timedelta(hours=3):  # the last edit comes at most 110 minutes after the first
            break
        changes += [first, *(when for when, _ in edits(world, paper, number) if when <= now)]
    return max(changes)


@lru_cache(65536)
def headline(world: World, paper: Paper, number: int) -> str:
    """The title; no two pages of the newsroom share one, copies of each other apart."""
    original = number - 1 if kind_of(paper, number) == "copy" else number
    return _opening(world, paper, original)[1]


def article(world: World, paper: Paper, number: int, now: datetime) -> Article:
    """The page of that number as it stands now; it must have appeared."""
    return _article(world, paper, number, edits_until(world, paper, number, now))


@lru_cache(65536)
def path_of(world: World, paper: Paper, number: int) -> str:
    """The path of the page, as its canonical address has it."""
    day = appears(world, paper, number).astimezone(paper.zone)
    path = paper.path.format(
        date=day, month=f"{day:%b}".lower(), slug=_slug(headline(world, paper, number)), id=FIRST_ID + number
    )
    return "/private" + path if kind_of(paper, number) == "private" else path


def named_path(world: World, paper: Paper, number: int) -> str:
    """The path that feeds, sitemaps and lists name."""
    if kind_of(paper, number) == "moved":
        return f"/archive/{FIRST_ID + number}"
    return path_of(world, paper, number)


def number_at(world: World, paper: Paper, path: str, now: datetime) -> int | None:
    """The number of the page at a path, canonical or named; None if there is no such page yet."""
    ids = re.findall(r"\d{6,}", path)
    number = int(ids[-1]) - FIRST_ID if ids else -1
    if not 0 <= number < count(world, paper, now):
        return None
    return number if path in {path_of(world, paper, number), named_path(world, paper, number)} else None


def stated(paper: Paper, instant: datetime) -> datetime:
    """The instant as exactly as the paper states it, in its zone."""
    local = instant.astimezone(paper.zone)
    return local.replace(second=0) if paper.stamp == "minute" else local


def stamp(paper: Paper, instant: datetime) -> str:
    """The instant as the paper writes it in mark-up."""
    local = stated(paper, instant)
    return (local if paper.is_zone_stated else local.replace(tzinfo=None)).isoformat(
        timespec=f"{paper.stamp}s"
    )


def readable(paper: Paper, instant: datetime, *, is_day_only: bool = False) -> str:
    """The instant as the paper's readers see it."""
    local = stated(paper, instant)
    parts = {
        "day": local.day,
        "month": months(paper.language)[local.month - 1],
        "year": local.year,
        "clock": f"{local:%H:%M}",
    }
    voice = Voice(paper.language, Random(0), {name: (str(part),) for name, part in parts.items()})  # noqa: S311
    return voice.phrase("ui_day" if is_day_only else "ui_date")


@cache
def months(language: str) -> list[str]:
    """The names of the months."""
    return [forms[0] for forms in grammar(language)["ui_months"].options]


@lru_cache(4096)
def _article(world: World, paper: Paper, number: int, edited: int) -> Article:
    kind = kind_of(paper, number)
    if kind == "copy":
        original = _article(world, paper, number - 1, edited)
        again = appears(world, paper, number)
        return replace(original, number=number, kind=kind, published=again, modified=again)
    voice, title = _opening(world, paper, number)
    first = appears(world, paper, number)
    past = edits(world, paper, number)[:edited]
    revision = 1 + sum(is_text for _, is_text in past)
    blocks = list(_body(voice))
    blocks = _wired(blocks, voice, paper) if kind == "wire" else _revised(blocks, voice, revision)
    if kind == "paywall":
        blocks = blocks[:2]
    elif kind == "too_short":
        blocks = [Block("p", voice.sentence("caption") + ".")]
    return Article(
        number=number,
        kind=kind,
        title=title,
        description=voice.sentence("dek"),
        blocks=tuple(blocks),
        authors=() if kind == "wire" else _authors(world, paper, number),
        section=voice.phrase("section"),
        tags=(voice.phrase("tags"), voice.phrase("tags")),
        caption=voice.sentence("caption"),
        credit=voice.phrase("credit"),
        published=first,
        modified=past[-1][0] if past else first,
        revision=revision,
        story=f"wire-{paper.language}-{number // CYCLE}" if kind == "wire" else f"{paper.slug}-{number}",
        extras=_extras(world, paper, number, voice),
    )


def _opening(world: World, paper: Paper, number: int) -> tuple[Voice, str]:
    """A voice that knows the town and the matter, and the title. Town, matter and form of the title go through
    all their combinations before one comes again, and papers of one language share no town."""
    if kind_of(paper, number) == "wire":
        owner, turn = "wire", number // CYCLE
    else:
        owner, turn = paper.slug, number
    language = paper.language
    towns, rules = _towns(world, language, owner), grammar(language)
    matters, titles = rules["matter"].options, rules["headline"].options
    place, lap = turn % len(towns), turn // len(towns)
    head, tail = towns[place]
    shift = 7 * _owners(language).index(owner)  # so that papers do not write of one matter at one time
    voice = Voice(
        language,
        world.random(owner, turn, "story"),
        {
            "town_head": (head,),
            "town_tail": (tail,),
            "matter": matters[(5 * place + lap + shift) % len(matters)],
            "paper": (paper.name,),
        },
    )
    title = voice.fill(titles[(3 * place + lap // len(matters) + shift) % len(titles)][0])
    return voice, title[:1].upper() + title[1:]


@cache
def _towns(world: World, language: str, owner: str) -> list[tuple[str, str]]:
    """The towns one paper writes about, as (head, tail), in an order of its own."""
    rules = grammar(language)
    towns = [(head[0], tail[0]) for head in rules["town_head"].options for tail in rules["town_tail"].options]
    world.random(language, "towns").shuffle(towns)
    owners = _owners(language)
    return towns[owners.index(owner) :: len(owners)]


@cache
def _owners(language: str) -> list[str]:
    return ["wire", *(paper.slug for paper in PAPERS if paper.language == language)]


def _body(voice: Voice) -> Iterator[Block]:
    """A body of 150 to 600 words: what happened, who says what, how it came about, what follows."""
    random = voice.random

    def paragraph(*rules: str) -> Block:
        return Block("p", _join(voice, [voice.sentence(rule) for rule in rules]))

    yield paragraph("lead", "fact")
    yield paragraph("said", "fact") if random.random() < 0.5 else paragraph("fact", "background")
    yield paragraph("said")
    for part in range(random.randint(1, 3)):
        if part or random.random() < 0.6:
            yield Block("h2", voice.sentence("subhead"))
        yield paragraph("background", "fact", "background")
        yield paragraph(*random.choice([("said", "background"), ("fact", "said"), ("said",)]))
        if part == 1:
            yield paragraph("list_intro")
            for _ in range(3):
                yield Block("li", voice.sentence("list_item"))
    yield paragraph("background", "outlook")


def _join(voice: Voice, sentences: Sequence[str]) -> str:
    return ("" if voice.language == "ja" else " ").join(sentences)


def _revised(blocks: list[Block], voice: Voice, revision: int) -> list[Block]:
    """The body after its revisions: the first changes the second paragraph, each adds one at the end."""
    if revision > 1:
        blocks[1] = Block("p", _join(voice, [voice.sentence("fact"), voice.sentence("said")]))
    return blocks + [Block("p", voice.sentence("update")) for _ in range(revision - 1)]


def _wired(blocks: list[Block], voice: Voice, paper: Paper) -> list[Block]:
    """What a paper makes of an agency's text: as it came, with a dateline, or cut and with a word of its own."""
    carriers = [other.slug for other in PAPERS if "wire" in other.specials.values()]
    match carriers.index(paper.slug):
        case 0:
            return blocks
        case 1:
            dateline = f"{voice.phrase('town').upper()} (Northwire) – {blocks[0].text}"
            return [Block("p", dateline), *blocks[1:]]
        case _:
            return [*blocks[:-1], Block("p", voice.sentence("outlook"))]


def _authors(world: World, paper: Paper, number: int) -> tuple[str, ...]:
    staff = _staff(world, paper)
    random = world.random(paper.slug, number, "authors")
    return tuple(random.sample(staff, 2 if random.random() < 0.2 else 1))


@cache
def _staff(world: World, paper: Paper) -> list[str]:
    voice = Voice(paper.language, world.random(paper.slug, "staff"))
    return [voice.phrase("name") for _ in range(6)]


def _extras(world: World, paper: Paper, number: int, voice: Voice) -> Extras:
    kind = kind_of(paper, number)
    earlier = [other for other in range(max(0, number - 9), number) if kind_of(paper, other) in _PLAIN][-3:]
    lines = {
        rule: voice.each(rule)
        for rule in ("ui_newsletter", "ui_share", "ui_comment", "ui_agency", "ui_paywall")
    }
    return Extras(
        newsletter=voice.random.choice(lines["ui_newsletter"]),
        more=tuple((headline(world, paper, other), path_of(world, paper, other)) for other in earlier),
        share=tuple(lines["ui_share"]),
        comments=tuple(lines["ui_comment"][: number % 4]),
        agency=lines["ui_agency"][0] if kind == "wire" else "",
        paywall=lines["ui_paywall"][0] if kind == "paywall" else "",
    )


def _slug(title: str) -> str:
    """The title in ASCII words; empty for scripts that have none."""
    ascii_text = (
        unicodedata.normalize("NFKD", title.lower().translate(_LATIN)).encode("ascii", "ignore").decode()
    )
    return "-".join(re.findall(r"[a-z0-9]+", ascii_text))[:80].strip("-")


def day_of(paper: Paper, instant: datetime) -> date:
    """The day as the paper's readers have it."""
    return instant.astimezone(paper.zone).date()

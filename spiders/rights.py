"""What is said of the use of a page: reservations of text and data mining, and directives to robots, as found.

Each is one line, `where name: value`: `robots.txt training: GPTBot`, `tdmrep.json tdm-reservation: 1`,
`x-robots-tag: noarchive`, `x-robots-tag gptbot: noindex`, `tdm-reservation: 1`, `meta robots: noai`.
TDMRep is the TDM Reservation Protocol of the W3C community group, version of 2024.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from spiders.robots import ai_agents

_RULES = 1000  # of a tdmrep.json
_LONGEST = 500  # characters of a value
_META_BYTES = 1 << 16
_META = re.compile(rb"<meta\s[^>]{0,500}>", re.IGNORECASE)
_META_NAME = re.compile(rb"""\sname\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_META_CONTENT = re.compile(rb"""content\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_AGENT = re.compile(r"([\w-]+)\s*:\s*(.*)", re.DOTALL)
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
#: What reserves a use; addressed to us or to AI by name, `noindex` does too.
_RESERVING = frozenset({"noai", "noimageai", "noarchive", "nosnippet", "none", "unavailable_after"})
_STATED = frozenset({"tdm-reservation", "tdm-policy", "content-usage"})
_TELLING = frozenset(name.encode() for name in (*_STATED, "x-robots-tag"))
_RESERVATION = re.compile(r"tdm-reservation: *(\S*)")
_OPT_OUT = re.compile(
    r"robots\.txt (training|search|assistant): "
    r"|(robots\.txt )?content-(signal|usage): .*\b(ai-train *= *no|train-ai *= *n)\b"
    r"|(x-robots-tag|meta)( (?!tdm-)[\w-]+)?: .*\b(noai|noarchive|noindex)\b"
    r"|(x-robots-tag|meta) (?!robots:|tdm-|content-)[\w-]+: .*\bnone\b"  # noindex and nofollow
)


@dataclass(frozen=True)
class TdmRule:
    """One rule of a tdmrep.json."""

    location: str
    reservation: str
    policy: str  # '' if there is none


def read_tdmrep(body: bytes) -> tuple[TdmRule, ...]:
    """The rules of a tdmrep.json in their order; none of what is no such file."""
    try:
        stated = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    rules = (it for it in stated[:_RULES] if isinstance(it, dict)) if isinstance(stated, list) else ()
    return tuple(
        TdmRule(location, _text(rule.get("tdm-reservation")), _text(rule.get("tdm-policy") or ""))
        for rule in rules
        if isinstance(location := rule.get("location"), str)
    )


def _text(value: object) -> str:
    """A value of JSON as text that can be stored: JSON can spell half a surrogate pair."""
    return str(value).encode("utf-8", "replace").decode()[:_LONGEST]


def tdm_rights(rules: Iterable[TdmRule], url: str) -> list[str]:
    """What a tdmrep.json says of a URL: its first rule that matches."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    for rule in rules:
        if _matches(rule.location, path):
            lines = [f"tdmrep.json tdm-reservation: {rule.reservation}"]
            return lines + ([f"tdmrep.json tdm-policy: {rule.policy}"] if rule.policy else [])
    return []


def _matches(pattern: str, path: str) -> bool:
    """Whether a path begins as robots.txt patterns say: `*` is anything, `$` the end. Takes linear time."""
    is_whole = pattern.endswith("$")
    first, *others = (unquote(piece) for piece in pattern.removesuffix("$").split("*"))
    path = unquote(path)
    if not path.startswith(first):
        return False
    if not others:
        return path == first or not is_whole
    at = len(first)
    *middle, last = others
    for piece in middle:
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return path.endswith(last) and len(path) - len(last) >= at if is_whole else last in path[at:]


def page_rights(headers: Iterable[tuple[bytes, bytes]], body: bytes, agent: str) -> list[str]:
    """What an answer says in its headers and its first meta tags to all robots, to `agent` and to those for AI."""
    agent = agent.lower()
    lines = []
    for key, value in headers:
        if (lower := key.lower()) not in _TELLING:
            continue
        name = lower.decode()
        said = value.decode("latin-1").strip()[:_LONGEST]
        if name == "x-robots-tag":
            for to, kept in _reserving(said, "", agent):
                lines.append(f"{name} {to}: {kept}" if to else f"{name}: {kept}")
        else:
            lines.append(f"{name}: {said}")
    for tag in _META.findall(body, 0, _META_BYTES):
        named, content = _META_NAME.search(tag), _META_CONTENT.search(tag)
        if named and content:
            name = named[1].decode("ascii", "replace").lower()
            said = content[content.lastindex or 0].decode("ascii", "replace").strip()
            if name in _STATED:
                lines.append(f"meta {name}: {said}")
            elif name == "robots" or _is_addressed(name, agent):
                to = "" if name == "robots" else name
                lines += [f"meta {name}: {kept}" for _, kept in _reserving(said, to, agent)]
    return lines


def _is_addressed(to: str, agent: str) -> bool:
    return to == agent or to in ai_agents()


def _reserving(said: str, to: str, agent: str) -> Iterator[tuple[str, str]]:
    """(addressee, its reserving directives) of `noarchive, gptbot: noindex`; the first ones are addressed to `to`."""
    kept: dict[str, list[str]] = {}
    for part in said.lower().split(","):
        directive = part.strip()
        addressed = _AGENT.fullmatch(directive)
        if addressed and addressed[1] not in _VALUED:
            to, directive = addressed[1], addressed[2]
        word = directive.partition(":")[0].rstrip()
        if word in _RESERVING if not to else word in {*_RESERVING, "noindex"} and _is_addressed(to, agent):
            kept.setdefault(to, []).append(directive)
    for addressee, directives in kept.items():
        yield addressee, ", ".join(directives)


def opt_out(rights: Iterable[str]) -> str | None:
    """The first line by which a page is kept from mining, archives or AI, if any.

    Of TDM reservations the last counts: a page's word is above its header's, and that above tdmrep.json's.
    """
    lines = list(rights)
    reservations = [(line, found[1]) for line in lines if (found := _RESERVATION.search(line))]
    if reservations and reservations[-1][1] == "1":
        return reservations[-1][0]
    return next((line for line in lines if _OPT_OUT.match(line)), None)

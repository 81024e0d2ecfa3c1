"""The entries of feeds and sitemaps in XML, streamed: flat memory, no entities, damage survived.

Readers that build a tree need several times the document's size, and feedparser (6.0.12) 40 s for 100,000
items and 14 s for 5 MB of `<`. This one keeps an entry at a time.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from spiders.items import MAX_ITEMS
from spiders.refused import failed

_MAX_EVENTS = 2_000_000  # tags and pieces of text
_CHUNK = 1 << 16
_HTML_START = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_START = re.compile(r"<(?:\?xml|!doctype|rss|feed|rdf|[a-z]+:rdf|channel|urlset|sitemapindex)\b", re.I)
_ROOT = re.compile(r"<[a-z]", re.I)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>", re.I)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""", re.I)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.I)
# What XML would stumble on: ampersands that begin no reference, HTML's names, and control characters.
_BARE_AMPERSAND = re.compile(r"&(?!(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)")
_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)([A-Za-z][A-Za-z0-9]{1,30};)")
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff\ufeff]+")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<\0", "utf-16-be"),
)

#: Local names of roots, in lower case, and of the entries below each.
_ENTRIES = {
    "rss": {"item"},
    "rdf": {"item"},
    "channel": {"item"},
    "feed": {"entry"},
    "urlset": {"url"},
    "sitemapindex": {"sitemap"},
}
_ANY = {"item", "entry"}
_OF_CHANNEL = {"ttl", "updateperiod", "updatefrequency"}
#: Namespaces of fields that an entry borrows, and the prefix they have here.
_PREFIXES = (
    ("http://www.w3.org/2005/Atom", "atom"),
    ("http://purl.org/atom/", "atom"),
    ("http://purl.org/dc/", "dc"),
    ("http://purl.org/rss/1.0/modules/content", "content"),
    ("http://rssnamespace.org/feedburner", "feedburner"),
    ("http://search.yahoo.com/mrss", "media"),
    ("http://www.google.com/schemas/sitemap-image", "image"),
    ("http://www.google.com/schemas/sitemap-video", "video"),
)
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


@dataclass
class Value:
    """One statement: its attributes, and its text with that of all it encloses."""

    attributes: dict[str, str]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text, without space around it."""
        return "".join(self.texts).strip()


@dataclass
class Entry:
    """One item, entry, url or sitemap: its fields by name, as `pubdate`, `dc:creator`, `author/name`."""

    name: str
    base: str  # what its links are relative to
    about: str
    fields: dict[str, list[Value]] = field(default_factory=dict)

    def first(self, *names: str) -> str:
        """Text of the first of the fields that has any; '' if none has."""
        return next((v.text for name in names for v in self.fields.get(name, ()) if v.text), "")

    def all(self, *names: str) -> list[Value]:
        """Every statement of the fields."""
        return [value for name in names for value in self.fields.get(name, ())]


@dataclass
class Entries:
    """What was read: the root's local name, the entries, and what was wrong."""

    root: str
    entries: list[Entry]
    damage: str | None = None
    is_cut: bool = False  # a limit was met
    channel: dict[str, str] = field(default_factory=dict)  # what a feed says of itself, of `_OF_CHANNEL`


def read_entries(
    body: bytes, url: str, content_type: str = "", keep: Callable[[Entry], None] | None = None
) -> Entries:
    """The entries of an XML document that came from a URL; `keep` is called with each instead of keeping it.

    Raises `Refused` failed feed_unparseable. What is no XML has an empty root.
    """
    text = _chunks(body, encoding_of(body, content_type))
    head = next(text, "")
    if _HTML_START.match(head):
        return Entries("html", [])
    start = _START.search(head)
    head = head[start.start() if start else 0 :]
    root = _ROOT.search(head)
    if "<!ENTITY" in head[: root.start() if root else None].upper():
        raise failed("feed_unparseable", "the document declares entities")
    reader = _Reader(url, keep)
    # "internal" for the five of XML itself: with False, lxml 6.1 ends an attribute at its first `&amp;`.
    # No other reference gets this far.
    parser = etree.XMLParser(target=reader, recover=True, resolve_entities="internal", no_network=True)
    damage: str | None = None
    try:
        etree.parse(_Stream(_DECLARATION.sub("", head, count=1), text, reader), parser)
    except (etree.XMLSyntaxError, AssertionError) as error:  # lxml asserts that some root was there
        damage = str(error) or "no element"
    reader.finish()
    for entry in parser.error_log:
        if entry.level_name != "WARNING" and entry.type_name != "NS_ERR_UNDEFINED_NAMESPACE":
            damage = damage or str(entry.message)
    channel = {name: value.text for name, value in reader.channel.items()}
    return Entries(reader.root, reader.entries, None if reader.is_full else damage, reader.is_full, channel)


def encoding_of(body: bytes, content_type: str = "") -> str:
    """The encoding by which bytes are best read: a byte order mark, UTF-8 if they are valid UTF-8 beyond
    ASCII (other text hardly ever is by chance, and declarations lie), else what the document or the
    Content-Type states if the bytes fit it, else Windows-1252."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    declared = _DECLARED.search(body[:1000])
    charset = _CHARSET.search(content_type)
    stated = [declared[1].decode()] if declared else []
    stated += [charset[1]] if charset else []
    for name in stated if body.isascii() else ["utf-8", *stated]:
        # A document that could state UTF-16 or UTF-32 in ASCII bytes is in neither.
        if not name.lower().startswith(("utf-16", "utf-32", "utf16", "utf32", "ucs")) and _fits(body, name):
            return name
    return "utf-8" if body.isascii() else "cp1252"


def _fits(body: bytes, name: str) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(name)()
        for at in range(0, len(body), _CHUNK):
            if not isinstance(decoder.decode(body[at : at + _CHUNK]), str):
                return False
        decoder.decode(b"", final=True)
    except (LookupError, UnicodeError, TypeError, AssertionError):  # codecs that are no text encodings
        return False
    return True


def _chunks(body: bytes, encoding: str) -> Iterator[str]:
    """The text piece by piece, with what XML cannot hold replaced by what was meant."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    rest = ""
    for at in range(0, len(body), _CHUNK):
        is_last = at + _CHUNK >= len(body)
        text = rest + decoder.decode(body[at : at + _CHUNK], final=is_last)
        cut = len(text) if is_last else text.find("&", max(0, len(text) - 32))  # no reference is longer
        text, rest = (text, "") if cut < 0 else (text[:cut], text[cut:])
        yield _NAMED.sub(_meant, _BARE_AMPERSAND.sub("&amp;", _NO_XML.sub("", text)))


def _meant(found: re.Match[str]) -> str:
    meant = html5.get(found[1])
    return meant if meant and meant not in "<>&" else "&amp;" + found[1]


class _Stream:
    """The text as a file for the parser, at its end when the reader has enough."""

    def __init__(self, head: str, rest: Iterator[str], reader: _Reader) -> None:
        self._head = head
        self._rest = rest
        self._reader = reader

    def read(self, _size: int) -> bytes:
        while not self._reader.is_full:
            head, self._head = self._head or next(self._rest, ""), ""
            if head or (head := next(self._rest, "")):
                return head.encode()
            break
        return b""


class _Reader:
    """Target of the parser: collects entries. The method names are the parser's."""

    def __init__(self, url: str, keep: Callable[[Entry], None] | None) -> None:
        self.root = ""
        self.entries: list[Entry] = []
        self.is_full = False
        self._keep = keep or self.entries.append
        self._kept = self._events = 0
        self._open: list[str] = []  # tags
        self._bases: list[tuple[int, str]] = [(0, url)]  # by the depth they hold from
        self._names: set[str] = _ANY
        self._entry: Entry | None = None
        self._entry_depth = 0
        self._namespace = ""
        self._values: list[Value] = []  # those open
        self.channel: dict[str, Value] = {}
        self._of_channel: Value | None = None  # the one open

    def start(self, tag: str, attributes: Any) -> None:
        self._count()
        if self.is_full:
            return
        self._open.append(tag)
        depth = len(self._open)
        namespace, _, local = tag.rpartition("}")
        local = local.lower()
        if depth == 1:
            self.root = local
            self._names = _ENTRIES.get(local, _ANY)
        if _XML_BASE in attributes:
            self._bases.append((depth, _join(self._bases[-1][1], attributes[_XML_BASE])))
        # Where a tag inside an entry is not closed, the parser takes the next entry for a part of this one.
        is_entry = (
            local in self._names
            and depth > 1
            and namespace == (self._namespace if self._entry else namespace)
        )
        if self._entry and is_entry:
            self._finish_entry()
        if self._entry is None:
            if is_entry and not self.is_full:
                about = attributes.get(_RDF_ABOUT, "")
                self._entry = Entry(local, self._bases[-1][1], about)
                self._entry_depth, self._namespace = depth, namespace
            elif local in _OF_CHANNEL:
                self._of_channel = self.channel.setdefault(local, Value({}))
        elif (level := depth - self._entry_depth) <= 2 or (level == 3 and self._in_publication()):
            name = self._prefix(namespace, local) if level == 1 else self._path(self._open[-level:])
            value = Value({key.lower(): text for key, text in attributes.items()})
            self._entry.fields.setdefault(name, []).append(value)
            self._values[level - 1 :] = [value]

    def data(self, text: str) -> None:
        self._count()
        for value in self._values:
            value.texts.append(text)
        if self._of_channel:
            self._of_channel.texts.append(text)

    def end(self, tag: str) -> None:
        if tag not in self._open:  # 256 levels are the parser's own limit
            return
        self._of_channel = None
        while self._open:
            depth = len(self._open)
            if self._entry and depth == self._entry_depth:
                self._finish_entry()
            if self._bases[-1][0] == depth:
                self._bases.pop()
            del self._values[max(0, depth - self._entry_depth - 1) :]
            if self._open.pop() == tag:
                return

    def close(self) -> None:
        return None

    def finish(self) -> None:
        """Take the entry in which a damaged document ends, without the statement that is cut."""
        for value in self._values:
            value.texts.clear()
        if self._entry and not self.is_full:
            self._finish_entry()

    def _count(self) -> None:
        self._events += 1
        self.is_full = self.is_full or self._events > _MAX_EVENTS

    def _finish_entry(self) -> None:
        if self._entry:
            self._keep(self._entry)
            self._kept += 1
            self.is_full = self._kept >= MAX_ITEMS
        self._entry, self._values = None, []

    def _path(self, tags: list[str]) -> str:
        """The name of a field inside of another."""
        (namespace, outer), *inner = (
            (tag.rpartition("}")[0], tag.rpartition("}")[2].lower()) for tag in tags
        )
        return "/".join((self._prefix(namespace, outer), *(local for _, local in inner)))

    def _in_publication(self) -> bool:
        """Whether the open tag stands in a news sitemap's `publication`, which is parted into name and language."""
        return self._open[-2].rpartition("}")[2].lower() == "publication"

    def _prefix(self, namespace: str, local: str) -> str:
        namespace = namespace.removeprefix("{")
        if not namespace or "{" + namespace == self._namespace:
            return local
        known = next((prefix for start, prefix in _PREFIXES if namespace.startswith(start)), None)
        return f"{known}:{local}" if known else local


def _join(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference.strip())
    except ValueError:
        return base

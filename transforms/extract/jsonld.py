"""What a page states in JSON-LD (schema.org)."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from schemas.errors import Reject
from schemas.page import Statement
from schemas.urls import url_key
from transforms.extract.markup import squeeze

Node = dict[str, Any]

_ARTICLE = re.compile(r"(Article|BlogPosting|LiveBlogPosting|Report|Review|Recipe)$")
_PAGE = re.compile(r"(WebPage|ItemPage|MediaGallery|VideoObject|AudioObject|PodcastEpisode)$")
_OTHER = re.compile(
    r"(CollectionPage|SearchResultsPage|ItemList|DiscussionForumPosting|QAPage|Product|ProfilePage)$"
)
_FIELDS = (
    ("title", "headline"),
    ("title", "name"),
    ("description", "description"),
    ("published_at", "datePublished"),
    ("published_at", "dateCreated"),
    ("published_at", "uploadDate"),
    ("modified_at", "dateModified"),
    ("section", "articleSection"),
    ("tags", "keywords"),
    ("language", "inLanguage"),
    ("is_free", "isAccessibleForFree"),
    ("label", "genre"),
)
_MOST_NODES = 5_000
_SPARE_COMMA = re.compile(r",\s*(?=[}\]])")
# One escape of the two that make a character beyond U+FFFF.
_HALF = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def nodes_of(scripts: Iterable[str]) -> list[Node]:
    """Every typed object of the scripts, outer ones first. Broken JSON is mended where that is safe."""
    nodes: list[Node] = []
    queue: deque[Any] = deque(data for script in scripts if (data := _load(script)) is not None)
    while queue and len(nodes) < _MOST_NODES:
        item = queue.popleft()
        if isinstance(item, dict):
            if "@type" in item:
                nodes.append(item)
            queue.extend(value for value in item.values() if isinstance(value, dict | list))
        elif isinstance(item, list):
            queue.extend(item)
    return nodes


def types_of(node: Node) -> list[str]:
    """Types of a node without schema.org's address."""
    return [str(kind).rpartition("/")[2] for kind in _many(node.get("@type"))]


def article_in(nodes: list[Node], url: str) -> Node | None:
    """The node that is the page's own article: one that names the page's URL, else the first."""
    articles = [node for node in nodes if _plays(node, "article")]
    key = _key(url) if len(articles) > 1 else None
    return next(
        (node for node in articles if key and key in (_key(link) for link in _links(node))),
        articles[0] if articles else None,
    )


def stated(nodes: list[Node], url: str) -> Iterator[Statement]:
    """Statements of the page's article node, then of nodes for the page itself and around it."""
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str)}
    article = article_in(nodes, url)
    if article is not None:
        yield from _of_node(article, "json-ld", by_id)
        yield from _walls(article)
    for node in nodes:
        if node is not article and _plays(node, "page"):
            yield from _of_node(node, f"json-ld:{types_of(node)[0]}", by_id)
    for kind in dict.fromkeys(kind for node in nodes for kind in types_of(node) if _role(kind) == "other"):
        yield Statement("kind", "json-ld", kind)
    for node in nodes:
        if "BreadcrumbList" in types_of(node):
            yield from _crumbs(node)


@lru_cache(maxsize=2_000)
def _role(kind: str) -> str:
    """What a node of a type is: the `article`, the `page` or a part of it, an `other` thing, or ''."""
    if _ARTICLE.search(kind):
        return "article"
    if _PAGE.search(kind):
        return "page"
    return "other" if _OTHER.match(kind) else ""


def _plays(node: Node, role: str) -> bool:
    return any(_role(kind) == role for kind in types_of(node))


def _of_node(node: Node, source: str, by_id: dict[str, Node]) -> Iterator[Statement]:
    for kind in types_of(node):
        yield Statement("kind", f"{source}:@type", kind)
    for field, key in _FIELDS:
        for value in _many(node.get(key)):
            if words := _words(value):
                yield Statement(field, f"{source}:{key}", words)
    for key in ("author", "creator"):
        for person in _referred(node.get(key), by_id):
            yield from _author(person, f"{source}:{key}")
    for publisher in _referred(node.get("publisher"), by_id):
        if words := _words(publisher):
            yield Statement("site", f"{source}:publisher", words)
    for image in [*_referred(node.get("image"), by_id), *_many(node.get("thumbnailUrl"))]:
        for link in _many(
            (image.get("url") or image.get("contentUrl")) if isinstance(image, dict) else image
        ):
            if isinstance(link, str):
                yield Statement("images", f"{source}:image", link.strip())


def _walls(article: Node) -> Iterator[Statement]:
    """Parts of an article that are said to lie behind a paywall."""
    for part in _many(article.get("hasPart")):
        if isinstance(part, dict) and (words := _words(part.get("isAccessibleForFree"))):
            yield Statement("is_free", "json-ld:hasPart:isAccessibleForFree", words)


def _crumbs(trail: Node) -> Iterator[Statement]:
    """The sections above a page: what stands between the front page and the page itself."""
    for step in _many(trail.get("itemListElement")):
        if not isinstance(step, dict):
            continue
        item = step.get("item")
        link = (item.get("@id") or item.get("url")) if isinstance(item, dict) else item
        words = _words(step) or _words(item if isinstance(item, dict) else None)
        if words and isinstance(link, str) and leads_below_front(link):
            yield Statement("section", "json-ld:BreadcrumbList", words)


def leads_below_front(link: str) -> bool:
    """Whether a link leads somewhere else than to a front page."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https", ""} and parts.path not in {"", "/"}


def _author(person: Any, source: str) -> Iterator[Statement]:
    role = f":{types_of(person)[0]}" if isinstance(person, dict) and types_of(person) else ""
    for name in _many(person.get("name") if isinstance(person, dict) else person):
        if isinstance(name, str) and (words := squeeze(name)):
            yield Statement("authors", f"{source}{role}", words)


def _referred(value: Any, by_id: dict[str, Node]) -> list[Any]:
    """Values with references (`{"@id": …}`) replaced by the nodes they name."""
    return [
        by_id.get(one["@id"], one) if isinstance(one, dict) and isinstance(one.get("@id"), str) else one
        for one in _many(value)
    ]


def _links(node: Node) -> Iterator[str]:
    for key in ("url", "mainEntityOfPage", "@id"):
        value = node.get(key)
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str):
            yield value


def _key(url: str) -> str | None:
    try:
        return url_key(url)
    except Reject:
        return None


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _words(value: Any) -> str:
    """One line of text: entities and markup that were put into a string are decoded and taken out."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    if not isinstance(value, str | bool | int | float):
        return ""
    words = str(value)
    return squeeze(_TAG.sub("", html.unescape(words)) if "&" in words or "<" in words else words)


def _load(script: str) -> Any:
    text = _HALF.sub(r"\\ufffd", script.strip())
    for attempt in (str, _mended):
        try:
            return json.loads(attempt(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _mended(text: str) -> str:
    """JSON without the comment marks around it, and without the comma before a closing bracket."""
    for start in ("//", "<![CDATA[", "<!--"):
        text = text.removeprefix(start).lstrip()
    for end in (";", "]]>", "-->", "//", ";"):
        text = text.removesuffix(end).rstrip()
    return _SPARE_COMMA.sub("", text)

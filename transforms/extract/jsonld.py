"""What a page states in JSON-LD (schema.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from schemas.errors import Reject
from schemas.urls import url_key
from transforms.extract.markup import Statement, squeeze

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
)
_MOST_NODES = 5_000


def nodes_of(scripts: Iterable[str]) -> list[Node]:
    """Every typed object of the scripts, outer ones first. Broken JSON is mended where that is safe."""
    nodes: list[Node] = []
    queue: list[Any] = [data for script in scripts if (data := _load(script)) is not None]
    while queue and len(nodes) < _MOST_NODES:
        item = queue.pop(0)
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
    articles = [node for node in nodes if any(_ARTICLE.search(kind) for kind in types_of(node))]
    key = _key(url)
    return next(
        (node for node in articles if key and key in (_key(link) for link in _links(node))),
        articles[0] if articles else None,
    )


def stated(nodes: list[Node], url: str) -> Iterator[Statement]:
    """Statements of the page's article node, then of nodes for the page itself."""
    by_id = {node["@id"]: node for node in reversed(nodes) if isinstance(node.get("@id"), str)}
    article = article_in(nodes, url)
    for kind in dict.fromkeys(kind for node in nodes for kind in types_of(node) if _OTHER.match(kind)):
        yield Statement("kind", "json-ld", kind)
    if article is not None:
        yield from _of_node(article, "json-ld", by_id)
    for node in nodes:
        kinds = types_of(node)
        if node is not article and any(_PAGE.search(kind) for kind in kinds):
            yield from _of_node(node, f"json-ld:{kinds[0]}", by_id)


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
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return squeeze(str(value)) if isinstance(value, str | bool | int | float) else ""


def _load(script: str) -> Any:
    text = re.sub(r"^\s*(//)?\s*(<!\[CDATA\[|<!--)|(//)?\s*(\]\]>|-->)\s*$", "", script).strip().rstrip(";")
    for attempt in (text, re.sub(r",\s*([}\]])", r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None

"""One HTML page → the fields of an extraction."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from schemas.vocabulary import PageOutcome
from transforms.extract import head, jsonld
from transforms.extract.body import read_body
from transforms.extract.fields import all_believed, believed, choose, stated_free
from transforms.extract.kind import judge, outline
from transforms.extract.labels import Known
from transforms.extract.markup import Statement, fold, parse
from transforms.extract.media import images_of, links_of

_MOST_LOSERS = 5  # statements of a field kept as evidence beside the believed one


def read_article(text: str, charset: str, url: str, redirected: bool) -> dict[str, Any]:
    """Columns of `EXTRACTIONS` for one page, read at `url`. Raises `Reject` when there is no HTML in it."""
    page = parse(text)
    nodes = jsonld.nodes_of(page.json_ld)
    arrival = [Statement("canonical_url", "redirect", url)] if redirected else []
    fields = choose([*jsonld.stated(nodes, url), *head.stated(page), *arrival], url)
    images = images_of(page.root, all_believed(fields, "images"), url)
    seen = outline(page.root)
    body = read_body(page.root, _known(fields))
    verdict = judge(seen, fields, body, url)
    evidence = [
        {"field": "charset", "source": charset, "value": None},
        *(_evidence(s) for name in fields for s in fields[name][: _MOST_LOSERS + 1] if name != "images"),
        *(
            {"field": "text", "source": f"dropped:{rule}", "value": line.text[:200]}
            for rule, line in body.dropped
        ),
    ]
    return {
        "outcome": PageOutcome.NOT_ARTICLE if verdict else None,
        "reason": verdict.reason if verdict else None,
        "detail": verdict.detail if verdict else None,
        "title_raw": believed(fields, "title"),
        "description_raw": believed(fields, "description"),
        "text_raw": body.text or None,
        "authors_raw": all_believed(fields, "authors"),
        "section_raw": believed(fields, "section"),
        "tags_raw": all_believed(fields, "tags"),
        "language_raw": believed(fields, "language"),
        "canonical_raw": urljoin(url, claim) if (claim := believed(fields, "canonical_url")) else None,
        "published_raw": believed(fields, "published_at"),
        "modified_raw": believed(fields, "modified_at"),
        "is_free_raw": stated_free(believed(fields, "is_free")),
        "kind_raw": believed(fields, "kind"),
        "images": images,
        "links": links_of((a for line in body.lines for a in line.anchors), url),
        "evidence": evidence,
    }


def _known(fields: dict[str, list[Statement]]) -> Known:
    return Known(
        titles=frozenset(fold(s.value) for s in fields.get("title", ())),
        labels=frozenset(fold(s.value) for name in ("section", "tags", "site") for s in fields.get(name, ())),
        authors=tuple(all_believed(fields, "authors")),
    )


def _evidence(statement: Statement) -> dict[str, str]:
    return {"field": statement.field, "source": statement.source, "value": statement.value[:500]}

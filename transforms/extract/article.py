"""One HTML page → the fields of an extraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urljoin

from schemas.outlet import Layout
from schemas.page import CLAIMED, Statement
from schemas.vocabulary import PageOutcome
from transforms.extract import bylines, head, jsonld, stamps
from transforms.extract.body import Body, read_body, with_second_opinion
from transforms.extract.fields import all_believed, believed, choose, stated_free
from transforms.extract.kind import Verdict, judge
from transforms.extract.layouts import Marked, Told, selectors_of, tell
from transforms.extract.markup import Markup, fold, parse
from transforms.extract.media import images_of, links_of
from transforms.extract.memory import Memory, seen, sighting
from transforms.extract.wording import Known
from transforms.normalise.people import names_in

_NAME = 4  # letters of a name that is looked for in a line
_MOST_LOSERS = 5  # statements of a field kept as evidence beside the believed one
_MOST_DATES = 16


@dataclass(frozen=True)
class Reading:
    """A page with what it states, its body, the blocks that a layout marked; why it is no article, if it is none."""

    page: Markup
    stated: Stated
    body: Body
    marked: Marked | None
    verdict: Verdict | None


def read_page(
    text: str,
    url: str,
    *,
    redirected: bool,
    memory: Memory | None = None,
    layouts: Sequence[Layout] = (),
    claims: Sequence[Statement] = (),
) -> Reading:
    """A page, read at `url`, with the layouts that apply to it; `claims` as in `Page`.

    Raises `Reject` when there is no HTML in it.
    """
    page = parse(text, selectors_of(layouts))
    told = tell(page, layouts) if layouts else Told()
    stated = read_fields(page, url, redirected=redirected, told=told, claims=claims)
    body = read_body(page, stated.known, memory, told.marked)
    verdict = judge(page, stated.own, body, url, text)
    if verdict is None:
        body = with_second_opinion(page, body, memory, told.marked)
    return Reading(page, stated, body, told.marked, verdict)


def read_article(
    text: str,
    charset: str,
    url: str,
    *,
    redirected: bool,
    memory: Memory | None = None,
    layouts: Sequence[Layout] = (),
    claims: Sequence[Statement] = (),
) -> dict[str, Any]:
    """Columns of `EXTRACTIONS` for one page, as for `read_page`."""
    reading = read_page(text, url, redirected=redirected, memory=memory, layouts=layouts, claims=claims)
    page, fields, body, verdict = reading.page, reading.stated.fields, reading.body, reading.verdict
    evidence = [
        {"field": "charset", "source": charset, "value": None},
        *(_evidence(s) for name in fields for s in fields[name][: _most(name)] if name != "images"),
        *map(_evidence, reading.stated.layout),
        *([_evidence(Statement("text", "opinion:trafilatura", body.opinion.said))] if body.opinion else ()),
        *({"field": "text", "source": f"dropped:{why}", "value": b.text[:200]} for why, b in body.dropped),
    ]
    return {
        "outcome": PageOutcome.NOT_ARTICLE if verdict else None,
        "reason": verdict.reason if verdict else None,
        "detail": verdict.detail if verdict else None,
        "title_raw": believed(fields, "title"),
        "description_raw": believed(fields, "description"),
        "dek_raw": body.dek,
        "text_raw": body.text or None,
        "stated_sha256": body.stated_sha256,
        "sighted": sighting(map(seen, body.weighed)),
        "kinds_raw": [line.kind for line in body.lines],
        "authors_raw": all_believed(fields, "authors"),
        "section_raw": believed(fields, "section"),
        "tags_raw": all_believed(fields, "tags"),
        "language_raw": believed(fields, "language"),
        "canonical_raw": urljoin(url, claim) if (claim := believed(fields, "canonical_url")) else None,
        "published_raw": believed(fields, "published_at"),
        "modified_raw": believed(fields, "modified_at"),
        "is_free_raw": stated_free(believed(fields, "is_free")),
        "kind_raw": believed(fields, "kind"),
        "images": images_of(
            page,
            all_believed(fields, "images"),
            url,
            [line.text for line in body.lines],
            [name.text for said in all_believed(fields, "authors") for name in names_in(said)],
        ),
        "links": links_of(chain.from_iterable(line.anchors for line in body.lines), url),
        "evidence": evidence,
    }


@dataclass(frozen=True)
class Stated:
    """What a page states outside of its text: field → statements, the believed one first.

    `layout` says which selectors found the text and standfirst, and which found nothing.
    """

    fields: dict[str, list[Statement]]
    layout: tuple[Statement, ...] = ()

    @property
    def own(self) -> dict[str, list[Statement]]:
        """The fields without what is said of the page elsewhere."""
        own = {
            name: [s for s in found if not s.source.startswith(CLAIMED)]
            for name, found in self.fields.items()
        }
        return {name: found for name, found in own.items() if found}

    @property
    def known(self) -> Known:
        """What the reader of the body has to know of it."""
        return Known(
            titles=self._folded(self.fields, "title"),
            # A feed's summary is often the first paragraph, and no standfirst for that.
            descriptions=self._folded(self.own, "description"),
            labels=self._folded(self.fields, "section", "tags", "site", "label"),
            authors=frozenset(
                n for one in all_believed(self.fields, "authors") if len(n := fold(one)) >= _NAME
            ),
        )

    @staticmethod
    def _folded(fields: dict[str, list[Statement]], *names: str) -> frozenset[str]:
        return frozenset(fold(s.value) for name in names for s in fields.get(name, ())) - {""}


def read_fields(
    page: Markup,
    url: str,
    *,
    redirected: bool = False,
    told: Told | None = None,
    claims: Sequence[Statement] = (),
) -> Stated:
    """Every statement of a page, read at `url`, and of the sources that named it; what a layout told is believed."""
    statements = chain(
        jsonld.stated(jsonld.nodes_of(page.json_ld), url),
        head.stated(page),
        bylines.stated(page),
        stamps.stated(page, url),
        [Statement("canonical_url", "redirect", url)] if redirected else (),
        claims,
    )
    fields = choose(statements, url)
    if told is None:
        return Stated(fields)
    return Stated(
        fields | {name: [*told.fields[name], *fields.get(name, ())] for name in told.fields}, told.notes
    )


def _most(name: str) -> int:
    """Statements of a field kept as evidence; a date is chosen from all of them, later."""
    return _MOST_DATES if name.endswith("_at") else _MOST_LOSERS + 1


def _evidence(statement: Statement) -> dict[str, str | None]:
    return {"field": statement.field, "source": statement.source, "value": statement.value[:500] or None}

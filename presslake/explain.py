"""One page, explained: its record with the evidence, and of every line whether it is text, and why."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

from rich import box
from rich.table import Table
from rich.text import Text

from presslake.reasons import reason
from schemas.outlet import Outlet
from schemas.page import CLAIMED, Page
from schemas.vocabulary import PageOutcome
from transforms.extract import extract, form_of
from transforms.extract.article import Reading, read_page
from transforms.extract.chances import is_asked, settled
from transforms.extract.decode import decode
from transforms.extract.forest import Floats, block_forest
from transforms.extract.layouts import in_force
from transforms.extract.memory import Memory
from transforms.normalise import normalise

Part = Literal["text", "standfirst", "repeated", "left out"]

# Columns of the record that are shown, and the field of the evidence that tells of each.
_SHOWN = {
    "title": "title",
    "dek": "dek",
    "description": "description",
    "authors": "authors",
    "published_at": "published_at",
    "published_on": "published_at",
    "modified_at": "modified_at",
    "section": "section",
    "tags": "tags",
    "language": "language",
    "kind": "kind",
    "is_free": "is_free",
    "canonical_url": "canonical_url",
    "syndicated_from": "syndicated_from",
    "word_count": "text",
    "text": "text",
}
_REASONS, _WEIGHED = 3, 8  # reasons shown of a line, of the strongest
_UNLIKELY = 0.05  # chance; runs of such lines are one row of the terminal's table
_LOWERED = 0.9  # of the model's chance
# Shown in the terminal: characters, and statements beside the believed one.
_LONGEST_LINE, _LONGEST_VALUE, _LONGEST_OTHER, _MOST_OTHERS = 160, 240, 80, 4
_MARKS: dict[Part, tuple[str, str]] = {
    "text": ("✓", "green"),
    "standfirst": ("▲", "cyan"),
    "repeated": ("↻", "magenta"),
    "left out": ("·", "dim"),
}


@dataclass(frozen=True)
class Field:
    """A column of the record: its value, where it was read, and what else was seen, as `source: value`."""

    name: str
    value: Any
    source: str | None
    others: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A line of the page: what it was taken for, the chance the model gave it, and why, the strongest first."""

    text: str
    part: Part
    chance: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """A page's record and its lines in order; no lines where the page could not be read as HTML."""

    url: str
    verdict: str
    fields: tuple[Field, ...]
    lines: tuple[Line, ...]


def explain(page: Page, outlet: Outlet | None = None, memory: Memory | None = None) -> Explanation:
    """Read a page as `extract` and `normalise` do, and say why."""
    outlets = {page.outlet: outlet} if outlet else {}
    extraction = extract([page], outlets, {page.outlet: memory} if memory else {})
    [row] = normalise(extraction, outlets).to_pylist()
    verdict = ": ".join(filter(None, (row["outcome"] or "article", row["reason"], row["detail"])))
    lines: tuple[Line, ...] = ()
    if row["outcome"] != PageOutcome.FAILED and form_of(page) == "html":
        text, _ = decode(page.body, page.content_type)
        reading = read_page(
            text,
            page.final_url or page.url,
            redirected=page.final_url is not None,
            memory=memory,
            layouts=in_force(outlet.layouts, page) if outlet else (),
            claims=page.claims,
        )
        lines = tuple(_lines(reading))
    return Explanation(page.url, verdict, tuple(_fields(row)), lines)


def _fields(row: Mapping[str, Any]) -> Iterator[Field]:
    seen: dict[str, list[str]] = {}
    for one in row["evidence"]:
        said = one["source"] if one["value"] is None else f"{one['source']}: {one['value']}"
        if not one["source"].startswith("dropped:"):
            seen.setdefault(one["field"], []).append(said)
    for name, told_by in _SHOWN.items():
        value = row[name]
        if value in (None, [], "") or (name == "published_on" and row["published_at"]):
            continue
        told = seen.get(told_by, [])
        # Of its own text a feed tells the length; none of it is read.
        is_unread = not told or (told_by == "text" and told[0].startswith(CLAIMED))
        first, *others = [None, *told] if is_unread else told
        source = first.partition(": ")[0] if first else None
        if name in {"published_at", "published_on"}:
            source = row["published_from"]
        yield Field(name, value, source, tuple(filter(None, others)))


def _lines(reading: Reading) -> Iterator[Line]:
    body, marked = reading.body, reading.marked
    if body.features is None or body.chances is None:
        return
    rows = body.features
    judged, asked = block_forest().chances(rows), is_asked(rows)
    first = settled(reading.page.blocks, rows, judged)
    repeated = {block.place: why for why, block in body.dropped if not why.startswith("chance ")}
    kept = {block.place for block in body.weighed} - {block.place for _, block in body.dropped}
    above = {block.place for block in body.above}
    told = (
        {*marked.dek, *marked.drop, *(range(len(rows)) if marked.text is not None else ())} if marked else ()
    )
    for block in reading.page.blocks:
        place, chance = block.place, float(body.chances[block.place])
        part: Part = (
            "repeated"
            if place in repeated
            else "standfirst"
            if place in above
            else "text"
            if place in kept
            else "left out"
        )
        moved = _moved(rows[place])[: _REASONS - (part == "text")]
        if place in told:
            why = ["a layout of the outlet says so"]
        elif place in repeated:
            why = [f"{repeated[place]} of the outlet", *moved]
        elif place in above:
            why = ["printed above the text: by its name, or as the page's description"]
        elif block.element.tag == "figcaption":
            why = ["− a caption"]
        elif not asked[place]:
            why = ["− short and nearly all link: a menu"]
        elif body.opinion and body.opinion.moved[place]:
            sign = "+" if part == "text" else "−"
            why = [f"{sign} a second opinion, as the page is unsure as a whole", *moved]
        elif first[place] < _LOWERED * judged[place]:
            why = ["− HTML or its words say that it stands beside the text", *moved]
        elif chance < _LOWERED * first[place]:
            why = ["− the lines around it or of its form are no text", *moved]
        else:
            why = moved
        yield Line(block.text, part, chance, tuple(why))


def _moved(row: Floats) -> list[str]:
    """What moved the chance of a line up or down most; that nothing speaks against it is no reason."""
    forest = block_forest()
    strongest = [
        (change, name, float(row[forest.names.index(name)])) for name, change in forest.reasons(row, _WEIGHED)
    ]
    return [
        f"{'+' if change > 0 else '−'} {reason(name, value)}"
        for change, name, value in strongest
        if change < 0 or value or name == "linked"
    ]


# --- in the terminal -----------------------------------------------------------------------------


def record_table(told: Explanation) -> Table:
    """The record: field, value, where it was read, what else was seen. Readable in 100 columns."""
    table = Table(title=_shown(told.verdict), title_justify="left", pad_edge=False, box=box.SIMPLE_HEAD)
    table.add_column("field", no_wrap=True, style="bold")
    table.add_column("value", ratio=4, overflow="fold")
    table.add_column("from", ratio=2, overflow="fold", style="cyan")
    table.add_column("also seen", ratio=3, overflow="fold", style="dim")
    for one in told.fields:
        others = [_shown(other, _LONGEST_OTHER) for other in one.others[:_MOST_OTHERS]]
        table.add_row(
            one.name,
            _shown(_said(one.value), _LONGEST_VALUE),
            _shown(one.source or ""),
            Text("\n").join(others),
        )
    return table


def lines_table(told: Explanation) -> Table:
    """Every line of the page with its chance and why; runs of lines that were never near are one row."""
    kept = sum(line.part == "text" for line in told.lines)
    table = Table(
        title=f"{kept} of {len(told.lines)} lines are the text",
        title_justify="left",
        caption="✓ text   ▲ standfirst   ↻ repeated by the outlet   · left out      + for text   − against",
        caption_justify="left",
        pad_edge=False,
        box=box.SIMPLE_HEAD,
    )
    table.add_column("", no_wrap=True)
    table.add_column("chance", justify="right", no_wrap=True)
    table.add_column("line", ratio=5, overflow="fold")
    table.add_column("why", ratio=4, overflow="fold")
    for is_far, group in groupby(told.lines, _is_far):
        lines = list(group)
        if is_far and len(lines) > 1:
            words = " / ".join(line.text for line in lines)
            table.add_row(
                "·", "", _shown(words, _LONGEST_LINE // 2), f"{len(lines)} lines of no chance", style="dim"
            )
            continue
        for line in lines:
            mark, style = _MARKS[line.part]
            reasons = Text("\n").join(map(_shown, line.reasons))
            table.add_row(mark, f"{line.chance:.2f}", _shown(line.text, _LONGEST_LINE), reasons, style=style)
    return table


def _is_far(line: Line) -> bool:
    return line.part == "left out" and line.chance < _UNLIKELY


def _shown(words: str, longest: int | None = None) -> Text:
    """Words of a stranger, fit for a terminal: no control characters, no marks that turn the line."""
    cut = words if longest is None or len(words) <= longest else f"{words[: longest - 1]}…"
    return Text("".join(c if c.isprintable() or c in "\n\u200c\u200d" else " " for c in cut))


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# --- for machines and browsers -------------------------------------------------------------------


def as_dict(told: Explanation) -> dict[str, Any]:
    """The explanation as plain data."""
    return asdict(told)


_STYLE = """
:root { color-scheme: light dark; --text: #1a7f37; --standfirst: #0969da; --repeated: #8250df; --out: #888 }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
table { border-collapse: collapse; margin-bottom: 2rem; table-layout: fixed; width: 100% }
td, th { border-bottom: 1px solid #8884; overflow-wrap: anywhere; padding: .3rem .8rem .3rem 0; text-align: left;
  vertical-align: top }
th:nth-child(1) { width: 9rem }
th:nth-child(3) { width: 13rem }
td { white-space: pre-line }
small, td + td + td { color: GrayText }
ol { list-style: none; padding: 0 }
li { border-left: .4rem solid var(--out); display: grid; gap: 0 1.5rem; grid-template-columns: 1fr 20rem; margin: 2px 0;
  overflow-wrap: anywhere; padding: .2rem .8rem }
.text { background: color-mix(in srgb, var(--text) 12%, Canvas); border-color: var(--text) }
.standfirst { background: color-mix(in srgb, var(--standfirst) 12%, Canvas); border-color: var(--standfirst) }
.repeated { background: color-mix(in srgb, var(--repeated) 12%, Canvas); border-color: var(--repeated) }
.left-out > span { opacity: .7 }
b { border-left: .4rem solid; margin-right: 1.5rem; padding-left: .4rem }
@media (max-width: 50rem) { li { grid-template-columns: 1fr } }
"""


def html_page(told: Explanation) -> str:
    """One self-contained page, the lines coloured; nothing of the page's own markup lives in it."""
    rows = "".join(
        f"<tr><th>{one.name}</th><td dir=auto>{_safe(_said(one.value))}</td><td>{_safe(one.source or '')}</td>"
        f"<td>{_safe(chr(10).join(one.others))}</td></tr>\n"
        for one in told.fields
        if one.name != "text" or not told.lines
    )
    lines = "".join(
        f'<li class="{line.part.replace(" ", "-")}"><span dir=auto>{_safe(line.text)}</span>'
        f"<small>{line.chance:.2f} {'<br>'.join(map(_safe, line.reasons))}</small></li>\n"
        for line in told.lines
    )
    legend = "".join(
        f'<b style="border-color: var(--{"out" if part == "left out" else part})">{part}</b>'
        for part in _MARKS
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Explained: {_safe(told.url)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">
<style>{_STYLE}</style></head><body>
<h1>{_safe(told.verdict)}</h1><p>{_safe(told.url)}</p>
<table><tr><th>field</th><th>value</th><th>from</th><th>also seen</th></tr>
{rows}</table>
<p>{legend} <small>chance of being text, what moved it up (+) and down (−)</small></p>
<ol>{lines}</ol></body></html>
"""


def _safe(words: str) -> str:
    return html.escape(words.encode("utf-8", "replace").decode())

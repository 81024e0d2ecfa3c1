"""Live reports, told by their form."""

from __future__ import annotations

import pytest

from tests.transforms.extract.made import BODY, PROSE, html, row, sources

ENTRY = '<div class="entry"><time datetime="2026-11-21T10:0{0}:00Z">10:0{0}</time><p>{1}</p></div>'
TEASER = '<div class="card"><time>10:0{0}</time><p><a href="/b/{0}">{1}</a></p></div>'


def entries(form: str, number: int) -> str:
    return "".join(form.format(i, PROSE[0] + f" Again, for time number {i}.") for i in range(number))


def said(main: str) -> list[str]:
    found = row(html(main))
    return [value for source, value in sources(found, "kind") if source == "entries with times"]


def test_a_run_of_entries_with_times_is_a_live_report() -> None:
    assert said(f'<div class="feed">{entries(ENTRY, 8)}</div>') == ["live report of 8 entries"]


@pytest.mark.parametrize(
    "main",
    [
        f"<div>{entries(ENTRY, 5)}</div>",
        f"<div>{entries(TEASER, 9)}</div>",
        f'{BODY}<section class="comments">{entries(ENTRY, 9)}</section>',
        f"{BODY}<aside>{entries(ENTRY, 9)}</aside>",
        BODY + '<time datetime="2026-11-21">Saturday</time>' * 9,
    ],
)
def test_comments_teasers_and_dates_are_none(main: str) -> None:
    assert said(main) == []

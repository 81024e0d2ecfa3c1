"""Pages that are no articles: front page, list page, consent wall, soft 404, video page, the newsroom's index."""

from __future__ import annotations

from datetime import datetime
from html import escape

from presslake.demo.grammar import Voice
from presslake.demo.layouts import article_page, label, labels, link_items, most_read, shell, style
from presslake.demo.papers import PAPERS, Paper
from presslake.demo.stories import (
    Article,
    World,
    article,
    headline,
    kind_of,
    named_path,
    readable,
    window,
)

HIDDEN = frozenset({"gone", "missing", "private", "consent_wall", "soft_404", "copy"})


def page_of(world: World, paper: Paper, shown: Article) -> str:
    """The HTML that stands at an article's address."""
    match shown.kind:
        case "consent_wall":
            return consent_wall(world, paper, shown)
        case "soft_404":
            return missing(world, paper)
        case "list_page":
            numbers = [number for number in range(shown.number) if kind_of(paper, number) not in HIDDEN]
            return list_page(world, paper, numbers[-40:], label(paper, "brief"))
        case "video_page":
            return video(world, paper, shown)
        case _:
            return article_page(world, paper, shown)


def front_page(world: World, paper: Paper, now: datetime) -> str:
    """The paper's latest articles as cards."""
    numbers = [number for number in window(world, paper, now) if kind_of(paper, number) not in HIDDEN][-20:]
    cards = "".join(_card(world, paper, article(world, paper, number, now)) for number in reversed(numbers))
    main = f'<main><h1>{label(paper, "latest")}</h1><ul class="cards">{cards}</ul></main>'
    return shell(world, paper, paper.name, main)


def section_page(world: World, paper: Paper, now: datetime) -> str:
    """A list page that names everything in the window."""
    return list_page(world, paper, list(window(world, paper, now)), label(paper, "latest"))


def list_page(world: World, paper: Paper, numbers: list[int], title: str) -> str:
    """Links to articles, newest first, without text; the first few again in a box."""
    links = [
        (headline(world, paper, number), named_path(world, paper, number)) for number in reversed(numbers)
    ]
    main = f"""<main><h1>{title}</h1><ul class="list">{link_items(links)}</ul></main>
{most_read(paper, links[:5])}"""
    return shell(world, paper, f"{title} | {paper.name}", main)


def consent_wall(world: World, paper: Paper, shown: Article) -> str:
    """A dialog in place of the article; the head still names it."""
    title, text, accept, manage = Voice(paper.language, world.random(paper.slug, "consent")).each(
        "ui_consent"
    )
    main = f"""<main><div class="consent-wall" role="dialog"><h1>{title}</h1><p>{text}</p>
<button>{accept}</button> <button>{manage}</button></div></main>"""
    return shell(world, paper, f"{shown.title} | {paper.name}", main)


def missing(world: World, paper: Paper) -> str:
    """A friendly page that says there is nothing here."""
    title, text = labels(paper, "missing")
    return shell(world, paper, f"{title} | {paper.name}", f"<main><h1>{title}</h1><p>{text}</p></main>")


def video(world: World, paper: Paper, shown: Article) -> str:
    """A player with one line below it."""
    head = '<meta property="og:type" content="video.other">'
    main = f"""<main><h1>{escape(shown.title)}</h1><video controls width="640" src="/video/{shown.number}.mp4"></video>
<p>{escape(shown.caption)}</p></main>"""
    return shell(world, paper, f"{shown.title} | {paper.name}", main, head=head, number=shown.number)


def index(world: World, now: datetime) -> str:
    """The newsroom itself: its clock and its papers."""
    cells = [
        (
            f'<a href="{paper.home(world.port)}/">{escape(paper.name)}</a>',
            paper.country,
            paper.language,
            ", ".join(path for _, path in paper.sources),
            escape(paper.remark),
        )
        for paper in PAPERS
    ]
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in cells)
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The demo newsroom</title>
<style>{style("#333")}</style></head>
<body><header class="masthead"><a class="logo" href="/">The demo newsroom</a></header>
<main><p>Its clock says {now:%Y-%m-%d %H:%M:%S} UTC; its epoch was {world.epoch:%Y-%m-%d %H:%M} UTC.
Everything here is made up.</p><table class="world">
<tr><th>Outlet</th><th>Country</th><th>Language</th><th>Sources</th><th>What is special</th></tr>
{rows}</table></main></body></html>"""


def _card(world: World, paper: Paper, shown: Article) -> str:
    return (
        f'<li><a href="{escape(named_path(world, paper, shown.number))}"><img src="/img/{shown.number}.svg" alt="">'
        f"<h2>{escape(shown.title)}</h2></a><time>{readable(paper, shown.published)}</time>"
        f"<p>{escape(shown.description)}</p></li>"
    )

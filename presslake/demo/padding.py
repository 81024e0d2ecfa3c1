"""What makes real pages heavy: style sheets, scripts, menus, footers and page state, up to a size asked for."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import NamedTuple

from presslake.demo.papers import Paper
from presslake.demo.stories import World

_STATE = 4096


class Around(NamedTuple):
    """Mark-up that is the same on every page of a paper."""

    head: str = ""
    nav: str = ""
    foot: str = ""


@cache
def around(world: World, paper: Paper) -> Around:
    """Style and script (three quarters), a menu and a footer that bring a page to about `world.page_kb`."""
    size = max(0, (world.page_kb or 0) * 1000 - 12_000 - _STATE)
    if not size:
        return Around()
    make = _Filler(world.random(paper.slug, "padding"))
    return Around(
        head=f"<style>{make.style(size * 4 // 10)}</style><script>{make.script(size * 35 // 100)}</script>",
        nav=f'<div class="mega">{make.links(size * 15 // 100)}</div>',
        foot=f'<div class="mega" hidden>{make.links(size // 10)}</div>',
    )


def of_page(world: World, paper: Paper, number: int) -> str:
    """A page's own state as script; none on unpadded pages."""
    if not world.page_kb:
        return ""
    state = world.random(paper.slug, number, "state").randbytes(_STATE // 2).hex()
    return f'<script>window.__STATE__={{"page":{number},"bundle":"{state}"}}</script>'


class _Filler:
    """Writes mark-up of made-up words; a paper has few of them, as real style sheets do."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._words = [
            "".join(random.choices("abcdefghiklmnoprstuvw", k=random.randint(3, 9))) for _ in range(150)
        ]

    def style(self, size: int) -> str:
        """CSS rules."""
        return self._to(size, ".*-*__*{margin:#px #px;padding:#px;color:rgb(#,#,#)}\n")

    def script(self, size: int) -> str:
        """JavaScript functions."""
        return self._to(size, "function *_*(a,b){var *=a.*(#)+b;return window.*&&*.*('*-*',#)||b}\n")

    def links(self, size: int) -> str:
        """Menu entries."""
        return self._to(size, '<div class="m-#"><a class="*-*" href="/*/*-#">* *</a></div>\n')

    def _to(self, size: int, piece: str) -> str:
        """Repeat a piece, its `*` replaced by words and its `#` by numbers, up to the size."""
        parts: list[str] = []
        total = 0
        while total < size:
            parts.append(re.sub(r"[*#]", self._filling, piece))
            total += len(parts[-1])
        return "".join(parts)

    def _filling(self, match: re.Match[str]) -> str:
        return self._random.choice(self._words) if match[0] == "*" else str(self._random.randint(0, 99))

"""Pages that mean harm, or were harmed on the way, and a process that reads them: a crash or a hang ends only it.

    python -m tests.web.hostile deep data

reads every page of some kinds through extract and normalise, each in a fork of its own, a JSON line each. A page
is made when it is read, for some have 50 MB.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import Any

from tests.transforms.extract.made import BODY, html, page

MB = 1_000_000
DEEP = 100_000
SECONDS = 60  # of CPU, making the page included; a hang is minutes
MARK = "<p>The ferry came in at noon with the mail, and nobody had ever seen the lighthouse dark.</p>"

Make = Callable[[], bytes | str]


def _page(inner: str, head: str = "") -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>The light is out</title>{head}</head>"
        f"<body><article><h1>The light is out</h1>{BODY}{inner}{MARK}</article>"
    )


def _repeat(text: str, size: int = 300_000) -> Make:
    """A page of some 300 kB: what takes time in its square takes minutes."""
    return lambda: _page("\n").encode().replace(b"\n", text.encode() * (size // len(text)))


def _number(text: str, times: int = 10_000, head: str = "") -> Make:
    """A page of pieces that are all different: `#` is their number."""
    return lambda: _page("".join(text.replace("#", str(n)) for n in range(times)), head)


def _nest(*tags: str) -> Make:
    return lambda: _page("".join(f"<{tag}>" for tag in tags) * (DEEP // len(tags)))


def _data(text: str, inner: str = "x") -> str:
    return _page(inner, f'<script type="application/ld+json">{text}</script>')


def _all_different(tag: str, times: int) -> Make:
    return lambda: _page("".join(f"<{tag} class=c{i}><p>x" for i in range(times)))


#: Elements in elements, which parsers look through for every tag.
DEEP_PAGES: dict[str, Make] = {
    **{tag: _nest(tag) for tag in ("div", "span", "b", "a", "p", "table", "form", "button", "h1", "body")},
    **{
        tag: _nest(tag) for tag in ("html", "head", "template", "noscript", "svg", "math", "select", "object")
    },
    "lists": _nest("ul", "li"),
    "definitions": _nest("dl", "dd"),
    "cells": _nest("table", "tr", "td"),
    "bold italics": _nest("b", "i"),
    "links around blocks": _nest("a", "div"),
    "drawings around blocks": _nest("svg", "foreignObject", "div"),
    "options": lambda: _page("<select>" + "<option>x" * DEEP),
    "closed options": lambda: _page("<select>" + "<option>x</option>" * DEEP + "</select>"),
    "blocks in a table": lambda: _page("<table>" + "<div>" * DEEP),
    "bold and ends of blocks": lambda: _page("<b>" * DEEP + "</p>" * DEEP),
    "crossed": lambda: _page("<b>" * DEEP + "<div>" * DEEP + "</b>" * DEEP),
    "ends without starts": lambda: _page("<div>" * DEEP + "</x>" * DEEP),
    "closed at last": lambda: _page("<div>" * DEEP + "</div>" * DEEP),
    "fonts left open": _all_different("font", 20_000),
    "some fonts left open": _all_different("font", 3_000),
    "fonts in capitals": _all_different("FONT", 3_000),
    "links left open": _all_different("a", DEEP),
    "attributes": lambda: _page("<p " + " ".join(f"a{i}='1'" for i in range(DEEP)) + ">x</p>"),
    "bare attributes": lambda: _page("<p " + " ".join(f"a{i}" for i in range(DEEP)) + ">x</p>"),
}
#: What a field, or a pattern of ours, could choke on.
TRAPS: dict[str, Make] = {
    "entities": _repeat("&lt;&amp;amp;&#0;&#xD800;&#x110000;&#99999999999;&notanentity;"),
    "spaces": _repeat(" \n"),
    "odd spaces": _repeat("\u00a0\u200b\u2003"),
    "digits": _repeat("2026-11-22 "),
    "hyphens": _repeat("-"),
    "words": _repeat("a "),
    "one word": _repeat("a"),
    "quotes": _repeat("“"),
    "guillemets": _repeat("« "),
    "names": _repeat("By A. Name and "),
    "ampersands": _repeat("&"),
    "less-than": _repeat("<"),
    "slashes": _repeat("</"),
    "scripts left open": _repeat("<script "),
    "scripts closed by scripts": _repeat("<script></script "),
    "ends of scripts left open": lambda: _page("<script>" + "</script " * 40_000),
    "drawings left open": _repeat("<svg>"),
    "drawings and no end": _repeat("<svg "),
    "comments left open": _repeat("<!--"),
    "cdata": _repeat("<![CDATA["),
    "a tag left open": lambda: _page("<p " + "class=a " * 40_000),
    "an attribute": lambda: _page(f"<p class='{'date byline ' * 50_000}' title='{'x' * MB}'>2020</p>"),
    "title": lambda: _page("x", f"<meta property=og:title content='{'a | b - ' * 40_000}'>"),
    "authors": lambda: _page(
        "".join(f"<a rel=author href=/author/{i}>By A. Name{i}, and B</a>" for i in range(6_000))
    ),
    "author": lambda: _page("x", f"<meta name=author content='{'By A and ' * 40_000}'>"),
    "keywords": lambda: _page("x", f"<meta name=keywords content='{'a,' * 150_000}'>"),
    "published": lambda: _page("x", f"<meta name=date content='{'2026-01-01 ' * 30_000}'>"),
    "canonical": lambda: _page("x", f"<link rel=canonical href='https://a.example/{'../a/' * 60_000}'>"),
    "combining marks": _repeat("a" + "\u0301\u0316" * 100_000, 200_001),
    "mojibake in lines": lambda: _page(("Ã©â€™Ð¿Ñ€ words " * 1_000 + "<br>") * 10),
    "direction": _repeat("\u202e\u2066\u202b"),
    "mojibake": _repeat("Ã©â€™Ð¿Ñ€ "),
    "images": _repeat("<figure><img src=/a.jpg><figcaption>x</figcaption></figure>"),
    "times": _repeat("<time datetime=2026-01-01>1 May 2026</time><span class=date>2 May 2026</span>"),
    "promos": lambda: _page(
        "<div class='promo byline date' itemprop=author>" * 250 + "<p>A line of text.</p>" * 9_000
    ),
}
#: Much of two things that could be compared with each other, each with each.
CROWDS: dict[str, Make] = {
    "depth and lines": lambda: _page("<div>" * 400 + "<p>All the lamps were lit.</p>" * 5_000),
    "more depth and lines": lambda: _page("<div>" * 5_000 + "<p>All the lamps were lit.</p>" * 3_000),
    "a line a level": lambda: _page("<div><p>All the lamps were lit.</p>" * 3_500),
    "words a level": lambda: _page("<span>lamps " * 11_000),
    "quotes in quotes": lambda: _page("<blockquote><p>All the lamps were lit.</p>" * 3_500),
    "names of parts": lambda: _page(
        "".join(f"<p class='{n} {'related-promo ' * 30}'>All lamps lit.</p>" for n in range(4_000))
    ),
    "bodies": lambda: _page(
        "<div class=article-body><p>All the lamps were lit, and nobody slept.</p></div>" * 5_000
    ),
    "images": lambda: _page("<img src=/a.jpg>" * 12_000),
    "sources": lambda: _page("<picture>" + "<img src=/a.jpg><source srcset=/b.jpg>" * 6_000 + "</picture>"),
    "figures": _number(
        "<figure><img src=/lamp-of-the-harbour-#.jpg><figcaption>Lamp #. Photo: Ada Wren</figcaption></figure>",
        2_500,
    ),
    "sizes": lambda: _page(f"<img srcset='{'a' * 5_000} b c'>" * 250),
    "asides and links": lambda: _page("<aside>x</aside><a href=/a>All the lamps of the harbour</a>" * 8_000),
    "links in links": lambda: _page(
        "<a href=/a><table><tr><td>All the lamps of the harbour were lit" * 3_000
    ),
    "dates and depth": lambda: _page(
        "<div>" * 3_000 + "<i itemprop=datePublished content=2026-01-01>x</i>" * 4_000
    ),
    "headings": _number("<h1>All the lamps of harbour # were lit</h1>", 5_000),
    "headings in headings": lambda: _page("<h1><span>" * 3_000 + "All the lamps"),
    "titles": _number(
        "<h1>All the lamps of # were lit</h1>",
        3_000,
        "<meta property=og:title content='All the lamps were lit'>" * 3_000,
    ),
    "cells": lambda: _page("<table><tr>" + "<td>All lamps lit, 12.50" * 6_000),
    "links": _number("<a href=/lamps/#>All the lamps of harbour # were lit</a> ", 10_000),
    "times": _number(
        "<time datetime=2026-01-01>1 May 2026 #</time><p>All the lamps were lit, and nobody slept, "
        "nor had seen the ferry.</p>",
        2_500,
    ),
    "dates": _number("<span class=date>Published # May 2026</span><p class=byline>By Ada Wren#</p>", 4_000),
    "names": lambda: _data(
        json.dumps({"@type": "NewsArticle", "author": [f"Ada Wren{n}" for n in range(20_000)]}),
        "<p>All the lamps of the harbour were lit.</p>" * 2_500,
    ),
    "descriptions": lambda: _data(
        json.dumps({"@type": "NewsArticle", "description": [f"lamp {n} " * 20 for n in range(10_000)]}),
        "<p>All the lamps of the harbour were lit, and nobody slept until noon.</p>" * 3_000,
    ),
    "articles": lambda: _data(
        json.dumps(
            [
                {"@type": "NewsArticle", "url": f"https://a.example/{n}", "headline": f"Lamp {n}"}
                for n in range(5_000)
            ]
        )
    ),
    "pictures": lambda: _data(
        json.dumps(
            {
                "@type": "NewsArticle",
                "image": [f"https://a.example/lamp-of-the-harbour-{n}.jpg" for n in range(50_000)],
            }
        )
    ),
    "metas": lambda: _page(
        "x",
        "".join(
            f"<meta property=article:tag content='lamp {n}'><meta name=date content=2026-01-{n}>"
            for n in range(8_000)
        ),
    ),
}
#: Documents without markup.
PLAIN: dict[str, Make] = {
    "sentences": lambda: b"All the lamps of the harbour were lit, and nobody slept.\n" * 5_000,
    "labels": lambda: b"Lamp\n" * 60_000,
    "a line": lambda: b"All the lamps of the harbour were lit. " * 8_000,
    "ends": lambda: b".'\"!" * 75_000,
    "50 MB": lambda: "".join(
        f"Lamp {n} of the harbour was lit, and nobody slept.\n" for n in range(MB)
    ).encode(),
    "breaks": lambda: "\u2028\x0b\x85".encode() * 50_000,
}
DATA: dict[str, Make] = {
    "nested": lambda: _data('{"a":[' * DEEP),
    "nested and closed": lambda: _data("[" * DEEP + "]" * DEEP),
    "10 MB": lambda: _data(json.dumps({"@type": "NewsArticle", "articleBody": "word " * (2 * MB - 1_000)})),
    "nodes": lambda: _data(json.dumps([{"@type": "NewsArticle", "author": {"name": "b"}}] * DEEP)),
    "untyped": lambda: _data(json.dumps([{"a": {"b": [0]}}] * DEEP)),
    "scripts": lambda: _page(
        "x", '<script type="application/ld+json">{"@type":"NewsArticle","headline":"A"}</script>' * 10_000
    ),
    "digits": lambda: _data('{"@type":"NewsArticle","headline":' + "9" * MB + "}"),
    "commas": lambda: _data('{"@type":"NewsArticle","headline":"A"' + ", " * MB),
    "references": lambda: _data(
        json.dumps([{"@type": "Person", "@id": f"#{i}", "author": {"@id": f"#{i + 1}"}} for i in range(DEEP)])
    ),
    "half characters": lambda: _data(
        '{"@type":"NewsArticle","headline":"A \\ud83d","author":"\\udc00","image":"\\udc00"}'
    ),
    "no text": lambda: _data(
        '{"@type":"NewsArticle","headline":NaN,"author":[1e999,null,true,{}],"image":[[]]}'
    ),
}
BYTES: dict[str, Make] = {
    "nulls": lambda: _page("x\0" * 100_000),
    "only nulls": lambda: b"\0" * MB,
    "half characters": lambda: _page("x").encode() + b"\xed\xa0\x80x\xed\xbf\xbf" * 10_000,
    "overlong": lambda: _page("x").encode() + b"\xc0\x80\xf8\x88\x80\x80\x80\xff\xfe" * 10_000,
    "every byte": lambda: bytes(range(256)) * 4_000,
    "wide": lambda: _page("x").encode("utf-16-le"),
    "wide and odd": lambda: b"\xff\xfe" + _page("x").encode("utf-16-le")[:-1],
    "charsets at odds": lambda: b"<meta charset=gb2312><meta charset=utf-16>" + _page("é").encode("cp1252"),
    "foreign and left open": lambda: b"<script " * 50_000 + b"\xe9\xe8" * 50_000,
    "a charset nobody knows": lambda: b"<meta charset='" + b"x" * 5_000 + b"'>" + _page("x").encode(),
    "script": lambda: b"<html><script>document.write('x')</script></html>",
    "doctype": lambda: b"<!DOCTYPE html>",
    "comment": lambda: b"<html><!-- nothing",
    "tag": lambda: b"<html>",
    "frames": lambda: b"<html><frameset><frame src=a><frame src=b></frameset></html>",
}
#: 50 MB of one thing.
LARGE: dict[str, Make] = {
    "text": _repeat("All the lamps of the harbour were lit. ", 50 * MB),
    "word": _repeat("a", 50 * MB),
    "tags": _repeat("<i></i>", 50 * MB),
    "paragraphs": _repeat("<p>All the lamps were lit, and the keeper slept.</p>", 50 * MB),
    "lines": _repeat("word word word.<br>", 50 * MB),
    "links": _repeat("<a href='/author/x' rel=author class=author>A name</a> ", 50 * MB),
    "script": lambda: _page("<script>" + "var a = 1; " * (50 * MB // 11) + "</script>"),
    "scripts": _repeat("<script>x</script>", 50 * MB),
    "comment": lambda: _page("<!--" + " -" * (25 * MB) + "-->"),
    "comments": _repeat("<!-- a -->", 50 * MB),
    "attribute": lambda: _page(f"<p title='{'x ' * 25 * MB}'>x</p>"),
    "latin": lambda: "<p>Été à la plage. ".encode("latin-1") * (50 * MB // 18),
}
KINDS = {
    "deep": DEEP_PAGES,
    "traps": TRAPS,
    "crowds": CROWDS,
    "data": DATA,
    "bytes": BYTES,
    "plain": PLAIN,
    "large": LARGE,
}


def read(*kinds: str) -> dict[tuple[str, str], dict[str, Any]]:
    """(kind, name) → outcome, reason and peak of MB of each page; without them if its reader died."""
    command = [sys.executable, "-m", "tests.web.hostile", *kinds]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {(answer["kind"], answer["name"]): answer for answer in answers}


def main() -> None:
    """Read the pages of the kinds named."""
    from transforms.extract import extract
    from transforms.normalise import normalise

    def answer(kind: str, name: str) -> dict[str, Any]:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        captured = page(KINDS[kind][name](), content_type="text/plain" if kind == "plain" else "text/html")
        [row] = normalise(extract([captured], {}), {}).to_pylist()
        return {
            "outcome": row["outcome"],
            "reason": row["reason"],
            "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }

    normalise(extract([page(html())], {}), {})  # models are loaded once
    for kind, name in ((k, n) for k in sys.argv[1:] for n in KINDS[k]):
        found: dict[str, Any] = {"kind": kind, "name": name}
        if child := os.fork():
            os.waitpid(child, 0)
            continue
        try:
            found |= answer(kind, name)
        except BaseException:
            traceback.print_exc()
        print(json.dumps(found), flush=True)
        os._exit(0)


if __name__ == "__main__":
    main()

"""How each tool is called, as its documentation shows. Runs inside the tool's own environment.

A reader is made once, imports and models included; then it takes pages and gives what it read of each:
a dict with any of `text`, `dek`, `title`, `authors`, `day`, `language`, `article`, or `error`.
"""

# mypy: disable-error-code="import-not-found, import-untyped"
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

#: URL, body, and when it was fetched.
Captured = tuple[str, bytes, datetime]
Fields = dict[str, Any]
Read = Callable[[list[Captured]], list[Fields]]


def presslake(*, unseen: bool = False) -> Read:
    """Our own: extract and normalise, as the steps call them, a batch at a time; `unseen` as in `blind`."""
    from tests.bench.blind import read_unseen
    from tests.bench.quality import ours, page_of

    def read(batch: list[Captured]) -> list[Fields]:
        pages = [page_of("bench", *captured) for captured in batch]
        return [vars(reading) for reading in (read_unseen(pages, ours) if unseen else ours(pages))]

    return read


def trafilatura(**options: Any) -> Read:
    """bare_extraction with metadata."""
    from trafilatura import bare_extraction

    def read(url: str, body: bytes) -> Fields:
        found: Any = bare_extraction(body, url=url, with_metadata=True, include_comments=False, **options)
        if found is None:
            return {}
        authors = (found.author or "").split("; ")
        return {"text": found.text, "title": found.title, "authors": authors, "day": found.date}

    return _one_by_one(read)


def htmldate() -> Read:
    """The date only."""
    from htmldate import find_date

    return _one_by_one(lambda url, body: {"day": find_date(_decoded(body), url=url, original_date=True)})


def justext() -> Read:
    """Main text only; the stop words of all its languages, as the page's is not known."""
    from justext import get_stoplist, get_stoplists, justext

    stop_words = frozenset().union(*map(get_stoplist, get_stoplists()))

    def read(url: str, body: bytes) -> Fields:
        return {"text": "\n".join(part.text for part in justext(body, stop_words) if not part.is_boilerplate)}

    return _one_by_one(read)


def newspaper4k() -> Read:
    """An article made of given HTML."""
    from newspaper import Article

    def read(url: str, body: bytes) -> Fields:
        found = Article(url, fetch_images=False).download(input_html=_decoded(body)).parse()
        return {
            "text": found.text,
            "title": found.title,
            "authors": found.authors,
            "day": found.publish_date and found.publish_date.date().isoformat(),
            "language": found.meta_lang,
        }

    return _one_by_one(read)


def news_please() -> Read:
    """NewsPlease.from_html."""
    from newsplease import NewsPlease

    def read(url: str, body: bytes) -> Fields:
        found = NewsPlease.from_html(_decoded(body), url=url, fetch_images=False)
        return {
            "text": found.maintext,
            "title": found.title,
            "authors": found.authors,
            "day": found.date_publish and found.date_publish.date().isoformat(),
            "language": found.language,
        }

    return _one_by_one(read)


def goose3() -> Read:
    """An article made of given HTML."""
    from goose3 import Goose

    goose = Goose({"enable_image_fetching": False})

    def read(url: str, body: bytes) -> Fields:
        found = goose.extract(raw_html=_decoded(body))
        return {
            "text": found.cleaned_text,
            "title": found.title,
            "authors": found.authors,
            "day": str(found.publish_date or "")[:10],
            "language": found.meta_lang,
        }

    return _one_by_one(read)


def readability() -> Read:
    """Main HTML, of which the text is taken block by block, and title."""
    from lxml.html import fromstring
    from readability import Document

    def read(url: str, body: bytes) -> Fields:
        document = Document(_decoded(body), url=url)
        blocks = fromstring(document.summary()).iter("p", "h1", "h2", "h3", "h4", "li", "pre", "td")
        return {"text": "\n".join(block.text_content() for block in blocks), "title": document.short_title()}

    return _one_by_one(read)


def resiliparse() -> Read:
    """Main text only."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def read(url: str, body: bytes) -> Fields:
        tree = HTMLTree.parse_from_bytes(body, detect_encoding(body))
        return {"text": extract_plain_text(tree, main_content=True, alt_texts=False, comments=False)}

    return _one_by_one(read)


def boilerpy3() -> Read:
    """Main text and title."""
    from boilerpy3.extractors import ArticleExtractor

    extractor = ArticleExtractor(raise_on_failure=False)

    def read(url: str, body: bytes) -> Fields:
        found = extractor.get_doc(_decoded(body))
        return {"text": found.content, "title": found.title}

    return _one_by_one(read)


def _one_by_one(read: Callable[[str, bytes], Fields]) -> Read:
    def guarded(url: str, body: bytes) -> Fields:
        try:
            return read(url, body)
        except Exception as error:  # what a tool cannot read is an empty record, and counted
            return {"error": f"{type(error).__name__}: {error}"}

    return lambda batch: [guarded(url, body) for url, body, _ in batch]


def _decoded(body: bytes) -> str:
    """For tools that want text: the charset the page declares, else UTF-8."""
    declared = re.search(rb"<meta[^>]{0,200}?charset=[\"']?\s*([\w-]+)", body[:4096], re.IGNORECASE)
    try:
        return body.decode(declared[1].decode() if declared else "utf-8", errors="replace")
    except LookupError:
        return body.decode(errors="replace")

"""Labels told by eye: found again on a page whose lines are the same, or nearly."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.bench.blind import fold_of
from tests.bench.labels import LABELS, Labels, digests, page_digest, read_labels
from tests.bench.quality import CORPUS, page_of, read_set
from tests.bench.train_blocks import NEWSROOM, sample_of
from transforms.extract.decode import decode
from transforms.extract.markup import parse

_PAGE = """<article><h1>The bridge is open</h1>
<p>Traffic has run over the new bridge since Monday morning.</p>
<p>“It was worth the wait”, says the mayor.</p>
<p>Press office: 12 Dock Road</p>
<p>“It was worth the wait”, says the mayor.</p></article>"""


def _marks() -> list[str]:
    return list(digests(re.findall(r"<(?:h1|p)>(.*)</", _PAGE)))


def test_a_block_is_known_by_its_letters_and_its_turn() -> None:
    first, again, other = digests(["“Yes”, he said.", "YES he said", "No."])
    assert again == f"{first}.2"
    assert re.fullmatch("[0-9a-f]{8}", other)
    assert other != first


def test_labels_are_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"set,page,text,skipped\ntown,{page_digest('a')},0a 0a.2,\ntown,{page_digest('b')},,0b\n")
    assert read_labels(path) == {
        ("town", page_digest("a")): Labels(frozenset(["0a", "0a.2"]), frozenset()),
        ("town", page_digest("b")): Labels(frozenset(), frozenset(["0b"])),
    }


def test_a_page_is_learned_as_labelled() -> None:
    title, traffic, quote, office, again = _marks()
    page = page_of("town", "https://example.org/bridge", _PAGE.encode(), NEWSROOM)
    (sample,) = sample_of("town", page, Labels(frozenset([traffic, quote]), frozenset([office])))
    assert (sample.gold, sample.fold) == (None, fold_of(page.url))
    assert sample.labels.tolist() == [0, 1, 1, 0, 0]
    assert [bool(weight) for weight in sample.weights] == [True, True, True, False, True]
    assert again not in {title, traffic, quote, office}


def test_the_kept_labels_tell_nothing_of_pages() -> None:
    with LABELS.open(newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    assert len(rows) == len({(row[0], row[1]) for row in rows}) > 200
    for _, page, text, skipped in rows:
        assert re.fullmatch("[0-9a-f]{16}", page)
        assert all(re.fullmatch(r"[0-9a-f]{8}(\.\d+)?", one) for one in f"{text} {skipped}".split())
        assert text
        assert not set(text.split()) & set(skipped.split())


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.exists(), reason=f"the corpus is not there: {CORPUS}")
def test_the_kept_labels_are_found_on_their_pages() -> None:
    labels = {page: label for (name, page), label in read_labels().items() if name == "postlight"}
    found: dict[str, set[str]] = {}
    for page, gold in read_set("postlight"):
        blocks = parse(decode(page.body, page.content_type)[0]).blocks
        found[page_digest(gold["id"])] = set(digests(block.text for block in blocks))
    told = sum(len(label.text) for label in labels.values())
    assert told > 100
    assert sum(len(label.text & found[page]) for page, label in labels.items()) >= 0.98 * told

"""Every expectation can fail, names its rows, and does what its severity says."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from schemas.outlet import Expect, Outlet
from schemas.tables import LEDGER, QUARANTINE, VERDICTS
from tests.transforms.made_pages import NOON, SLOT, made_page, made_pages
from transforms.gate import Verdict, gate
from transforms.gate.frames import articles_frame
from transforms.ledger import ledger

HOSTILE = '<script>alert("1")</script> & ${title} {{ 7*7 }}'


@pytest.fixture(scope="module", autouse=True)
def great_expectations() -> None:
    """Import it once, before warnings are errors: it imports the deprecated sre_constants."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        import transforms.gate.judge  # noqa: F401


def made_outlet(slug: str, **expect: Any) -> Outlet:
    return Outlet(
        slug=slug,
        name=slug,
        country="gb",
        language="en",
        homepage=f"https://{slug}.example/",
        expect=Expect(**expect),
    )


def good(path: str, outlet: str = "alpha", **fields: Any) -> dict[str, Any]:
    """A page link made the first version of an article."""
    decided = {"outcome": "published", "revision": 1, "first_seen_at": NOON}
    return made_page(path, outlet, **(decided | fields))


def judged(rows: Iterable[dict[str, Any]], *outlets: Outlet, **equation: int) -> Verdict:
    """The verdict on these pages, with a ledger that adds up unless `equation` says otherwise."""
    pages = made_pages(rows)
    captures = pages.select(["outlet", "outcome"]).set_column(
        1, "outcome", pa.array(["fetched"] * len(pages), pa.string())
    )
    slugs: list[str] = pages["outlet"].to_pylist()
    table = ledger(SLOT, captures, pages, {slug: slugs.count(slug) for slug in slugs})
    table = pa.Table.from_pylist([row | equation for row in table.to_pylist()], schema=LEDGER.schema)
    return gate(SLOT, pages, table, {outlet.slug: outlet for outlet in outlets})


def failed(verdict: Verdict) -> dict[str, str]:
    """Severity by name of every expectation that failed."""
    return {f"{f.suite}.{f.expectation}": f.severity for f in verdict.findings if not f.success}


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {row["url"].rsplit("/", 1)[-1]: row["outcome"] for row in verdict.pages.to_pylist()}


def test_a_good_slot_passes_unchanged() -> None:
    rows = [
        *(good(f"{n}") for n in range(6)),
        good("teaser", is_free=False, text=None, word_count=0),
        good("film", kind="video", text="", word_count=0),
        good("undated", published_at=None, published_on=None, published_precision=None, published_zone=None),
        good("anonymous", authors=[], language=None),
        good("poem", title="静夜", language="zh"),
        good("code", title="What <dialog> can do & why 1 < 2", text="if a < b and c > d: pass " * 9),
        good("دمشق", title="قال المتحدث إن", language="ar"),
        made_page("wall", outcome="not_article", reason="consent_wall", title=None),
    ]
    verdict = judged(rows, made_outlet("alpha", coverage={"title": 1.0, "authors": 0.5}))
    assert failed(verdict) == {}
    assert verdict.halted == ()
    assert verdict.pages == made_pages(rows)
    assert verdict.quarantine == QUARANTINE.schema.empty_table()
    assert verdict.verdicts.schema == VERDICTS.schema
    assert all(verdict.verdicts["success"].to_pylist())


ROW_FAULTS: dict[str, dict[str, Any]] = {
    "format(article_id)": {"article_id": "nope"},
    "format(canonical_url)": {"canonical_url": "javascript:alert(1)", "article_id": "0" * 16},
    "not_null(title)": {"title": "  "},
    "length(title)": {"title": "A"},
    "words(title)": {"title": "— … —"},
    "no_markup(title)": {"title": HOSTILE},
    "readable(title)": {"title": "Caf\ufffd opens"},
    "not_null(text)": {"text": " \n", "word_count": 50},
    "word_count": {"text": "too few", "word_count": 2},
    "no_markup(text)": {"text": '<p class="x">markup</p> ' * 30},
    "readable(text)": {"text": "\x01\ufffd\ue000 words " * 30},
    "not_future(published_at)": {"published_at": NOON + timedelta(hours=25)},
    "not_future(published_on)": {"published_on": (NOON + timedelta(days=2)).date(), "published_at": None},
    "since_1990(published_on)": {"published_on": datetime(1970, 1, 1, tzinfo=UTC).date()},
    "format(language)": {"language": "English"},
    "count(authors)": {"authors": ["A"] * 51},
    "length(authors)": {"authors": ["A" * 121]},
    "in_set(kind)": {"kind": "rumour"},
    "in_set(published_precision)": {"published_precision": "century"},
    "in_set(published_zone)": {"published_zone": "mars"},
}


@pytest.fixture(scope="module")
def faulty() -> Verdict:
    """A slot with one page for each fault a row can have, and as many good ones."""
    bad = [good(f"{n}", **fault) for n, fault in enumerate(ROW_FAULTS.values())]
    return judged([*bad, *(good(f"good-{n}") for n in range(len(bad)))])


@pytest.mark.parametrize("expectation", ROW_FAULTS)
def test_a_row_that_fails_is_quarantined_with_its_reason(faulty: Verdict, expectation: str) -> None:
    path = str(list(ROW_FAULTS).index(expectation))
    page = next(row for row in faulty.pages.to_pylist() if row["url"].endswith(f"/{path}"))
    kept = next(row for row in faulty.quarantine.to_pylist() if row["capture_id"] == page["capture_id"])
    assert (page["outcome"], page["reason"]) == ("quarantined", expectation)
    assert kept["outcome"] == "quarantined"
    assert [reason.split(":")[0] for reason in kept["reasons"]] == [expectation]
    assert page["detail"] == "; ".join(kept["reasons"])
    row = json.loads(kept["row"])
    assert row["url"] == page["url"]
    assert row["title"] == page["title"]
    assert row["fetched_at"] == "2026-11-22T12:00:00+00:00"
    verdict = next(
        row
        for row in faulty.verdicts.to_pylist()
        if (row["suite"], row["expectation"]) == ("articles", expectation)
    )
    assert (verdict["success"], verdict["unexpected"], verdict["severity"]) == (False, 1, "row")


def test_every_row_expectation_has_a_fault_above(faulty: Verdict) -> None:
    assert {f.expectation for f in faulty.findings if f.suite == "articles"} == set(ROW_FAULTS)


def test_good_rows_beside_bad_ones_are_published(faulty: Verdict) -> None:
    assert not faulty.halted
    assert {row for path, row in outcomes(faulty).items() if path.startswith("good")} == {"published"}


def test_a_row_may_have_several_reasons_and_a_quarantined_twin_is_no_clash() -> None:
    twin = {"article_id": "0" * 16}
    verdict = judged([good("bad", title=None, language="English", **twin), good("fine", **twin)])
    [row] = verdict.quarantine.to_pylist()
    assert row["reasons"] == ["not_null(title): null", "format(language): 'English'"]
    assert verdict.halted == ()


COVERAGE_FAULTS: dict[str, dict[str, Any]] = {
    "title": {"title": None},
    "text": {"text": None, "word_count": 0, "is_free": False},
    "authors": {"authors": []},
    "published_at": {"published_at": None},
    "published_on": {"published_on": None},
    "language": {"language": None},
}


@pytest.fixture(scope="module")
def sparse() -> Verdict:
    """An outlet for each field, where 3 of 12 articles lack it; and `few`, `lax` and an unknown one."""
    rows = [
        good(f"{field}-{n}", field.replace("_", "-"), **(fault if n < 3 else {}))
        for field, fault in COVERAGE_FAULTS.items()
        for n in range(12)
    ]
    anonymous = {"authors": []}
    rows += [good(f"few-{n}", "few", **anonymous) for n in range(4)]
    rows += [good(f"lax-{n}", "lax", **anonymous) for n in range(6)]
    rows += [good(f"new-{n}", "new", **anonymous) for n in range(6)]
    strict = [
        made_outlet(field.replace("_", "-"), coverage={field: 0.9, "title": 0.5}) for field in COVERAGE_FAULTS
    ]
    strict[0] = made_outlet("title", coverage={"title": 0.9})
    return judged(rows, *strict, made_outlet("few", coverage={"authors": 1}), made_outlet("lax", coverage={}))


@pytest.mark.parametrize("field", COVERAGE_FAULTS)
def test_an_outlet_under_its_minimum_is_withheld(sparse: Verdict, field: str) -> None:
    slug, expectation = field.replace("_", "-"), f"coverage({field})"
    after = {path: outcome for path, outcome in outcomes(sparse).items() if path.startswith(f"{field}-")}
    assert list(after.values()).count("withheld") == (9 if field == "title" else 12)
    assert set(after.values()) <= {"withheld", "quarantined"}
    kept = [
        row for row in sparse.quarantine.to_pylist() if (row["outlet"], row["outcome"]) == (slug, "withheld")
    ]
    reason = f"{expectation}: {field}_share 0.75, {field}_minimum 0.9"
    assert {tuple(row["reasons"]) for row in kept} == {(reason,)}
    told = [row for row in sparse.verdicts.to_pylist() if row["expectation"] == expectation]
    assert [(row["outlet"], row["success"], row["unexpected"]) for row in told] == [
        ("", False, 1),
        (slug, False, 1),
    ]


def test_without_enough_rows_or_a_stated_minimum_nothing_is_withheld(sparse: Verdict) -> None:
    after = {
        path: outcome for path, outcome in outcomes(sparse).items() if path[:4] in {"few-", "lax-", "new-"}
    }
    assert set(after.values()) == {"published"}
    assert len(after) == 16
    assert sparse.halted == ()


def test_language_and_volume_only_warn() -> None:
    rows = [good(f"{n}", language="de") for n in range(6)]
    verdict = judged(rows, made_outlet("alpha", articles_per_day=(1, 5)))
    assert failed(verdict) == {"outlets.language_match": "warning", "outlets.articles_per_day": "warning"}
    assert set(outcomes(verdict).values()) == {"published"}


def test_layouts_that_miss_in_most_articles_warn() -> None:
    missed = {"evidence": [{"field": "title", "source": "layout:missed", "value": "h1.gone"}]}
    found = {"evidence": [{"field": "title", "source": "layout:h1", "value": "Title"}]}
    rows = [good(f"{n}", "odd", **missed if n < 4 else found) for n in range(6)]
    rows += [good(f"half-{n}", "half", **missed if n < 3 else found) for n in range(6)]
    rows += [good(f"few-{n}", "few", **missed) for n in range(4)]
    verdict = judged(rows, *map(made_outlet, ("odd", "half", "few")))
    assert failed(verdict) == {"outlets.layouts": "warning"}
    told = {row["outlet"]: row["observed"] for row in verdict.verdicts.to_pylist() if row["outlet"]}
    assert told == {"odd": "0.666667"}
    assert set(outcomes(verdict).values()) == {"published"}


def test_a_batch_that_fails_is_halted() -> None:
    verdict = judged(
        [
            *(good(f"bad{n}", title=None) for n in range(11)),
            *(good(f"{n}", capture_id="x") for n in range(2)),
            *(good(f"{n}", article_id="0" * 16) for n in range(2, 9)),
        ]
    )
    assert sorted(verdict.halted) == [
        "batch.mean(is_quarantined): expected at most half quarantined, of 20 articles or more; failed; "
        "observed 0.55",
        "batch.unique(article_id): expected one version of an article in a slot; 7 of 9 rows failed; "
        "observed '0000000000000000'",
        "batch.unique(capture_id): expected one row per capture; 2 of 20 rows failed; observed 'x'",
    ]


LEDGER_FAULTS: dict[str, tuple[str, dict[str, int]]] = {
    "captures_left_over": ("batch", {"captures_left_over": 1}),
    "pages_left_over": ("batch", {"pages_left_over": -1}),
    "counts": ("batch", {"capture_gone": -1}),
    "discovered": ("warning", {"discovered": 0}),
    "refused_share": ("warning", {"discovered": 10, "capture_blocked": 3, "capture_failed": 3}),
    "lost_share": ("warning", {"capture_fetched": 10, "page_failed": 3, "page_not_article": 3}),
}


def test_a_ledger_that_does_not_add_up_halts_and_a_silent_or_failing_outlet_warns() -> None:
    zeros = dict.fromkeys(LEDGER.schema.names, 0) | {"slot": SLOT, "discovered": 1}
    rows = [zeros | {"outlet": name} | fault for name, (_, fault) in LEDGER_FAULTS.items()]
    table = pa.Table.from_pylist([*rows, zeros | {"outlet": "fine"}], schema=LEDGER.schema)
    verdict = gate(SLOT, made_pages([]), table, {})
    assert failed(verdict) == {f"ledger.{name}": severity for name, (severity, _) in LEDGER_FAULTS.items()}
    by_outlet = {row["outlet"]: row["expectation"] for row in verdict.verdicts.to_pylist() if row["outlet"]}
    assert by_outlet == {name: name for name in LEDGER_FAULTS}
    assert [sentence.split(":")[0] for sentence in verdict.halted] == [
        "ledger.captures_left_over",
        "ledger.pages_left_over",
        "ledger.counts",
    ]


def test_an_expectation_that_cannot_be_judged_halts(monkeypatch: pytest.MonkeyPatch) -> None:
    from transforms.gate import judge

    whole = articles_frame
    monkeypatch.setattr(judge, "articles_frame", lambda articles: whole(articles).drop("title_chars"))
    verdict = judged([good("a")])
    assert failed(verdict) == {"articles.length(title)": "batch"}
    assert "title_chars" in verdict.halted[0]


def test_an_empty_slot_and_one_without_articles() -> None:
    nothing = judged([])
    assert (nothing.halted, nothing.verdicts.num_rows, list(nothing.docs)) == ((), 0, ["index.html"])
    verdict = judged([made_page("wall", outcome="not_article", reason="consent_wall")])
    assert {row["suite"] for row in verdict.verdicts.to_pylist()} == {"ledger"}
    assert verdict.pages["outcome"].to_pylist() == ["not_article"]


def test_the_same_slot_gets_the_same_verdict_in_any_order(faulty: Verdict) -> None:
    bad = [good(f"{n}", **fault) for n, fault in enumerate(ROW_FAULTS.values())]
    again = judged([*(good(f"good-{n}") for n in range(len(bad))), *bad[::-1]])
    assert again.verdicts == faulty.verdicts
    assert again.quarantine == faulty.quarantine


def test_the_lines_name_the_gravest_first_with_five_examples() -> None:
    rows = [good(f"{n}", title=None) for n in range(7)] + [good("x", language="English")]
    lines = judged(rows, pages_left_over=1).lines()
    assert lines[0].startswith("✗ batch   ledger.pages_left_over")
    assert lines[1] == "    alpha  1"
    row = next(n for n, line in enumerate(lines) if "not_null(title)" in line)
    assert "7 of 8 failed; expected a title" in lines[row]
    assert all(line.startswith("    https://alpha.example/") for line in lines[row + 1 : row + 6])
    assert lines[row + 6] == "    … and 2 more"
    assert lines[-1].startswith("✓")


def test_data_docs_show_the_failing_rows_and_run_nothing() -> None:
    verdict = judged([good("bad", title=HOSTILE), good("fine")], made_outlet("alpha"))
    assert sorted(verdict.docs) == [
        "articles.html",
        "batch.html",
        "index.html",
        "ledger.html",
        "outlets.html",
    ]
    for name, content in verdict.docs.items():
        page = content.decode()
        assert "<script" not in page, name
        assert "https:" not in page.replace("https://alpha.example", ""), name
        assert "default-src 'none'" in page, name
    for name in ("index.html", "articles.html"):
        page = verdict.docs[name].decode()
        assert "https://alpha.example/bad" in page
        assert "&lt;script&gt;alert(" in page
        assert "{{ 7*7 }}" in page
    assert f"Slot {SLOT}" in verdict.docs["index.html"].decode()


@pytest.mark.slow
def test_importing_is_light_and_judging_calls_no_network() -> None:
    probe = """
import sys, transforms.gate
assert "great_expectations" not in sys.modules
calls = []
watched = {"socket.connect", "socket.getaddrinfo", "socket.sendto"}
sys.addaudithook(lambda event, args: calls.append((event, args)) if event in watched else None)
from schemas.tables import LEDGER, PAGES
from tests.transforms.made_pages import made_page, made_pages
from transforms.ledger import ledger
pages = made_pages([made_page("a", outcome="published", revision=1)])
verdict = transforms.gate.gate("s", pages, ledger("s", pages.slice(0, 0), pages, {}), {})
assert verdict.docs and verdict.verdicts.num_rows
assert not calls, calls
"""
    subprocess.run([sys.executable, "-c", probe], check=True)

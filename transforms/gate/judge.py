"""A slot before Great Expectations. Importing this costs 6 s of CPU."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import great_expectations as gx
import polars as pl
import pyarrow as pa
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from schemas.outlet import Outlet
from schemas.suites.articles import articles_suite, batch_suite
from schemas.suites.ledger import ledger_suite
from schemas.suites.outlets import outlets_suite
from schemas.tables import VERDICTS
from schemas.vocabulary import PageOutcome, Severity
from transforms.gate.docs import data_docs
from transforms.gate.frames import articles_frame, articles_of, ledger_frame, outlets_frame
from transforms.gate.marks import Mark, marked, quarantine
from transforms.gate.verdict import Failure, Finding, Verdict

_ARTICLE = ("capture_id", "url")
_OUTLET = ("outlet",)
_BY_OUTLET = ("outlets", "ledger")
_SEEN_CHARS = 80


def judge(slot: str, pages: pa.Table, ledger: pa.Table, outlets: Mapping[str, Outlet]) -> Verdict:
    """See `transforms.gate.gate`."""
    articles = articles_of(pages)
    rows = articles_frame(articles)
    by_row = _judged(articles_suite(), rows, _ARTICLE)
    quarantined = _reasons(by_row.findings, Severity.ROW)
    rows = rows.with_columns(is_quarantined=pl.col("capture_id").is_in(list(quarantined)))
    judged = [
        by_row,
        _judged(batch_suite(rows.height), rows, _ARTICLE),
        _judged(outlets_suite(), outlets_frame(articles, outlets), _OUTLET),
        _judged(ledger_suite(), ledger_frame(ledger), _OUTLET),
    ]
    findings = tuple(finding for one in judged for finding in one.findings)
    withheld = _reasons(findings, Severity.OUTLET)
    marks = {
        capture_id: Mark(PageOutcome.WITHHELD, withheld[outlet])
        for capture_id, outlet in articles.select("capture_id", "outlet").iter_rows()
        if outlet in withheld
    } | {capture_id: Mark(PageOutcome.QUARANTINED, reasons) for capture_id, reasons in quarantined.items()}
    aside = quarantine(pages, marks)
    return Verdict(
        pages=marked(pages, marks),
        quarantine=aside,
        verdicts=_verdicts(slot, findings),
        halted=tuple(f.sentence for f in findings if f.severity is Severity.BATCH and not f.success),
        docs=data_docs(slot, findings, aside, [one.result for one in judged if one.result]),
        findings=findings,
    )


@dataclass(frozen=True)
class _Judged:
    """A suite and how it held; `result` is None where there was nothing to judge."""

    result: ExpectationSuiteValidationResult | None
    findings: tuple[Finding, ...]


def _judged(suite: gx.ExpectationSuite, frame: pl.DataFrame, index: Sequence[str]) -> _Judged:
    """How a suite holds for a frame whose rows are named by the `index` columns."""
    if frame.is_empty():
        return _Judged(None, ())
    result = _validate(suite, frame, index)
    return _Judged(result, tuple(_finding(suite.name, one, frame.height, index) for one in result.results))


def _validate(
    suite: gx.ExpectationSuite, frame: pl.DataFrame, index: Sequence[str]
) -> ExpectationSuiteValidationResult:
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    asset = context.data_sources.add_pandas("slot").add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame.to_pandas()})
    return batch.validate(
        suite,
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": list(index),
            "return_unexpected_index_query": False,
        },
    )


def _finding(suite: str, one: ExpectationValidationResult, rows: int, index: Sequence[str]) -> Finding:
    """What was found; an expectation that could not be judged halts the slot."""
    config = cast("ExpectationConfiguration", one.expectation_config)
    error = _error(one.exception_info or {})
    failures = sorted(_failure(row, index) for row in one.result.get("unexpected_index_list") or ())
    examples = ", ".join(dict.fromkeys(failure.seen for failure in failures[:3]))
    observed = one.result.get("observed_value")
    return Finding(
        suite=suite,
        expectation=config.meta["name"],
        severity=Severity.BATCH if error else Severity(config.meta["severity"]),
        success=bool(one.success),
        expected=str(config.description),
        observed=error or (examples if observed is None else _seen(observed)),
        checked=one.result.get("element_count", rows),
        failures=tuple(failures),
    )


def _error(info: Mapping[str, Any]) -> str:
    """The first error's own words; `info` has the facts of one, or by metric those of several."""
    several = [info] if "raised_exception" in info else info.values()
    return next((str(error["exception_message"]) for error in several if error["raised_exception"]), "")


def _failure(row: Mapping[str, Any], index: Sequence[str]) -> Failure:
    values = {name: _seen(value) for name, value in row.items() if name not in index}
    seen = values.popitem()[1] if len(values) == 1 else ", ".join(f"{k} {v}" for k, v in values.items())
    return Failure(str(row[index[0]]), str(row[index[-1]]), seen or _seen(row[index[0]]))


def _seen(value: Any) -> str:
    """A value in one short line."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "null"
    text = repr(value) if isinstance(value, str) else f"{value:g}"
    return text if len(text) <= _SEEN_CHARS else f"{text[: _SEEN_CHARS - 1]}…"


def _reasons(findings: Iterable[Finding], severity: Severity) -> dict[str, dict[str, str]]:
    """What was seen, by key and expectation, of the failures of one severity."""
    reasons: dict[str, dict[str, str]] = {}
    for finding in findings:
        if finding.severity is severity:
            for failure in finding.failures:
                reasons.setdefault(failure.key, {})[finding.expectation] = failure.seen
    return reasons


def _verdicts(slot: str, findings: Iterable[Finding]) -> pa.Table:
    """VERDICTS: a row per expectation, and one for each outlet that failed one on outlets."""
    rows: list[dict[str, object]] = []
    for f in findings:
        asked = {"slot": slot, "suite": f.suite, "expectation": f.expectation}
        asked |= {"severity": f.severity, "expected": f.expected}
        told = {"success": f.success, "observed": f.observed or None, "checked": f.checked}
        rows.append({**asked, **told, "outlet": "", "unexpected": len(f.failures)})
        if f.suite in _BY_OUTLET:
            judged_one = {"success": False, "checked": 1, "unexpected": 1}
            rows += [
                {**asked, **judged_one, "outlet": failure.key, "observed": failure.seen}
                for failure in f.failures
            ]
    return pa.Table.from_pylist(rows, schema=VERDICTS.schema)

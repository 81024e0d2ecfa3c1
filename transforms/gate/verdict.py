"""What the gate says of a slot, and how a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from schemas.vocabulary import Severity

_EXAMPLES = 5
_GRAVEST_FIRST = (Severity.BATCH, Severity.OUTLET, Severity.ROW, Severity.WARNING)


class Failure(NamedTuple):
    """A row that failed: its capture_id or outlet, where a person finds it, and what was seen there."""

    key: str
    place: str
    seen: str


@dataclass(frozen=True)
class Finding:
    """How one expectation of a suite held."""

    suite: str
    expectation: str
    severity: Severity
    success: bool
    expected: str
    observed: str
    checked: int
    failures: tuple[Failure, ...] = ()

    @property
    def sentence(self) -> str:
        """For the error that halts a slot."""
        count = f"{len(self.failures)} of {self.checked} rows failed" if self.failures else "failed"
        return f"{self.suite}.{self.expectation}: expected {self.expected}; {count}; observed {self.observed}"


@dataclass(frozen=True)
class Verdict:
    """`pages` are all PAGES of the slot, those set aside marked so; `quarantine` and `verdicts` the new rows.

    `halted` has a sentence for each failed batch-level expectation: with any, nothing may be published.
    `docs` are the slot's Data Docs, file name to HTML; `index.html` is where a person starts.
    """

    pages: pa.Table
    quarantine: pa.Table
    verdicts: pa.Table
    halted: tuple[str, ...]
    docs: Mapping[str, bytes]
    findings: tuple[Finding, ...]

    def lines(self) -> list[str]:
        """For the task's log: the gravest failures first, each with up to 5 examples, then what held."""
        return list(_lines(in_order(self.findings)))


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """What failed first, the gravest before the others."""
    return sorted(findings, key=lambda f: (f.success, _GRAVEST_FIRST.index(f.severity)))


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    names = [f"{f.suite}.{f.expectation}" for f in findings]
    counts = [f"{len(f.failures)} of {f.checked} failed" for f in findings]
    name_width, count_width = max(map(len, names), default=0), max(map(len, counts), default=0)
    for f, name, count in zip(findings, names, counts, strict=True):
        sign = "✓" if f.success else "✗"
        observed = "" if f.success or f.failures else f"; observed {f.observed}"
        yield f"{sign} {f.severity:<7} {name:<{name_width}} {count:>{count_width}}; expected {f.expected}{observed}"
        yield from (f"    {failure.place}  {failure.seen}" for failure in f.failures[:_EXAMPLES])
        if len(f.failures) > _EXAMPLES:
            yield f"    … and {len(f.failures) - _EXAMPLES} more"

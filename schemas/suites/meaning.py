"""What every expectation says about itself: its name in `verdicts`, its sentence, what its failing does."""

from __future__ import annotations

from typing import Any

from schemas.vocabulary import Severity


def meaning(name: str, sentence: str, severity: Severity) -> dict[str, Any]:
    """Keyword arguments of an expectation; Great Expectations knows only critical and warning."""
    return {
        "description": sentence,
        "severity": "warning" if severity is Severity.WARNING else "critical",
        "meta": {"name": name, "severity": severity.value},
    }

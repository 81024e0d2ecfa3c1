"""Data Docs of a slot: an index to start from, and Great Expectations' own page of each suite.

Great Expectations 1.24 writes values into its pages as they are and loads scripts and styles from six hosts.
Titles come from strangers, so here values are escaped first and the frame around the content is ours: no
script, nothing from elsewhere.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pyarrow as pa
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, DictLoader

from transforms.gate.verdict import Finding, in_order

_SHOWN_ROWS = 500
_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ heading }}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; width: 100% }
td, th { border-bottom: 1px solid #ddd; overflow-wrap: anywhere; padding: .3rem .6rem .3rem 0; text-align: left;
  vertical-align: top }
.failed { background: #fdecea }
.fa-check-circle::before { color: #1a7f37; content: "✓" }
.fa-times::before, .fa-exclamation-triangle::before { color: #b42318; content: "✗" }
</style></head><body>{% block content %}{% endblock %}</body></html>
"""
_PAGE = """{% extends "frame.html" %}{% block content %}<p><a href="index.html">All suites of the slot</a></p>
{% for section in sections %}{% set section_loop = loop %}{% include "section.j2" %}{% endfor %}{% endblock %}"""
_INDEX = """{% extends "frame.html" %}{% block content %}
<h1>{{ heading }}</h1>
<table><tr><th></th><th>expectation</th><th>severity</th><th>expected</th><th>observed</th><th>failed</th></tr>
{% for f in findings %}<tr{% if not f.success %} class="failed"{% endif %}>
<td>{{ "✓" if f.success else "✗" }}</td><td><a href="{{ f.suite }}.html">{{ f.suite }}</a> {{ f.expectation }}</td>
<td>{{ f.severity }}</td><td>{{ f.expected }}</td><td>{{ f.observed }}</td>
<td>{{ f.failures | length }} of {{ f.checked }}</td></tr>
{% endfor %}</table>
<h2>Set aside: {{ rows }}</h2>
<table><tr><th>outlet</th><th>page</th><th>outcome</th><th>reasons</th></tr>
{% for row in aside %}<tr><td>{{ row.outlet }}</td><td>{{ row.url }}</td><td>{{ row.outcome }}</td>
<td>{{ row.reasons | join("; ") }}</td></tr>
{% endfor %}</table>
{% if rows > aside | length %}<p>The first {{ aside | length }} are shown; all are in <code>quarantine</code>.</p>
{% endif %}{% endblock %}"""


def data_docs(
    slot: str,
    findings: Sequence[Finding],
    quarantine: pa.Table,
    results: Iterable[ExpectationSuiteValidationResult],
) -> dict[str, bytes]:
    """File name to HTML: `index.html`, with every expectation and the rows set aside, and a page a suite."""
    env = DefaultJinjaPageView().env
    ours = DictLoader({"frame.html": _FRAME, "page.j2": _PAGE, "index.html": _INDEX})
    env.loader = ChoiceLoader([ours, env.loader] if env.loader else [ours])
    index = env.get_template("index.html").render(
        heading=f"Slot {slot}",
        findings=in_order(findings),
        rows=quarantine.num_rows,
        aside=quarantine.slice(0, _SHOWN_ROWS).to_pylist(),
    )
    page = env.get_template("page.j2")
    return {"index.html": index.encode()} | {
        f"{result.suite_name}.html": page.render(
            _content(result), heading=f"Slot {slot}: {result.suite_name}"
        ).encode()
        for result in results
    }


def _content(result: ExpectationSuiteValidationResult) -> dict[str, Any]:
    """What Great Expectations says of a suite, for its templates, with values that are safe in HTML."""
    safe = deepcopy(result)
    for one in safe.results:
        one.result, one.exception_info = _escaped(one.result), _escaped(one.exception_info)
    content: dict[str, Any] = ValidationResultsPageRenderer(run_info_at_end=True).render(safe).to_json_dict()
    return content


def _escaped(value: Any) -> Any:
    """The same with every string, at any depth, safe to stand in HTML; numbers as the renderer knows them."""
    match value:
        case str():
            return html.escape(value)
        case dict():
            return {_escaped(key): _escaped(one) for key, one in value.items()}
        case list() | tuple():
            return [_escaped(one) for one in value]
        case np.generic():
            return value.item()
        case _:
            return value

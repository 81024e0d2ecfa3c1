"""Measures, and writes docs/benchmarks.md: `python -m tests.bench [NAME …] [--quick]`."""

from __future__ import annotations

import argparse
import time
from importlib import import_module

from rich.console import Console

from tests.bench.report import where_and_when, write_section

BENCHES = (
    "setup",
    "latency",
    "collect",
    "polling",
    "fleet",
    "refine",
    "memory",
    "ingest",
    "corpus",
    "extract",
    "causes",
)
console = Console(highlight=False)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", default="all", choices=("all", *BENCHES), metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="tiny, shown only: to see that it runs")
    options = parser.parse_args()
    for name in BENCHES if "all" in options.names else options.names:
        bench, began = import_module(f"tests.bench.{name}"), time.monotonic()
        console.print(f"[bold]{name}[/]")

        def say(what: str, began: float = began) -> None:
            console.print(f"  [dim]{time.monotonic() - began:5.0f} s[/]  {what}")

        text = f"{bench.measure(options.quick, say)}\n\n{where_and_when(bench.PACKAGES)}"
        console.print(f"\n{text}\n", markup=False, soft_wrap=True)
        if not options.quick:
            write_section(name, text)


if __name__ == "__main__":
    main()

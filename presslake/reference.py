"""The pages of docs/ that are printed from the code: `python -m presslake.reference` writes them."""

from __future__ import annotations

from typing import Any

import typer

from presslake.cli import app
from schemas import errors
from schemas.dictionary import data_dictionary
from schemas.outlet import Corrections, Expect, Layout, Outlet, Poll, Rights
from schemas.settings import REPO, Settings


def pages() -> dict[str, str]:
    """Markdown by path below docs/."""
    return {
        "data.md": data_dictionary(),
        "settings.md": _settings(),
        "commands.md": _commands(),
        "outlet-keys.md": _outlet_keys(),
        "errors.md": _errors(),
    }


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "Each is an environment variable; lists and objects are JSON. Printed from `schemas/settings.py`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = ".presslake" if name == "state_dir" else field.get_default(call_default_factory=True)
        lines.append(f"| `PRESSLAKE_{name.upper()}` | `{_shown(default)}` | {field.description} |")
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = ["# Commands", "", "`presslake --help` says the same. Printed from `presslake/cli.py`.", ""]
    root = typer.main.get_command(app)
    for path, command in _walk("presslake", root):
        lines += [f"## {path}", "", _sentence(command), ""]
        for parameter in command.params:
            if parameter.name != "help":
                lines.append(f"- `{_parameter(command, parameter)}` — {getattr(parameter, 'help', '') or ''}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _walk(path: str, command: Any) -> list[tuple[str, Any]]:
    if subcommands := getattr(command, "commands", None):
        return [pair for name, sub in subcommands.items() for pair in _walk(f"{path} {name}", sub)]
    return [(path, command)]


def _parameter(command: Any, parameter: Any) -> str:
    if parameter.param_type_name == "option":
        return ", ".join(parameter.opts)
    return str(parameter.metavar or parameter.name).upper()


def _sentence(command: Any) -> str:
    return " ".join((command.help or "").split())


def _outlet_keys() -> str:
    lines = [
        "# Keys of an outlet's file",
        "",
        "`spiders/outlets/<country>/<slug>.yml`; the place gives `country` and `slug`, so they are no keys.",
        "Unknown keys are errors. Printed from `schemas/outlet.py`.",
        "",
        "| key | default | meaning |",
        "|---|---|---|",
    ]
    for model, prefix in (
        (Outlet, ""),
        (Poll, "poll."),
        (Expect, "expect."),
        (Layout, "layouts[]."),
        (Corrections, "corrections."),
        (Rights, "rights."),
    ):
        for name, field in model.model_fields.items():
            if name in {"slug", "country"} and not prefix:
                continue
            required = (
                "required"
                if field.is_required()
                else f"`{_shown(field.get_default(call_default_factory=True))}`"
            )
            lines.append(f"| `{prefix}{name}` | {required} | {field.description} |")
    return "\n".join(lines) + "\n"


def _errors() -> str:
    lines = ["# Errors", "", "Named for what the caller does next. Printed from `schemas/errors.py`.", ""]
    for error in (errors.TryLater, errors.Reject, errors.Halt):
        lines.append(f"- **{error.__name__}** — {' '.join((error.__doc__ or '').split())}")
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    if isinstance(value, Poll | Expect | Corrections | Rights):
        return "see below"
    return "" if value is None else str(value)


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        (REPO / "docs" / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

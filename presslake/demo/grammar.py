"""Sentences from the grammars in `grammars/<language>.txt`.

A line at the margin starts a rule, `name:` or `name =`; indented lines go on with it; ` | ` parts
alternatives and ` / ` the forms (cases) of one. In a text `{rule}` is an alternative, `{rule.1}` its second
form, `{^rule}` the same with a capital, `{3-9}` a number. `name =` is chosen once per Voice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random

_HEADER = re.compile(r"(\w+) ?([:=])(.*)")
_SLOT = re.compile(r"\{(?:(\d+)-(\d+)|(\^?)(\w+)(?:\.(\d))?)\}")

Forms = tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """The alternatives of one name, each with its forms."""

    options: tuple[Forms, ...]
    is_fixed: bool


@cache
def grammar(language: str) -> dict[str, Rule]:
    """The rules of a language by name."""
    found: dict[str, tuple[bool, list[str]]] = {}
    options: list[str] = []
    for line in (files(__package__) / "grammars" / f"{language}.txt").read_text("utf-8").splitlines():
        if header := _HEADER.match(line):
            name, mark, line = header.groups()  # noqa: PLW2901
            options = []
            found[name] = (mark == "=", options)
        if line.strip() and not line.startswith("#"):
            options += line.strip().split(" | ")
    return {
        name: Rule(tuple(tuple(option.split(" / ")) for option in options), is_fixed)
        for name, (is_fixed, options) in found.items()
    }


@dataclass
class Voice:
    """Speaks one language with one random stream, and avoids repeating itself."""

    language: str
    random: Random
    bound: dict[str, Forms] = field(default_factory=dict)
    _decks: dict[str, list[Forms]] = field(default_factory=dict)

    def phrase(self, rule: str, form: int = 0) -> str:
        """An alternative of the rule, filled in."""
        forms = self.bound.get(rule) or self._draw(rule)
        return self.fill(forms[form])

    def sentence(self, rule: str) -> str:
        """A phrase that starts with a capital."""
        return _capital(self.phrase(rule))

    def each(self, rule: str) -> list[str]:
        """Every alternative of the rule, filled in, in the order of the grammar."""
        return [self.fill(forms[0]) for forms in grammar(self.language)[rule].options]

    def fill(self, template: str) -> str:
        """The template with its slots filled in."""
        return _SLOT.sub(self._slot, template)

    def _slot(self, match: re.Match[str]) -> str:
        low, high, capital, rule, form = match.groups()
        if low:
            return str(int(low) + int(self.random.random() * (int(high) - int(low) + 1)))
        text = self.phrase(rule, int(form or 0))
        return _capital(text) if capital else text

    def _draw(self, name: str) -> Forms:
        rule = grammar(self.language)[name]
        deck = self._decks.get(name)
        if not deck:
            deck = self._decks[name] = list(rule.options)
        forms = deck.pop(int(self.random.random() * len(deck)))
        if rule.is_fixed:
            forms = self.bound[name] = tuple(self.fill(form) for form in forms)
        return forms


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""One robots.txt (RFC 9309): what it forbids us, how slowly it wants us, and what it says to crawlers for AI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml
from protego import Protego

# Preferences beside the rules: Content Signals and the drafts of the IETF's working group on AI preferences.
_PREFERENCE = re.compile(
    r"^[ \t]*(content-signal|content-usage)[ \t]*:[ \t]*([^\r\n#]*[^\s#])", re.IGNORECASE | re.MULTILINE
)
_LONGEST = 200  # characters of a preference
# Who copies a user agent from a log names its version too; RFC 9309 has only the token count.
_VERSION = re.compile(r"^([ \t]*user-agent[ \t]*:[ \t]*[\w-]+)/[^\r\n]*", re.IGNORECASE | re.MULTILINE)


@cache
def ai_agents() -> Mapping[str, tuple[str, str]]:
    """Crawlers for AI: (purpose, token) by the token in lower case. Purposes: training, search, assistant."""
    listed = yaml.safe_load((Path(__file__).parent / "ai_agents.yml").read_text(encoding="utf-8"))
    del listed["as_of"]
    return {token.lower(): (purpose, token) for purpose, tokens in listed.items() for token in tokens}


class Robots:
    """The rules of one origin for `agent`, our product token; `delay` is the Crawl-delay in seconds, 0 if none."""

    def __init__(self, text: str, agent: str) -> None:
        text = _VERSION.sub(r"\1", text)
        self._rules = Protego.parse(text)
        self._agent = agent
        self._named = [[name for name in group if name in ai_agents()] for group in _groups(text)]
        self._preferences = [
            f"robots.txt {name.lower()}: {value[:_LONGEST]}"
            for name, value in dict.fromkeys(_PREFERENCE.findall(text))
        ]
        self.delay = float(self._rules.crawl_delay(agent) or 0)

    def allows(self, url: str) -> bool:
        """Whether we may fetch a URL."""
        return bool(self._rules.can_fetch(url, self._agent))

    def rights(self, url: str) -> list[str]:
        """What it says of a URL to AI: `robots.txt training: CCBot, GPTBot` names those it shuts out by name.

        Rules for all agents are no word on AI; preferences are kept whatever group they stand in.
        """
        refused: dict[str, list[str]] = {}
        for names in self._named:
            if names and not self._rules.can_fetch(url, names[0]):
                for purpose, token in map(ai_agents().__getitem__, names):
                    refused.setdefault(purpose, []).append(token)
        return [
            f"robots.txt {purpose}: {', '.join(sorted(tokens, key=str.lower))}"
            for purpose, tokens in sorted(refused.items())
        ] + self._preferences


def _groups(text: str) -> Iterable[list[str]]:
    """Agents named, in lower case, those with the same rules together: one answer serves them all."""
    rules: dict[str, list[str]] = {}
    agents: list[str] = []
    is_naming = False
    for line in text.splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        if field.strip().lower() == "user-agent":
            agents = agents if is_naming else []
            agents.append(value.strip().lower())
            is_naming = True
        elif colon:
            is_naming = False
            for agent in agents:
                rules.setdefault(agent, []).append(f"{field}:{value}")
    together: dict[tuple[str, ...], list[str]] = {}
    for agent, lines in rules.items():
        together.setdefault(tuple(lines), []).append(agent)
    return together.values()

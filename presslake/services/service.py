"""What the supervisor must know of a server to start it, to tell that it works, and to stop it."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from schemas.settings import Settings


class NotReady(Exception):
    """The server runs but does not serve yet, or no longer; the message says what is missing."""


@dataclass
class Service:
    """One server as a child process; ``settings`` carry the secrets (``with_secrets``)."""

    settings: Settings
    started_at: datetime | None = field(default=None, init=False)
    """Last start of the process, UTC; the supervisor sets it."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    """Services that must be healthy before this one starts."""
    port_setting: ClassVar[str | None] = None
    """The settings field that holds its port."""
    once: ClassVar[bool] = False
    """A job: healthy when it has ended with exit code 0."""
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def port(self) -> int | None:
        """The TCP port it serves on, if any."""
        return getattr(self.settings, self.port_setting) if self.port_setting else None

    @property
    def folder(self) -> Path:
        """Where it keeps its data."""
        return self.settings.state_dir / self.name

    def command(self) -> list[str]:
        """Prepare whatever is missing and return the argument list; empty if there is nothing to do.

        Called before every start. NotReady if it cannot start now.
        """
        raise NotImplementedError

    def privileges(self) -> list[str]:
        """Options of setpriv(1) under which it runs: another user, capabilities."""
        return []

    def environment(self) -> dict[str, str]:
        """Variables on top of the supervisor's own."""
        return {}

    def health(self) -> str:
        """A short detail if it serves; NotReady or OSError if not."""
        raise NotImplementedError

    def ended(self, code: int) -> None:
        """Called when the process is gone; its exit code, or minus the signal that killed it."""


def tied(command: list[str], stop_signal: signal.Signals, *options: str) -> list[str]:
    """The command, sent the signal by the kernel when the thread that started it is gone.

    ``options`` are further ones of setpriv(1), which every Debian has; without it nothing is tied.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", stop_signal.name[3:], *options, "--", *command] if setpriv else command

"""A calendar that tests turn: what a module takes for `datetime`, some days on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest


class Days(datetime):
    """`datetime` whose now is `on` days later."""

    on = 0

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        """The instant so many days on."""
        return datetime.now(tz) + timedelta(days=cls.on)


def days_of(module: str, monkeypatch: pytest.MonkeyPatch) -> type[Days]:
    """What a module reads as `datetime` until the test ends: no days on, until its `on` is set."""

    class Turned(Days):
        pass

    monkeypatch.setattr(f"{module}.datetime", Turned)
    return Turned

"""A calendar that tests turn: what a module takes for `datetime`, some days on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest


class Days(datetime):
    """`datetime` whose now stands still, so that no midnight comes unasked, and is `on` days later."""

    began: datetime
    on = 0

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        """The instant so many days on."""
        return (cls.began + timedelta(days=cls.on)).astimezone(tz)


def days_of(module: str, monkeypatch: pytest.MonkeyPatch) -> type[Days]:
    """What a module reads as `datetime` until the test ends: no days on, until its `on` is set."""

    class Turned(Days):
        began = datetime.now(UTC)

    monkeypatch.setattr(f"{module}.datetime", Turned)
    return Turned

"""An empty lake on real servers, and rows of any table made up from its declaration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lake import Lake
from schemas.settings import Settings


@pytest.fixture
def lake(lake_settings: Settings) -> Iterator[Lake]:
    with Lake(lake_settings) as lake:
        yield lake

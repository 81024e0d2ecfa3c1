"""What every step needs, opened once: settings, the lake and the outlets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lake import Lake
from presslake.services.environment import with_secrets
from schemas.outlet import Outlet, read_outlets
from schemas.settings import Settings


@dataclass(frozen=True)
class Pipeline:
    """Settings, lake and outlets of one installation; the first argument of every step."""

    settings: Settings
    lake: Lake
    outlets: Mapping[str, Outlet]

    def journal_dir(self, slot: str, part: str) -> Path:
        """Where the crawl of one shard writes its journal on this machine."""
        return self.settings.state_dir / "journal" / slot / part


@contextmanager
def open_pipeline(settings: Settings | None = None, *, with_outlets: bool = True) -> Iterator[Pipeline]:
    """The pipeline of these settings, by default of the environment's; closes the lake at the end."""
    settings = with_secrets(settings or Settings())
    outlets = outlets_of(settings) if with_outlets else {}
    with Lake(settings) as lake:
        yield Pipeline(settings, lake, outlets)


def outlets_of(settings: Settings) -> Mapping[str, Outlet]:
    """The outlets of these settings by slug; as data they are kept in the state folder, for the next process."""
    return read_outlets(settings.outlets_dir, settings.state_dir / "outlets.json")

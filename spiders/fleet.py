"""Every outlet a spider for Scrapy's own commands, to try one out: `scrapy crawl SLUG -O captures.jsonl`.

It is fetched as in a slot, with the same manners and limits, but without history; the journal stays on this
machine, in `scrapy/SLUG/` of the state folder, and nothing is landed. Its items are rows of `captures`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Self

import scrapy
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from schemas.errors import Halt
from schemas.outlet import Outlet, read_outlets
from schemas.settings import Settings
from schemas.tables import VISITS
from schemas.urls import site_of
from spiders.child import require_contact
from spiders.crawl import collect, scrapy_settings
from spiders.journal import Journal, read_journal
from spiders.plan import Limits, make_plan


class FleetLoader:
    """Spiders by slug: the outlets that run with Presslake's settings."""

    def __init__(self) -> None:
        today = datetime.now(UTC).date()
        outlets = read_outlets(Settings().outlets_dir)
        self._outlets = {slug: it for slug, it in outlets.items() if not it.is_retired(today)}

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Scrapy's way to make one."""
        return cls()

    def list(self) -> list[str]:
        """All slugs."""
        return list(self._outlets)

    def load(self, spider_name: str) -> type[scrapy.Spider]:
        """The spider of an outlet; raises KeyError when there is none."""
        if spider_name not in self._outlets:
            raise KeyError(f"no outlet {spider_name}")
        return type("Spider", (OutletSpider,), {"name": spider_name, "outlet": self._outlets[spider_name]})

    def find_by_request(self, request: scrapy.Request) -> Sequence[str]:
        """Slugs of the outlets on a request's site."""
        return [slug for slug, it in self._outlets.items() if site_of(it.homepage) == site_of(request.url)]


class OutletSpider(scrapy.Spider):
    """One outlet, crawled once."""

    outlet: Outlet

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Those of a crawl in a slot, and the export of items."""
        try:
            require_contact(Settings(), [cls.outlet])
        except Halt as error:
            raise UsageError(str(error)) from error
        ours = scrapy_settings(Limits.model_validate(Settings()))
        ours["EXTENSIONS"] = {"scrapy.extensions.feedexport.FeedExporter": 0}
        settings.setdict(ours, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        """Crawls, says what is wrong with its sources, then yields what came."""
        settings, slug = Settings(), self.outlet.slug
        slot = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
        plan = make_plan(slot, 0, {slug: self.outlet}, VISITS.schema.empty_table(), settings)
        folder = settings.state_dir / "scrapy" / slug / slot
        with Journal.open(folder) as journal:
            await collect(self.crawler, plan, journal)
        landing = read_journal(folder, slot)
        for visit in landing.visits.to_pylist():
            if visit["reason"]:
                self.logger.warning("%(kind)s %(source_url)s %(outcome)s: %(reason)s %(detail)s", visit)
        for row in landing.captures.to_pylist():
            yield row

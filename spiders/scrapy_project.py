"""Scrapy's settings for its own commands, which `scrapy.cfg` names; a spider brings the rest."""

SPIDER_LOADER_CLASS = "spiders.fleet.FleetLoader"
TWISTED_REACTOR_ENABLED = False

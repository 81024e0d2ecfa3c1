"""Collect: outlets due in a slot → pages, journalled on this machine as they arrive.

`plan` says what is known and due, `child` runs and watches the crawl, `crawl` is that process (the only
place where Scrapy runs), `collect` walks the outlets in it, `fetch` is its one door to the network,
`discover` reads feeds, sitemaps and sections, `journal` and `warc` keep what came. Nothing here knows
the lake: a step reads the journal and lands it.
"""

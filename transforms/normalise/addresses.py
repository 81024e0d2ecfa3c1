"""The one URL of an article."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from schemas.errors import Reject
from schemas.urls import host_of, normal_url

_SLUG = re.compile(r"\w+-\w+-\w+|\d{5,}")
_SCRIPT = re.compile(r"\.(php\d?|aspx?|cfm|jsp|cgi|pl|do)$", re.IGNORECASE)
_UNFILLED = re.compile(r"[{}]|%7B|/(undefined|null|none|nan)/?$", re.IGNORECASE)


def canonical_url(claim: str | None, url: str) -> str:
    """The page's claim where it is credible: on the same site, and naming a page as `url` does; else `url`.

    A template's mistake that gives many articles one address would make them one article.
    """
    own = normal_url(url)
    try:
        claimed = normal_url(claim) if claim and not _UNFILLED.search(claim) else own
    except Reject:
        return own
    one, other = sorted((host_of(claimed), host_of(own)), key=len)
    same_site = one == other or other.endswith(f".{one}")
    return claimed if same_site and _names_page(claimed, own) else own


def _names_page(claimed: str, own: str) -> bool:
    """False for a front page, the section above a page, or a script without what tells it which page to show."""
    if claimed == own:
        return True
    claim, page = urlsplit(claimed), urlsplit(own)
    if claim.query:
        return True
    above, _, below = page.path.partition(claim.path.rstrip("/") + "/")
    is_section = not above and bool(_SLUG.search(below)) and not _SLUG.search(claim.path)
    is_script = claim.path == page.path and bool(_SCRIPT.search(claim.path)) and bool(page.query)
    return claim.path not in {"", "/"} and not is_section and not is_script

"""What the block model looks at, in words for a reader who does not know its features."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A phrase with a value in it is a measure; one without is there or not: "link", "no link", or as behind the bar.
_WORDS = {
    "size": "{letters} letters",
    "linked": "{share} of it links",
    "strong": "{share} of it bold",
    "anchors": "links in it: {count}",
    "ends_sentence": "sentence end",
    "starts_upper": "capital at the start",
    "starts_odd": "sign at the start",
    "capitals": "capitals throughout",
    "has_stop": "full stops: {some} in 100 letters",
    "has_comma": "commas: {some} in 100 letters",
    "has_digit": "digits: {some} in 100 letters",
    "has_odd": "signs such as © or #: {some} in 100 letters",
    "has_quote": "quotation marks: {some} in 100 letters",
    "clock": "date or time",
    "address": "address or ©",
    "ends_colon": "colon at the end",
    "is_title": "words of the headline",
    "is_description": "words of the page's description",
    "in_description": "piece of the page's description",
    "is_label": "name of section, tag or outlet",
    "author": "author's name",
    "calls_sign_up": "call to sign up",
    "calls_read_more": "pointer to more to read",
    "calls_follow": "call to follow or share",
    "calls_advert": "words of an advert",
    "calls_credit": "words of a picture credit",
    "calls_rights": "words of a rights notice",
    "calls_comments": "words about comments",
    "calls_writer": "words about writers",
    "calls_dated": "words of a date line",
    "hidden": "hidden part around it",
    "in_body": "parts named article body around it: {count}",
    "levels_to_heading": "levels up to what it shares with the headline: {count}",
    "heading_below": "levels from there down to the headline: {count}",
    "shared_with_heading": "what it shares with the headline is {share} of the page",
    "alike": "elements like it beside it: {power}",
    "parents_alike": "elements like the one around it: {power}",
    "beside": "name such as promo or related around it",
    "beside_if_small": "name such as caption or premium around it",
    "beyond_comments": "comments above it",
    "in_best_body": "in the part named article body|outside of the part named article body",
    "best_body_prose": "{share} of the page's prose in the part named article body",
    "depth": "depth in the page: {count}",
    "copies": "times on the page: {count}",
    "place": "{share} of the page's lines above it",
    "prose_before": "{share} of the page's prose above it",
    "prose_after": "{share} of the page's prose below it",
    "since_h1": "lines since the <h1>: {count}",
    "since_title": "lines since the headline: {count}",
    "page_blocks": "lines on the page: {power}",
    "page_prose": "letters of prose on the page: {power}",
    "in_best": "amid most of the prose|not amid most of the prose",
    "in_best_above": "near most of the prose|far from most of the prose",
    "same_place": "elements shared with the longest line: {count}",
}
_PARTS = {
    "body": "article body",
    "dek": "standfirst",
    "ad": "advert",
    "meta": "date, time or source",
    "nav": "navigation",
    "aside": "sidebar or widget",
    "wall": "paywall",
    "hidden": "popup, cookie or hidden",
    "list": "list, feed or card",
    "promo": "promo or newsletter",
    "media": "picture or video",
    "main": "main or article",
}
_GROUPS = {
    "holder": "its element",
    "parent": "the element around it",
    "grandparent": "the element two levels up",
    "form": "lines of its kind beside it",
    "page_form": "lines of its kind",
}
_OF_GROUP = {
    "blocks": "{group}: {counted} lines",
    "prose": "{group}: {share} of the lines prose",
    "share": "{group}: {share} of the page's prose",
    "mean_size": "{group}: {letters} letters a line",
    "mean_linked": "{group}: {share} links",
    "best": "most of the page's prose in {group}",
}
_OF_NEIGHBOUR = {
    "size": "{letters} letters {where}",
    "linked": "{share} links {where}",
    "ends_sentence": "sentence end {where}",
    "heading": "heading {where}",
    "same_parent": "element shared with the line {where}",
    "same_form": "line of the same kind {where}",
    "calls": "calls to act {where}: {count}",
}
_WHERE = {
    "before1": "just above",
    "after1": "just below",
    "before2": "two lines above",
    "after2": "two lines below",
}
_WHERE |= {"before3": "three lines above", "after3": "three lines below"}
_NONE = -1.0  # beyond the page's ends, or before the first


def _table() -> Iterator[tuple[str, str]]:
    yield from _WORDS.items()
    for group, said in _GROUPS.items():
        for what, words in _OF_GROUP.items():
            yield f"{group}_{what}", words.replace("{group}", said)
    for where, said in _WHERE.items():
        for what, words in _OF_NEIGHBOUR.items():
            yield f"{what}_{where}", words.replace("{where}", said)


_TABLE = dict(_table())
_NAMED = re.compile(r"(near|far|in|tag)_(\w+)")
_WITHIN = re.compile(r"prose_within_(\d+)")


def reason(feature: str, value: float) -> str:
    """A feature of a line with its value, in words.

    >>> reason("linked", 0.92), reason("near_related", 1), reason("ends_sentence", 0)
    ('92% of it links', 'part named related', 'no sentence end')
    """
    words, _, missing = (_TABLE.get(feature) or _named(feature)).partition("|")
    if value == _NONE:
        return f"not there: {re.sub(r':? ?[{][a-z]+[}]', '', words).strip()}"
    if "{" not in words:
        return words if value > 0 else missing or f"no {words}"
    raised = 2.0 ** min(value, 60.0)
    return words.format(
        letters=f"{raised - 1:,.0f}",
        counted=f"{raised - 1:,.0f}",
        power=f"{raised:,.0f}",
        share=f"{value:.0%}",
        count=f"{value:.0f}",
        some=f"{value:.1f}",
    )


def _named(feature: str) -> str:
    if match := _NAMED.fullmatch(feature):
        kind, name = match.groups()
        part = _PARTS.get(name, name)
        return {
            "near": f"part named {part}",
            "far": f"part named {part} somewhere around it",
            "in": f"<{name}> around it",
            "tag": "element of a rare kind" if name == "other" else f"<{name}>",
        }[kind]
    if match := _WITHIN.fullmatch(feature):
        return f"{{share}} of the page's prose within {match[1]} lines"
    return feature.replace("_", " ")

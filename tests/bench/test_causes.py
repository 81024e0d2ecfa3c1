"""Every cause the demo's outlet of trouble serves is told, with its evidence; no article is taken for one."""

from __future__ import annotations

import pytest

from presslake.demo import trouble
from schemas.vocabulary import Reason
from tests.bench.causes import (
    cause_of,
    newsroom_articles,
    not_in_archives,
    told_of_archive,
    told_of_trouble,
)

#: What a page cannot serve: our own limits and deaths, what link says of articles, other files; and what a whole
#: site asks for, which tests/spiders shows (budgets, opt_outs, safety).
NOT_SERVED = {
    *(
        Reason.NOT_ALLOWED,
        Reason.TIME_LIMIT,
        Reason.PAGE_LIMIT,
        Reason.BYTE_LIMIT,
        Reason.RECHECK_LIMIT,
        Reason.CRASH,
        Reason.ERROR,
    ),
    *(Reason.HOST_BUDGET, Reason.PORT, Reason.CRAWL_DELAY, Reason.RETRY_AFTER, Reason.OPT_OUT),
    *(Reason.SAME_URL, Reason.SAME_TEXT, Reason.SUPERSEDED, Reason.ITEM_LIMIT, Reason.ARCHIVE_DAMAGED),
}


@pytest.mark.slow
def test_every_cause_is_told_with_its_evidence() -> None:
    told = told_of_trouble()
    assert {one.case.reason for one in told} == set(Reason) - NOT_SERVED
    wrong = [
        f"{one.case.url}: {one.reason} {one.detail!r} is not {one.case.reason} {one.case.says!r}"
        for one in told
        if one.reason != one.case.reason or one.case.says not in one.detail
    ]
    assert not wrong, "\n".join(wrong)
    vendors = {one.detail.partition(":")[0] for one in told if one.case.reason == Reason.BOT_CHALLENGE}
    assert len(vendors) == 13


def test_an_archive_of_the_same_answers_tells_the_same_causes_as_far_as_it_can_know_them() -> None:
    told = told_of_archive()
    known = [one for one in told if not not_in_archives(one.case)]
    wrong = [
        f"{one.case.url}: {one.reason} {one.detail!r} is not {one.case.reason} {one.case.says!r}"
        for one in known
        if one.reason != one.case.reason or one.case.says not in one.detail
    ]
    assert not wrong, "\n".join(wrong)
    assert len(told) - len(known) == 12
    assert [one.reason for one in told if one.case.reason == Reason.REDIRECT_LOOP] == [None]


def test_no_article_of_the_newsroom_is_taken_for_anything_else() -> None:
    articles = newsroom_articles()[::4]
    assert len(articles) > 50
    assert {cause_of(page) for page in articles} == {None}


def test_the_outlet_of_trouble_is_valid_and_names_every_case_once() -> None:
    urls = [trouble.url_of(case, 1) for case in trouble.CASES]
    assert len(set(urls)) == len(urls)

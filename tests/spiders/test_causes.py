"""What an answer means for its URL; the demo's outlet of trouble shows each cause in a crawl."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.outlet import Expect
from schemas.vocabulary import CaptureOutcome, Reason
from spiders.causes import Soft404s, bogus_url, title_of, verdict
from spiders.collect import Collector
from spiders.fetch import Answer
from spiders.journal import Journal, read_journal
from spiders.polling import is_stale
from spiders.refused import Refused
from tests.spiders.crawling import outlet, plan_for
from tests.spiders.tiny import rss

URL = "https://paper-example.com/2026/storm-at-the-pier"
PAPER = outlet(
    "paper", homepage="https://paper-example.com/", feeds=["https://feeds.host-example.com/paper.xml"]
)
WORDS = " ".join(f"word{n}" for n in range(400))
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def answer(body: str = "", status: int = 200, url: str = URL, **headers: str) -> Answer:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Answer(url, status, sent, body.encode(), None, NOW, 1)


@pytest.mark.parametrize(
    ("given", "vendor"),
    [
        (answer(status=403, CF_Mitigated="challenge"), "Cloudflare"),
        (answer(WORDS, 200, cf_mitigated="challenge"), "Cloudflare"),
        (answer(f"{WORDS}<div id=cf-error-details>", 403), "Cloudflare"),
        (answer(status=429, x_datadome="protected"), "DataDome"),
        (answer("<script src=https://ct.captcha-delivery.com/c.js></script>", 403), "DataDome"),
        (answer(status=403, set_cookie="_pxhd=abc; path=/"), "HUMAN"),
        (answer("<div class=sec-if-cpt-container>", 428), "Akamai"),
        (answer("<iframe src=/_Incapsula_Resource?x=1></iframe>"), "Imperva"),
        (answer(status=405, x_amzn_waf_action="captcha"), "AWS WAF"),
        (answer(status=429, x_kpsdk_ct="1"), "Kasada"),
        (
            answer(status=503, body="<title>DDoS-Guard</title><img src=/.well-known/ddos-guard/i.png>"),
            "DDoS-Guard",
        ),
        (answer("<title>Are you a robot?</title><div class=g-recaptcha></div>"), "a captcha"),
    ],
)
def test_a_bot_wall_is_told_by_its_vendor(given: Answer, vendor: str) -> None:
    outcome, reason, detail = verdict(given, URL, PAPER)
    assert (outcome, reason) == (CaptureOutcome.BLOCKED, Reason.BOT_CHALLENGE)
    assert str(detail).startswith(f"{vendor}: ")


@pytest.mark.parametrize(
    "given",
    [
        answer(f"<p>{WORDS} Cloudflare sets _cf_chl_opt and DataDome asks captcha-delivery.com.</p>"),
        answer(
            f"<script src=/_Incapsula_Resource?SWJIYLWA=1></script><p>{WORDS}</p>", set_cookie="incap_ses_1=x"
        ),
        answer(
            f"<p>{WORDS}</p>", server="cloudflare", cf_ray="8", set_cookie="_pxhd=1", x_datadome="protected"
        ),
        answer(f"<form><div class=g-recaptcha></div></form><p>{WORDS}</p>"),
        answer("<form><input type='password'><div class=g-recaptcha></div></form>"),
        answer("<p>A brief page.</p>"),
    ],
)
def test_a_page_that_speaks_of_a_wall_or_is_guarded_by_one_is_none(given: Answer) -> None:
    assert verdict(given, URL, PAPER) == (CaptureOutcome.FETCHED, None, None)


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (304, "unchanged", None),
        (401, "blocked", "login_wall"),
        (403, "blocked", "http_4xx"),
        (404, "gone", "http_4xx"),
        (418, "failed", "http_4xx"),
        (500, "failed", "http_5xx"),
        (302, "failed", "http_other"),
    ],
)
def test_a_status_has_a_cause_and_is_the_evidence(status: int, outcome: str, reason: str | None) -> None:
    assert verdict(answer(status=status), URL, PAPER) == (
        outcome,
        reason,
        f"HTTP {status}" if reason else None,
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://paper-example.com/2026/storm-at-the-pier-2", None),
        ("https://www.paper-example.com/storm", None),
        ("https://paper-example.co.uk/storm", None),
        ("https://host-example.com/storm", None),
        ("https://paper-example.com/login?next=storm", "login_wall"),
        ("https://account.paper-example.com/x", "login_wall"),
        ("https://other-example.com/signin.php", "login_wall"),
        ("https://consent.other-example.com/?back=storm", "consent_wall"),
        ("https://other-example.com/storm", "moved_host"),
        ("https://paper-example.com/", "soft_404"),
        ("https://paper-example.com/?p=7", None),
    ],
)
def test_where_a_redirect_led_tells_what_became_of_the_page(url: str, reason: str | None) -> None:
    found = verdict(answer(WORDS, url=url), URL, PAPER)
    assert found.reason == reason
    assert found.detail is None or url in found.detail


def test_a_page_about_logins_is_no_login_and_a_url_of_a_person_may_lead_anywhere() -> None:
    page = answer(WORDS, url="https://paper-example.com/news/login/2")
    assert verdict(page, "https://paper-example.com/news/login", PAPER).reason is None
    asked_for = outlet("page", homepage=URL)
    assert verdict(answer(WORDS, url="https://other-example.com/"), URL, asked_for).reason is None
    assert verdict(answer(WORDS, url="https://other-example.com/feed"), URL).reason is None


class Host:
    """Answers each URL as `pages` say, else with `other`; counts what it was asked."""

    def __init__(self, other: Answer | Refused) -> None:
        self.other = other
        self.asked: list[str] = []

    async def get(self, url: str, pace: float, headers: object = None) -> Answer:
        self.asked.append(url)
        if isinstance(self.other, Refused):
            raise self.other
        return self.other


def soft_404s(host: Host, *pages: Answer) -> list[bool]:
    async def run() -> list[bool]:
        found = Soft404s(host)  # type: ignore[arg-type]
        return [await found.evidence(page, f"page-{n}", 0) is not None for n, page in enumerate(pages)]

    return asyncio.run(run())


def titled(title: str, text: str, url: str = URL) -> Answer:
    return answer(f"<title>{title}</title><nav>Home News</nav><p>{text}</p>", url=url)


SORRY = "We looked everywhere in the old harbour town, and found it not."


def test_a_host_is_asked_once_and_only_for_a_reason() -> None:
    host = Host(titled("Not here", SORRY))
    assert soft_404s(host, titled("One", WORDS), titled("Two", WORDS)) == [False, False]
    assert not host.asked
    same = titled("Not here", f"{SORRY} 12:01")
    assert soft_404s(host, same, same, same, titled("Two", WORDS)) == [False, True, True, False]
    assert len(host.asked) == 1
    assert host.asked[0].startswith("https://paper-example.com/2026/no-such-page-")
    assert (
        host.asked[0] == bogus_url(URL, NOW + timedelta(hours=3)) != bogus_url(URL, NOW + timedelta(days=1))
    )


class Town:
    """Has one page, a feed that names four, and shows the same for any other address."""

    async def get(self, url: str, pace: float, headers: object = None, **_: bool) -> Answer:
        if url.endswith("/feed"):
            return replace(titled("", ""), url=url, body=rss(f"{URL}-{n}" for n in range(4)))
        text = (
            WORDS if url.endswith("-2") else f"{SORRY} There is much else to see, with many a boat. {url[-1]}"
        )
        return titled("Paper", text, url=url)

    page = get


def test_the_first_page_of_a_host_is_taken_back_when_others_show_the_same(tmp_path: Path) -> None:
    town: Any = Town()
    with Journal.open(tmp_path) as journal:
        asyncio.run(Collector(plan_for(outlet("a", feeds=[f"{URL}/feed"])), journal, town).run())
    landing = read_journal(tmp_path, "s")
    seen = {
        row["url"][-1]: (row["outcome"], row["reason"], row["warc_offset"] is None, row["status"])
        for row in landing.captures.to_pylist()
    }
    gone = ("gone", "soft_404", True, 200)
    assert seen == {"0": gone, "1": gone, "2": ("fetched", None, False, 200), "3": gone}


def test_a_title_that_says_so_is_reason_enough_but_no_proof() -> None:
    page = titled("Page not found", SORRY)
    assert soft_404s(Host(page), page) == [True]
    assert soft_404s(Host(answer(status=404)), page) == [False]
    assert soft_404s(Host(Refused(CaptureOutcome.DISALLOWED, "robots")), page) == [False]
    assert soft_404s(Host(titled("Page not found", WORDS, url=f"{URL}-1")), page) == [False]
    at_home = titled("Seite nicht gefunden", "Die Themen des Tages", url="https://paper-example.com/themen")
    elsewhere = titled(
        "Heute", "Die anderen Themen des Tages sind diese", url="https://paper-example.com/themen"
    )
    assert soft_404s(Host(elsewhere), at_home) == [True]


def test_walls_and_shells_are_shown_for_any_address_and_are_no_soft_404() -> None:
    login = answer(f"<title>Paper</title>{SORRY}<input type='password'>")
    consent = titled("Paper", f"{SORRY} Cookies, personal data, our partners, your consent.")
    shell = answer(
        "<title>Paper</title><div id=root></div><noscript>Enable JavaScript, please do it</noscript>"
    )
    for page in (login, consent, shell):
        assert soft_404s(Host(page), page, page) == [False, False]


def test_a_title_is_read_in_its_encoding() -> None:
    body = "<meta charset='windows-1251'><title>Страница\n не найдена</title>".encode("windows-1251")
    assert title_of(Answer(URL, 200, [], body, None, NOW, 1)) == "Страница не найдена"
    assert title_of(answer("<title>Fish &amp; chips – now</title>")) == "Fish & chips – now"
    assert title_of(answer("<p>none</p>")) == ""


def test_a_source_of_which_nothing_else_is_known_is_stale_after_two_weeks() -> None:
    old = NOW - timedelta(days=15)
    assert is_stale(old, NOW)
    assert not is_stale(NOW - timedelta(days=13), NOW)
    assert not is_stale(None, NOW)


def test_a_refusal_names_a_cause_of_the_list() -> None:
    given: Any = "no such reason"
    with pytest.raises(ValueError, match="no such reason"):
        Refused(CaptureOutcome.FAILED, given)


def test_an_outlet_may_be_silent_where_its_file_says_that_a_day_without_an_article_is_normal() -> None:
    assert Expect(articles_per_day=(0, 9)).is_quiet
    assert not Expect(articles_per_day=(1, 9)).is_quiet
    assert not Expect().is_quiet

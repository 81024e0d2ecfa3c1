"""What an answer means for its URL; the demo's outlet of trouble shows each cause in a crawl."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.outlet import Expect
from schemas.tables import CAPTURES
from schemas.vocabulary import CaptureOutcome, Reason
from spiders.causes import Soft404s, bogus_url, title_of, verdict
from spiders.fetch import Answer
from spiders.journal import INDEX_NAME, Landing
from spiders.known import know_as_owed
from spiders.plan import Plan
from spiders.polling import is_stale
from spiders.refused import Refused
from tests.spiders.clock import Web
from tests.spiders.crawling import outlet, plan_for, remember
from tests.spiders.tiny import PAGE

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
    """Answers any address with `other`; counts what it was asked."""

    def __init__(self, other: Answer | Refused) -> None:
        self.other = other
        self.asked: list[str] = []

    async def get(self, url: str, pace: float, *, render: bool = False) -> Answer:
        self.asked.append(url)
        if isinstance(self.other, Refused):
            raise self.other
        return self.other


def soft_404s(host: Host, *pages: Answer) -> list[bool]:
    async def run() -> list[bool]:
        found = Soft404s(host, lambda it: found.know(it))  # type: ignore[arg-type]  # noqa: PLW0108 -- not bound yet
        return [bool(it) for it in await asyncio.gather(*(found.evidence(page, "a", 0) for page in pages))]

    return asyncio.run(run())


def titled(title: str, text: str, url: str = URL) -> Answer:
    return answer(f"<title>{title}</title><nav>Home News</nav><p>{text}</p>", url=url)


SORRY = "We looked everywhere in the old harbour town, there is much else to see, with many a boat."
BOGUS = "https://paper-example.com/2026/no-such-page"


def test_a_host_is_asked_once_for_a_name_that_is_the_same_all_day() -> None:
    host = Host(titled("Paper", SORRY, BOGUS))
    page = titled("Paper", f"{SORRY} 12:01")
    assert soft_404s(host, page, titled("Paper", WORDS), page) == [True, False, True]
    (asked,) = host.asked
    assert asked.startswith(BOGUS)
    assert asked == bogus_url(URL, NOW + timedelta(hours=3)) != bogus_url(URL, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    "other",
    [
        answer(status=404, body=SORRY),
        answer(status=503, body=SORRY),
        titled("Paper", SORRY, "https://paper-example.com/"),
        Refused(CaptureOutcome.DISALLOWED, "robots"),
        titled("Paper", WORDS, BOGUS),
        titled("Other", SORRY, BOGUS),
    ],
    ids=["404", "503", "the front page", "robots", "other words", "another title"],
)
def test_a_page_is_no_soft_404_where_its_host_shows_something_else(other: Answer | Refused) -> None:
    assert soft_404s(Host(other), titled("Paper", SORRY)) == [False]


def test_a_page_at_the_address_where_all_that_is_gone_leads_is_one_whatever_it_says() -> None:
    topics = "https://paper-example.com/topics"
    today = titled("Today", "These are the topics of the day, and others", topics)
    assert soft_404s(Host(today), titled("Tonight", "The topics of the night are here", topics)) == [True]


@pytest.mark.parametrize(("changed", "is_same"), [(20, True), (400, False)])
def test_long_pages_are_compared_by_some_of_their_words(changed: int, is_same: bool) -> None:
    words = [f"word{n}" for n in range(2000)]
    other = [*words[changed:], *(f"other{n}" for n in range(changed))]
    assert soft_404s(Host(titled("Paper", " ".join(words), BOGUS)), titled("Paper", " ".join(other))) == [
        is_same
    ]


def test_walls_and_shells_are_shown_for_any_address_and_are_no_soft_404() -> None:
    login = answer(f"<title>Paper</title>{SORRY}<input type='password'>")
    consent = titled("Paper", f"{SORRY} Cookies, personal data, our partners, your consent.")
    shell = answer("<title>Paper</title><div id=root></div><noscript>Enable JavaScript, please do</noscript>")
    menu = answer(f"<title>Paper</title>{SORRY}<noscript><p>Bitte JavaScript einschalten</p></noscript>")
    for page in (login, consent, shell, menu):
        assert soft_404s(Host(replace(page, url=BOGUS)), page) == [False]


def page_of(title: str, text: str) -> bytes:
    return titled(title, text).body


PAPER_FEED = outlet("a", homepage="http://a.localhost/", feeds=["http://a.localhost/feed"])


def probed(web: Web) -> int:
    """Times a host was asked for an address that nobody has since this was last asked."""
    asked = sum("no-such-page-" in where for _, where in web.asked)
    web.asked.clear()
    return asked


def causes(landing: Landing) -> dict[str, str | None]:
    return {row["url"][-1]: row["reason"] for row in landing.captures.to_pylist()}


def test_a_host_is_asked_once_a_day_and_not_for_a_crawl_that_brings_nothing_new(tmp_path: Path) -> None:
    """The town shows the same for any address, and gives all its pages one title."""
    web = Web({f"a.localhost/{n}": page_of("Town", f"{WORDS} {n}") for n in range(3)})
    web.other = page_of("Town", SORRY)

    def look(slot: str, paths: list[int], *before: Landing) -> tuple[int, Landing]:
        web.pages["a.localhost/feed"] = web.rss(*(f"a.localhost/{n}" for n in paths))
        known = [CAPTURES.schema.empty_table(), *(it.captures for it in before)]
        remember(tmp_path / slot, pa.concat_tables(known))
        probes = [probe for it in before for probe in it.probes]
        plan_for(PAPER_FEED, slot=slot, probes=probes).write(tmp_path / slot)
        _, landing = web.crawl(tmp_path / slot, Plan.read(tmp_path / slot))
        return probed(web), landing

    times, first = look("s1", [0, 7])
    assert (times, [probe.host for probe in first.probes]) == (1, ["a.localhost"])
    assert causes(first) == {"0": None, "7": "soft_404"}
    times, second = look("s2", [1, 8], first)
    assert (times, second.probes) == (0, [])
    assert causes(second) == {"1": None, "8": "soft_404"}
    times, third = look("s3", [0, 1])  # another day, and nothing is known
    assert (times, len(third.probes)) == (1, 1)
    times, fourth = look("s4", [0, 1], replace(third, probes=[]))  # another day, and nothing is new
    assert (times, fourth.probes, set(fourth.captures["outcome"].to_pylist())) == (0, [], {"not_due"})


def test_a_friendly_page_that_is_alone_in_its_crawl_is_told(tmp_path: Path) -> None:
    web = Web({"a.localhost/feed": Web().rss("a.localhost/7")}, other=page_of("Welcome", SORRY))
    _, landing = web.crawl(tmp_path, plan_for(PAPER_FEED))
    (row,) = landing.captures.to_pylist()
    assert (row["outcome"], row["reason"], row["warc_offset"]) == ("gone", "soft_404", None)
    assert row["detail"].startswith("the same as http://a.localhost/no-such-page-")
    assert row["requests"] == 3  # tdmrep.json, the page, and the one that nobody has


def test_a_crawl_that_is_resumed_knows_what_it_asked_for(tmp_path: Path) -> None:
    web = Web({"a.localhost/feed": Web().rss("a.localhost/7")}, other=page_of("Welcome", SORRY))
    web.crawl(tmp_path / "calm", plan_for(PAPER_FEED))
    assert probed(web) == 1
    index = (tmp_path / "calm" / INDEX_NAME).read_bytes().splitlines(keepends=True)
    (at,) = (number for number, line in enumerate(index) if line.startswith(b'{"probe"'))
    for name, kept, times in (
        ("whole", b"".join(index[: at + 1]), 0),
        ("torn", b"".join(index[: at + 1])[:-9], 1),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / INDEX_NAME).write_bytes(kept)
        _, landing = web.crawl(tmp_path / name, plan_for(PAPER_FEED))
        assert probed(web) == times
        assert causes(landing) == {"7": "soft_404"}
        assert [probe.host for probe in landing.probes] == ["a.localhost"]


def test_of_a_page_that_a_person_asked_for_nobody_asks_its_host(tmp_path: Path) -> None:
    web = Web({"a.localhost/7": PAGE})
    know_as_owed(tmp_path, "a", ["http://a.localhost/7"], datetime.now(UTC))
    nowhere = outlet("a").model_copy(update={"sections": ()})
    plan_for(nowhere).write(tmp_path)
    _, landing = web.crawl(tmp_path, Plan.read(tmp_path))
    assert (landing.captures["outcome"].to_pylist(), probed(web)) == (["fetched"], 0)


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

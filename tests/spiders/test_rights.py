"""What is said of a page's use, wherever it is said, and what counts as an opt-out."""

from __future__ import annotations

import json
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import REPO
from spiders.rights import opt_out, page_rights, read_tdmrep, tdm_rights
from spiders.robots import Robots, ai_agents

URL = "https://paper.example/news/1?page=2"


def test_the_list_of_ai_agents_is_dated_and_names_each_once_for_one_purpose() -> None:
    listed = yaml.safe_load((REPO / "spiders" / "ai_agents.yml").read_text(encoding="utf-8"))
    assert isinstance(listed.pop("as_of"), date)
    assert set(listed) == {"training", "search", "assistant"}
    tokens = [token for tokens in listed.values() for token in tokens]
    assert len(ai_agents()) == len(tokens)
    assert ai_agents()["gptbot"] == ("training", "GPTBot")


# --- robots.txt ----------------------------------------------------------------------------------

ROBOTS = """\
User-agent: *
Content-Signal: search=yes,ai-train=no   # as some content networks write it
Disallow: /admin/

User-agent: gptbot
User-agent: CCBot
User-agent: ChatGPT-User
User-agent: SomeoneElsesBot
Disallow: /

User-agent: Google-Extended
Disallow: /archive/
"""


def test_robots_txt_names_the_ai_agents_it_shuts_out_of_a_url() -> None:
    robots = Robots(ROBOTS, "Presslake")
    signal = "robots.txt content-signal: search=yes,ai-train=no"
    named = ["robots.txt assistant: ChatGPT-User", "robots.txt training: CCBot, GPTBot"]
    assert robots.rights(URL) == [*named, signal]
    assert robots.rights("https://paper.example/archive/1") == [
        named[0], "robots.txt training: CCBot, Google-Extended, GPTBot", signal
    ]  # fmt: skip


def test_an_agent_is_known_with_a_version_too() -> None:
    robots = Robots(
        "User-agent: Presslake/2.1 (+https://x)\nDisallow: /a\n\nUser-Agent:CCBot/2.0\nDisallow: /",
        "Presslake",
    )
    assert not robots.allows("https://paper.example/a")
    assert robots.allows("https://paper.example/b")
    assert robots.rights(URL) == ["robots.txt training: CCBot"]


def test_agents_named_twice_or_apart_are_told_apart() -> None:
    text = "User-agent: GPTBot\nDisallow: /a\n\nUser-agent: CCBot\nDisallow: /a\n\nUser-agent: GPTBot\nDisallow: /b"
    robots = Robots(text, "Presslake")
    assert robots.rights("https://paper.example/a") == ["robots.txt training: CCBot, GPTBot"]
    assert robots.rights("https://paper.example/b") == ["robots.txt training: GPTBot"]


def test_a_robots_txt_that_says_nothing_of_ai_gives_nothing() -> None:
    for text in (
        "",
        "User-agent: *\nDisallow: /\n",
        "User-agent: GPTBot\nAllow: /\n",
        "<html>no robots</html>",
    ):
        assert Robots(text, "Presslake").rights(URL) == []


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: *\nDisallow: /news/", False),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/1", True),  # the longest match
        ("User-agent: *\nDisallow: /\n\nUser-agent: presslake\nDisallow:", True),  # our group and no other
        ("User-agent: PRESSLAKE\nDisallow: /a\n\nUser-agent: Presslake\nDisallow: /news", False),  # merged
        ("User-agent: other\nUser-agent: presslake\nDisallow: /news", False),  # one group, two agents
        ("User-agent: presslake-images\nDisallow: /", True),  # another product
        ("User-agent: *\nDisallow: /*?page=", False),
        ("User-agent: *\nDisallow: /*page$", True),
        ("User-agent: *\nDisallow: /news/1", False),
        ("User-agent: *\nAllow: /news/1\nDisallow: /news/1", True),  # of two as long, allow
        ("User-agent: *\nDisallow: /%6eews/", False),
        ("\ufeffDisallow: /\nUser-agent: *\nDisallow: /other", True),  # a rule of no agent
        ("Sitemap: https://paper.example/s.xml\nUser-agent: *\n# a comment\n\nDisallow: / # all", False),
    ],
)
def test_rules_of_robots_txt(text: str, allowed: bool) -> None:
    assert Robots(text, "Presslake").allows(URL) is allowed


def test_crawl_delay_is_that_of_our_group() -> None:
    assert Robots("User-agent: *\nCrawl-delay: 9", "Presslake").delay == 9
    assert Robots("User-agent: *\nCrawl-delay: 9\n\nUser-agent: presslake\nAllow: /", "Presslake").delay == 0
    for odd in ("soon", "-1", "nan", "inf", ""):
        assert Robots(f"User-agent: *\nCrawl-delay: {odd}", "Presslake").delay == 0


# --- tdmrep.json ---------------------------------------------------------------------------------


def tdm(url: str, *rules: tuple[str, object, str | None]) -> list[str]:
    file = [{"location": at, "tdm-reservation": is_1, "tdm-policy": policy} for at, is_1, policy in rules]
    return tdm_rights(read_tdmrep(json.dumps(file).encode()), url)


def test_the_first_rule_that_matches_tells_reservation_and_policy() -> None:
    rules = ("/news/", 1, "https://paper.example/policy.json"), ("/", 0, None)
    assert tdm(URL, *rules) == [
        "tdmrep.json tdm-reservation: 1", "tdmrep.json tdm-policy: https://paper.example/policy.json"
    ]  # fmt: skip
    assert tdm("https://paper.example/", *rules) == ["tdmrep.json tdm-reservation: 0"]
    assert tdm("https://paper.example/a", rules[0]) == []


def test_what_tdmrep_json_says_can_be_stored() -> None:
    rules = read_tdmrep(
        b'[{"location": "/", "tdm-reservation": "1", "tdm-policy": "https://a.example/\\ud83d"}]'
    )
    assert tdm_rights(rules, URL)[1].encode() == b"tdmrep.json tdm-policy: https://a.example/?"


@pytest.mark.parametrize(
    ("location", "matches"),
    [
        ("/", True), ("/news/1", True), ("/news/1?page=2$", True), ("/news/1$", False), ("/news/2", False),
        ("/*/1", True), ("*", True), ("*page=2$", True), ("/*1*3", False), ("/n*s/*=2$", True), ("/NEWS/", False),
        ("/%6Eews/", True), ("/news/*news/1", False), ("*1?page=2*2$", False), ("", True),
    ],
)  # fmt: skip
def test_patterns_are_those_of_robots_txt(location: str, matches: bool) -> None:
    assert bool(tdm(URL, (location, 1, None))) is matches


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>not here</html>",
        b"null",
        b"{}",
        b"[1, null, []]",
        b'[{"location": 1}]',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_tdmrep_json_says_nothing(body: bytes) -> None:
    assert read_tdmrep(body) == ()


@pytest.mark.timeout(60)
def test_hostile_patterns_cost_no_more_than_their_length() -> None:
    assert tdm("https://paper.example/" + "a" * 4000, *[("/" + "*a" * 2000 + "*b", 1, None)] * 100) == []


# --- headers and meta tags -----------------------------------------------------------------------


def said(*headers: tuple[str, str], body: bytes = b"") -> list[str]:
    return page_rights([(n.encode(), v.encode("latin-1")) for n, v in headers], body, "Presslake")


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("noindex, nofollow", []),
        ("NoArchive, nofollow, NoAI", ["x-robots-tag: noarchive, noai"]),
        ("googlebot: noarchive, nofollow", []),
        ("GPTBot: noindex, nofollow", ["x-robots-tag gptbot: noindex"]),
        ("presslake: noarchive", ["x-robots-tag presslake: noarchive"]),
        ("noimageai, CCBot: none, otherbot: noai", ["x-robots-tag: noimageai", "x-robots-tag ccbot: none"]),
        (
            "unavailable_after: 25 Jun 2030 15:00:00 GMT",
            ["x-robots-tag: unavailable_after: 25 jun 2030 15:00:00 gmt"],
        ),
        ("max-snippet: 50, noai", ["x-robots-tag: noai"]),
        ("", []),
        (",:,::,é: noai", []),
    ],
)
def test_x_robots_tag_to_all_to_us_and_to_ai(value: str, lines: list[str]) -> None:
    assert said(("X-Robots-Tag", value)) == lines


def test_headers_of_tdmrep_and_of_ai_preferences() -> None:
    policy = "https://paper.example/policy.json"
    assert said(("TDM-Reservation", "1"), ("tdm-policy", policy), ("Content-Usage", "train-ai=n")) == [
        "tdm-reservation: 1", f"tdm-policy: {policy}", "content-usage: train-ai=n"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "lines"),
    [
        (b"<meta name='robots' content='noai, noimageai'>", ["meta robots: noai, noimageai"]),
        (b'<META CONTENT="max-image-preview:large, noarchive" NAME=robots>', ["meta robots: noarchive"]),
        (b"<meta name=robots content=index>", []),
        (b"<meta name=googlebot content=noarchive>", []),
        (b"<meta name='GPTBot' content='noindex'>", ["meta gptbot: noindex"]),
        (b"<meta name=tdm-reservation content=1>", ["meta tdm-reservation: 1"]),
        (
            b"<meta name='tdm-policy' content='https://a.example/p'/>",
            ["meta tdm-policy: https://a.example/p"],
        ),
        (b"<meta property='name' content='noai'>", []),
        (b"<meta data-name='robots' content='noai'>", []),
    ],
)
def test_meta_tags(tag: bytes, lines: list[str]) -> None:
    assert said(body=b"<html><head>" + tag + b"</head>") == lines


@given(st.binary(max_size=300), st.text(st.characters(max_codepoint=255), max_size=100))
def test_any_bytes_say_something_or_nothing(body: bytes, value: str) -> None:
    assert isinstance(opt_out(said(("X-Robots-Tag", value), body=b"<meta " + body)), str | None)


# --- opt-outs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "robots.txt training: GPTBot", "robots.txt search: YouBot", "robots.txt assistant: Claude-User",
        "robots.txt content-signal: search=yes, ai-train=no", "robots.txt content-usage: train-ai=n",
        "content-usage: train-ai=n", "tdmrep.json tdm-reservation: 1", "tdm-reservation: 1",
        "meta tdm-reservation: 1", "x-robots-tag: noarchive", "x-robots-tag: nosnippet, noai",
        "x-robots-tag gptbot: noindex", "meta robots: noai", "meta ccbot: noarchive",
        "x-robots-tag ccbot: nosnippet, none", "meta presslake: none",
    ],
)  # fmt: skip
def test_opt_outs(line: str) -> None:
    assert opt_out([line]) == line


@pytest.mark.parametrize(
    "line",
    [
        "robots.txt content-signal: search=no, ai-train=yes", "tdmrep.json tdm-reservation: 0",
        "tdm-reservation: 0", "tdm-policy: https://a.example/noai", "meta tdm-policy: https://a.example/noai",
        "x-robots-tag: nosnippet", "meta robots: noimageai", "meta robots: none", "content-usage: train-ai=y",
    ],
)  # fmt: skip
def test_other_statements_are_recorded_only(line: str) -> None:
    assert opt_out([line]) is None


def test_a_page_is_above_its_header_and_that_above_the_file() -> None:
    file, header, page = "tdmrep.json tdm-reservation: 1", "tdm-reservation: 0", "meta tdm-reservation: 1"
    assert opt_out([file, header]) is None
    assert opt_out([file, header, page]) == page
    assert opt_out([file, header, "x-robots-tag: noai"]) == "x-robots-tag: noai"

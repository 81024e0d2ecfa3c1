"""Pages that scripts fill are archived as a browser renders them, and the browser reaches nothing by itself."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator

from spiders.fetch import Answer
from spiders.journal import Landing
from spiders.plan import Limits
from spiders.rendered import Rendering
from tests.spiders.crawling import SETTINGS, by_path, crawl, outlet, verdicts
from tests.spiders.tiny import Asked, Reply, Tiny

HAS_PLAYWRIGHT = find_spec("playwright") is not None
needs_browser = pytest.mark.skipif(
    not HAS_PLAYWRIGHT, reason="playwright is not installed: pip install 'presslake[browser]'"
)
SHELL = b"<!doctype html><title>Empty</title><body><div id=app></div>%s</body>"
STORY = "The ferry to Östergrund was repaired overnight."
APP = """
fetch('/api/story').then(answer => answer.json()).then(story => {
  document.title = story.title;
  document.getElementById('app').innerHTML = '<h1></h1><p></p><img src=/picture.png>';
  document.querySelector('h1').textContent = story.title;
  document.querySelector('p').textContent = story.text;
});
"""
PROBES = """
const told = (name, what) => { document.body.dataset[name] = what; };
const reach = (name, url, options) =>
  fetch(url, {mode: 'no-cors', ...options}).then(() => told(name, 'reached'), () => told(name, 'refused'));
reach('private', 'http://10.1.2.3/');
reach('metadata', 'http://169.254.169.254/latest/meta-data/');
reach('onward', '/onward');
reach('post', '/posted', {method: 'POST', body: 'x'});
reach('data', 'data:text/plain,x');
const socket = new WebSocket('ws://' + location.host + '/socket');
socket.onopen = () => told('socket', 'reached');
socket.onerror = () => told('socket', 'refused');
const frame = document.createElement('iframe'); frame.src = '/framed'; document.body.append(frame);
new Image().src = '/picture.png';
setTimeout(() => { location = '/elsewhere'; }, 50);
"""


def script(code: str) -> bytes:
    return SHELL % f"<script>{code}</script>".encode()


def bodies(landing: Landing) -> dict[str, tuple[bytes, str | None]]:
    """(body, who rendered it) by path."""
    found = {}
    with landing.warc_path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.http_headers is not None:
                path = record.headers["WARC-Target-URI"].rpartition("/")[2]
                found[path] = record.reader.read(), record.http_headers.get("X-Crawler-Rendered")
    return found


def render(site: Tiny, folder: Path, *paths: str, **settings: Any) -> Landing:
    """A crawl of one outlet whose pages scripts fill, and of one whose pages they do not."""
    site.pages["a.localhost/feed"] = site.rss(*(f"a.localhost/{path}" for path in paths))
    site.pages["b.localhost/feed"] = site.rss("b.localhost/plain")
    site.pages["b.localhost/plain"] = script("document.title = 'scripted'")
    limits = SETTINGS.model_copy(update=settings)
    feeds = {slug: [site.url(f"{slug}.localhost/feed")] for slug in ("a", "b")}
    outlets = outlet("a", feeds=feeds["a"], render="browser"), outlet("b", feeds=feeds["b"])
    return crawl(folder, *outlets, settings=limits)[1]


@pytest.mark.slow
@needs_browser
def test_what_scripts_write_is_archived_and_said_to_be_rendered(tmp_path: Path) -> None:
    with Tiny() as site:
        site.pages |= {
            "a.localhost/story": SHELL % b"<script src=/moved.js></script>",
            "a.localhost/moved.js": (302, {"Location": "/app.js"}, b""),
            "a.localhost/app.js": (200, {"Content-Type": "text/javascript"}, APP.encode()),
            "a.localhost/api/story": (
                200,
                {"Content-Type": "application/json"},
                json.dumps({"title": "Ferry repaired", "text": STORY}).encode(),
            ),
            "a.localhost/old": (301, {"Location": "/story"}, b""),
        }
        landing = render(site, tmp_path, "story", "old", "none")
        asked = list(site.asked)
    assert verdicts(landing) == {
        "story": ("fetched", None),
        "old": ("fetched", None),
        "none": ("gone", "http_4xx"),
        "plain": ("fetched", None),
    }
    body, by = bodies(landing)["story"]
    assert f"<p>{STORY}</p>" in body.decode()
    assert "<h1>Ferry repaired</h1>" in body.decode()
    assert by is not None
    assert by.startswith("Chromium/")
    assert by_path(landing)["story"]["content_type"] == "text/html; charset=utf-8"
    assert bodies(landing)["plain"] == (script("document.title = 'scripted'"), None)
    assert "/picture.png" not in {one.path for one in asked}
    assert {one.headers["User-Agent"] for one in asked} == {SETTINGS.user_agent}


@pytest.mark.slow
@needs_browser
def test_the_browser_reaches_only_what_a_download_would(tmp_path: Path) -> None:
    def onward(_: Asked) -> Reply:
        return 302, {"Location": "http://10.1.2.3/"}, b""

    with Tiny() as site:
        site.pages |= {"a.localhost/probes": script(PROBES), "a.localhost/onward": onward}
        landing = render(site, tmp_path, "probes")
        asked = {one.path for one in site.asked if one.host == "a.localhost"}
    usual = {"/robots.txt", "/.well-known/tdmrep.json", "/feed", "/probes", "/onward"}
    assert {path for path in asked if "/no-such-page-" not in path} == usual
    body = bodies(landing)["probes"][0].decode()
    for name in ("private", "metadata", "onward", "post", "socket"):
        assert f'data-{name}="refused"' in body, name
    assert 'data-data="reached"' in body


@pytest.mark.slow
@needs_browser
def test_pages_that_never_end_or_grow_for_ever_cost_their_own_time(tmp_path: Path) -> None:
    with Tiny() as site:
        site.pages |= {
            "a.localhost/busy": script("while (true) {}"),
            "a.localhost/large": script("document.body.append('x'.repeat(400000))"),
            "a.localhost/restless": script("setInterval(() => fetch('/none'), 20)"),
            "a.localhost/alert": script("alert('stop'); document.title = 'went on'"),
        }
        landing = render(site, tmp_path, "busy", "large", "restless", "alert", page_seconds=15)
        asked = [one.path for one in site.asked]
    assert verdicts(landing) == {
        "busy": ("failed", "timeout"),
        "large": ("failed", "too_large"),
        "restless": ("fetched", None),
        "alert": ("fetched", None),
        "plain": ("fetched", None),
    }
    assert b"<title>went on</title>" in bodies(landing)["alert"][0]
    assert 10 < asked.count("/none") <= 100
    assert asked.count("/busy") == 1


@pytest.mark.slow
@needs_browser
def test_a_page_that_gives_no_article_has_its_cause_and_is_tried_again_like_any_other(tmp_path: Path) -> None:
    wall = "<h1>Are you human?</h1><div class=h-captcha></div>"
    with Tiny() as site:
        site.pages |= {
            "a.localhost/wall": script(f"document.body.innerHTML = '{wall}'"),
            "a.localhost/down": (503, {}, script("document.title = 'scripted'")),
            "a.localhost/members": (302, {"Location": "/login"}, b""),
            "a.localhost/login": script("document.title = 'Log in'"),
        }
        landing = render(site, tmp_path, "wall", "down", "members")
        asked = [one.path for one in site.asked]
    assert verdicts(landing) == {
        "wall": ("blocked", "bot_challenge"),
        "down": ("failed", "http_5xx"),
        "members": ("blocked", "login_wall"),
        "plain": ("fetched", None),
    }
    assert by_path(landing)["wall"]["detail"] == "a captcha: HTTP 200, h-captcha"
    assert by_path(landing)["down"]["status"] == 503
    assert (asked.count("/down"), asked.count("/wall")) == (3, 1)
    assert set(bodies(landing)) == {"plain"}


@pytest.mark.slow
@needs_browser
def test_a_browser_is_replaced_before_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    launch = Rendering._launch

    async def launched(self: Rendering) -> Any:
        started.append(await launch(self))
        return started[-1]

    async def nothing(_: object) -> Any:
        raise AssertionError

    async def run() -> None:
        page = Answer(
            url="http://a.localhost/",
            status=200,
            headers=[(b"Content-Type", b"text/html")],
            body=script("document.title = 'scripted'"),
            ip=None,
            at=datetime.now(UTC),
            duration_ms=1,
        )
        async with Rendering(nothing, Limits.model_validate(SETTINGS)) as it:
            rendered = await asyncio.gather(*(it.render(page) for _ in range(5)))
            assert [browser.is_connected() for browser in started] == [False, False, True]
        assert not started[-1].is_connected()
        assert all(b"<title>scripted</title>" in answer.body for answer in rendered)

    monkeypatch.setattr("spiders.rendered._PAGES", 2)
    monkeypatch.setattr(Rendering, "_launch", launched)
    asyncio.run(run())


@pytest.mark.slow
@pytest.mark.skipif(HAS_PLAYWRIGHT, reason="playwright is installed")
def test_without_the_extra_the_reason_says_what_to_install(tmp_path: Path) -> None:
    with Tiny() as site:
        site.pages["a.localhost/story"] = script("")
        landing = render(site, tmp_path, "story")
    assert verdicts(landing) == {"story": ("failed", "error"), "plain": ("fetched", None)}
    assert by_path(landing)["story"]["detail"] == "render: browser needs `pip install presslake[browser]`"

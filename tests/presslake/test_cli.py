"""The command line: it helps, answers, and says what is wrong in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from typer.core import TyperGroup

from presslake import cli
from presslake.services.environment import settings_env
from presslake.services.ports import free_ports
from schemas.errors import Reject
from schemas.outlet import read_outlet
from schemas.settings import REPO, Settings
from tests.spiders.tiny import Tiny
from tests.web.site import Site

PAGE = (
    "<!DOCTYPE html><html lang='en'><head><title>The ferry returns to the quay</title></head><body><article>"
    "<h1>The ferry returns to the quay</h1>"
    + "".join(
        f"<p>On day {day} the ferry waited at quay {day} for its {day} passengers and left.</p>"
        for day in range(9)
    )
    + "</article></body></html>"
)
URL = "https://paper.example/ferry"


def commands() -> list[list[str]]:
    """Every command and group, as typed."""
    root = typer.main.get_command(cli.app)
    assert isinstance(root, TyperGroup)
    found: list[list[str]] = [[]]
    for name, command in root.commands.items():
        found.append([name])
        if isinstance(command, TyperGroup):
            found += [[name, inner] for inner in command.commands]
    return found


class Presslake:
    """Runs commands in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys
        self.printed = ""  # by the last command, as it stood

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Exit code and all that was printed, with single spaces."""
        self.monkeypatch.setattr(sys, "argv", ["presslake", *arguments])
        code: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code
        printed = self.capsys.readouterr()
        assert isinstance(code, int)
        self.printed = printed.out
        return code, " ".join(f"{printed.out} {printed.err}".split())

    def use(self, settings: Settings) -> None:
        """Let the commands find these settings in their environment."""
        for name, value in settings_env(settings).items():
            self.monkeypatch.setenv(name, value)


@pytest.fixture
def presslake(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Presslake:
    return Presslake(monkeypatch, capsys)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder with one outlet."""
    path = tmp_path / "outlets" / "gb" / "the-paper.yml"
    path.parent.mkdir(parents=True)
    path.write_text("name: The Paper\nlanguage: en\nhomepage: https://paper.example/\n", "utf-8")
    return tmp_path / "outlets"


@pytest.fixture
def away(tmp_path: Path, papers: Path) -> Settings:
    """Settings of servers that do not run."""
    s3, postgres = free_ports(2)
    return Settings(
        state_dir=tmp_path / "state",
        outlets=str(papers),
        s3_port=s3,
        postgres_port=postgres,
        contact="desk@paper.example",
    )


# --- without servers -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_a_help_text(presslake: Presslake, command: list[str]) -> None:
    code, said = presslake(*command, "--help")
    assert code == 0
    assert " ".join([*command, "[OPTIONS]"]) in said


def test_the_outlets_are_listed_and_shown(presslake: Presslake, away: Settings) -> None:
    presslake.use(away)
    code, said = presslake("outlets", "list")
    assert code == 0
    assert "the-paper" in said
    code, said = presslake("outlets", "show", "the-paper")
    assert code == 0
    assert yaml.safe_load(presslake.printed)["homepage"] == "https://paper.example/"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("outlets show nobody", "Reject: no outlet 'nobody'; `presslake outlets list` shows what there is"),
        ("outlets check nobody", "Reject: no outlet nobody; `presslake outlets list` shows what there is"),
        ("collect yesterday", "Reject: 'yesterday' is no start of a slot in UTC such as"),
        ("collect 2026-13-01T00:00:00", "Reject: '2026-13-01T00:00:00' is no start of a slot"),
        ("collect 2126-11-22T12:15:00", "Reject: slot 2126-11-22T12:15:00 has not begun"),
        ("collect --shard 7", "Reject: no shard 7; there are 2, from 0 on"),
        ("balance yesterday", "Reject: 'yesterday' is no slot: it is a start in UTC such as"),
        ("refine ../secrets", "Reject: '../secrets' is no slot"),
        ("ingest absent.warc", "Reject: no file absent.warc"),
        ("extract absent.html --explain", "Reject: no file absent.html; these options are for one page"),
        pytest.param(
            *("extract http://10.0.0.1/a", "Reject: http://10.0.0.1/a is disallowed: private_address"),
            marks=pytest.mark.slow,
        ),
        ("trace paper.example", "Reject: not an http(s) URL: 'paper.example'"),
    ],
)
def test_an_error_is_one_sentence_and_exit_code_1(
    presslake: Presslake, away: Settings, arguments: str, sentence: str
) -> None:
    presslake.use(away)
    code, said = presslake(*arguments.split())
    assert code == 1
    assert said.startswith(sentence)
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", ["query", "nonsense", "status --nonsense", "collect --shard many"])
def test_a_wrong_use_is_exit_code_2(presslake: Presslake, arguments: str) -> None:
    code, said = presslake(*arguments.split())
    assert code == 2
    assert said.startswith("Usage: ")
    assert "Error: " in said


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PRESSLAKE_S3_PORT", "many", "Reject: PRESSLAKE_S3_PORT: Input should be a valid integer"),
        ("PRESSLAKE_PAGE_BYTES", "-1", "Reject: PRESSLAKE_PAGE_BYTES: Input should be greater than 0"),
        ("PRESSLAKE_CATALOG", "{", 'Reject: error parsing value for field "catalog"'),
    ],
)
def test_a_wrong_setting_is_named(
    presslake: Presslake, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    code, said = presslake("outlets", "list")
    assert code == 1
    assert said.startswith(sentence)
    assert "bug" not in said


def test_an_outlet_file_that_is_wrong_is_named(presslake: Presslake, away: Settings, papers: Path) -> None:
    (papers / "gb" / "evil.yml").write_text("name: Evil\nlanguage: en\nhomepage: htp:/x\nfeed: []\n", "utf-8")
    presslake.use(away)
    code, said = presslake("outlets", "list")
    assert code == 1
    assert "evil.yml:3: homepage: not an http(s) URL: 'htp:/x'" in said
    assert "evil.yml:4: feed: unknown key" in said


def test_a_bug_says_so_and_shows_its_traceback_only_when_asked(
    presslake: Presslake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Settings) -> None:
        raise ZeroDivisionError("a [bracket] of ours")

    monkeypatch.setattr(cli, "_outlets", broken)
    code, said = presslake("outlets", "list")
    assert code == 1
    assert said == "ZeroDivisionError: a [bracket] of ours — this is a bug; run it again with --debug."
    with pytest.raises(ZeroDivisionError):
        presslake("--debug", "outlets", "list")


def test_a_page_in_a_file_is_explained(
    presslake: Presslake, away: Settings, papers: Path, tmp_path: Path
) -> None:
    presslake.use(away)
    page, shown = tmp_path / "ferry.html", tmp_path / "shown.html"
    page.write_text(PAGE, "utf-8")
    code, said = presslake("extract", str(page))
    assert code == 0
    assert "title The ferry returns" in said
    assert "lines are the text" not in said
    code, said = presslake("extract", str(page), "--explain", "--html", str(shown), "--url", URL)
    assert code == 0
    assert "9 of 10 lines are the text" in said
    assert URL in shown.read_text("utf-8")
    assert presslake("extract", str(page), "--memory") == (1, "Reject: say whose memory, with --outlet")

    with (papers / "gb" / "the-paper.yml").open("a", encoding="utf-8") as file:
        file.write("layouts:\n  - text: p:nth-of-type(n+4)\n")
    code, said = presslake("extract", str(page), "--json", "--outlet", "the-paper")
    assert code == 0
    told = json.loads(said)
    assert sum(line["part"] == "text" for line in told["lines"]) == 6
    assert told["url"] == "https://paper.example/"


@pytest.mark.slow
def test_a_page_at_a_url_is_fetched_as_a_crawl_would(presslake: Presslake, away: Settings) -> None:
    presslake.use(away.model_copy(update={"pace_seconds": 0}))
    with Site() as site:
        code, said = presslake("extract", site.url("/good"), "--explain")
        assert code == 0
        assert "12 of 13 lines are the text" in said
        assert [target for _, target in site.requests] == ["/robots.txt", "/.well-known/tdmrep.json", "/good"]
        code, said = presslake("extract", site.url("/private/a"))
        assert (code, "is disallowed: robots" in said) == (1, True)
        assert "/private/a" not in [target for _, target in site.requests]


def test_no_real_site_is_asked_without_a_contact(presslake: Presslake, away: Settings) -> None:
    presslake.use(away.model_copy(update={"contact": ""}))
    for command in (["extract", "https://paper.example/"], ["outlets", "check", "the-paper"]):
        code, said = presslake(*command)
        assert (code, "Halt: set PRESSLAKE_CONTACT" in said) == (1, True)


@pytest.mark.slow
def test_the_installed_command_and_servers_that_are_away(away: Settings) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "presslake.cli", *arguments],
            env=os.environ | settings_env(away),
            cwd=REPO,
            capture_output=True,
            text=True,
            check=False,
        )

    assert "Collects news articles" in run("--help").stdout
    done = run("balance", "2026-11-22T12:15:00")
    assert done.returncode == 1
    assert done.stdout.startswith("TryLater: ")
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "Traceback" in run("--debug", "balance", "2026-11-22T12:15:00").stderr


# --- with a live lake ----------------------------------------------------------------------------


def test_status_of_what_does_not_run_is_exit_code_1(presslake: Presslake, away: Settings) -> None:
    presslake.use(away)
    code, said = presslake("status")
    assert code == 1
    assert "stopped" in said


@pytest.mark.slow
def test_a_page_is_ingested_asked_for_and_traced(
    presslake: Presslake, lake_settings: Settings, papers: Path, tmp_path: Path
) -> None:
    presslake.use(lake_settings.model_copy(update={"outlets": str(papers)}))
    page = tmp_path / "ferry.html"
    page.write_text(PAGE, "utf-8")
    code, said = presslake("ingest", str(page), "--url", URL, "--dry-run")
    assert (code, "ferry.html 0 1" in said) == (0, True)
    code, said = presslake("ingest", str(page), "--url", URL)
    assert code == 0
    assert "the-paper 1 1 1 0 0" in said
    assert "ferry.html 1 1" in said
    assert "│published │ 1│" in said
    (tmp_path / "noise.warc").touch()
    code, said = presslake("ingest", str(tmp_path / "noise.warc"), str(page), "--outlet", "the-paper")
    assert code == 1
    assert "ferry.html 1 1" in said
    assert "noise.warc is no WARC file: it holds no record" in said
    code, said = presslake("query", "SELECT title, outlet, slot FROM articles", "--json")
    assert code == 0
    row = json.loads(said)
    assert (row["title"], row["outlet"]) == ("The ferry returns to the quay", "the-paper")
    slot = row["slot"]

    for command in ("extract", "normalise", "link", "gate", "publish", "refine", "balance"):
        code, said = presslake(command, slot)
        assert code == 0, said
        assert slot in said
    code, said = presslake(
        "extract", str(page), "--url", URL, "--outlet", "the-paper", "--memory", "--explain"
    )
    assert code == 0
    assert "9 of 10 lines are the text" in said
    assert presslake("upkeep") == (0, "0 owed slots settled.")

    code, said = presslake("trace", f"{URL}?utm_source=test")
    assert code == 0
    assert all(word in said for word in ("fetched", "published", "revision 1"))
    code, said = presslake("trace", "https://paper.example/unknown")
    assert code == 1
    assert said.startswith("Reject: https://paper.example/unknown has never been met")

    code, said = presslake("query", "SELECT * FROM range(3)", "--limit", "2")
    assert code == 0
    assert "2 of 3 rows" in said
    code, said = presslake("query", "SELEC title")
    assert code == 1
    assert said.startswith("Reject: ")
    assert "syntax error" in said
    code, said = presslake("query", "SELECT * FROM nowhere")
    assert code == 1
    assert "nowhere does not exist" in said
    for command in ("extract", "publish", "refine", "balance"):
        code, said = presslake(command, "2020-01-01T00:00:00")
        assert code == 1, command
        assert said.startswith("Reject: slot 2020-01-01T00:00:00 has no captures")


@pytest.mark.slow
def test_outlets_are_checked_by_name_or_all(presslake: Presslake, away: Settings, papers: Path) -> None:
    with Tiny() as site:
        feed = site.url("paper.localhost/feed")
        site.pages["paper.localhost/feed"] = site.rss("paper.localhost/a")
        path = papers / "gb" / "the-paper.yml"
        path.write_text(path.read_text("utf-8") + f"feeds: [{feed}]\n", "utf-8")
        presslake.use(away)
        code, said = presslake("outlets", "check", "the-paper", "--json", "--mark")
        assert code == 0
        [row] = map(json.loads, presslake.printed.splitlines())  # no line between, before or behind
        assert (row["outlet"], row["url"], row["found"], row["is_fine"]) == ("the-paper", feed, 1, True)
        assert f"verified:\n  {feed}: " in path.read_text("utf-8")
        del site.pages["paper.localhost/feed"]
        code, said = presslake("outlets", "check", "--all")
        assert code == 1
        assert "feed_gone" in said
    assert presslake("outlets", "check")[1].startswith("Reject: say which outlets")


def test_an_outlet_is_written_when_a_person_says_so(
    presslake: Presslake, away: Settings, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from presslake import onepage, outlets

    found = read_outlet(papers / "gb" / "the-paper.yml").model_copy(update={"name": "Another Name"})
    given: list[object] = []

    def propose(url: str, settings: Settings, **facts: object) -> outlets.Proposal:
        given.append((url, facts["country"]))
        return outlets.Proposal(found, (URL,))

    monkeypatch.setattr(outlets, "propose", propose)
    monkeypatch.setattr(onepage, "pages_at", lambda urls, *_: [Reject(f"{url} is gone") for url in urls])
    presslake.use(away)
    monkeypatch.setattr(typer, "confirm", lambda question: "Write over it" not in question)
    code, said = presslake("outlets", "add", "https://paper.example/", "--country", "gb")
    assert (code, given) == (1, [("https://paper.example/", "gb")])
    assert f"{URL} is gone" in said
    assert "name: Another Name" in said
    assert "The Paper" in (papers / "gb" / "the-paper.yml").read_text("utf-8")
    code, said = presslake("outlets", "add", "https://paper.example/", "--yes")
    assert code == 0
    assert read_outlet(papers / "gb" / "the-paper.yml") == found
    assert presslake("outlets", "goldens") == (0, "0 of 0 pages are read otherwise.")
    (papers / "gb" / "the-paper.yml").rename(papers / "gb" / "moved.yml")
    (papers / "ie").mkdir()
    (papers / "ie" / "the-paper.yml").write_text(
        "name: x\nlanguage: en\nhomepage: https://x.example/\n", "utf-8"
    )
    code, said = presslake("outlets", "add", "https://paper.example/", "--yes")
    assert code == 1
    assert "choose another with --slug" in said

"""The `presslake` command."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from presslake import show
from presslake.show import console
from presslake.slots import begun_slot, checked_slot, slot_at
from schemas.errors import PresslakeError, Reject
from schemas.settings import Settings

app = typer.Typer(
    help="Collects news articles from many outlets and turns them into validated Parquet tables on S3.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
outlets_app = typer.Typer(help="The outlets: what is collected, from where.", no_args_is_help=True)
app.add_typer(outlets_app, name="outlets", rich_help_panel="Outlets")

RUN, STAGES, LOOK = "Run it", "One slot, stage by stage, without Airflow", "Look"

Slot = Annotated[
    str | None,
    typer.Argument(help="Start of the slot in UTC, e.g. 2026-11-22T12:15:00. Default: the one now."),
]
OneSlot = Annotated[str, typer.Argument(help="The slot, e.g. 2026-11-22T12:15:00 or an ingest's name.")]


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and debug logs.")] = False,
) -> None:
    """Set up logging once."""
    level = logging.DEBUG if debug else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", handlers=[RichHandler(console=console)])


def main() -> None:
    """Entry point: errors are one clear sentence, the exit code says how it went."""
    try:
        # Outside of standalone mode the code of a typer.Exit comes back as the value.
        sys.exit(app(standalone_mode=False) or 0)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        usage = getattr(error, "show", None)
        if usage is not None:
            usage()
            sys.exit(2)
        if "--debug" in sys.argv:
            raise
        name, sentence = _told(error)
        console.print(f"[red]{name}:[/] {escape(sentence)}", soft_wrap=True)
        sys.exit(1)
    finally:
        gc.freeze()  # else the interpreter, ending, walks through every module: 0.3 s of CPU


def _told(error: Exception) -> tuple[str, str]:
    """An error's name and what it says to a person."""
    if isinstance(error, PresslakeError):
        return type(error).__name__, str(error)
    if isinstance(error, SettingsError):
        return Reject.__name__, f"{error}: lists and objects are JSON"
    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        wrong = [f"PRESSLAKE_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]
        return Reject.__name__, "; ".join(wrong)
    return type(error).__name__, f"{error} — this is a bug; run it again with --debug."


# --- run it --------------------------------------------------------------------------------------


@app.command(rich_help_panel=RUN)
def run(
    once: Annotated[bool, typer.Option("--once", help="End after the first slot is published.")] = False,
) -> None:
    """Start every service and run slots through Airflow until Ctrl-C."""
    from presslake.newsdesk import run_newsdesk

    raise typer.Exit(run_newsdesk(Settings(), once=once))


@app.command(rich_help_panel=RUN)
def up() -> None:
    """Start every service in the background and wait until all are healthy."""
    from presslake.newsdesk import start

    start(Settings())


@app.command(rich_help_panel=RUN)
def down() -> None:
    """Stop every service that `up` or `run` started."""
    from presslake.services import down as stop

    stop(Settings())
    console.print("Everything is stopped.")


@app.command(rich_help_panel=RUN)
def status() -> None:
    """Show which services run, on which port, and how they feel. Exit code 1 if one does not."""
    from presslake.newsdesk import services_table

    table, healthy = services_table(Settings())
    console.print(table)
    raise typer.Exit(0 if healthy else 1)


# --- stages --------------------------------------------------------------------------------------


@app.command(rich_help_panel=STAGES)
def collect(
    slot: Slot = None,
    shard: Annotated[int | None, typer.Option(help="Only this shard of outlets.")] = None,
    *,
    all_sources: Annotated[
        bool, typer.Option("--all-sources", help="Look at sources that are not due as well.")
    ] = False,
) -> None:
    """Crawl the outlets and land what came."""
    from presslake import steps

    with _pipeline() as p, _progress() as progress:
        now = datetime.now(UTC)
        name = begun_slot(slot or slot_at(p.settings.schedule, now), now)
        if shard is not None and shard not in range(p.settings.shards):
            raise Reject(f"no shard {shard}; there are {p.settings.shards}, from 0 on")
        for number in range(p.settings.shards) if shard is None else [shard]:
            steps.collect(p, name, number, progress, all_sources=all_sources)
    _print_balance(name)


def _run_stage(name: str, slot: str, *, by_part: bool) -> None:
    from presslake import steps

    step: Callable[..., dict[str, int]] = getattr(steps, name)
    with _pipeline() as p, _progress() as progress:
        checked_slot(slot)
        steps.check_slot(p, slot)
        done: dict[str, int] = {}
        todo = [(part,) for part in steps.parts(p, slot)] if by_part else [()]
        for number, arguments in enumerate(todo):
            progress(name, number, len(todo))
            for outcome, count in step(p, slot, *arguments).items():
                done[outcome] = done.get(outcome, 0) + count
        progress(name, len(todo), len(todo))
    console.print(show.key_values(f"{name} {slot}", sorted(done.items())))


def _stage_command(name: str, help_: str, *, by_part: bool) -> None:
    def command(slot: OneSlot) -> None:
        _run_stage(name, slot, by_part=by_part)

    app.command(name, help=help_, rich_help_panel=STAGES)(command)


@app.command(rich_help_panel=STAGES)
def extract(
    what: Annotated[
        str, typer.Argument(metavar="SLOT|FILE|URL", help="A slot; or one page to look at: a file or a URL.")
    ],
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Of a page also each line: is it text, and why?")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Of a page: write all of it to this HTML file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Of a page: all of it as one JSON object.")] = False,
    url: Annotated[str | None, typer.Option(help="URL of the page in a file.")] = None,
    outlet: Annotated[
        str | None, typer.Option(help="Slug of the page's outlet, for its layouts, corrections and zone.")
    ] = None,
    memory: Annotated[
        bool,
        typer.Option(
            "--memory",
            help="Leave out what the outlet repeats, hear what its feeds said of the page; needs the lake.",
        ),
    ] = False,
) -> None:
    """Read each fetched page of a slot: what does it state? Or show how one page is read, and why."""
    is_url = what.startswith(("http://", "https://"))
    if not is_url and not Path(what).is_file():
        if any((explain, html, as_json, url, outlet, memory)):
            raise Reject(f"no file {what}; these options are for one page, a file or a URL")
        _run_stage("extract", what, by_part=True)
        return
    from presslake.explain import as_dict, html_page, lines_table, record_table
    from presslake.explain import explain as explained
    from presslake.onepage import page_at, page_in

    if memory and not outlet:
        raise Reject("say whose memory, with --outlet")
    paper = _outlet(outlet) if outlet else None
    page = page_at(what, Settings(), paper) if is_url else page_in(Path(what), url, paper)
    remembered = None
    if memory:
        page, remembered = _remembered(page)
    told = explained(page, paper, remembered)
    if html:
        html.write_text(html_page(told), encoding="utf-8")
    if as_json:
        import json

        sys.stdout.write(json.dumps(as_dict(told), default=str) + "\n")
        return
    console.print(record_table(told))
    if explain:
        console.print(lines_table(told))


_stage_command("normalise", "Make dates, names, text and languages comparable.", by_part=True)
_stage_command("link", "Find revisions, duplicates and stories.", by_part=False)
_stage_command("gate", "Judge the slot with Great Expectations.", by_part=False)
_stage_command("publish", "Commit what passed to the tables.", by_part=False)


@app.command(rich_help_panel=STAGES)
def refine(slot: OneSlot) -> None:
    """Run extract, normalise, link, gate and publish for a slot."""
    from presslake import steps

    with _pipeline() as p, _progress() as progress:
        steps.check_slot(p, checked_slot(slot))
        steps.refine(p, slot, progress)
    _print_balance(slot)


@app.command(rich_help_panel=STAGES)
def replay(
    slots: Annotated[list[str] | None, typer.Argument(help="Slots; or give --from, --to.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="The first slot.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="The last slot.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Only slots in which this outlet has pages.")] = None,
) -> None:
    """Read old slots again from the archive, as one would today, and correct what was published of them."""
    from presslake import steps

    if bool(slots) == bool(start or end or outlet):
        raise Reject("say which slots: either by name, or by --from, --to and --outlet")
    with _pipeline() as p, _progress() as progress:
        for slot in slots or ():
            steps.check_slot(p, checked_slot(slot))
        todo = slots or steps.slots(p, start, end, outlet)
        for slot in todo:
            steps.sight(p, slot, progress)
        done = {slot: steps.replay(p, slot, progress) for slot in todo}
    console.print(show.counts_table("slot", done))


@app.command(rich_help_panel=STAGES)
def upkeep() -> None:
    """Settle what is owed, expire old snapshots, compact small files."""
    from presslake import steps

    with _pipeline() as p, _progress() as progress:
        steps.land_leftovers(p)
        slots = steps.owed(p)
        for slot in slots:
            steps.refine(p, slot, progress)
        steps.tidy(p)
    console.print(f"{len(slots)} owed slot{'s' if len(slots) != 1 else ''} settled.")


@app.command(rich_help_panel=STAGES)
def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="WARC, WET, HTML or text files, lists of them (.paths): files, folders, patterns, s3://bucket/key."
        ),
    ],
    *,
    url: Annotated[str | None, typer.Option(help="URL of the page, for a single .html or .txt file.")] = None,
    outlet: Annotated[
        str | None, typer.Option(help="Slug of the outlet; by default found by the URL's host.")
    ] = None,
    known_only: Annotated[
        bool, typer.Option("--known-only", help="Leave out pages of hosts that no outlet has.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is in them; nothing is written.")
    ] = False,
) -> None:
    """Land pages from files as slots of their own and refine them like any other; again, it goes on where it ended."""
    from presslake import steps
    from presslake.ingest import Asked, land_source, survey
    from presslake.inputs import find_sources

    asked = Asked(url, outlet, known_only)
    with _pipeline() as p:
        accounts, wrong = [], []
        try:
            with _reading() as watch:
                for source in find_sources(p.settings, paths):
                    try:
                        accounts.append((survey if dry_run else land_source)(p, source, asked, watch))
                    except Reject as error:
                        wrong.append(str(error))
            slots = [slot for account in accounts for slot in account.slots]
            with _progress() as progress:
                became = steps.settle(p, slots, progress)
        except KeyboardInterrupt:
            console.print("Stopped. The same command goes on behind what has landed.")
            raise
    if len(slots) == 1:
        _print_balance(slots[0])
    if accounts:
        console.print(show.ingest_table(accounts))
    if became:
        console.print(show.key_values("pages", sorted(became.items())))
    if wrong:
        raise Reject("\n".join(wrong))


# --- look ----------------------------------------------------------------------------------------


@app.command(rich_help_panel=LOOK)
def balance(slot: Slot = None) -> None:
    """Show a slot's balance: what was discovered and what became of it, per outlet."""
    _print_balance(checked_slot(slot or slot_at(Settings().schedule, datetime.now(UTC))))


@app.command(rich_help_panel=LOOK)
def trace(url: Annotated[str, typer.Argument(help="Any URL of the page.")]) -> None:
    """Tell one URL's whole life."""
    from presslake.trace import trace as events_of

    with _pipeline() as p:
        events = events_of(p, url)
    if not events:
        raise Reject(f"{url} has never been met; is its outlet in `presslake outlets list`?")
    table = show.event_table(events)
    console.print(table)


@app.command(rich_help_panel=LOOK)
def query(
    sql: Annotated[
        str,
        typer.Argument(
            help='DuckDB SQL over the tables, e.g. "SELECT outlet, count(*) FROM articles GROUP BY 1".'
        ),
    ],
    limit: Annotated[int, typer.Option(help="Rows shown.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, all rows.")] = False,
) -> None:
    """Ask the tables with SQL."""
    import duckdb

    from lake.readers import duckdb_connection

    with _pipeline(outlets=False) as p:
        try:
            rows = duckdb_connection(p.lake).sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise Reject(str(error)) from error
    if as_json:
        _print_json(rows.to_pylist())
        return
    console.print(show.arrow_table(rows, limit))
    if len(rows) > limit:
        console.print(f"{limit} of {len(rows)} rows; --limit shows more.", style="dim")


# --- outlets -------------------------------------------------------------------------------------


@outlets_app.command("list")
def outlets_list() -> None:
    """List the outlets that run with these settings."""
    outlets = _outlets(Settings())
    console.print(show.outlets_table(outlets.values()))


@outlets_app.command("show")
def outlets_show(slug: Annotated[str, typer.Argument(help="The outlet's slug.")]) -> None:
    """Show everything an outlet's file says, defaults included, as YAML."""
    from schemas.outlet import outlet_yaml

    sys.stdout.write(outlet_yaml(_outlet(slug).model_dump(mode="json")))


@outlets_app.command("check")
def outlets_check(
    slugs: Annotated[list[str] | None, typer.Argument(help="Slugs of outlets; or give --all.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All outlets but retired ones.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line and source.")] = False,
    marks: Annotated[
        bool, typer.Option("--mark", help="Write into the files which sources were fine today (`verified`).")
    ] = False,
) -> None:
    """Visit each source of outlets: alive, what it yields, how fresh, robots.txt, what is wrong. Exit code 1 if any is.

    A source is fine if it can be read, names URLs, and the newest is not older than two weeks. No article is fetched.
    """
    from presslake.checking import check, checks_table, mark

    settings, now = Settings(), datetime.now(UTC)
    outlets = _outlets(settings)
    if bool(slugs) == everything:
        raise Reject("say which outlets: by slug, or all of them with --all")
    if unknown := sorted(set(slugs or []) - set(outlets)):
        raise Reject(f"no outlet {', '.join(unknown)}; `presslake outlets list` shows what there is")
    live = [slug for slug, outlet in outlets.items() if not outlet.is_retired(now.date())]
    with _progress() as progress:
        checks = check({slug: outlets[slug] for slug in slugs or live}, settings, progress)
    if as_json:
        _print_json(it.as_dict() for it in checks)
    else:
        console.print(checks_table(checks, now))
    if marks:
        mark(settings.outlets_dir, outlets, checks, now.date())
    raise typer.Exit(0 if all(it.is_fine for it in checks) else 1)


@outlets_app.command("add")
def outlets_add(
    url: Annotated[str, typer.Argument(help="The outlet's homepage.")],
    *,
    slug: Annotated[str | None, typer.Option(help="Slug; default: from the name.")] = None,
    name: Annotated[str | None, typer.Option(help="Name; default: as the homepage says.")] = None,
    country: Annotated[
        str | None, typer.Option(help="ISO 3166-1 code, if the homepage does not tell.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639 code, if the homepage does not tell.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking, even over a file.")] = False,
) -> None:
    """Find an outlet's feeds, sitemaps or sections, show what would be published of three articles, write its file.

    The three pages are saved beside the file; `outlets goldens` says when they are read otherwise.
    """
    from presslake.explain import explain, record_table
    from presslake.onepage import pages_at
    from presslake.outlets import as_yaml, path_of, propose, save
    from schemas.page import Page

    settings = Settings()
    folder = settings.outlets_dir
    with _progress() as progress:
        given = {"slug": slug, "name": name, "country": country, "language": language}
        proposal = propose(url, settings, **given, progress=progress)
        outlet = proposal.outlet
        answers = pages_at(proposal.articles[:3], settings, outlet, progress)
    pages = [page for page in answers if isinstance(page, Page)]
    for answer in answers:
        console.rule(escape(answer.url if isinstance(answer, Page) else "not fetched"), align="left")
        console.print(
            record_table(explain(answer, outlet)) if isinstance(answer, Page) else escape(str(answer))
        )
    path = path_of(outlet, folder)
    console.rule(escape(str(path)), align="left")
    console.print(escape(as_yaml(outlet)), soft_wrap=True)
    twins = [file for file in folder.glob(f"*/{outlet.slug}.yml") if file != path]
    if twins:
        raise Reject(f"slug {outlet.slug!r} is used by {twins[0]}; choose another with --slug")
    question = "The file is there already. Write over it?" if path.exists() else "Write it?"
    if not yes and not typer.confirm(question):
        raise typer.Exit(1)
    save(outlet, pages, folder)
    console.print(f"Written, with {len(pages)} pages beside it.")


@outlets_app.command("goldens")
def outlets_goldens(
    slugs: Annotated[list[str] | None, typer.Argument(help="Slugs of outlets; default: all.")] = None,
) -> None:
    """Read the pages again that `outlets add` saved: what is read otherwise now? Exit code 1 if anything is."""
    from presslake.outlets import changed

    folder, outlets = Settings().outlets_dir, _outlets(Settings())
    found = {
        page: fields
        for slug in slugs or outlets
        for page, fields in changed(_outlet(slug) if slugs else outlets[slug], folder).items()
    }
    for page, fields in found.items():
        if fields:
            console.print(f"[red]✗[/] {escape(page)}: {', '.join(fields)}", soft_wrap=True)
    console.print(f"{sum(map(bool, found.values()))} of {len(found)} pages are read otherwise.")
    raise typer.Exit(1 if any(found.values()) else 0)


@outlets_app.command("boilerplate")
def outlets_boilerplate(
    slug: Annotated[str, typer.Argument(help="The outlet's slug.")],
    limit: Annotated[int, typer.Option(help="Lines shown.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, all lines.")] = False,
) -> None:
    """Show which lines an outlet repeats, in how many articles, since when: they are left out of its texts."""
    from presslake.memory import boilerplate

    with _pipeline(outlets=False) as p:
        rows = boilerplate(p, slug)
    if as_json:
        _print_json(rows.to_pylist())
        return
    console.print(show.arrow_table(rows, limit))
    console.print(f"{len(rows)} lines recur.", style="dim")


# --- shared --------------------------------------------------------------------------------------


def _outlets(settings: Settings) -> dict[str, Any]:
    from schemas.outlet import read_outlets

    return read_outlets(settings.outlets_dir)


def _outlet(slug: str) -> Any:
    outlet = _outlets(Settings()).get(slug)
    if outlet is None:
        raise Reject(f"no outlet {slug!r}; `presslake outlets list` shows what there is")
    return outlet


def _remembered(page: Any) -> tuple[Any, Any]:
    """A page with what was said of it last, and what its outlet is known to repeat now, if anything was seen of it."""
    from presslake.claims import claimed
    from presslake.memory import known_now
    from transforms.extract.memory import recall

    with _pipeline(outlets=False) as p:
        return claimed(p, page), recall(known_now(p, page.outlet)).get(page.outlet)


@contextmanager
def _pipeline(*, outlets: bool = True) -> Iterator[Any]:
    from presslake.pipeline import open_pipeline

    with open_pipeline(Settings(), with_outlets=outlets) as p:
        yield p


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress bar a piece of work; gone when all is done, so that only results stay on the screen."""
    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tasks: dict[str, Any] = {}
    with bars:

        def progress(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield progress


@contextmanager
def _reading() -> Iterator[Callable[[Any, int, int], None]]:
    """A progress bar a source, in bytes, with its speed in bytes and pages and the time left."""
    bars = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[pages]:,} pages, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tasks: dict[int, Any] = {}
    with bars:

        def watch(source: Any, read: int, pages: int) -> None:
            if id(source) not in tasks:
                tasks[id(source)] = bars.add_task(source.label, total=source.size, pages=0, rate=0)
            task = bars.tasks[tasks[id(source)]]
            rate = pages / task.elapsed if task.elapsed else 0
            bars.update(task.id, completed=read, pages=pages, rate=rate)

        yield watch


def _print_json(rows: Iterable[Any]) -> None:
    """Rows, one object a line."""
    import json

    for row in rows:
        sys.stdout.write(json.dumps(row, default=str, ensure_ascii=False) + "\n")


def _print_balance(slot: str) -> None:
    from presslake import steps

    with _pipeline(outlets=False) as p:
        steps.check_slot(p, slot)
        ledger = steps.balance(p, slot)
        reasons = show.why_other(*steps.rows_of(p, slot))
    console.print(show.balance_table(slot, ledger, reasons))


if __name__ == "__main__":
    main()

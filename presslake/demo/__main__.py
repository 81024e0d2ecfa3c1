"""The demo newsroom as a process: `python -m presslake.demo --port 8100 --state DIR`."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from errno import EADDRINUSE
from pathlib import Path

from presslake.demo import trouble
from presslake.demo.server import Newsroom
from presslake.demo.stories import World


def main() -> int:
    """Serve until SIGTERM or Ctrl-C. 2 means that the port is taken."""
    options = _options()
    world = kept_world(options.state, _asked(options))
    room = Newsroom(
        world.epoch,
        port=world.port,
        seed=world.seed,
        scale=world.scale,
        page_kb=world.page_kb,
        host=options.host,
    )
    try:
        asyncio.run(_serve(room, options.state / "outlets"))
    except OSError as error:
        if error.errno != EADDRINUSE:
            raise
        _say(f"Port {world.port} is taken: free it or set PRESSLAKE_NEWSROOM_PORT to another.")
        return 2
    return 0


def kept_world(state: Path, asked: World) -> World:
    """The world this state folder began with, on the port asked for; the one asked for if it is new."""
    path = state / "newsroom.json"
    if path.exists():
        facts = json.loads(path.read_text("utf-8"))
        return World(**facts | {"epoch": datetime.fromisoformat(facts["epoch"]), "port": asked.port})
    state.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(asked) | {"epoch": asked.epoch.isoformat()}), "utf-8")
    part.replace(path)
    return asked


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m presslake.demo", description="A press of made-up outlets."
    )
    parser.add_argument("--port", type=int, default=8100, help="port to listen on (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s)")
    parser.add_argument("--state", type=Path, required=True, help="folder for the outlet files and the epoch")
    parser.add_argument(
        "--epoch", type=datetime.fromisoformat, help="when it all begins, ISO 8601 (default: now)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed tells other stories")
    parser.add_argument(
        "--scale", type=int, default=1, help="12 times this many articles an outlet at the epoch"
    )
    parser.add_argument("--page-kb", type=int, help="pad pages to about this many kB")
    return parser.parse_args()


def _asked(options: argparse.Namespace) -> World:
    epoch = options.epoch or datetime.now(UTC).replace(second=0, microsecond=0)
    epoch = epoch.replace(tzinfo=epoch.tzinfo or UTC)
    return World(epoch, options.seed, options.scale, options.page_kb, options.port)


async def _serve(room: Newsroom, outlets: Path) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = await room.open()
    room.write_outlets(outlets)
    trouble.write_outlet(outlets, room.port)
    _say(f"The newsroom is open at http://localhost:{room.port}/")
    await ended.wait()
    await room.close(server)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

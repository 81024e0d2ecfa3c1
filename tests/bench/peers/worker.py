"""One tool in a process of its own, in its own environment: `worker.py FD READER OPTIONS`.

Says when it is ready, then answers each batch of pages with (what it read, seconds of CPU it took), over the
connection FD, until that is closed. Nothing it reads with can reach the network.
"""

# mypy: disable-error-code="import-not-found, import-untyped"
from __future__ import annotations

import json
import socket
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NoReturn

import readers


def main(fd: str, name: str, options: str) -> None:
    """Serve until the other side hangs up."""
    socket.socket.connect = _refuse  # type: ignore[method-assign]
    connection = Connection(int(fd))
    read = getattr(readers, name)(**json.loads(options))
    connection.send("ready")
    with suppress(EOFError):
        while batch := connection.recv():
            began = time.process_time()
            found = read(batch)
            cpu_s = time.process_time() - began
            connection.send(([{"language": _language(fields)} | fields for fields in found], cpu_s))


def _refuse(*_: Any) -> NoReturn:
    raise OSError("no network here: a page is all there is")


def _language(fields: dict[str, Any]) -> str:
    """For tools that bring py3langid to filter by language (trafilatura) but do not state what they found."""
    if "language" in fields or not fields.get("text"):
        return ""
    try:
        from py3langid import classify
    except ImportError:
        return ""
    return str(classify(fields["text"])[0])


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Work that may hang, beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from spiders.refused import failed

T = TypeVar("T")


async def aside(work: Callable[[], T], seconds: float) -> T:
    """What `work` gives, from a thread of its own. Raises `Refused` failed timeout when it takes longer.

    A thread cannot be ended; one that hangs is left behind, and unlike those of `asyncio.to_thread` neither takes
    a place from others nor keeps the process from ending.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[Any], None], what: object) -> None:
        if not done.done():
            set_it(what)

    def run() -> None:
        told: tuple[Callable[[Any], None], object]
        try:
            told = done.set_result, work()
        except Exception as error:
            told = done.set_exception, error
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(tell, *told)

    Thread(target=run, daemon=True).start()
    try:
        return await asyncio.wait_for(done, seconds)
    except TimeoutError as error:
        raise failed("timeout", f"not read after {seconds:g} s") from error

"""Processes that tests start cheaply, and what they look for in those of others."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Collection
from contextlib import suppress
from multiprocessing.context import ForkServerContext

import psutil

_CONTEXT = multiprocessing.get_context("forkserver")
_IMPORTED: list[str] = []


def forked(*modules: str) -> ForkServerContext:
    """The maker of processes that have these modules, asked for before the first of them starts: forked from one that
    has imported what is slow to import, they save seconds of CPU each."""
    _IMPORTED.extend(modules)
    _CONTEXT.set_forkserver_preload(_IMPORTED)
    return _CONTEXT


def left_of(processes: Collection[psutil.Process], seconds: float = 60) -> list[psutil.Process]:
    """Those that still run after so long. A zombie has ended: not every machine's first process takes note of it."""
    deadline = time.monotonic() + seconds
    while (left := list(filter(_runs, processes))) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def listening(pid: int | None) -> set[str]:
    """The addresses that descendants of a process listen on."""
    addresses: set[str] = set()
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's, and Airflow's, come and go
            sockets = process.net_connections("inet")
            addresses |= {one.laddr.ip for one in sockets if one.status == psutil.CONN_LISTEN}
    return addresses

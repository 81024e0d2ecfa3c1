"""Loopback ports: finding free ones, and saying clearly who holds a busy one."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import psutil

from schemas.errors import Reject


def free_ports(count: int) -> list[int]:
    """That many different loopback ports nobody listens on now; another process may still be quicker."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def require_free(port: int, setting: str) -> None:
    """Reject, naming port, holder and the setting to change, if somebody listens on the loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            variable = f"PRESSLAKE_{setting.upper()}"
            raise Reject(
                f"port {port} is taken{_holder(port)}: stop that, or set {variable} to another"
            ) from error


def _holder(port: int) -> str:
    try:
        listeners = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
        pid = next(one.pid for one in listeners if one.laddr[1:] == (port,) and one.pid)
        return f" by {psutil.Process(pid).name()} (process {pid})"
    except (psutil.Error, StopIteration):
        return ""  # another user's process: only root sees whose

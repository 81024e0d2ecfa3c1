"""Loopback ports: finding free ones, and saying clearly who holds a busy one."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack, suppress

import psutil

from schemas.errors import Reject

#: Below those that Linux gives to connections, and to servers that take any port, before ours have started.
_PORTS = range(20_000, 32_768)


def free_ports(count: int) -> list[int]:
    """That many different loopback ports nobody listens on now; who asks for one of them may still be quicker."""
    ports: list[int] = []
    with ExitStack() as held:
        while len(ports) < count:
            port = secrets.choice(_PORTS)
            with suppress(OSError):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
                ports.append(port)
    return ports


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

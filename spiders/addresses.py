"""Which addresses may be connected to: public ones, and those of hosts a setting allows.

Every host is resolved once a crawl, judged, and pinned: the connection goes to the very address that was
judged, so a name that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from schemas.urls import is_within
from schemas.vocabulary import CaptureOutcome
from spiders.refused import Refused, failed

_DNS_SECONDS = 15
# Python 3.11 counts some outside it as global: IPv4-compatible and site-local addresses.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Where virtual machines in Azure reach their host; it is not reserved.
_WIRE_SERVER = ipaddress.IPv4Address("168.63.129.16")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Addresses(AbstractResolver):
    """Approves hosts; as aiohttp's resolver it answers with approved addresses only."""

    def __init__(self, allow_hosts: tuple[str, ...]) -> None:
        self._allowed = tuple(host.lower() for host in allow_hosts)
        self._approved: dict[str, asyncio.Task[str]] = {}

    def allows(self, host: str) -> bool:
        """Whether a setting allows a host whatever its address."""
        return is_within(_plain(host), self._allowed)

    async def approve(self, host: str) -> str:
        """The address to connect to. Raises `Refused`: disallowed private_address, or failed dns."""
        host = _plain(host)
        if host not in self._approved:
            self._approved[host] = asyncio.create_task(self._judge(host))
        return await asyncio.shield(self._approved[host])

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """aiohttp's question. Raises as `approve`."""
        address = await self.approve(host)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
        ]

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _judge(self, host: str) -> str:
        try:
            addresses = await asyncio.wait_for(_resolve(host), _DNS_SECONDS)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise failed("dns", f"{host}: {getattr(error, 'strerror', None) or repr(error)}") from error
        private = [address for address in addresses if not is_public(address)]
        if private and not self.allows(host):
            raise Refused(CaptureOutcome.DISALLOWED, "private_address", f"{host} is {private[0]}")
        return addresses[0]


def _plain(host: str) -> str:
    """A name as it is looked up: in lower case, without the dot of the root."""
    return host.lower().rstrip(".")


async def _resolve(host: str) -> list[str]:
    """Addresses of a host, IPv4 first. `*.localhost` is loopback without asking (RFC 6761)."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]
    # uvloop's own has four threads for all that waits for a name.
    found = await asyncio.to_thread(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for _, _, _, _, address in sorted(found, key=lambda entry: entry[0])]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, whatever it is wrapped in.

    >>> [is_public(a) for a in ("8.8.8.8", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is None and ip not in _GLOBAL_UNICAST:
            return False
        ip = inner or ip
    return ip.is_global and not ip.is_multicast and ip != _WIRE_SERVER

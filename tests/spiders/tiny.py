"""A news site of a few lines on loopback: one server that is every host, with a log of what was asked."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET
from struct import pack
from time import monotonic, sleep
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PAGE = b"<html><head><meta name='robots' content='noai, noarchive'></head>" + b"<p>Text</p>" * 50

Headers = dict[str, str]
Reply = tuple[int, Headers, bytes]


@dataclass(frozen=True)
class Raw:
    """Bytes sent as they are, `seconds` apart, before the connection is closed, or reset."""

    parts: Iterable[bytes]
    seconds: float = 0.0
    reset: bool = False


Handler = Callable[["Asked"], Reply | Raw]


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    at: float
    host: str
    path: str
    headers: Headers


@dataclass
class Tiny:
    """`pages` maps "host/path" (port left out) to a reply or to what makes one; the rest is 404."""

    pages: dict[str, bytes | Reply | Raw | Handler] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    address: str = "127.0.0.1"
    port: int = 0  # any that is free

    def __enter__(self) -> Self:
        self._server = _Server((self.address, self.port), _handler(self))
        self.port = int(self._server.server_address[1])
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, where: str) -> str:
        """The URL of "host/path"."""
        host, _, path = where.partition("/")
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}/{path}"

    def paths(self, host: str) -> list[str]:
        """What was asked of a host, in order."""
        return [a.path for a in self.asked if a.host == host]

    def rss(self, *where: str) -> bytes:
        """An RSS feed naming these, as "host/path" or in full."""
        return rss(w if "://" in w else self.url(w) for w in where)


def rss(urls: Iterable[str]) -> bytes:
    """An RSS feed naming these."""
    items = "".join(f"<item><title>t</title><link>{url}</link></item>" for url in urls)
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # a connection that finds no place in the queue is tried again after seconds

    def handle_error(self, *_: object) -> None:
        """A client that hung up is part of the play."""


def _handler(site: Tiny) -> type[BaseHTTPRequestHandler]:
    class Http(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            asked = Asked(monotonic(), host, self.path, dict(self.headers.items()))
            site.asked.append(asked)
            reply = site.pages.get(host + self.path.partition("?")[0], (404, {}, b"no such page"))
            if callable(reply):
                reply = reply(asked)
            if isinstance(reply, Raw):
                self.send_raw(reply)
                return
            status, headers, body = (200, {}, reply) if isinstance(reply, bytes) else reply
            self.send_response(status)
            for name, value in (
                {"Content-Type": "text/html", "Content-Length": str(len(body))} | headers
            ).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def send_raw(self, raw: Raw) -> None:
            self.close_connection = True
            with suppress(OSError):
                for part in raw.parts:
                    self.connection.sendall(part)
                    sleep(raw.seconds)
            if raw.reset:
                self.connection.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
                self.connection.close()

        def log_message(self, *_: object) -> None:
            pass

    return Http


def busy(seconds: float) -> Handler:
    """A page that comes late."""

    def answer(_: Asked) -> Reply:
        sleep(seconds)
        return 200, {}, b"<p>late</p>"

    return answer


def self_signed(folder: Path) -> ssl.SSLContext:
    """TLS of a certificate that nobody vouches for."""
    return signed(folder, "tls.localhost")[0]


def signed(folder: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """TLS of a host's certificate, and the file that makes a client trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, authority = folder / "tls.pem", folder / "authority.pem"
    authority.write_bytes(certificate.public_bytes(Encoding.PEM))
    pem.write_bytes(
        authority.read_bytes() + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, authority

"""A site of small pages made on the fly: `python -m tests.bench.small_pages`; prints its port.

`http://NAME.localhost:PORT/feed/N` is a feed of N pages of about 2 kB, each another one.
"""

from __future__ import annotations

import asyncio

_FILLER = "<p>The pump on the village green ran dry, and nobody can say why.</p>" * 30


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1]
            host = next(line[5:].strip() for line in lines if line.lower().startswith("host:"))
            status, body = _answer(host, path)
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            )
            writer.write(body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _answer(host: str, path: str) -> tuple[str, bytes]:
    if path.startswith("/feed/"):
        links = (f"<item><link>http://{host}/news/{n}</link></item>" for n in range(int(path[6:])))
        return "200 OK", f'<rss version="2.0"><channel>{"".join(links)}</channel></rss>'.encode()
    if path.startswith("/news/"):
        return "200 OK", f"<html><title>{host}{path}</title>{_FILLER}</html>".encode()
    return "404 Not Found", b"no such page"


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

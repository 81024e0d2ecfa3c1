"""Scrapy's download handler for http and https: one request over aiohttp to an address that was approved.

Scrapy's own over Twisted (2.19) takes some 2 ms of CPU more for a page of 150 kB.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import aiohttp
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from yarl import URL

from spiders.addresses import Addresses
from spiders.refused import failed

_HEADERS = 256
_HEADER_BYTES = 32_768  # each; aiohttp's 8 kB are less than some sites' Content-Security-Policy
_TOO_LARGE = ("Got more than", "Too many")  # headers, as aiohttp 3.14 says it
# A piece of a chunked body takes some 2 µs of CPU, however small it is: 10 MB in pieces of one byte would take 20 s.
_PIECE_BYTES = 256
_ip_address = lru_cache(ip_address)
_IDLE_SECONDS = (
    5.0  # a connection is kept open for the next page; thousands of hosts share our file descriptors
)


class Sent(Response):
    """An answer with its headers as they were sent: Scrapy's own have another order and spelling."""

    def __init__(
        self,
        url: str,
        status: int,
        raw_headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
        ip_address: IPv4Address | IPv6Address | None = None,
    ) -> None:
        super().__init__(url, status, body=body, ip_address=ip_address)
        self.raw_headers = raw_headers

    def values(self, name: bytes) -> list[str]:
        """All of a header, named in lower case."""
        return [value.decode("latin-1") for sent, value in self.raw_headers if sent.lower() == name]


class DownloadHandler(BaseDownloadHandler):
    """Raises `Refused`: as `Addresses.approve` does, or failed: timeout, tls, connect, connection_lost, truncated,
    too_large or bad_url.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        spider: Any = crawler.spider
        self._addresses: Addresses = spider.addresses
        self._limit = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._addresses, use_dns_cache=False, limit=0, keepalive_timeout=_IDLE_SECONDS
            ),
            headers={
                "User-Agent": crawler.settings["USER_AGENT"],
                **crawler.settings["DEFAULT_REQUEST_HEADERS"],
            },
            timeout=aiohttp.ClientTimeout(total=self._seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
            max_headers=_HEADERS,
        )

    async def download_request(self, request: Request) -> Sent:
        """The answer as sent, its body not decoded; a redirect is an answer. Raises `Refused`."""
        url = URL(request.url, encoded=True)
        address = await self._addresses.approve(url.host or "")  # aiohttp resolves no host that is an address
        try:
            async with self._session.get(
                url, headers=request.headers.to_tuple_list(), allow_redirects=False
            ) as response:
                body = await self._body(response)
        except TimeoutError as error:
            raise failed("timeout", f"not complete after {self._seconds:g} s") from error
        except aiohttp.ClientSSLError as error:
            raise failed("tls", error) from error
        except aiohttp.ClientConnectorError as error:
            raise failed("connect", error) from error
        except aiohttp.ClientPayloadError as error:
            raise failed("truncated", error) from error
        except aiohttp.ClientResponseError as error:
            is_large = error.message.startswith(_TOO_LARGE)
            raise failed("too_large" if is_large else "connection_lost", error.message) from error
        except ValueError as error:  # aiohttp.InvalidURL is one
            raise failed("bad_url", error) from error
        except aiohttp.ClientError as error:
            raise failed("connection_lost", str(error) or repr(error)) from error
        return Sent(request.url, response.status, response.raw_headers, body, _ip_address(address))

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        stated = response.content_length or 0
        chunks: list[bytes] = []
        size = 0
        if stated <= self._limit:
            async for chunk, _ in response.content.iter_chunks():
                chunks.append(chunk)
                size += max(len(chunk), _PIECE_BYTES)
                if size > self._limit:
                    break
        if max(stated, size) > self._limit:
            response.close()
            said = f"more than {self._limit} bytes, a piece counted as {_PIECE_BYTES} at least"
            raise failed("too_large", said, response.status)
        return b"".join(chunks)

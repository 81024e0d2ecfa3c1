"""Scrapy's download handler with a limit it lacks (2.19): how large the head of a response may be."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from spiders.refused import failed

_HEAD_BYTES = 1 << 18  # as in Chromium; a read of 64 KiB that begins in the head counts whole


class Handler(HTTP11DownloadHandler):
    """Downloads; a head that is too large ends in `Refused`: failed too_large."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._pool._factory = _Factory


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: object) -> _Protocol:  # noqa: N802
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _Protocol(_LenientHTTP11ClientProtocol):
    transport: Any
    _head = 0

    def request(self, request: Any) -> Any:
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._parser is not None and self._parser.state in {STATUS, HEADER}:
            self._head += len(data)
            if self._head > _HEAD_BYTES:
                refused = failed("too_large", f"more than {_HEAD_BYTES} bytes of headers")
                self._giveUp(Failure(refused))  # type: ignore[no-untyped-call]
                self.transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]

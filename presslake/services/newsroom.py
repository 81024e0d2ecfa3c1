"""The demo newsroom: a site server of our own on loopback."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from presslake.services.http import get_text
from presslake.services.service import Service


@dataclass
class Newsroom(Service):
    """`python -m presslake.demo`."""

    name = "newsroom"
    port_setting = "newsroom_port"

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "presslake.demo"),
            *("--port", str(self.settings.newsroom_port), "--state", str(self.folder)),
        ]

    def health(self) -> str:
        get_text(f"http://127.0.0.1:{self.settings.newsroom_port}/_newsroom/health")
        return "demo outlets"

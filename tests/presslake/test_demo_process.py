"""The newsroom as a process: starts, keeps its epoch, ends when told."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from presslake.services.ports import free_ports
from schemas.outlet import read_outlets


def start(port: int, state: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "presslake.demo", "--port", str(port), "--state", str(state)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def health(port: int) -> dict[str, object]:
    with urlopen(f"http://127.0.0.1:{port}/_newsroom/health", timeout=60) as response:
        facts: dict[str, object] = json.load(response)
        return facts


@pytest.mark.slow
def test_a_restart_goes_on_where_it_was_and_a_taken_port_is_told(tmp_path: Path) -> None:
    (port,), epochs = free_ports(1), []
    for _ in range(2):
        with start(port, tmp_path) as room:
            assert room.stdout
            try:
                assert str(port) in room.stdout.readline()
                epochs.append(health(port)["epoch"])
                with start(port, tmp_path) as second:
                    said, _ = second.communicate(timeout=60)
                assert second.returncode == 2
                assert str(port) in said
                assert "PRESSLAKE_NEWSROOM_PORT" in said
                room.send_signal(signal.SIGTERM)
                assert room.wait(timeout=60) == 0
            finally:
                room.kill()
    kept = json.loads((tmp_path / "newsroom.json").read_text())
    assert epochs[0] == epochs[1] == kept["epoch"]
    assert len(read_outlets(tmp_path / "outlets")) == 11

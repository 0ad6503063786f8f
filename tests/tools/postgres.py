"""A Postgres server of the tests' own: in a temporary folder, reached through a socket in it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.tools.debian import unpacked

DEBIAN = Path("/usr/lib/postgresql")
# Of Debian 12; what it links to is on every machine that has its client library.
PACKAGE = "postgresql-15"
READY_WITHIN_SECONDS = 30
# What is in it need not survive anything.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


def postgres() -> Path:
    """The server's program. Debian keeps it off PATH."""
    if installed := shutil.which("postgres"):
        return Path(installed).resolve()
    return _newest(DEBIAN) or _newest(unpacked(PACKAGE) / DEBIAN.relative_to("/")) or DEBIAN


def _newest(versions: Path) -> Path | None:
    programs = versions.glob("*/bin/postgres")
    return max(programs, key=lambda file: float(file.parts[-3]), default=None)


class Postgres:
    """Hands out empty schemas: as good as databases of their own, and made in no time."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder, self.program = folder, program
        self._numbers = count()

    def new_schema(self) -> str:
        """Its URL, as SQLAlchemy writes it."""
        name = f"test{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        options = f"host={self.folder}&options=-csearch_path%3D{name}"
        return f"postgresql+psycopg://postgres@/postgres?{options}"

    def connect(self) -> psycopg.Connection:
        address = f"host={self.folder} user=postgres dbname=postgres"
        return psycopg.connect(address, autocommit=True)


@contextmanager
def running_postgres(program: Path) -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    user = _unprivileged(folder)
    data = folder / "data"
    initdb = [str(program.with_name("initdb")), "--pgdata", str(data), "--username", "postgres"]
    options = ["--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C"]
    subprocess.run([*initdb, *options], check=True, capture_output=True, cwd=folder, **user)
    settings = [part for each in FAST for part in ("-c", each)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(program), "-D", str(data), "-k", str(folder), *settings],
            stdout=log, stderr=log, cwd=folder, **user,
        )  # fmt: skip
    try:
        yield _ready(Postgres(folder, program), server)
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing in it is to be kept
        server.wait(READY_WITHIN_SECONDS)
        shutil.rmtree(folder)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Postgres refuses to run as root; the folder must then be another user's."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _ready(postgres: Postgres, server: subprocess.Popen[bytes]) -> Postgres:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        try:
            postgres.connect().close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((postgres.folder / "log").read_text()) from None
            time.sleep(0.05)
        else:
            return postgres

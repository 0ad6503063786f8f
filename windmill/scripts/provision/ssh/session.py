"""One connection to a host by OpenSSH's client, shared by everything that is done there meanwhile.

What the client is told stands in a configuration file of its own; nothing of the worker's user is
read, and the private key is in a file of the worker's alone for as long as the connection stands.
"""

import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..files import private_folder, write_private
from .errors import HostFailed, HostKeyChanged, NoSshClient
from .failures import explained
from .login import Login, fingerprint

NAME = "mlops-host"  # what the client calls it: no address is part of a command
CONNECT_SECONDS = 10
LOST = 255  # what the client itself ends with
CONFIGURATION = """\
Host {name}
  HostName {login.host}
  Port {login.port}
  User {login.user}
  HostKeyAlias {name}
  IdentityFile "{folder}/key"
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile "{folder}/known_hosts"
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking {checking}
  HashKnownHosts no
  UpdateHostKeys no
  CheckHostIP no
  BatchMode yes
  PreferredAuthentications publickey
  ForwardAgent no
  ConnectTimeout {seconds}
  ServerAliveInterval 10
  ServerAliveCountMax 3
  ControlPath "{socket}"
  LogLevel ERROR
"""
# Ends with the worker: a connection that nobody uses must not stand for ever.
TOGETHER = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
os.execvp(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Session:
    login: Login
    folder: Path
    sockets: Path

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def host_key(self) -> str:
        """By which it is known from now on: `ssh-ed25519 AAAA…`."""
        lines = (self.folder / "known_hosts").read_text("utf-8").splitlines()
        return " ".join(lines[0].split()[1:3])

    def run(self, command: Sequence[str], given: str = "", seconds: float = 60) -> str:
        """What it printed. Raises HostFailed, HostUnreachable."""
        done = subprocess.run(
            ["ssh", "-F", str(self.config), NAME, shlex.join(command)],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        if done.returncode == LOST:
            raise explained(self.login, done.stderr)
        if done.returncode:
            reason = done.stderr.strip()[-500:] or f"exit {done.returncode}"
            raise HostFailed(host=self.login.host, command=command[0], reason=reason)
        return done.stdout

    def forward(self, port: int) -> Path:
        """A socket of ours that leads to the port of the host's own loopback."""
        socket = self.sockets / str(port)
        if not socket.exists():
            self._control("forward", "-L", f"{socket}:127.0.0.1:{port}")
        return socket

    def _control(self, word: str, *options: str) -> None:
        command = ["ssh", "-F", str(self.config), "-O", word, *options, NAME]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode:
            raise explained(self.login, done.stderr)


@contextmanager
def open_session(
    login: Login, folder: Path, pinned: str = "", accepted: str = ""
) -> Iterator[Session]:
    """`pinned` is the host key it showed before, `accepted` the fingerprint of one to trust.

    Raises HostUnreachable, LoginRefused, HostKeyChanged, KeyRefused, NoSshClient.
    """
    if not shutil.which("ssh"):
        raise NoSshClient
    if pinned and accepted and fingerprint(pinned) != accepted:
        pinned = ""  # made anew, and a person says so
    # Short, for the name of a socket has little room.
    sockets = Path(tempfile.mkdtemp(prefix="mlops-ssh-"))
    session = Session(login, private_folder(folder), sockets)
    try:
        _write(session, pinned)
        with _connected(session, fingerprint(pinned) if pinned else "none"):
            _require(session, accepted)
            yield session
    finally:
        shutil.rmtree(session.folder, ignore_errors=True)
        shutil.rmtree(sockets, ignore_errors=True)


def _write(session: Session, pinned: str) -> None:
    key = session.login.private_key.replace("\r\n", "\n").rstrip("\n")
    write_private(session.folder / "key", f"{key}\n")
    write_private(session.folder / "known_hosts", f"{NAME} {pinned}\n" if pinned else "")
    told = {
        "name": NAME,
        "login": session.login,
        "folder": session.folder,
        "checking": "yes" if pinned else "accept-new",
        "seconds": CONNECT_SECONDS,
        "socket": session.sockets / "c",
    }
    write_private(session.config, CONFIGURATION.format(**told))


def _require(session: Session, accepted: str) -> None:
    shown = fingerprint(session.host_key)
    if accepted and shown != accepted:
        raise HostKeyChanged(host=session.login.host, shown=shown, known=accepted)


@contextmanager
def _connected(session: Session, known: str) -> Iterator[None]:
    """The connection that all others go through."""
    told = session.folder / "told"
    command = ["ssh", "-F", str(session.config), "-o", "ControlMaster=yes", "-N", NAME]
    with told.open("wb") as file:
        master = subprocess.Popen(
            [sys.executable, "-P", "-c", TOGETHER, *command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        deadline = time.monotonic() + 3 * CONNECT_SECONDS
        while not (session.sockets / "c").exists():
            if master.poll() is not None or time.monotonic() > deadline:
                said = told.read_text("utf-8", "replace") or "timed out"
                raise explained(session.login, said, known)
            time.sleep(0.02)
        yield
    finally:
        master.terminate()
        master.wait()

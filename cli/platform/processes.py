"""Background processes that are known by pid and start time, so a reused pid is never ours."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

START_TIME_TOLERANCE = 0.5
GRACE_SECONDS = 8.0


@dataclass(frozen=True)
class Part:
    """A part of the platform that runs in the background."""

    name: str
    pid: int
    started: float
    port: int
    log: str
    fingerprint: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "url": self.url}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Part":
        return cls(**{field.name: stored[field.name] for field in fields(cls)})


def start(
    name: str,
    arguments: Sequence[str],
    *,
    port: int,
    environment: Mapping[str, str],
    cwd: Path,
    log: Path,
    fingerprint: str,
) -> Part:
    """Runs `python -m …` in a session of its own: a Ctrl-C here does not reach it."""
    import psutil

    keep_one_old_log(log)
    with open(log, "ab", opener=_private) as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    process.returncode = 0  # it is not for this object to wait for it
    try:
        started = psutil.Process(process.pid).create_time()
    except psutil.NoSuchProcess:
        started = 0.0
    return Part(name, process.pid, started, port, str(log), fingerprint)


def is_alive(part: Part) -> bool:
    return _find(part) is not None


def listens(part: Part) -> bool:
    """Whether it is this very process that answers on the port."""
    import psutil

    process = _find(part)
    try:
        sockets = process.net_connections("tcp4") if process else []
    except psutil.NoSuchProcess:
        return False
    return any(s.status == psutil.CONN_LISTEN and s.laddr.port == part.port for s in sockets)


def stop(parts: Iterable[Part], grace_seconds: float = GRACE_SECONDS) -> None:
    """TERM, then KILL for those that do not listen."""
    left = list(parts)
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for process in filter(None, map(_find, left)):
            _signal(process, signal_number)
        left = _wait(left, grace_seconds)


def _wait(parts: list[Part], seconds: float) -> list[Part]:
    """Those that still run. A zombie does not: whoever adopted it may take its time."""
    deadline = time.monotonic() + seconds
    while (left := [part for part in parts if is_alive(part)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _find(part: Part) -> Any:
    import psutil

    try:
        process = psutil.Process(part.pid)
        same = abs(process.create_time() - part.started) < START_TIME_TOLERANCE
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _signal(process: Any, signal_number: int) -> None:
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal_number)


def keep_one_old_log(log: Path, limit: int = 5_000_000) -> None:
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".old.log"))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def last_lines(log: str, count: int = 12) -> str:
    try:
        lines = Path(log).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-count:])


def port_is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(wished: int, taken: Iterable[int] = ()) -> int:
    """The wished port, or the next that is free."""
    avoid = set(taken)
    return next(p for p in range(wished, 65536) if p not in avoid and port_is_free(p))

"""Readers, kept warm: one that dies or is too slow takes nothing along but the file it read."""

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any, ParamSpec, TypeVar

from serving.errors import ReaderDied, ReadersBusy, TooDemanding
from serving.isolation.bounds import Bounds

P = ParamSpec("P")
R = TypeVar("R")

MOST_READERS = 2
PATIENCE_SECONDS = 120.0
CLOCK_FACTOR = 4  # a busy machine gives a reader less than a whole processor
RETIRED_AFTER = 500  # files: what a library loses of its memory comes back
ROOT = Path(__file__).parents[2]
# No secret of the pipeline is of any use to a reader; more threads would each need memory.
INHERITED = ("PATH", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "TESSDATA_PREFIX")
OWN = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def isolated(
    name: str, bounds: Bounds, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> R:
    """What the function gives, called in another process; it must be one that can be imported.

    Blocks. Raises what the function raises, TooDemanding, ReaderDied and ReadersBusy.
    """
    assert not kwargs
    result: R = pool().read(name, bounds, function, args)
    return result


@cache
def pool() -> "Pool":
    readers = Pool(MOST_READERS)
    atexit.register(readers.close)
    return readers


class Reader:
    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "serving.isolation.reader", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._channel = Connection(ours.detach())
        self._read = 0

    @property
    def usable(self) -> bool:
        return self._process.poll() is None and self._read < RETIRED_AFTER

    def read(self, name: str, bounds: Bounds, request: bytes) -> Any:
        """Raises TooDemanding or ReaderDied where there is no answer any more."""
        self._read += 1
        watchdog = threading.Timer(bounds.seconds * CLOCK_FACTOR, self._process.kill)
        watchdog.start()
        try:
            self._channel.send_bytes(request)
            return pickle.loads(self._channel.recv_bytes(2 * bounds.answer))  # noqa: S301 ours
        except (EOFError, OSError):
            raise self._cause_of_death(name, bounds) from None
        finally:
            watchdog.cancel()

    def close(self) -> None:
        self._channel.close()
        self._process.kill()
        self._process.wait()

    def _cause_of_death(self, name: str, bounds: Bounds) -> Exception:
        self._process.kill()
        ended_by = -self._process.wait()
        if ended_by in (signal.SIGXCPU, signal.SIGKILL):
            return TooDemanding(file=name, limit=f"{bounds.seconds} seconds")
        return ReaderDied(file=name, how=f"signal {ended_by}")


class Pool:
    def __init__(self, most: int) -> None:
        self._room = threading.BoundedSemaphore(most)
        self._idle: LifoQueue[Reader] = LifoQueue()

    def read(
        self, name: str, bounds: Bounds, function: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> Any:
        request = pickle.dumps((name, bounds, function, arguments), protocol=5)
        if not self._room.acquire(timeout=PATIENCE_SECONDS):
            raise ReadersBusy
        try:
            worked, outcome = self._read(name, bounds, request)
        finally:
            self._room.release()
        if not worked:
            raise outcome
        return outcome

    def _read(self, name: str, bounds: Bounds, request: bytes) -> Any:
        reader = self._next()
        try:
            answer = reader.read(name, bounds, request)
        except BaseException:
            reader.close()
            raise
        self._idle.put(reader)
        return answer

    def _next(self) -> Reader:
        while True:
            try:
                reader = self._idle.get_nowait()
            except Empty:
                return Reader()
            if reader.usable:
                return reader
            reader.close()

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return kept | OWN | {"PYTHONPATH": path}

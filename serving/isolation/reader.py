"""python -m serving.isolation.reader 5: reads what it is handed over a socket, within bounds."""

import os
import pickle
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from serving.errors import TooDemanding
from serving.isolation.bounds import MEGABYTE, Bounds

NICENESS = 10  # what answers people goes first
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with whom it reads for
    channel = Connection(int(sys.argv[1]))
    while True:
        try:
            request = channel.recv_bytes()
        except EOFError:
            return
        channel.send_bytes(answer(request))


def answer(request: bytes) -> bytes:
    """A pickled pair: did it work, and what it gives or raises."""
    name, bounds, function, arguments = pickle.loads(request)  # noqa: S301 our own parent's
    del request
    with limited(bounds):
        try:
            given = _within(name, bounds, pickle.dumps((True, function(*arguments)), protocol=5))
        except MemoryError:
            limit = f"{bounds.memory // MEGABYTE} MB of memory"
            given = pickle.dumps((False, TooDemanding(file=name, limit=limit)))
        except Exception as error:  # noqa: BLE001 it is raised again by whom the file is read for
            given = _failure(error)
    return given


def _within(name: str, bounds: Bounds, given: bytes) -> bytes:
    if len(given) > bounds.answer:
        limit = f"{bounds.answer // MEGABYTE} MB for what is in it"
        raise TooDemanding(file=name, limit=limit)
    return given


def _failure(error: Exception) -> bytes:
    try:
        return pickle.dumps((False, error))
    except (pickle.PicklingError, TypeError, AttributeError):
        return pickle.dumps((False, RuntimeError(repr(error))))


@contextmanager
def limited(bounds: Bounds) -> Iterator[None]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = ceil(used.ru_utime + used.ru_stime) + bounds.seconds
    with (
        _lowered(resource.RLIMIT_CPU, seconds),
        _lowered(resource.RLIMIT_AS, _address_space() + bounds.memory),
    ):
        yield


@contextmanager
def _lowered(kind: int, limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(kind)
    lowest = min(each for each in (limit, soft, hard) if each != resource.RLIM_INFINITY)
    resource.setrlimit(kind, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def _address_space() -> int:
    pages: Any = Path("/proc/self/statm").read_text("ascii").split()[0]
    return int(pages) * PAGE_BYTES


if __name__ == "__main__":
    main()

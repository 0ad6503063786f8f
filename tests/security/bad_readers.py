"""What readers are made to do: a small module, which each imports within the limit of a file."""

import os
import signal
import time

from serving.errors import BadInput
from serving.isolation.bounds import MEGABYTE


def takes_memory(megabytes: int) -> int:
    return len(bytearray(megabytes * MEGABYTE))


def takes_for_ever() -> None:
    while True:
        pass


def sleeps() -> None:
    time.sleep(3600)


def dies() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def gives(megabytes: int) -> bytes:
    return bytes(megabytes * MEGABYTE)


def complains() -> None:
    raise BadInput(3, "is odd")


def told(name: str) -> str | None:
    return os.environ.get(name)

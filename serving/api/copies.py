"""Several processes of one pipeline behind one port, each with what it learnt and a folder of its
own: uvicorn starts again what ends, and Prometheus sees the sum.
"""

import ctypes
import fcntl
import os
import shutil
import signal
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uvicorn

# Where prometheus_client adds up what all copies count; it looks when it is imported.
COUNTED = "PROMETHEUS_MULTIPROC_DIR"
# Learning keeps a process busy, and one that does not answer for so long is started again.
PATIENCE_SECONDS = 300
HAS_IT, ANSWERS = ".lock", ".answers"  # of a folder: its copy is there, and its copy answers
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_held: list[int] = []  # a lock is held for as long as its file is open


@dataclass(frozen=True)
class Copies:
    """As one of them sees all: `wanted` of them, each with a folder beside its `own`."""

    own: Path
    wanted: int

    def begin_to_answer(self) -> None:
        """Told until this process ends, however it does."""
        lock = _opened(self.own / ANSWERS)
        fcntl.flock(lock, fcntl.LOCK_EX)  # who looks holds it for a moment
        _held.append(lock)

    def answering(self) -> int:
        return sum(_is_held(folder / ANSWERS) for folder in self.own.parent.iterdir())


def run(config: "uvicorn.Config", data_dir: Path) -> None:
    """Until it is told to end."""
    from serving.api.supervisor import Supervisor

    counted = data_dir / "counted"
    shutil.rmtree(counted, ignore_errors=True)
    counted.mkdir(parents=True)
    os.environ[COUNTED] = str(counted)
    Supervisor(config, sockets=[config.bind_socket()]).run()


def own_folder(data_dir: Path) -> Path:
    """The first that no other copy has: one that is started again finds what it had written."""
    for number in count(1):
        folder = data_dir / "copies" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = _opened(folder / HAS_IT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            _held.append(lock)
            return folder
    raise AssertionError("numbers do not end")


def _opened(file: Path) -> int:
    return os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)


def _is_held(file: Path) -> bool:
    """By whichever process, this one too: each opening of a file is asked for itself."""
    if not file.exists():
        return False
    lock = _opened(file)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def is_one_of_several() -> bool:
    return bool(_held)


def end_with_parent() -> None:
    """One that went on alone would hold the port."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)

"""Where an engine has its images: kept between runs, so that a machine builds their layers once."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def data_root(temporary: Path, name: str = "docker-data") -> Iterator[tuple[Path, int]]:
    """The folder, and the open lock that the engine must inherit: it may outlive a killed run.

    Another engine's meanwhile: the temporary one. What a killed run left is thrown away.
    """
    kept = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser() / name
    kept.mkdir(parents=True, exist_ok=True)
    ended = kept / "ended"
    with (kept / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield temporary, lock.fileno()
            return
        if not ended.exists():
            shutil.rmtree(kept / "data", ignore_errors=True)
        ended.unlink(missing_ok=True)
        yield kept / "data", lock.fileno()
        ended.touch()

"""What is installed once a machine: a folder for each content of its lock."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def built_once(name: str, build: Callable[[Path], None], *locks: Path) -> Path:
    """Others that want it meanwhile wait; one rename publishes, so a kill leaves no half folder."""
    cache = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:16]
    folder, begun = cache / f"{name}-{digest}", cache / f"{name}-{digest}.begun"
    if folder.exists():
        return folder
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir()
            build(begun)
            begun.rename(folder)
    return folder

"""Folders of jobs: made for one, gone with it."""

import asyncio
import shutil
import tempfile
from pathlib import Path

_ENDED = ".ended"
_LATER_SECONDS = 0.005


def fresh_folder(job_id: str) -> Path:
    """Named after the job, so that a second run removes what a killed first one left."""
    folder = Path(tempfile.gettempdir(), f"windmill-job-{job_id}")
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def shared_folder(flow_id: str) -> Path:
    """What the steps of a flow with `same_worker` have in common."""
    return Path(tempfile.gettempdir(), f"windmill-shared-{flow_id}")


class Removal:
    """A folder is out of the way at once, and taken apart while the next job runs."""

    def __init__(self) -> None:
        self._ended: list[Path] = []

    def remove(self, folder: Path) -> None:
        self._ended.append(folder.rename(folder.with_name(folder.name + _ENDED)))
        asyncio.get_running_loop().call_later(_LATER_SECONDS, self.finish)

    def take_up(self) -> None:
        """What an engine that was killed had still to remove."""
        self._ended += Path(tempfile.gettempdir()).glob(f"windmill-job-*{_ENDED}")
        self.finish()

    def finish(self) -> None:
        while self._ended:
            shutil.rmtree(self._ended.pop(), ignore_errors=True)

"""Process groups: one a job, so that all it started can be stopped with it."""

import contextlib
import os
from pathlib import Path

# In the environment a zygote was started with, which the system shows for its forks as well.
OWNER = "WM_ENGINE_DATABASE"


def signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def kill_orphans(job_id: str, group: int, database: Path) -> int:
    """Kill what an earlier engine left of a job. The environment tells whose a reused pid is."""
    signs = {("WM_JOB_ID", job_id), (OWNER, str(database))}
    import psutil  # only a recovery needs it, and it is a quarter of the time to start

    killed = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and signs & process.environ().items():
                process.kill()
                killed += 1
    return killed

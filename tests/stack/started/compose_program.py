"""python -m tests.stack.started.compose_program: Docker Compose, built from its Go module once.

About two minutes of both processors, so it is no part of `make test-tools`: the stack is not
started until somebody has built it.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from sync.build.install_once import built_once

SOURCE = Path(__file__).with_name("compose")
PACKAGE = "github.com/docker/compose/v2/cmd"
BUILT = "docker-compose"
SECONDS = 3600


def is_built() -> bool:
    cache = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser()
    digest = hashlib.sha256((SOURCE / "go.sum").read_bytes()).hexdigest()[:16]
    return (cache / f"{BUILT}-{digest}").exists()


def compose_program() -> Path:
    """Raises OSError where nobody may build it."""
    if not shutil.which("go"):
        raise OSError("there is no Go to build it with")
    return built_once(BUILT, _build, SOURCE / "go.sum") / "docker-compose"


def _build(folder: Path) -> None:
    """Others of this machine work meanwhile."""
    work = folder / "work"
    shutil.copytree(SOURCE, work)
    command = ["nice", "-n", "15", "go", "build", "-trimpath", "-ldflags=-s -w"]
    subprocess.run(
        [*command, "-o", str(folder / "docker-compose"), PACKAGE],
        cwd=work,
        env={**os.environ, "CGO_ENABLED": "0"},
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    shutil.rmtree(work)


if __name__ == "__main__":
    print(compose_program())

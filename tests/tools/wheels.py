"""Packages of one lock in a folder of their own: used as data or by another process."""

import subprocess
import sys
from pathlib import Path

import uv

from cli.platform.home import ROOT
from sync.build.install_once import built_once


def unpacked(name: str) -> Path:
    """What requirements/<name>.lock names, and nothing else."""
    lock = ROOT / "requirements" / f"{name}.lock"

    def install(folder: Path) -> None:
        command = [uv.find_uv_bin(), "pip", "install", "-q", "--python", sys.executable]
        command += ["--no-deps", "--require-hashes", "--target", str(folder), "-r", str(lock)]
        subprocess.run(command, check=True, capture_output=True)

    return built_once(name, install, lock)

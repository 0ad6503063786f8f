"""Programs out of Debian packages, unpacked into a cache: nothing is installed, no root needed."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sync.build.install_once import built_once


def debian_program(package: str, program: str, folder: str = "usr/bin") -> Path:
    """The one on PATH, else the package's own."""
    installed = shutil.which(program)
    return Path(installed) if installed else unpacked(package) / folder / program


def unpacked(package: str) -> Path:
    """The folder that stands for / in the package."""
    return built_once(f"debian-{release()}-{package}", lambda folder: fetch((package,), folder))


def fetch(packages: Sequence[str], folder: Path) -> None:
    """All of them into one folder; what they depend on is not looked at."""
    work = folder / "work"
    work.mkdir()
    _download(packages, work)
    for archive in work.glob("*.deb"):
        _run("dpkg", "-x", archive.name, str(folder), cwd=work)
    shutil.rmtree(work)


def _download(packages: Sequence[str], work: Path) -> None:
    """With package lists of our own where the machine's are missing or old."""
    try:
        _run("apt-get", "download", "-qq", *packages, cwd=work)
    except subprocess.CalledProcessError:
        lists = work / "lists"
        (lists / "partial").mkdir(parents=True)
        ours = ("-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={work}")
        _run("apt-get", *ours, "-qq", "update", cwd=work)
        _run("apt-get", *ours, "-qq", "download", *packages, cwd=work)


def _run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=240)


def release() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("VERSION_CODENAME", values["ID"]).strip('"')

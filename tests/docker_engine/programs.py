"""Docker's engine and what it calls, out of Debian's packages: nothing is installed."""

import os
import subprocess
from pathlib import Path

from sync.build.install_once import built_once
from tests.tools.debian import fetch, release

PACKAGES = (
    "docker.io", "containerd", "runc", "iptables", "debootstrap",
    "libip4tc2", "libip6tc2", "libxtables12", "libnftnl11", "libmnl0",
    "libnetfilter-conntrack3", "libnfnetlink0", "libdevmapper1.02.1",
)  # fmt: skip
# Debian's `alternatives` would make these names.
NAMES = ("iptables", "ip6tables", "iptables-save", "iptables-restore")


def docker_programs() -> Path:
    """The folder that stands for /."""
    return built_once(f"docker-engine-{release()}", _unpack)


def docker_engine() -> Path:
    """Raises OSError where nobody may run it."""
    if os.geteuid() != 0:
        raise OSError("only root may run it")
    return docker_programs() / "usr" / "sbin" / "dockerd"


def environment() -> dict[str, str]:
    """With which the programs find each other and their libraries."""
    root = docker_programs()
    libraries = next((root / "usr" / "lib").glob("*-linux-gnu"))
    paths = (root / "usr" / "sbin", root / "usr" / "bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
    return {
        "PATH": ":".join(map(str, paths)),
        "LD_LIBRARY_PATH": str(libraries),
        "XTABLES_LIBDIR": str(libraries / "xtables"),
        "DEBOOTSTRAP_DIR": str(root / "usr" / "share" / "debootstrap"),
    }


def call(*command: str, seconds: float = 60) -> str:
    """What it printed. Raises AssertionError with what it complained of."""
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=seconds
    )
    assert done.returncode == 0, f"{command}: {done.stderr or done.stdout}"
    return done.stdout.strip()


def _unpack(folder: Path) -> None:
    fetch(PACKAGES, folder)
    for name in NAMES:
        (folder / "usr" / "sbin" / name).symlink_to("xtables-nft-multi")

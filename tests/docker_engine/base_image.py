"""A small Debian with Python and an SSH server: what every image of the tests is made from.

No hub is reached from everywhere, so it is bootstrapped from Debian's packages, once a machine.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

from sync.build.install_once import built_once
from tests.docker_engine.programs import docker_programs, environment
from tests.tools.debian import release

INCLUDED = (
    "ca-certificates", "cron", "dbus", "libgomp1", "libpam-systemd", "openssh-server", "procps",
    "python3", "python3-venv", "sudo", "systemd-sysv",
)  # fmt: skip
SECONDS = 900


def base_archive(*more: str) -> Path:
    """A tar file of the whole system, with these packages beside the usual ones."""
    included = (*INCLUDED, *more)
    # What it holds is part of its name.
    told = hashlib.sha256(" ".join(included).encode()).hexdigest()[:8]
    name = f"debian-image-{release()}-{told}"
    return built_once(name, lambda folder: _bootstrap(folder, included)) / "debian.tar"


def _bootstrap(folder: Path, included: tuple[str, ...]) -> None:
    root = folder / "root"
    program = docker_programs() / "usr" / "sbin" / "debootstrap"
    _run(
        "sh",
        str(program),
        "--variant=minbase",
        f"--include={','.join(included)}",
        release(),
        str(root),
    )
    for useless in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"):
        shutil.rmtree(root / useless, ignore_errors=True)
    _trust_what_this_machine_trusts(root)
    _run("tar", "--create", "--file", str(folder / "debian.tar"), "--directory", str(root), ".")
    shutil.rmtree(root)


def _trust_what_this_machine_trusts(root: Path) -> None:
    """Registries may be reached through a proxy whose certificate only this machine knows."""
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if bundle.exists():
        shutil.copyfile(bundle, root / bundle.relative_to("/"))


def _run(*command: str) -> None:
    subprocess.run(command, env=environment(), check=True, capture_output=True, timeout=SECONDS)

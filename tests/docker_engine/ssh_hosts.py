"""A rented machine: a container that one can log in to by SSH, thrown away and made anew."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docker_engine.engine import Container, Engine

USER = "ann"
HOME = f"/home/{USER}"
# What a host installs from registries is kept between hosts, as its own disk would keep it.
CACHE = f"{HOME}/.cache/mlops"
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
OWN_KEY = f"test -f {HOST_KEY} || ssh-keygen -q -t ed25519 -N '' -f {HOST_KEY}"
DOCKERFILE = f"""\
FROM debian:base
RUN useradd --create-home --uid 1000 --shell /bin/bash {USER} \\
 && mkdir -p {CACHE} {HOME}/.ssh && chown -R {USER}:{USER} {HOME} \\
 && echo "{USER} ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/{USER} && rm -f /etc/ssh/ssh_host_*
ENTRYPOINT ["/bin/sh", "-c", "{OWN_KEY}; mkdir -p /run/sshd; ${{STARTED_BESIDE:-true}}; \
exec /usr/sbin/sshd -D -e"]
"""
# As on a machine, what is below /run is gone after a reboot: cron knows a boot by that.
REBOOTS = "--tmpfs=/run"
WITH_CRON = (REBOOTS, "--env=STARTED_BESIDE=cron")
WITH_SYSTEMD = (
    REBOOTS, "--entrypoint=/bin/sh", "--env=container=docker", "--cgroupns=private",
    "--cap-add=SYS_ADMIN", "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
)  # fmt: skip
BOOT_SYSTEMD = ("-c", f"{OWN_KEY}; mount -o remount,rw /sys/fs/cgroup/systemd; exec /sbin/init")
READY_WITHIN_SECONDS = 30


@dataclass
class SshHost:
    container: Container
    key: Path

    @property
    def address(self) -> str:
        return self.container.address

    def run(self, *command: str) -> str:
        """As root, past SSH."""
        return self.container.run(*command)

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, self.container.logs()
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((self.address, 22)) == 0

    def reboot(self) -> None:
        """As one that lost its power."""
        self.container.kill()
        self.container.start()
        self.wait_until_up()

    def processes(self) -> list[str]:
        """Command lines of the login user's processes, SSH's own left out."""
        told = self.run("sh", "-c", f"ps ww -u {USER} -o args= || true")
        return [line for line in told.splitlines() if "sshd:" not in line]


def key_pair(folder: Path) -> Path:
    key = folder / "id_ed25519"
    if not key.exists():
        options = ["-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f", str(key)]
        subprocess.run(["ssh-keygen", *options], check=True)
    return key


@contextmanager
def ssh_host(
    engine: Engine, key: Path, *options: str, command: Sequence[str] = ()
) -> Iterator[SshHost]:
    engine.base_image()
    image = engine.build("ssh-host", {"Dockerfile": DOCKERFILE})
    container = engine.run(image, *command, options=(f"--volume={_cache()}:{CACHE}", *options))
    try:
        host = SshHost(container, key)
        _authorize(host)
        host.wait_until_up()
        yield host
    finally:
        container.remove()


@contextmanager
def systemd_host(engine: Engine, key: Path) -> Iterator[SshHost]:
    """All of it, with logind and the users' own managers."""
    with ssh_host(engine, key, *WITH_SYSTEMD, command=BOOT_SYSTEMD) as host:
        yield host


def _authorize(host: SshHost) -> None:
    public = host.key.with_suffix(".pub").read_text().strip()
    keys = f"{HOME}/.ssh/authorized_keys"
    host.run("sh", "-c", f"echo '{public}' > {keys} && chown {USER} {keys} && chmod 600 {keys}")
    host.run("sh", "-c", f"install -d -m 700 /root/.ssh && cp {keys} /root/.ssh/")


def _cache() -> Path:
    cache = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser() / "ssh-hosts"
    cache.mkdir(parents=True, exist_ok=True)
    os.chown(cache, 1000, 1000)
    return cache

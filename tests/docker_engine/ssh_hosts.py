"""A rented machine: a container that one can log in to by SSH, thrown away and made anew."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docker_engine.engine import Container, Engine

USER = "ann"
HOME = f"/home/{USER}"
# What a host installs from registries is kept between hosts, as its own disk would keep it.
CACHE = f"{HOME}/.cache/mlops"
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
DOCKERFILE = f"""\
FROM debian:base
RUN useradd --create-home --uid 1000 --shell /bin/bash {USER} && mkdir -p /run/sshd \\
 && mkdir -p {CACHE} {HOME}/.ssh && chown -R {USER}:{USER} {HOME} \\
 && echo "{USER} ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/{USER} && rm -f /etc/ssh/ssh_host_*
ENTRYPOINT ["/bin/sh", "-c", "test -f {HOST_KEY} || ssh-keygen -q -t ed25519 -N '' -f {HOST_KEY}; \
exec /usr/sbin/sshd -D -e"]
"""
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
def ssh_host(engine: Engine, key: Path, *options: str) -> Iterator[SshHost]:
    engine.base_image()
    image = engine.build("ssh-host", {"Dockerfile": DOCKERFILE})
    container = engine.run(image, options=(f"--volume={_cache()}:{CACHE}", *options))
    try:
        host = SshHost(container, key)
        _authorize(host)
        host.wait_until_up()
        yield host
    finally:
        container.remove()


def _authorize(host: SshHost) -> None:
    public = host.key.with_suffix(".pub").read_text().strip()
    keys = f"{HOME}/.ssh/authorized_keys"
    host.run("sh", "-c", f"echo '{public}' > {keys} && chown {USER} {keys} && chmod 600 {keys}")


def _cache() -> Path:
    cache = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser() / "ssh-hosts"
    cache.mkdir(parents=True, exist_ok=True)
    os.chown(cache, 1000, 1000)
    return cache

"""A host with a whole systemd is rebooted: what runs there comes back, whoever it belongs to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine.engine import Engine
from tests.docker_engine.ssh_hosts import USER, SshHost, systemd_host
from tests.e2e.harness import Platform
from tests.e2e.ssh.settings import on, wait_until_healthy

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("docker"),
]
UNITS = {"root": "/etc/systemd/system", USER: f"/home/{USER}/.config/systemd/user"}
TOLD = {"root": "systemd starts it again", USER: f"systemd, as a service of {USER}'s, starts it"}


@pytest.fixture(scope="module")
def host(docker_engine: Engine, key: Path) -> Iterator[SshHost]:
    with systemd_host(docker_engine, key) as host:
        host.run("loginctl", "enable-linger", USER)
        yield host


@pytest.mark.parametrize("user", ["root", USER])
def test_a_service_of_systemd_starts_it_again(platform: Platform, host: SshHost, user: str) -> None:
    live = platform.json("deploy", "embeddings-api", *on(host, user=user))
    unit = f"mlops-{live['deployment_id']}.service"
    assert TOLD[user] in platform.run("status", "embeddings-api").stdout
    host.reboot()
    wait_until_healthy(host, live)
    again = platform.run("deploy", "embeddings-api", *on(host, user=user))
    assert "nothing changed" in again.stdout
    platform.run("destroy", "embeddings-api", "--yes")
    assert unit not in host.run("ls", UNITS[user])
    assert live["deployment_id"] not in host.run("ps", "axwwe", "-o", "args")

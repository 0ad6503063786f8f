"""A host with a whole systemd is rebooted: what runs there comes back, whoever it belongs to."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
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
OF_CADDY = "find /etc/caddy -name mlops.d; grep -rs mlops /etc/caddy || true"
LOOPBACK = "0100007F"
NAME = "embed.mlops.test"
NAMED = {"root": (), USER: (f"server_name={NAME}", "certificate=internal")}
UNITS = {"root": "/etc/systemd/system", USER: f"/home/{USER}/.config/systemd/user"}
TOLD = {"root": "systemd starts it again", USER: f"systemd, as a service of {USER}'s, starts it"}


@pytest.fixture(scope="module")
def host(docker_engine: Engine, key: Path) -> Iterator[SshHost]:
    with systemd_host(docker_engine, key) as host:
        host.run("loginctl", "enable-linger", USER)
        yield host


@pytest.mark.parametrize("user", ["root", USER])
def test_a_service_of_systemd_starts_it_again(platform: Platform, host: SshHost, user: str) -> None:
    live = platform.json("deploy", "embeddings-api", *on(host, *NAMED[user], user=user))
    unit = f"mlops-{live['deployment_id']}.service"
    assert TOLD[user] in platform.run("status", "embeddings-api").stdout
    host.reboot()
    told = platform.json("status", "embeddings-api")
    wait_until_healthy(host, told)
    answers_by_its_name(host, told)
    again = platform.run("deploy", "embeddings-api", *on(host, user=user))
    assert "nothing changed" in again.stdout
    platform.run("destroy", "embeddings-api", "--yes")
    assert unit not in host.run("ls", UNITS[user])
    assert live["deployment_id"] not in host.run("ps", "axwwe", "-o", "args")
    assert not host.run("sh", "-c", OF_CADDY)


def answers_by_its_name(host: SshHost, live: dict[str, Any]) -> None:
    """Through its host's Caddy, and from elsewhere through nothing else."""
    if not live["endpoint_url"].startswith("https:"):
        return
    authority = host.run("cat", f"/etc/caddy/mlops.d/{live['deployment_id']}.pem")
    assert live["endpoint_url"] == f"https://{NAME}"
    with httpx.Client(verify=ssl.create_default_context(cadata=authority)) as client:
        named: Any = {"headers": {"Host": NAME}, "extensions": {"sni_hostname": NAME}}
        assert client.get(f"https://{host.address}/health", **named).status_code == 200
        plain = client.get(f"http://{host.address}/health", headers={"Host": NAME})
        assert plain.headers["location"] == f"https://{NAME}/health"
    assert listens_at(host, live["place"]["behind"]) == {LOOPBACK}


def listens_at(host: SshHost, port: int) -> set[str]:
    """Addresses as the kernel writes them."""
    lines = host.run("cat", "/proc/net/tcp").splitlines()
    local = [line.split()[1].split(":") for line in lines if " 0A " in line]
    return {address for address, hex in local if int(hex, 16) == port}

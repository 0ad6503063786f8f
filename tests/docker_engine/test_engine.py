"""The tests' own Docker engine and the machines it lends."""

import subprocess
from pathlib import Path

import pytest

from tests.docker_engine.engine import Engine, running_engine
from tests.docker_engine.programs import call
from tests.docker_engine.ssh_hosts import USER, SshHost, key_pair, ssh_host

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("docker")]


def log_in(host: SshHost, known_hosts: Path, *command: str) -> str:
    options = [
        "-o",
        "BatchMode=yes",
        "-o",
        f"UserKnownHostsFile={known_hosts}",
        "-i",
        str(host.key),
    ]
    accept = ["-o", "StrictHostKeyChecking=accept-new"]
    return subprocess.check_output(
        ["ssh", *options, *accept, f"{USER}@{host.address}", *command], text=True, timeout=60
    )


def test_a_host_is_logged_in_to_and_a_new_one_has_another_host_key(
    docker_engine: Engine, tmp_path: Path
) -> None:
    key = key_pair(tmp_path)
    shown = []
    for number in range(2):
        with ssh_host(docker_engine, key) as host:
            known = tmp_path / f"known{number}"
            assert log_in(host, known, "python3", "--version").startswith("Python 3.")
            shown.append(known.read_text().split()[-1])
    assert shown[0] != shown[1]


def test_it_leaves_no_bridge_and_no_rule(docker_engine: Engine) -> None:
    with running_engine(first=900) as second:
        bridge = second.bridge
        assert bridge != docker_engine.bridge
        assert bridge in call("iptables", "--list-rules", "FORWARD")
    assert bridge not in call("iptables", "--list-rules", "FORWARD")
    assert bridge not in call("ip", "link")
    assert not second.folder.exists()

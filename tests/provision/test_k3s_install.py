"""K3s put on a host and taken off it: real Terraform, Ansible, SSH and systemd.

K3s itself cannot be had here: a stand-in is told what K3s is, notifies, and leaves a pod's shim.
"""

import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docker_engine.engine import Engine
from tests.docker_engine.ssh_hosts import HOST_KEY, USER, SshHost, key_pair, systemd_host
from tests.provision.conftest import PROJECT
from windmill.scripts.provision.terraform import LIBRARY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("docker"),
]
VERSION, TOKEN = "v1.36.4+k3s1", "canary-5f1c0a9be2d34774"
RELEASES = "http://127.0.0.1:20009"
SHIM = "/var/lib/rancher/k3s/data/one/bin/containerd-shim-runc-v2"
STAND_IN = f"""\
#!/bin/sh
set -eu
case "$1" in
  server)
    if ! [ -e {SHIM} ]; then
      mkdir -p "$(dirname {SHIM})"; cp /bin/sleep {SHIM}; {SHIM} 1000000 &
    fi
    echo "server: https://127.0.0.1:6443" > /etc/rancher/k3s/k3s.yaml
    systemd-notify --ready
    exec sleep 1000000 ;;
  kubectl) systemctl is-active --quiet k3s && echo "$*" >> /srv/asked ;;
esac
"""
INSTALLED = (
    "/etc/rancher/k3s", "/var/lib/rancher/k3s", "/usr/local/bin/k3s", "/usr/local/sbin/k3s-remove",
    "/etc/systemd/system/k3s.service",
)  # fmt: skip


class Cluster:
    """The module applied to one host, as whoever runs Terraform would."""

    def __init__(self, host: SshHost, folder: Path) -> None:
        self.host, self.folder = host, folder
        self.kubeconfig = folder / "kubeconfig"
        self.settings: dict[str, Any] = {
            "host": host.address,
            "user": USER,
            "host_key": " ".join(host.run("cat", f"{HOST_KEY}.pub").split()[:2]),
            "private_key_file": str(host.key),
            "kubeconfig_file": str(self.kubeconfig),
            "playbooks": str(PROJECT / "ansible"),
            "releases": RELEASES,
            "release": {"version": VERSION, "checksums": {os.uname().machine: self.publish()}},
        }

    def publish(self) -> str:
        """The stand-in's SHA-256, where its host finds it."""
        at = f"/srv/releases/{VERSION}/k3s"
        write = f'mkdir -p "$(dirname {at})"; printf %s "$1" > {at}; cp {at} {at}-arm64'
        self.host.run("sh", "-c", write, "sh", STAND_IN)
        serve = "cd /srv/releases && exec python3 -m http.server 20009 --bind 127.0.0.1"
        self.host.run("systemd-run", "--unit=releases", "sh", "-c", serve)
        return hashlib.sha256(STAND_IN.encode()).hexdigest()

    def checked(self) -> str:
        """What the playbook tells in check mode."""
        inventory = self.folder / "inventory.json"
        known = self.folder / "known_hosts"
        known.write_text(f"{self.settings['host']} {self.settings['host_key']}\n")
        host = {
            "ansible_host": self.settings["host"],
            "ansible_user": USER,
            "ansible_ssh_private_key_file": str(self.host.key),
            "ansible_ssh_extra_args": f"-o UserKnownHostsFile={known}",
            "k3s_releases": RELEASES,
            "k3s_checksums": self.settings["release"]["checksums"],
        }
        inventory.write_text(json.dumps({"all": {"hosts": {"k3s": host}}}))
        play = str(PROJECT / "ansible/install_k3s.yml")
        check = ["--check", f"--inventory={inventory}", play]
        return fine(self.run([sys.executable, "-m", "ansible", "playbook", *check]))

    def terraform(self, *words: str, **changed: Any) -> subprocess.CompletedProcess[str]:
        variables = self.folder / "terraform.tfvars.json"
        variables.write_text(json.dumps(self.settings | changed))
        return self.run([sys.executable, "-c", LIBRARY, *words, "-no-color"])

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        told = {"PATH": programs, "K3S_TOKEN": TOKEN, "CHECKPOINT_DISABLE": "1"}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | told | {"ANSIBLE_HOME": str(self.folder / "home")},
            capture_output=True,
            text=True,
            check=False,
        )

    def fine(self, *words: str, **changed: Any) -> str:
        return fine(self.terraform(*words, **changed))

    def refused(self, **changed: Any) -> str:
        done = self.terraform("apply", "-auto-approve", **changed)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def there(self) -> list[str]:
        return self.host.run("sh", "-c", f"ls -d {' '.join(INSTALLED)} 2>/dev/null || true").split()

    def shims(self) -> list[str]:
        return self.host.run("sh", "-c", f"pgrep -f ^{SHIM} || true").split()


def fine(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def cluster(docker_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("terraform")
    for file in (PROJECT / "terraform/modules/k3s_install").glob("*.tf"):
        (folder / file.name).write_text(file.read_text())
    with systemd_host(docker_engine, key_pair(tmp_path_factory.mktemp("keys"))) as host:
        cluster = Cluster(host, folder)
        cluster.fine("init")
        yield cluster


class TestOnAHost:
    """In this order: one host, from nothing to nothing."""

    def test_check_mode_tells_and_changes_nothing(self, cluster: Cluster) -> None:
        told = cluster.checked()
        assert "changed: [k3s]" in told.partition("Write its service")[2]
        assert cluster.there() == []

    def test_another_program_than_its_checksum_says_is_never_there(self, cluster: Cluster) -> None:
        another = {"version": VERSION, "checksums": {os.uname().machine: "0" * 64}}
        assert "checksum" in cluster.refused(release=another).lower()
        assert "/usr/local/bin/k3s" not in cluster.there()

    def test_gpus_without_their_runtime_are_refused_in_words(self, cluster: Cluster) -> None:
        assert "nvidia-container-toolkit on the host first" in cluster.refused(nvidia=True)

    def test_it_runs_with_what_was_set_and_a_second_plan_is_empty(self, cluster: Cluster) -> None:
        told = cluster.fine("apply", "-auto-approve")
        host = cluster.host
        assert set(cluster.there()) == set(INSTALLED)
        assert host.run("systemctl", "is-enabled", "k3s").strip() == "enabled"
        assert host.run("cat", "/srv/asked").split()[-1] == "/readyz"
        written = yaml.safe_load(host.run("cat", "/etc/rancher/k3s/config.yaml"))
        assert written["token-file"] == "/etc/rancher/k3s/token"
        assert written["tls-san"] == [host.address]
        assert written["disable"] == ["traefik", "servicelb"]
        assert host.run("cat", "/etc/rancher/k3s/token").strip() == TOKEN
        modes = host.run("stat", "--format=%a", "/etc/rancher/k3s/token", "/etc/rancher/k3s")
        assert modes.split() == ["600", "700"]
        assert cluster.kubeconfig.read_text().strip() == f"server: https://{host.address}:6443"
        assert stat.S_IMODE(cluster.kubeconfig.stat().st_mode) == 0o600
        state = (cluster.folder / "terraform.tfstate").read_text()
        assert TOKEN not in told + state + host.run("ps", "axww", "-o", "args")
        assert "No changes" in cluster.fine("plan")

    def test_gpus_are_told_to_the_cluster_without_a_new_one(self, cluster: Cluster) -> None:
        cluster.host.run("touch", "/usr/bin/nvidia-container-runtime")
        cluster.fine("apply", "-auto-approve", nvidia=True)
        written = yaml.safe_load(cluster.host.run("cat", "/etc/rancher/k3s/config.yaml"))
        assert written["default-runtime"] == "nvidia"
        manifests = "/var/lib/rancher/k3s/server/manifests/mlops-nvidia-device-plugin.yaml"
        plugin = yaml.safe_load(cluster.host.run("cat", manifests))
        assert plugin["kind"] == "DaemonSet"
        assert cluster.shims(), "pods go on"

    def test_nothing_is_left(self, cluster: Cluster) -> None:
        at = "/var/lib/rancher/k3s/agent/volume"
        cluster.host.run("sh", "-c", f"mkdir -p {at} && mount -t tmpfs of-a-pod {at}")
        cluster.fine("destroy", "-auto-approve", nvidia=True)
        assert cluster.there() == []
        assert cluster.shims() == []
        assert "of-a-pod" not in cluster.host.run("cat", "/proc/mounts")

    def test_somebody_else_s_is_left_alone(self, cluster: Cluster) -> None:
        cluster.host.run("sh", "-c", "echo theirs > /usr/local/bin/k3s")
        assert "is on this host already" in cluster.refused()
        assert cluster.host.run("cat", "/usr/local/bin/k3s").strip() == "theirs"
        assert cluster.there() == ["/usr/local/bin/k3s"]

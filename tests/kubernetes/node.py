"""A whole Kubernetes of one node, of the tests' own: etcd to kubelet in one folder, on loopback and
a bridge of its own.

What it lacks: kube-proxy and DNS (Services have no address that answers), and a network that
enforces policies.
"""

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import yaml

from tests.docker_engine.engine import bridge_network
from tests.docker_engine.programs import docker_programs
from tests.gateway.stack import free_port
from tests.kubernetes.binaries import environment, kubernetes_programs, node_packages
from tests.kubernetes.images import PAUSE, pause_image
from tests.tools.needs import need

NAME = "node"
READY_WITHIN_SECONDS = 180
CRI = 'plugins."io.containerd.grpc.v1.cri"'


@dataclass
class Node:
    folder: Path
    bridge: str
    network: IPv4Network
    ports: dict[str, int]
    tokens: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(next(self.network.hosts()))

    @property
    def kubeconfig(self) -> str:
        """The administrator's."""
        return self.config_of("admin")

    def config_of(self, user: str) -> str:
        authority = base64.b64encode((self.folder / "pki" / "apiserver.crt").read_bytes()).decode()
        server = f"https://127.0.0.1:{self.ports['api']}"
        cluster = {"server": server, "certificate-authority-data": authority}
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": NAME,
                "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": user}}],
                "clusters": [{"name": NAME, "cluster": cluster}],
                "users": [{"name": user, "user": {"token": self.tokens[user]}}],
            }
        )

    def kubectl(self, *arguments: str, seconds: float = 60) -> str:
        done = self.asked(*arguments, seconds=seconds)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def asked(self, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """What kubectl says, be it fine or not."""
        config = self.folder / "admin.yaml"
        config.write_text(self.kubeconfig)
        command = [str(need("kubectl")), f"--kubeconfig={config}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)

    def get(self, *arguments: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = json.loads(self.kubectl("get", "--output=json", *arguments))[
            "items"
        ]
        return items

    def bring(self, archive: Path) -> None:
        """An image in the form of `docker save`."""
        program = str(docker_programs() / "usr" / "bin" / "ctr")
        command = [program, "--address", str(self.socket), "--namespace", "k8s.io"]
        done = subprocess.run(
            [*command, "images", "import", str(archive)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr

    def restart(self) -> None:
        """As after its power was lost: all programs, and every process of every pod."""
        for name in reversed(list(self.processes)):
            _end(self.processes.pop(name), signal.SIGKILL)
        _end_containers(self.folder)
        start(self)

    @property
    def socket(self) -> Path:
        return self.folder / "containerd.sock"

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]


@contextmanager
def running_node() -> Iterator[Node]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="kube-"))
        stack.callback(_remove, folder)
        name, network = stack.enter_context(bridge_network())
        ports = {each: free_port() for each in ("etcd", "peer", "api", "kubelet")}
        users = ("admin", "controller", "scheduler", "kubelet")
        tokens = {user: secrets.token_hex(16) for user in users}
        node = Node(folder, name, network, ports, tokens)
        stack.callback(_stop, node)
        _write(node)
        start(node)
        pause_image(folder / "pause.tar")
        node.bring(folder / "pause.tar")
        yield node


def start(node: Node) -> None:
    """Raises AssertionError with the log of what did not come up."""
    _run(node, "etcd", _etcd(node))
    _run(node, "kube-apiserver", _apiserver(node))
    _wait(node, "kube-apiserver", lambda: node.kubectl("get", "--raw=/readyz"))
    for user, name in (("controller", "kube-controller-manager"), ("scheduler", "kube-scheduler")):
        (node.folder / f"{user}.yaml").write_text(node.config_of(user))
        _run(node, name, _control(node, user, name))
    _run(node, "containerd", [_docker("containerd"), "--config", f"{node.folder}/containerd.toml"])
    _wait(node, "containerd", lambda: _connect(node.socket))
    (node.folder / "kubelet.yaml").write_text(node.config_of("kubelet"))
    _run(node, "kubelet", _kubelet(node))
    _wait(node, "kubelet", lambda: _require_ready(node))


def _etcd(node: Node) -> list[str]:
    client, peer = (f"http://127.0.0.1:{node.ports[name]}" for name in ("etcd", "peer"))
    options = {
        "name": NAME,
        "data-dir": node.folder / "etcd",
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"{NAME}={peer}",
    }
    return _command(node_packages() / "usr" / "bin" / "etcd", options)


def _apiserver(node: Node) -> list[str]:
    key = node.folder / "service-accounts.key"
    options = {
        "etcd-servers": f"http://127.0.0.1:{node.ports['etcd']}",
        "bind-address": "127.0.0.1",
        "advertise-address": node.address,
        "secure-port": node.ports["api"],
        "cert-dir": node.folder / "pki",
        "token-auth-file": node.folder / "tokens.csv",
        "authorization-mode": "Node,RBAC",
        "service-account-key-file": key,
        "service-account-signing-key-file": key,
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-cluster-ip-range": "10.96.0.0/16",
        "kubelet-preferred-address-types": "InternalIP",
    }
    return _command(kubernetes_programs() / "kube-apiserver", options)


def _control(node: Node, user: str, name: str) -> list[str]:
    options: dict[str, object] = {
        "kubeconfig": node.folder / f"{user}.yaml",
        "leader-elect": "false",
        "bind-address": "127.0.0.1",
        "secure-port": 0,
    }
    if user == "controller":
        options["service-account-private-key-file"] = node.folder / "service-accounts.key"
        options["root-ca-file"] = node.folder / "pki" / "apiserver.crt"
    return _command(kubernetes_programs() / name, options)


def _kubelet(node: Node) -> list[str]:
    options = {
        "config": node.folder / "kubelet-settings.yaml",
        "kubeconfig": node.folder / "kubelet.yaml",
        "root-dir": node.folder / "kubelet",
        "cert-dir": node.folder / "kubelet-pki",
        "hostname-override": NAME,
        "node-ip": node.address,
    }
    return _command(kubernetes_programs() / "kubelet", options)


def _write(node: Node) -> None:
    """What the programs read."""
    folder = node.folder
    groups = {"kubelet": "system:nodes"}
    names = {"kubelet": f"system:node:{NAME}"}
    rows = [
        f'{token},{names.get(user, user)},{user},"{groups.get(user, "system:masters")}"'
        for user, token in node.tokens.items()
    ]
    (folder / "tokens.csv").write_text("\n".join(rows) + "\n")
    key = ["openssl", "genrsa", "-out", str(folder / "service-accounts.key"), "2048"]
    subprocess.run(key, check=True, capture_output=True)
    (folder / "containerd.toml").write_text(_containerd(node))
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (folder / "kubelet-settings.yaml").write_text(yaml.safe_dump(_kubelet_settings(node)))
    (folder / "cni").mkdir()
    (folder / "cni" / "10-bridge.conflist").write_text(json.dumps(_cni(node)))


def _containerd(node: Node) -> str:
    folder = node.folder
    return f"""\
version = 2
root = "{folder}/containerd"
state = "{folder}/containerd-run"
[grpc]
address = "{node.socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "{folder}/opt"
[{CRI}]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
stream_server_address = "127.0.0.1"
[{CRI}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[{CRI}.cni]
bin_dir = "{node_packages()}/usr/lib/cni"
conf_dir = "{folder}/cni"
"""


def _cni(node: Node) -> dict[str, Any]:
    ranges = [[{"subnet": str(node.network), "gateway": node.address}]]
    ipam = {
        "type": "host-local",
        "dataDir": str(node.folder / "addresses"),
        "ranges": ranges,
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": node.bridge, "isGateway": True, "ipam": ipam}
    return {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge]}


def _kubelet_settings(node: Node) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address,
        "port": node.ports["kubelet"],
        "healthzPort": 0,
        "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
        "authorization": {"mode": "AlwaysAllow"},
        "containerRuntimeEndpoint": f"unix://{node.socket}",
        "cgroupDriver": "cgroupfs",
        "makeIPTablesUtilChains": False,
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "resolvConf": str(node.folder / "resolv.conf"),
        "podLogsDir": str(node.folder / "logs"),
        "volumePluginDir": str(node.folder / "volume-plugins"),
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
    }


def _command(program: Path, options: Mapping[str, object]) -> list[str]:
    return [str(program), *(f"--{name}={value}" for name, value in options.items())]


def _docker(name: str) -> str:
    return str(docker_programs() / "usr" / "bin" / name)


def _run(node: Node, name: str, command: list[str]) -> None:
    with (node.folder / f"{name}.log").open("ab") as log:
        node.processes[name] = subprocess.Popen(
            command,
            cwd=node.folder,
            env={**os.environ, **environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait(node: Node, name: str, ask: Any) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        with suppress(AssertionError, OSError):
            ask()
            return
        waits = node.processes[name].poll() is None and time.monotonic() < deadline
        assert waits, f"{name}: {node.log(name)}"
        time.sleep(0.2)


def _require(true: bool) -> None:
    assert true


def _connect(path: Path) -> None:
    """That it is there says nothing: it outlives who listened."""
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(str(path))


def _require_ready(node: Node) -> None:
    """Its own word first: what the cluster knows of it may be from before a restart."""
    node.kubectl("get", f"--raw=/api/v1/nodes/{NAME}/proxy/healthz")
    conditions = [c for n in node.get("nodes") for c in n["status"].get("conditions", ())]
    _require(any(c["type"] == "Ready" and c["status"] == "True" for c in conditions))


def _stop(node: Node) -> None:
    with suppress(AssertionError, subprocess.TimeoutExpired):
        node.kubectl("delete", "pods", "--all", "--all-namespaces", "--grace-period=1", seconds=30)
    for name in reversed(list(node.processes)):
        _end(node.processes.pop(name), signal.SIGTERM)
    _end_containers(node.folder)


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)
    if process.poll() is None:
        process.kill()
        process.wait(20)


def _end_containers(folder: Path) -> None:
    """Each has a shim that names the node's folder, and outlives containerd."""
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (directory / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if "containerd-shim" in words[0] and str(folder / "containerd.sock") in words:
                _end_with_children(int(directory.name))


def _end_with_children(pid: int) -> None:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (*map(int, children), pid):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _remove(folder: Path) -> None:
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for mount in reversed([m for m in mounts if m.startswith(f"{folder}/")]):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)

"""python -m tests.kubernetes.binaries: Kubernetes' own programs, built from its Go module once.

About twenty minutes of one processor, so it is no part of `make test-tools`: what needs them is
skipped until somebody has built them. etcd and the network's plugins come out of Debian.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from sync.build.install_once import built_once
from tests.docker_engine.programs import docker_programs
from tests.tools.debian import fetch, release

SOURCE = Path(__file__).with_name("programs")
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "pause")
PACKAGES = ("etcd-server", "containernetworking-plugins")
SECONDS = 7200


def are_built() -> bool:
    cache = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser()
    digest = hashlib.sha256((SOURCE / "go.sum").read_bytes()).hexdigest()[:16]
    return (cache / f"kubernetes-node-{digest}").exists()


def kubernetes_programs() -> Path:
    """The folder of them. Raises OSError where nobody may run or build them."""
    if os.geteuid() != 0:
        raise OSError("only root may run a node")
    if not shutil.which("go"):
        raise OSError("there is no Go to build it with")
    return built_once("kubernetes-node", _build, SOURCE / "go.sum")


def node_packages() -> Path:
    """The folder that stands for /, with etcd and the network's plugins."""
    return built_once(f"kubernetes-packages-{release()}", lambda folder: fetch(PACKAGES, folder))


def environment() -> dict[str, str]:
    """With which the programs find each other."""
    docker = docker_programs()
    libraries = next((docker / "usr" / "lib").glob("*-linux-gnu"))
    folders = [docker / "usr" / "sbin", docker / "usr" / "bin"]
    usual = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    return {
        "PATH": os.pathsep.join([*map(str, folders), *usual]),
        "LD_LIBRARY_PATH": str(libraries),
        "XTABLES_LIBDIR": str(libraries / "xtables"),
    }


def _build(folder: Path) -> None:
    """Others of this machine work meanwhile."""
    work = folder / "work"
    shutil.copytree(SOURCE, work)
    wanted = [f"./{name}" for name in PROGRAMS]
    command = ["nice", "-n", "15", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", str(folder)]
    subprocess.run(
        [*command, *wanted],
        cwd=work,
        env={**os.environ, "CGO_ENABLED": "0"},
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    shutil.rmtree(work)


if __name__ == "__main__":
    print(kubernetes_programs())

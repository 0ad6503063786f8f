"""python -m tests.kubernetes.binaries: Kubernetes' own programs, built from its Go module once.

About twelve minutes of one processor the first time (measured: 11 min 57 s), so it is no part of
`make test-tools`: what needs them is skipped until somebody has built them. etcd and the network's
plugins come out of Debian.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from sync.build.install_once import built_once
from tests.docker_engine.programs import docker_programs
from tests.tools.debian import fetch, release

SOURCE = Path(__file__).with_name("programs")
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "pause")
VERSION = "k8s.io/component-base/version"
PACKAGES = ("etcd-server", "containernetworking-plugins")
BUILT = "kubernetes-programs"
SECONDS = 7200


def are_built() -> bool:
    cache = Path(os.environ.get("MLOPS_CACHE") or "~/.cache/mlops").expanduser()
    digest = hashlib.sha256((SOURCE / "go.sum").read_bytes()).hexdigest()[:16]
    return (cache / f"{BUILT}-{digest}").exists()


def kubernetes_programs() -> Path:
    """The folder of them. Raises OSError where nobody may run or build them."""
    if os.geteuid() != 0:
        raise OSError("only root may run a node")
    if not shutil.which("go"):
        raise OSError("there is no Go to build it with")
    return built_once(BUILT, _build, SOURCE / "go.sum")


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
    command = ["nice", "-n", "15", "go", "build", "-trimpath", f"-ldflags=-s -w {_version()}"]
    subprocess.run(
        [*command, "-o", str(folder), *wanted],
        cwd=work,
        env={**os.environ, "CGO_ENABLED": "0"},
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    shutil.rmtree(work)


def _version() -> str:
    """Kubernetes' own build says it this way; kubectl reads it, and without it reads nonsense."""
    found = re.search(r"k8s.io/kubernetes v((\d+)\.(\d+)\.\d+)", (SOURCE / "go.mod").read_text())
    assert found, "go.mod names no Kubernetes"
    told = {"gitVersion": f"v{found[1]}", "gitMajor": found[2], "gitMinor": found[3]}
    return " ".join(f"-X {VERSION}.{name}={value}" for name, value in told.items())


if __name__ == "__main__":
    print(kubernetes_programs())

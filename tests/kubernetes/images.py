"""Images made on the spot, for a node that reaches no hub: the layers are Debian's and PyPI's own.

They carry the names that manifests ask for, and are stand-ins for what a release publishes.
"""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uv

from sync.build.install_once import built_once
from tests.docker_engine.base_image import base_archive
from tests.kubernetes.binaries import kubernetes_programs

ROOT = Path(__file__).parents[2]
PAUSE = "localhost/pause:1"
IMAGE = "registry.example/mlops/{environment}:1"


def pause_image(archive: Path) -> None:
    layer = archive.with_suffix(".layer")
    with tarfile.open(layer, "w") as tar:
        tar.add(kubernetes_programs() / "pause", "pause")
    write_image(archive, PAUSE, [layer], {"Entrypoint": ["/pause"]})


def serving_image(archive: Path, name: str, environment: str) -> None:
    """As deploy/serving/Dockerfile says, on Debian's Python in the place of the hub's image."""
    code = archive.with_suffix(".code")
    with tarfile.open(code, "w") as tar:
        tar.add(ROOT / "serving", "app/serving", filter=_without_caches)
    settings = {
        "Entrypoint": ["python3", "-m", "serving"],
        "Env": ["PYTHONPATH=/packages", "PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"],
        "WorkingDir": "/app",
        "User": "10001",
    }
    write_image(archive, name, [base_archive(), _packages(environment), code], settings)


def litellm_image(archive: Path, name: str) -> None:
    """As deploy/litellm/Dockerfile says."""
    command = ["python3", "-P", "/app/start_proxy.py"]
    _program_image(archive, name, "litellm", ("litellm",), command)


def model_server_image(archive: Path, name: str) -> None:
    """As deploy/model/Dockerfile says."""
    command = ["python3", "-P", "/app/model_server.py", "--weights", "/packages"]
    _program_image(archive, name, "model_server", ("model-server", "model-weights"), command)


def vllm_image(archive: Path, name: str) -> None:
    """A stand-in that answers as vLLM's server does, from a CPU, and is as strict about options."""
    code = archive.with_suffix(".code")
    with tarfile.open(code, "w") as tar:
        tar.add(ROOT / "tests/e2e/rented/images/server.py", "app/server.py")
    command = ["python3", "-P", "/app/server.py", "vllm"]
    write_image(archive, name, [base_archive(), code], {"Entrypoint": command, "User": "10001"})


def _program_image(
    archive: Path, name: str, role: str, locks: Sequence[str], command: Sequence[str]
) -> None:
    code = archive.with_suffix(".code")
    with tarfile.open(code, "w") as tar:
        tar.add(ROOT / "ansible" / "roles" / role / "files", "app", filter=_without_caches)
    layers = [base_archive(), *map(_packages, locks), code]
    environment = ["PYTHONPATH=/packages:/app", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"]
    settings = {"Entrypoint": list(command), "Env": environment, "User": "10001"}
    write_image(archive, name, layers, settings)


def write_image(
    archive: Path, name: str, layers: Sequence[Path], settings: Mapping[str, Any]
) -> None:
    """In the form of `docker save`. Layers are tar files, the lowest first."""
    digests = [_digest(layer) for layer in layers]
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": dict(settings),
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{each}" for each in digests]},
        }
    ).encode()
    names = [f"{digest}.tar" for digest in digests]
    told = [{"Config": "config.json", "RepoTags": [name], "Layers": names}]
    with tarfile.open(archive, "w") as tar:
        for path, layer in zip(names, layers, strict=True):
            tar.add(layer, path)
        for path, data in (("config.json", config), ("manifest.json", json.dumps(told).encode())):
            member = tarfile.TarInfo(path)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def _packages(environment: str) -> Path:
    lock = ROOT / "requirements" / f"{environment}.lock"
    return built_once(f"image-{environment}", lambda folder: _install(lock, folder), lock) / (
        "packages.tar"
    )


def _install(lock: Path, folder: Path) -> None:
    command = [uv.find_uv_bin(), "pip", "install", "-q", "--require-hashes", "--no-deps"]
    options = ["--python-version", "3.11", "--only-binary", ":all:"]
    target = ["--target", str(folder / "packages"), "-r", str(lock)]
    subprocess.run([*command, *options, *target], check=True, capture_output=True)
    with tarfile.open(folder / "packages.tar", "w") as tar:
        tar.add(folder / "packages", "packages", filter=_without_caches)
    subprocess.run(["rm", "-r", str(folder / "packages")], check=True)


def _without_caches(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    member.uid = member.gid = 0
    return None if "__pycache__" in member.name else member


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

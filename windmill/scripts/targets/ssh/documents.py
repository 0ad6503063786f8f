"""What a pipeline reads on the worker's machine, packed to be brought to its host."""

import hashlib
import os
import tarfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from ...model.drawing.pipeline import Node, Pipeline
from ...provision.files import private_folder
from ...provision.reading.file_gate import FileGate
from ...provision.reading.source_paths import PATHS

WHOLE = ".whole"  # unpacked last: where it is, all the rest is
MOST_BYTES = 2_000_000_000


def packed(pipeline: Pipeline, root: str, folder: Path) -> tuple[Pipeline, list[Mapping[str, str]]]:
    """The pipeline with the paths that its host will read, and the archives with what is there."""
    gate = FileGate.of(os.environ)
    nodes: list[Node] = []
    archives: list[Mapping[str, str]] = []
    for node in pipeline.nodes:
        source = _source(node)
        if source is None:
            nodes.append(node)
            continue
        archive, digest = _pack(gate, source, private_folder(folder))
        there = f"{root}/documents/{digest}"
        archives.append({"archive": str(archive), "folder": there})
        config = {**node.config, PATHS[node.component]: f"{there}/{source.name}"}
        nodes.append(node.model_copy(update={"config": config}))
    return pipeline.model_copy(update={"nodes": tuple(nodes)}), archives


def _source(node: Node) -> Path | None:
    given = str(node.config.get(PATHS.get(node.component, ""), ""))
    return Path(given) if given.startswith("/") else None


def _pack(gate: FileGate, source: Path, folder: Path) -> tuple[Path, str]:
    """The same files are the same archive, whenever they are packed."""
    content = {name: gate.read(path, MOST_BYTES) for name, path in _files(gate, source)}
    whole = hashlib.sha256()
    for name, data in sorted(content.items()):
        whole.update(f"{name}\0{len(data)}\0".encode() + data)
    digest = whole.hexdigest()[:16]
    archive = folder / f"{digest}.tar"
    with tarfile.open(archive, "w") as tar:
        for name, data in [*sorted(content.items()), (WHOLE, b"")]:
            tar.addfile(_member(name, data), BytesIO(data))
    return archive, digest


def _files(gate: FileGate, source: Path) -> Iterator[tuple[str, Path]]:
    real = gate.judged(source)
    if real.is_dir():
        inside = gate.within(real)
        yield from ((f"{source.name}/{name}", path) for name, path in inside.files(real))
    else:
        yield source.name, source


def _member(name: str, data: bytes) -> Any:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    return member

"""What a pipeline reads on the worker's machine, carried to the cluster as a ConfigMap."""

import base64
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model.drawing.pipeline import Node, Pipeline
from ...provision.reading.file_gate import FileGate
from ...provision.reading.source_paths import PATHS
from .errors import TooLarge

DOCUMENTS = "/documents"
MOST_BYTES = 900_000  # a ConfigMap holds 1 MiB
MOST_FILES = 200


@dataclass(frozen=True)
class Carried:
    """`files`: what is in each, by its path in the pod; `pipeline` reads them there."""

    pipeline: Pipeline | None = None
    files: Sequence[tuple[str, bytes]] = ()

    @property
    def name(self) -> str:
        """Other content is another name, and another name makes other pods."""
        whole = hashlib.sha256()
        for path, data in self.files:
            whole.update(f"{path}\0{len(data)}\0".encode() + data)
        return f"documents-{whole.hexdigest()[:10]}"

    def config_map(self, namespace: str, labels: Mapping[str, str]) -> dict[str, Any]:
        data = {f"f{at}": base64.b64encode(d).decode() for at, (_, d) in enumerate(self.files)}
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self.name, "namespace": namespace, "labels": dict(labels)},
            "binaryData": data,
        }


NOTHING = Carried()


def carried(pipeline: Pipeline) -> Carried:
    """Raises TooLarge, PathRefused."""
    gate = FileGate.of(os.environ)
    nodes: list[Node] = []
    files: list[tuple[str, bytes]] = []
    for number, node in enumerate(pipeline.nodes):
        source = source_of(node)
        if source is None:
            nodes.append(node)
            continue
        there = f"{DOCUMENTS}/{number}"
        files += [(f"{there}/{name}", _read(gate, path)) for name, path in _files(gate, source)]
        config = {**node.config, PATHS[node.component]: f"{there}/{source.name}"}
        nodes.append(node.model_copy(update={"config": config}))
    _require_small(files)
    return Carried(pipeline.model_copy(update={"nodes": tuple(nodes)}), tuple(sorted(files)))


def source_of(node: Node) -> Path | None:
    given = str(node.config.get(PATHS.get(node.component, ""), ""))
    return Path(given) if given.startswith("/") else None


def _read(gate: FileGate, path: Path) -> bytes:
    return gate.read(path, MOST_BYTES)


def _require_small(files: Sequence[tuple[str, bytes]]) -> None:
    size = sum(len(data) for _, data in files)
    if size > MOST_BYTES:
        raise TooLarge(what="what the pipeline reads", size=f"{size} or more", most=MOST_BYTES)
    if len(files) > MOST_FILES:
        what = f"what the pipeline reads, {len(files)} files,"
        raise TooLarge(what=what, size=size, most=f"{MOST_FILES} files")


def _files(gate: FileGate, source: Path) -> Iterator[tuple[str, Path]]:
    real = gate.judged(source)
    if real.is_dir():
        inside = gate.within(real)
        yield from ((f"{source.name}/{name}", path) for name, path in inside.files(real))
    else:
        yield source.name, source

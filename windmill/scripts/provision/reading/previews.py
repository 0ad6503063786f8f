"""A source read for a look at it: by the very program that will serve it, in a process of its own
that holds no secret, from a folder that is gone afterwards.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...model.base.errors import InvalidInput, Problem
from ...model.drawing.pipeline import Pipeline
from ..errors import PathRefused, PreviewFailed
from ..files import write_tree
from .file_gate import CHECKOUT, PRIVATE, ROOTS, UPLOADS, FileGate
from .source_paths import PATHS

SECONDS = 120
GATE = (ROOTS, PRIVATE, CHECKOUT, UPLOADS)
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "ALLOW_ADDRESSES", *GATE)


def check_paths(pipeline: Pipeline) -> None:
    """Raises InvalidInput for a path that no pipeline may read."""
    gate = FileGate.of(os.environ)
    problems = []
    for index, node in enumerate(pipeline.nodes):
        field = PATHS.get(node.component, "")
        given = str(node.config.get(field, ""))
        try:
            if given.startswith("/"):
                gate.judged(Path(given))
        except PathRefused as error:
            problems.append(Problem(error.message, f"nodes[{index}].config.{field}", error.fix))
    if problems:
        raise InvalidInput(problems)


def preview(program: Mapping[str, str], pipeline: Pipeline, node: str | None) -> Any:
    """`program`: the files of `serving`. Raises PreviewFailed."""
    drawing = pipeline.model_dump(mode="json", include={"nodes", "edges"})
    request = {"pipeline": {"name": pipeline.name, "deployment_id": "", **drawing}, "node": node}
    with tempfile.TemporaryDirectory(prefix="mlops-preview-") as folder:
        write_tree(Path(folder), program)
        return json.loads(_answer(Path(folder), json.dumps(request)))


def _answer(folder: Path, request: str) -> str:
    command = [sys.executable, "-P", "-m", "serving.preview"]
    try:
        ran = subprocess.run(
            command,
            input=request,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=folder,
            env=_environment(folder),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PreviewFailed(reason=f"reading takes more than {SECONDS} seconds") from None
    if ran.returncode:
        last = ran.stderr.strip().rpartition("\n")[2] or f"its reader ended with {ran.returncode}"
        raise PreviewFailed(reason=last)
    return ran.stdout


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(folder), *filter(os.path.isdir, sys.path)])}

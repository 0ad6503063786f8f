"""Everything that is generated, written again where it is stale."""

import os
import subprocess
import sys
from pathlib import Path

from cli.development.generated import generated

REFERENCE = Path("docs/reference")


def regenerate(root: Path) -> list[Path]:
    """What changed, by its path below the checkout."""
    stale = [
        file
        for file, text in generated(root).items()
        if not (root / file).is_file() or (root / file).read_text("utf-8") != text
    ]
    for file in stale:
        (root / file).write_text(generated(root)[file], "utf-8")
    return stale + _reference(root)


def _reference(root: Path) -> list[Path]:
    """In a process of its own: this one has read the names as they were."""
    before = _texts(root)
    environment = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-m", "docs.generate"], cwd=root, env=environment, check=True)
    return [file for file, text in _texts(root).items() if before.get(file) != text]


def _texts(root: Path) -> dict[Path, str]:
    files = (file for file in (root / REFERENCE).rglob("*.*") if file.is_file())
    return {file.relative_to(root): file.read_text("utf-8") for file in files}

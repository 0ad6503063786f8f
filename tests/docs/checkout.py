"""A guide, followed: its files written into a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, Block, blocks

GUIDES = ROOT / "docs" / "how-to"
RUN = ("python -m pytest", "mlops dev")
LEFT_OUT = (
    ".git",
    ".venv",
    "node_modules",
    ".*_cache",
    "__pycache__",
    ".terraform*",
    ".hypothesis",
)


def followed(guide: str, folder: Path) -> Path:
    """The copy; `guide` is a page of docs/how-to."""
    copy = copy_of_the_checkout(folder)
    for block in files_of(GUIDES / guide):
        _write(copy, block)
    return copy


def copy_of_the_checkout(folder: Path) -> Path:
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return copy


def files_of(page: Path) -> list[Block]:
    return [block for block in blocks(page) if "." in block.file]


def follow(guide: str, folder: Path) -> None:
    """In the page's own order: its files are written, what it begins and tests is run."""
    checkout = copy_of_the_checkout(folder)
    assert any(map(_lines_to_run, blocks(GUIDES / guide)))
    for block in blocks(GUIDES / guide):
        if "." in block.file:
            _write(checkout, block)
        for line in _lines_to_run(block):
            _run(checkout, line)


def run_tests_named_by(guide: str, checkout: Path) -> None:
    lines = [line for block in blocks(GUIDES / guide) for line in _lines_to_run(block)]
    assert lines
    for line in lines:
        _run(checkout, line)


def _lines_to_run(block: Block) -> list[str]:
    shell = block.text.splitlines() if block.language == "sh" else []
    return [line for line in shell if line.startswith(RUN)]


def _write(checkout: Path, block: Block) -> None:
    file = checkout / block.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, "utf-8")


def _run(checkout: Path, line: str) -> None:
    words = line.replace("mlops ", "python -m cli.main ", 1).split()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        words,
        cwd=checkout,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

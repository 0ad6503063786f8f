"""A guide, followed: its files written into a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, Block, blocks

GUIDES = ROOT / "docs" / "how-to"
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
        file = copy / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")
    return copy


def copy_of_the_checkout(folder: Path) -> Path:
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return copy


def files_of(page: Path) -> list[Block]:
    return [block for block in blocks(page) if "." in block.file]


def run_tests_named_by(guide: str, checkout: Path) -> None:
    """Every `python -m pytest …` that the guide tells to type."""
    lines = [
        line
        for block in blocks(GUIDES / guide, "sh")
        for line in block.text.splitlines()
        if line.startswith("python -m pytest")
    ]
    assert lines
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in lines:
        done = subprocess.run(
            line.split(),
            cwd=checkout,
            env={**os.environ, "PATH": path, "PYTHONPATH": str(checkout)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

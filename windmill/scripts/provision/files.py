"""Files that travel as {relative path: text}."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from .errors import UnsafePath


def write_tree(folder: Path, files: Mapping[str, str]) -> None:
    """Afterwards the folder holds these files and no other."""
    wanted = {_inside(folder, path): text for path, text in files.items()}
    for stale in {path for path in folder.rglob("*") if not path.is_dir()} - set(wanted):
        stale.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def private_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)


def _inside(folder: Path, relative: str) -> Path:
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in relative:
        raise UnsafePath(relative)
    return folder / path

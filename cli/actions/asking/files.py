"""Files that are sent, and where an answer is put."""

import os
from pathlib import Path

from cli.errors import BadOption, NoSuchFile


def content_of(path: Path) -> bytes:
    """Raises NoSuchFile."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoSuchFile(path=path, reason=error.strerror) from error


def check_place(out: Path | None) -> None:
    """Before what may take long is begun. Raises BadOption where nothing can be written."""
    if out and (out.is_dir() or not os.access(out if out.exists() else out.parent, os.W_OK)):
        raise BadOption(what=f"nothing can be written to {out}", fix="Give another --out.")


def write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        raise BadOption(what=f"{out} cannot be written: {error.strerror}") from error

"""The one gate for paths that people give: only data is read, and never what the machine runs on.

The deployed pipelines have the same gate, serving/file_gate.py. Neither side may import the other:
tests/test_file_gates.py holds both to the same text.
"""

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..errors import PathRefused

# Where people keep data on a machine of their own, when nothing is said.
USUAL = ("~", tempfile.gettempdir(), "/srv", "/mnt", "/media", "/data")
SYSTEM = tuple(Path(path) for path in ("/proc", "/sys", "/dev", "/run", "/etc", "/boot"))
ROOTS, PRIVATE = "MLOPS_DATA_ROOTS", "MLOPS_PRIVATE_FOLDERS"
CHECKOUT = "MLOPS_CHECKOUT"  # its examples are data, too
UPLOADS = "MLOPS_UPLOADS"  # what people sent from their browsers
WAY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# A pipe without a writer, or a device, would hold its reader for ever.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True)
class FileGate:
    """Of the roots and the private folders above a file, the nearest decides."""

    roots: tuple[Path, ...]
    private: tuple[Path, ...] = SYSTEM

    @classmethod
    def of(cls, environment: Mapping[str, str], *own: Path) -> "FileGate":
        """MLOPS_DATA_ROOTS=/srv/data:/home/ann and MLOPS_PRIVATE_FOLDERS=/home/ann/.mlops"""
        named = _folders(environment.get(ROOTS, ""))
        usual = _folders(os.pathsep.join((*USUAL, environment.get(CHECKOUT, ""))))
        private = (*SYSTEM, *_folders(environment.get(PRIVATE, "")))
        roots = named or [folder for folder in usual if folder != Path("/")]
        kept = _folders(environment.get(UPLOADS, ""))
        return cls((*roots, *kept, *(path.resolve() for path in own)), private)

    def within(self, folder: Path) -> "FileGate":
        """For what lies in a folder that a person named: its links lead nowhere else."""
        return replace(self, roots=(self.judged(folder),))

    def judged(self, path: Path) -> Path:
        """Where it really leads, behind all links. Raises PathRefused, whether it exists or not."""
        try:
            real = path.resolve()
        except (OSError, RuntimeError, ValueError):  # a circle of links, a NUL
            raise PathRefused(path=path, reason="it leads nowhere") from None
        root = _nearest(real, self.roots)
        private = _nearest(real, self.private)
        if root is None or (private is not None and len(private.parts) >= len(root.parts)):
            raise PathRefused(path=path, reason="it lies outside the folders for data")
        if any(part.startswith(".") for part in real.relative_to(root).parts):
            raise PathRefused(path=path, reason="it is hidden")
        return real

    def open(self, path: Path) -> BinaryIO:
        """Raises PathRefused, also for what is no file, and OSError."""
        return os.fdopen(_opened(path, self.judged(path)), "rb")

    def read(self, path: Path, most_bytes: int) -> bytes:
        """One byte more than wished tells that there are more. Raises as `open`."""
        with self.open(path) as file:
            return file.read(most_bytes + 1)

    def files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """All below it that are not hidden, by their names in it; links to folders are left out."""
        real = self.judged(folder)
        for where, folders, names in os.walk(real):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for path in (Path(where, name) for name in names if not name.startswith(".")):
                if path.is_file() or path.is_symlink():
                    yield path.relative_to(real).as_posix(), path


def _folders(text: str) -> list[Path]:
    words = filter(None, text.split(os.pathsep))
    return [Path(word).expanduser().resolve() for word in words]


def _nearest(path: Path, folders: tuple[Path, ...]) -> Path | None:
    above = [folder for folder in folders if path.is_relative_to(folder)]
    return max(above, key=lambda folder: len(folder.parts), default=None)


def _opened(path: Path, real: Path) -> int:
    """Folder by folder, so that no link that was put there since the judgement is followed."""
    way = os.open("/", WAY)
    try:
        for part in real.parts[1:-1]:
            above, way = way, os.open(part, WAY, dir_fd=way)
            os.close(above)
        file = os.open(real.name, FILE, dir_fd=way)
    finally:
        os.close(way)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise PathRefused(path=path, reason="it is no file")
    return file

"""What people send from the builder for their pipelines to read: files of a drawing's, in parts."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import NoUploads, UploadOutOfStep, UploadRefused, UploadsFull

# As the page makes them up; a name is part of a path.
FOLDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
NAME = re.compile(r"[^/\\\x00-\x1f]+")
MOST_NAME = 255  # bytes, of a file system
MEGABYTE = 1_000_000
MOST_FILES = 2000


@dataclass(frozen=True)
class Uploads:
    """`root` is empty where this gateway keeps none. `most_mb`: of all together."""

    root: str
    most_mb: int

    def append(self, folder: str, name: str, at: int, part: bytes) -> Path:
        """Where the file is, which had `at` bytes before. At 0 a file of the same name goes.

        Raises NoUploads, UploadRefused, UploadOutOfStep, UploadsFull.
        """
        file = self._file(folder, name)
        size = file.stat().st_size if at and file.is_file() else 0
        if size != at:
            raise UploadOutOfStep(name=name, bytes=size, at=at)
        self._check_room(len(part), file)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.open("ab" if at else "wb") as kept:
            kept.write(part)
        return file

    def listed(self, folder: str) -> dict[str, int]:
        """Bytes by name. Raises NoUploads, UploadRefused."""
        place = self._folder(folder)
        files = sorted(place.iterdir()) if place.is_dir() else []
        return {file.name: file.stat().st_size for file in files}

    def remove(self, folder: str) -> None:
        """Raises NoUploads, UploadRefused."""
        shutil.rmtree(self._folder(folder), ignore_errors=True)

    def _folder(self, folder: str) -> Path:
        if not self.root:
            raise NoUploads
        if not FOLDER.fullmatch(folder):
            raise UploadRefused(name=folder)
        return Path(self.root) / folder

    def _file(self, folder: str, name: str) -> Path:
        fits = len(name.encode()) <= MOST_NAME
        if not (fits and NAME.fullmatch(name)) or name.startswith("."):
            raise UploadRefused(name=name)
        return self._folder(folder) / name

    def _check_room(self, more: int, file: Path) -> None:
        files = [each for each in Path(self.root).rglob("*") if each.is_file()]
        used = sum(each.stat().st_size for each in files)
        if used + more > self.most_mb * MEGABYTE or len({*files, file}) > MOST_FILES:
            raise UploadsFull(most=self.most_mb, most_files=MOST_FILES)

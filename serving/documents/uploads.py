"""What people add while a pipeline runs: kept in a folder, bounded, and gone when they say so."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from serving import errors
from serving.files import write_atomically


@dataclass(frozen=True)
class Upload:
    name: str
    bytes: int
    uploaded_at: float


@dataclass(frozen=True)
class Room:
    files: int
    bytes: int


class Uploads:
    def __init__(self, folder: Path, room: Room) -> None:
        self.folder = folder
        self.room = room
        self._changing = threading.Lock()

    def listed(self) -> list[Upload]:
        return sorted(self._found(), key=lambda upload: upload.name)

    def check_room(self, files: Mapping[str, bytes]) -> None:
        """Raises UploadsFull; a file of the same name makes room for the new one."""
        kept = [upload for upload in self._found() if upload.name not in files]
        count = len(kept) + len(files)
        size = sum(upload.bytes for upload in kept) + sum(map(len, files.values()))
        if count > self.room.files or size > self.room.bytes:
            used = sum(upload.bytes for upload in kept)
            raise errors.UploadsFull(
                files=len(kept), bytes=used, most_files=self.room.files, most_bytes=self.room.bytes
            )

    def put(self, files: Mapping[str, bytes]) -> Callable[[], None]:
        """All or none. What it returns undoes it. Raises UploadsFull and UploadNotKept."""
        with self._changing:
            self.check_room(files)
            before = {name: self._content(name) for name in files}
            try:
                for name, content in files.items():
                    write_atomically(self.folder / name, content)
            except OSError as error:
                self._restore(before)
                raise errors.UploadNotKept(reason=error.strerror) from error
        return lambda: self._undo(before)

    def remove(self, name: str) -> None:
        """Raises NoSuchUpload."""
        with self._changing:
            if name not in {upload.name for upload in self._found()}:
                raise errors.NoSuchUpload(document=name[:200])
            (self.folder / name).unlink()

    def _undo(self, before: Mapping[str, bytes | None]) -> None:
        with self._changing:
            self._restore(before)

    def _restore(self, before: Mapping[str, bytes | None]) -> None:
        for name, content in before.items():
            if content is None:
                (self.folder / name).unlink(missing_ok=True)
            else:
                write_atomically(self.folder / name, content)

    def _content(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def _found(self) -> Iterator[Upload]:
        for path in self.folder.glob("[!.]*"):
            if path.is_file():
                stat = path.stat()
                yield Upload(path.name, stat.st_size, stat.st_mtime)

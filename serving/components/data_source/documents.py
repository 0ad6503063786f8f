"""Reads a folder, and beside it what is uploaded while the pipeline runs."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config, Context
from serving.documents.duplicates import folded
from serving.documents.formats.pdf.recognition import check_installed
from serving.documents.reading import ENDINGS, MAX_FILE_BYTES, Read, read_safely
from serving.documents.uploads import Room, Uploads
from serving.file_gate import FileGate
from serving.port_types import Document, Documents
from serving.problems import listed
from serving.reading_report import NOT_PREVIEWED, LeftOut

MAX_FILES = 5000
MEGABYTE = 1_000_000
UNSAFE_NAME = re.compile(r"[/\\\x00-\x1f\x7f]|^\.|^\s|\s$")


class DocumentsConfig(Config):
    path: str = Field(min_length=1)
    unreadable: Literal["fail", "skip"] = "fail"
    ocr: str = Field(default="", pattern=r"^(|[A-Za-z_]{3,20}(\+[A-Za-z_]{3,20}){0,9})$")
    max_uploads: int = Field(default=1000, ge=0, le=MAX_FILES)
    max_upload_mb: int = Field(default=200, ge=0, le=2000)


@dataclass(frozen=True)
class Found:
    path: Path
    gate: FileGate
    uploaded: bool


class DocumentSource(Component):
    kind = "documents"
    Config = DocumentsConfig

    def __init__(self, config: DocumentsConfig, context: Context) -> None:
        super().__init__(config, context)
        self._folder = Path(config.path)
        room = Room(config.max_uploads, config.max_upload_mb * MEGABYTE)
        self.uploads = Uploads(context.folder / "uploads", room)
        self._skips = config.unreadable == "skip"
        self._read_before: dict[Path, tuple[tuple[int, int], Read]] = {}

    async def run(self) -> Documents:
        if self.config.ocr:
            await asyncio.to_thread(check_installed, self.config.ocr)
        return await asyncio.to_thread(self._read_all)

    async def add(self, files: Mapping[str, bytes]) -> Callable[[], None]:
        for name in files:
            _check_name(name)
        await asyncio.to_thread(self.uploads.check_room, files)
        for name, content in files.items():
            await asyncio.to_thread(read_safely, name, content, self.config.ocr)
        return await asyncio.to_thread(self.uploads.put, files)

    def _read_all(self) -> Documents:
        """An upload that cannot be read is told; it never keeps the pipeline from its start."""
        pages: list[Document] = []
        unreadable: list[LeftOut] = []
        files, told = self._files()
        told += self._unknown()
        for done, (name, found) in enumerate(files.items()):
            self.context.report(f"{done} of {len(files)} documents read")
            try:
                read = self._read(name, found)
                pages += read.documents
                told += read.left_out
            except errors.UnreadableDocument as error:
                (told if found.uploaded else unreadable).append(_whole_file(error.message))
        self._forget_all_but({found.path for found in files.values()})
        if (unreadable and not self._skips) or not pages:
            problems = [str(each) for each in (*unreadable, *told)]
            raise errors.UnreadableDocuments(count=len(problems), reasons=listed(problems))
        pages, copies = folded(pages, "file")
        return Documents(tuple(pages), (*unreadable, *told, *copies))

    def _files(self) -> tuple[dict[str, Found], list[LeftOut]]:
        """By name; an upload takes the place of a file of the same name."""
        folder = dict(self._walk(self._folder))
        uploads = dict(sorted(self._walk(self.uploads.folder, uploaded=True)))
        if not folder and not uploads:
            raise errors.NoDocuments(path=self._folder)
        if len(folder) > MAX_FILES:
            raise errors.TooManyDocuments(path=self._folder, count=len(folder), limit=MAX_FILES)
        kept = dict(list(uploads.items())[: self.config.max_uploads])
        more = len(uploads) - len(kept)
        reason = f"{more} uploads more than max_uploads are left out"
        told = [_whole_file(reason, more)] if more else []
        files = folder | kept
        looked_at = sorted(files)[: self.context.most_files]
        if beyond := len(files) - len(looked_at):
            told.append(_whole_file(f"{beyond} files more: {NOT_PREVIEWED}", beyond))
        return {name: files[name] for name in looked_at}, told

    def _walk(self, root: Path, uploaded: bool = False) -> Iterator[tuple[str, Found]]:
        """A link in the folder leads nowhere else; the one that a person named may be a link."""
        gate = self.context.files
        if gate.judged(root).is_file():
            yield root.name, Found(root, gate, uploaded)
            return
        for name, path in gate.files(root):
            if _is_known(path):
                yield name, Found(path, gate.within(root), uploaded)

    def _unknown(self) -> list[LeftOut]:
        """Files of the folder that no reader takes: told, by their endings where they are many."""
        if self._folder.is_file():
            return []
        files = self.context.files.files(self._folder)
        return _told_by_ending(sorted(name for name, path in files if not _is_known(path)))

    def _read(self, name: str, found: Found) -> Read:
        try:
            with found.gate.open(found.path) as file:
                return self._read_changed(name, found.path, file)
        except errors.PathRefused as error:
            raise errors.UnreadableDocument(document=name, reason=error.reason) from error
        except OSError as error:
            raise errors.UnreadableDocument(document=name, reason=error.strerror) from error

    def _read_changed(self, name: str, path: Path, file: BinaryIO) -> Read:
        stat = os.fstat(file.fileno())
        version = (stat.st_mtime_ns, stat.st_size)
        before = self._read_before.get(path)
        if before is None or before[0] != version:
            content = file.read(MAX_FILE_BYTES + 1)
            before = self._read_before[path] = version, read_safely(name, content, self.config.ocr)
        return before[1]

    def _forget_all_but(self, paths: set[Path]) -> None:
        self._read_before = {
            path: read for path, read in self._read_before.items() if path in paths
        }


def _is_known(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS


def _whole_file(reason: str, count: int = 1) -> LeftOut:
    return LeftOut(kind="file", where="", reason=reason, count=count)


def _told_by_ending(names: Sequence[str]) -> list[LeftOut]:
    endings = Counter(PurePath(name).suffix.lower() for name in names)
    told = []
    for ending, count in sorted(endings.items()):
        first = next(name for name in names if PurePath(name).suffix.lower() == ending)
        more = f" and {count - 1} more {ending or 'without an ending'}" if count > 1 else ""
        reason = f"{first}{more}: not read, no document of a known kind"
        told.append(_whole_file(reason, count))
    return told


def _check_name(name: str) -> None:
    endings = ", ".join(ENDINGS)
    if UNSAFE_NAME.search(name) or len(name.encode()) > 200:
        reason = "it is not a plain file name"
        raise errors.BadDocumentName(document=name[:200], reason=reason, endings=endings)
    if PurePath(name).suffix.lower() not in ENDINGS:
        raise errors.BadDocumentName(document=name, reason="its ending is unknown", endings=endings)

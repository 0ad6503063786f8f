"""Reads a folder, and beside it keeps what is uploaded while the pipeline runs."""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config, Context
from serving.documents.reading import ENDINGS, MAX_FILE_BYTES, read_document
from serving.file_gate import FileGate
from serving.files import write_atomically
from serving.port_types import Document, Documents
from serving.problems import listed

MAX_FILES = 5000
UNSAFE_NAME = re.compile(r"[/\\\x00-\x1f\x7f]|^\.|^\s|\s$")


class DocumentsConfig(Config):
    path: str = Field(min_length=1)
    unreadable: Literal["fail", "skip"] = "fail"


@dataclass(frozen=True)
class Found:
    path: Path
    gate: FileGate


class DocumentSource(Component):
    kind = "documents"
    Config = DocumentsConfig

    def __init__(self, config: DocumentsConfig, context: Context) -> None:
        super().__init__(config, context)
        self._folder = Path(config.path)
        self._uploads = context.folder / "uploads"
        self._skips = config.unreadable == "skip"
        self._read_before: dict[Path, tuple[tuple[int, int], tuple[Document, ...]]] = {}

    async def run(self) -> Documents:
        return await asyncio.to_thread(self._read_all)

    async def add(self, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            _check_name(name)
            await asyncio.to_thread(read_document, name, content)
        for name, content in files.items():
            await asyncio.to_thread(write_atomically, self._uploads / name, content)

    def _read_all(self) -> Documents:
        pages: list[Document] = []
        unreadable: list[str] = []
        files = self._files()
        for done, (name, found) in enumerate(files.items()):
            self.context.report(f"{done} of {len(files)} documents read")
            try:
                pages += self._read(name, found)
            except errors.UnreadableDocument as error:
                unreadable.append(error.message)
        if unreadable and not (self._skips and pages):
            reasons = listed(unreadable)
            raise errors.UnreadableDocuments(count=len(unreadable), reasons=reasons)
        return Documents(tuple(pages), tuple(unreadable))

    def _files(self) -> dict[str, Found]:
        """By name; an upload takes the place of a file of the same name."""
        files = dict(self._walk(self._folder)) | dict(self._walk(self._uploads))
        if not files:
            raise errors.NoDocuments(path=self._folder)
        if len(files) > MAX_FILES:
            raise errors.TooManyDocuments(path=self._folder, count=len(files), limit=MAX_FILES)
        return {name: files[name] for name in sorted(files)}

    def _walk(self, root: Path) -> Iterator[tuple[str, Found]]:
        """A link in the folder leads nowhere else; the one that a person named may be a link."""
        gate = self.context.files
        if gate.judged(root).is_file():
            yield root.name, Found(root, gate)
            return
        for name, path in gate.files(root):
            if path.suffix.lower() in ENDINGS:
                yield name, Found(path, gate.within(root))

    def _read(self, name: str, found: Found) -> tuple[Document, ...]:
        try:
            with found.gate.open(found.path) as file:
                return self._read_changed(name, found.path, file)
        except errors.PathRefused as error:
            raise errors.UnreadableDocument(document=name, reason=error.reason) from error
        except OSError as error:
            raise errors.UnreadableDocument(document=name, reason=error.strerror) from error

    def _read_changed(self, name: str, path: Path, file: BinaryIO) -> tuple[Document, ...]:
        stat = os.fstat(file.fileno())
        version = (stat.st_mtime_ns, stat.st_size)
        before = self._read_before.get(path)
        if before is None or before[0] != version:
            before = self._read_before[path] = version, _read_file(name, file, stat.st_size)
        return before[1]


def _read_file(name: str, file: BinaryIO, size: int) -> tuple[Document, ...]:
    if size > MAX_FILE_BYTES:
        reason = f"larger than {MAX_FILE_BYTES} bytes"
        raise errors.UnreadableDocument(document=name, reason=reason)
    return read_document(name, file.read())


def _check_name(name: str) -> None:
    endings = ", ".join(ENDINGS)
    if UNSAFE_NAME.search(name) or len(name.encode()) > 200:
        reason = "it is not a plain file name"
        raise errors.BadDocumentName(document=name[:200], reason=reason, endings=endings)
    if PurePath(name).suffix.lower() not in ENDINGS:
        raise errors.BadDocumentName(document=name, reason="its ending is unknown", endings=endings)

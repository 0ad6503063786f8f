"""Where a secret's value stands: in files, command lines, environments, answers."""

import base64
import gzip
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

PLAIN, GZIP = b"", b"\x1f\x8b"


@dataclass(frozen=True)
class Found:
    secret: str
    where: str


@dataclass(frozen=True)
class Canaries:
    """Secrets by name."""

    values: Mapping[str, str]

    def __post_init__(self) -> None:
        assert len(set(self.values.values())) == len(self.values), "each needs a value of its own"
        assert all(len(value) >= 16 for value in self.values.values())

    def in_bytes(self, content: bytes, where: str) -> Iterator[Found]:
        if content.startswith(GZIP):
            with suppress(OSError, EOFError):
                content = gzip.decompress(content)
        for name, value in self.values.items():
            if any(form in content for form in forms(value)):
                yield Found(name, where)

    def in_files(self, folder: Path) -> set[Found]:
        """Where is a path below the folder."""
        files = (each for each in folder.rglob("*") if each.is_file() and not each.is_symlink())
        return {
            found
            for file in files
            for found in self.in_bytes(file.read_bytes(), str(file.relative_to(folder)))
        }

    def in_command_lines(self) -> set[Found]:
        return {
            found
            for process, text in _of_processes("cmdline")
            for found in self.in_bytes(text, process)
        }

    def in_environments(self, folder: Path) -> set[Found]:
        """Of the processes that work in this folder, or run from it."""
        return {
            found
            for process, text in _of_processes("environ")
            if str(folder).encode() in text
            for found in self.in_bytes(text, process)
        }


def forms(value: str) -> set[bytes]:
    """As it stands, and as URLs, Basic authentication and Kubernetes write it."""
    plain = value.encode()
    shifted = (base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3))
    return {plain, quote(value, safe="").encode(), *(each for each in shifted if len(each) > 15)}


def _of_processes(part: str) -> Iterator[tuple[str, bytes]]:
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            folder = Path("/proc", str(process.pid))
            words = process.cmdline()
            yield " ".join(words[:4]), (folder / part).read_bytes()

"""A platform's home as one file: taken while it runs, put back where nothing is yet."""

import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.errors import BackupUnusable, HomeInUse

MANIFEST = "manifest.json"
HOME, DATABASES, FILES = "home", "databases", "files"
SQLITE = b"SQLite format 3\0"
# What is made anew: logs, what runs where, what Terraform and Python fetch again.
LEFT_OUT = frozenset({"logs", "monitoring", "platform.json", "lock", ".terraform", "__pycache__"})
BESIDE_SQLITE = ("-wal", "-shm", "-journal")


class Manifest(BaseModel):
    """`files`: the SHA-256 of each, by its path in the archive."""

    model_config = ConfigDict(extra="forbid")

    version: str
    made_at: datetime
    databases: list[str]
    files: dict[str, str]


def copy_home(home: Path, into: Path) -> None:
    """Each of SQLite's databases as it was at one moment, also while somebody writes to it."""
    for folder, names, files in os.walk(home):
        names[:] = sorted(set(names) - LEFT_OUT)
        for name in sorted(set(files) - LEFT_OUT):
            source = Path(folder) / name
            if source.is_symlink() or not source.is_file() or name.endswith(BESIDE_SQLITE):
                continue
            target = into / source.relative_to(home)
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        is_database = file.read(len(SQLITE)) == SQLITE
    if not is_database:
        shutil.copy2(source, target)
        return
    with _opened(source) as old, _opened(target) as new:
        old.backup(new)
    shutil.copymode(source, target)


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    try:
        yield connection
    finally:
        connection.close()


def pack(staged: Path, file: Path, version: str, now: datetime) -> Manifest:
    """Whole or not at all, and nobody else's to read: secrets are in it."""
    databases = sorted(each.stem for each in (staged / DATABASES).glob("*.dump"))
    manifest = Manifest(version=version, made_at=now, databases=databases, files=_digests(staged))
    (staged / MANIFEST).write_text(manifest.model_dump_json(indent=2), "utf-8")
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as archive:
            archive.add(staged, arcname=".")
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return manifest


def unpack(file: Path, into: Path) -> Manifest:
    """Raises BackupUnusable where it is none, or not as it was made."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(into, filter="data")
        manifest = Manifest.model_validate_json((into / MANIFEST).read_bytes())
    except (OSError, EOFError, tarfile.TarError, ValidationError) as error:
        raise BackupUnusable(file=file, reason=f"is no backup ({type(error).__name__})") from error
    (into / MANIFEST).unlink()
    if _digests(into) != manifest.files:
        raise BackupUnusable(file=file, reason="is not as it was made: it was changed or damaged")
    return manifest


def put_home(unpacked: Path, home: Path) -> None:
    """Raises HomeInUse: two pasts cannot become one."""
    there = [each.name for each in home.iterdir() if each.name not in LEFT_OUT | {"cache"}]
    if any(_has_files(home / name) for name in there):
        raise HomeInUse(home=home)
    shutil.copytree(unpacked, home, dirs_exist_ok=True)
    home.chmod(0o700)


def _has_files(path: Path) -> bool:
    return path.is_file() or any(each.is_file() for each in path.rglob("*"))


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): _digest(each) for each in files}


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

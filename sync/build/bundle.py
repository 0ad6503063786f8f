"""Builds a full-code app with Windmill's own bundler: `python -m sync.build.bundle FOLDER`."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from .node import node, npm, npm_packages

JS, CSS = "bundle.js", "bundle.css"
LOCK_FILE = "package-lock.json"
APPS = Path(__file__).parents[2] / "windmill" / "apps"
_BUILT_FROM = "built-from"
_NOT_SOURCES = {"dist", "node_modules"}


def bundle_folder(app: Path) -> Path:
    return app / "dist"


def source_files(app: Path) -> Iterator[Path]:
    for file in sorted(app.rglob("*")):
        first = file.relative_to(app).parts[0]
        if file.is_file() and first not in _NOT_SOURCES and not first.startswith("."):
            yield file


def is_built(app: Path) -> bool:
    """Whether the bundle was made from the sources as they are now."""
    stamp = bundle_folder(app) / _BUILT_FROM
    return stamp.is_file() and stamp.read_text() == sources_digest(app)


def build(app: Path) -> None:
    if is_built(app):
        return
    install(app)
    node(windmill_cli(), "app", "bundle", ".", "--out", bundle_folder(app).name, cwd=app)
    (bundle_folder(app) / _BUILT_FROM).write_text(sources_digest(app))


def windmill_cli() -> Path:
    """The official CLI by its lock; node runs it."""
    return npm_packages(APPS) / "windmill-cli/esm/main.js"


def install(folder: Path) -> None:
    """What the folder's lock names, once."""
    lock = (folder / LOCK_FILE).read_bytes()
    stamp = folder / "node_modules" / ".installed"
    digest = hashlib.sha256(lock).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == digest):
        npm("ci", "--ignore-scripts", cwd=folder)
        stamp.write_text(digest)


def sources_digest(app: Path) -> str:
    digest = hashlib.sha256()
    for file in source_files(app):
        digest.update(file.relative_to(app).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        build(Path(argument).resolve())

"""Modules that a script carries: `{"model/errors.py": {content, language, lock?}}`."""

from pathlib import PurePosixPath
from typing import Any

from engine.errors import BadRequest


def check_modules(modules: Any) -> None:
    """Each stands below the script, in Python. Raises BadRequest."""
    if modules is None:
        return
    if not isinstance(modules, dict):
        raise BadRequest(why="modules is not an object")
    for name, module in modules.items():
        _check_name(name)
        if not isinstance(module, dict) or not isinstance(module.get("content"), str):
            raise BadRequest(why=f"modules: {name} has no content")
        if module.get("language", "python3") != "python3":
            raise BadRequest(why=f"modules: {name} is not python3")


def _check_name(name: str) -> None:
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in name or "\0" in name:
        raise BadRequest(why=f"modules: {name!r} does not stand below the script")

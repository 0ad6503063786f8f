"""The files that something new begins with: copies of a template, with its names filled in."""

import keyword
import re
from collections.abc import Mapping
from pathlib import Path

from cli.errors import BadOption, EntryExists

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".txt"  # so that no tool takes a template for code
_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


def scaffold(kind: str, name: str, facts: Mapping[str, str] | None = None) -> dict[Path, str]:
    """Text by path below the checkout. `name` may be written with hyphens or underscores.

    Raises BadOption for what can be no name.
    """
    values = {**_names(name), **(facts or {})}
    folder = TEMPLATES / kind
    files = sorted(folder.rglob(f"*{SUFFIX}"))
    return {
        Path(_path(file.relative_to(folder), values)): _filled(file.read_text("utf-8"), values)
        for file in files
    }


def write(root: Path, files: Mapping[Path, str]) -> None:
    """Raises EntryExists before anything is written."""
    for file in files:
        if (root / file).exists():
            raise EntryExists(path=file)
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, "utf-8")


def _names(name: str) -> dict[str, str]:
    words = re.split("[-_]", name)
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise BadOption(what=f"{name!r} cannot be a name: use small letters, digits and hyphens")
    return {
        "name": "_".join(words),
        "kind": "-".join(words),
        "class": "".join(word.capitalize() for word in words),
        "title": " ".join(words).capitalize(),
    }


def _path(template: Path, values: Mapping[str, str]) -> str:
    path = str(template).removesuffix(SUFFIX)
    return path.replace("NAME", values["name"]).replace("KIND", values["kind"])


def _filled(text: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text

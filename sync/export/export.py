"""What Git wants, as the files that Windmill's own CLI pushes (`wmill sync push`)."""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windmill.scripts.model.base.windmill_paths import FOLDER

from ..build.bundle import LOCK_FILE
from ..desired.flow_steps import steps_in
from ..errors import NotAnExport, NotExportable
from ..items import LABELS, TAG, Item, Kind
from .yaml_text import to_yaml

SETTINGS = "wmill.yaml"
# The embedded Windmill's one user; whoever pushes from a folder that a person owns is told apart.
OWNER = "u/admin"
_MARK = "# Written by `mlops sync export`; what you change here is lost at the next one.\n"
_WMILL = {
    "defaultTs": "bun",
    "includes": [f"{FOLDER}/**"],
    "excludes": [],
    "nonDottedPaths": True,
    "syncBehavior": "v1",
    # As our own push does: what others keep in the workspace is left alone.
    "keepDeleted": True,
    "skipVariables": True,
    "skipSecrets": True,
    "skipWorkspaceDependencies": True,
    "includeSchedules": True,
}
# What the CLI installs into an app to bundle it.
_INSTALLED = {"node_modules", "dist"}
_EXTENSIONS = {"python3": "py", "bash": "sh", "bun": "ts", "nativets": "native.ts"}

Tree = Mapping[str, str]


@dataclass(frozen=True)
class Exported:
    """How the files of a folder changed."""

    written: int
    removed: int
    unchanged: int

    def as_dict(self) -> dict[str, int]:
        return {"written": self.written, "removed": self.removed, "unchanged": self.unchanged}


def export(items: Iterable[Item], folder: Path, owner: str = OWNER) -> Exported:
    """Makes `folder` hold exactly this. Raises NotAnExport when it holds something else."""
    tree = as_tree(items, owner)
    earlier = _earlier(folder)
    removed = [file for file in earlier if file not in tree]
    for file in removed:
        (folder / file).unlink()
    written = [file for file, text in tree.items() if earlier.get(file) != text.encode()]
    for file in written:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(tree[file].encode())
    return Exported(len(written), len(removed), len(tree) - len(written))


def as_tree(items: Iterable[Item], owner: str = OWNER) -> Tree:
    """Text by relative path."""
    tree = {SETTINGS: _MARK + to_yaml(_WMILL)}
    for item in items:
        tree.update(_files(item, owner))
    return tree


def _earlier(folder: Path) -> dict[str, bytes]:
    """The files of an earlier export."""
    held = [path for path in folder.iterdir() if path.name[0] != "."] if folder.is_dir() else []
    settings = folder / SETTINGS
    if (held or folder.is_file()) and not (
        settings.is_file() and settings.read_text("utf-8").startswith(_MARK)
    ):
        raise NotAnExport(folder=folder)
    ours = [settings, *(folder / FOLDER).rglob("*"), *folder.glob("*.resource-type.yaml")]
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in ours
        if file.is_file() and not _INSTALLED & set(file.relative_to(folder).parts)
    }


def _files(item: Item, owner: str) -> Iterator[tuple[str, str]]:
    match item.kind:
        case Kind.folder:
            yield f"{FOLDER}/folder.meta.yaml", to_yaml(_folder(item, owner))
        case Kind.resource_type:
            about = {"format_extension": None, "is_fileset": False}
            body = _only(item, "description", "schema") | about
            yield f"{item.path}.resource-type.yaml", to_yaml(body)
        case Kind.resource:
            body = _only(item, "description", "resource_type", "value")
            yield f"{item.path}.resource.yaml", to_yaml(body)
        case Kind.script:
            yield from _script(item)
        case Kind.flow:
            yield from _flow(item)
        case Kind.app:
            yield from _app(item)
        case Kind.schedule:
            body = {name: value for name, value in item.body.items() if name != "path"}
            yield f"{item.path}.schedule.yaml", to_yaml(body)


def _only(item: Item, *fields: str) -> dict[str, Any]:
    return {name: item.body.get(name) for name in fields}


def _labels(item: Item) -> tuple[str, ...]:
    return (LABELS,) if item.body.get(LABELS) else ()


def _folder(item: Item, owner: str) -> dict[str, Any]:
    name = item.body["name"]
    perms = {"owners": [owner], "extra_perms": {owner: True}}
    return {"summary": None, "display_name": name} | perms


def _script(item: Item) -> Iterator[tuple[str, str]]:
    body = _only(item, "summary", "description", "kind", "schema", *_labels(item))
    more = ("has_preprocessor", "timeout", TAG)
    body |= {name: item.body[name] for name in more if item.body.get(name)}
    modules = item.body.get("modules") or {}
    # With modules a script is a folder of its own.
    code, about = (f"{item.path}__mod/script", "") if modules else (item.path, ".script")
    lock = f"{code}{about}.lock"
    yield f"{code}.py", item.body["content"]
    yield f"{code}{about}.yaml", to_yaml({**body, "lock": f"!inline {lock}"})
    yield lock, item.body["lock"]
    for name, module in modules.items():
        yield f"{item.path}__mod/{name}", module["content"]


def _flow(item: Item) -> Iterator[tuple[str, str]]:
    folder = f"{item.path}__flow"
    body = copy.deepcopy(_only(item, "summary", "description", "value", "schema", *_labels(item)))
    for step in steps_in(body["value"]):
        if step.type == "rawscript":
            for name, text in _take_out(item, step.id, step.value):
                yield f"{folder}/{name}", text
    yield f"{folder}/flow.yaml", to_yaml(body)


def _app(item: Item) -> Iterator[tuple[str, str]]:
    """Its sources, which the CLI bundles itself, and the lock that says with what."""
    folder = f"{item.path}__raw_app"
    yield f"{folder}/raw_app.yaml", to_yaml(_only(item, "summary"))
    for name, runnable in item.body["value"]["runnables"].items():
        body = {"type": runnable["runType"], "path": runnable["path"], "fields": runnable["fields"]}
        yield f"{folder}/backend/{name}.yaml", to_yaml(body)
    for name, text in item.body["value"]["files"].items():
        yield f"{folder}{name}", text
    yield f"{folder}/{LOCK_FILE}", (Path(item.origin) / LOCK_FILE).read_text("utf-8")


def _take_out(item: Item, step: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The inline code of a step and its lock, each replaced by the name of a file."""
    extension = _EXTENSIONS.get(value.get("language", ""))
    if not extension or not re.fullmatch(r"[\w-]+", step):
        raise NotExportable(path=item.path, step=step, language=value.get("language"))
    for field, name in (("content", f"{step}.{extension}"), ("lock", f"{step}.lock")):
        if value.get(field):
            yield name, value[field]
            value[field] = f"!inline {name}"

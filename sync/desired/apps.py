"""windmill/apps as Windmill full-code apps; one travels once it is built (`make builder`)."""

from pathlib import Path
from typing import Any

from windmill.scripts.model.base.errors import InvalidInput, Problem
from windmill.scripts.model.base.source import load_yaml
from windmill.scripts.model.base.windmill_paths import FOLDER

from ..build.bundle import LOCK_FILE, is_built, source_files
from ..items import FOLDER_KEY, Item, Kind
from .files import read_text

APPS = Path("windmill/apps")
_NOT_SENT = {"raw_app.yaml", LOCK_FILE, "wmill.d.ts"}


def app_items(root: Path, problems: list[Problem], *, unbuilt: bool = False) -> list[Item]:
    folders = sorted((root / APPS).glob("*.raw_app"))
    return [_item(folder, root, problems) for folder in folders if unbuilt or is_built(folder)]


def _item(folder: Path, root: Path, problems: list[Problem]) -> Item:
    path = f"{FOLDER}/{folder.name.removesuffix('.raw_app')}"
    runnables = {
        file.stem: _runnable(_read(file, root, problems))
        for file in sorted((folder / "backend").glob("*.yaml"))
    }
    files = {
        f"/{file.relative_to(folder).as_posix()}": read_text(file, root, problems) or ""
        for file in source_files(folder)
        if file.name not in _NOT_SENT and file.parent.name != "backend"
    }
    body = {
        "path": path,
        "summary": _read(folder / "raw_app.yaml", root, problems).get("summary", ""),
        "value": {"runnables": runnables, "files": files},
        "policy": _policy(runnables),
    }
    used = (f"{runnable['runType']}/{runnable['path']}" for runnable in runnables.values())
    return Item(Kind.app, path, body, frozenset([FOLDER_KEY, *used]), str(folder))


def _runnable(written: dict[str, Any]) -> dict[str, Any]:
    """On disk `type: script`, in the API `type: path, runType: script`."""
    fields = written.get("fields", {})
    return {"type": "path", "runType": written["type"], "path": written["path"], "fields": fields}


def _policy(runnables: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The app may call its runnables, as whoever deployed it, and nothing else."""
    calls = {f"{name}:{each['runType']}/{each['path']}": each for name, each in runnables.items()}
    allowed: dict[str, Any] = {"static_inputs": {}, "one_of_inputs": {}, "allow_user_resources": []}
    return {"execution_mode": "publisher", "triggerables_v2": dict.fromkeys(calls, allowed)}


def _read(file: Path, root: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        data = load_yaml(file.read_text("utf-8"), file.relative_to(root).as_posix()).data
    except InvalidInput as error:
        problems.extend(error.problems)
        return {"type": "script", "path": ""}
    return data if isinstance(data, dict) else {"type": "script", "path": ""}

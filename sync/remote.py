"""What a Windmill holds, read in a few calls, and what we last wrote there."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from .items import FOLDER, Item, Kind, Prints, fingerprints
from .windmill import Windmill

RECORD_PATH = f"{FOLDER}/sync_state"
# Windmill leaves resources of this type out of its own sync and export.
RECORD_TYPE = "state"


@dataclass(frozen=True)
class Entry:
    """One item as we last wrote it; `writing` is set while its write is under way."""

    prints: Prints = field(default_factory=dict)
    version: str = ""
    writing: Prints | None = None


Record = dict[str, Entry]


@dataclass(frozen=True)
class RemoteItem:
    """`version` changes with every edit, where Windmill gives one; `read` fetches the prints."""

    version: str
    read: Callable[[], Prints]


@dataclass(frozen=True)
class Remote:
    items: Mapping[str, RemoteItem]
    record: Record


def read_remote(windmill: Windmill, items: Iterable[Item]) -> Remote:
    items = list(items)
    kinds = {item.kind for item in items}
    types = [item.path for item in items if item.kind is Kind.resource_type]
    readers: list[Callable[[], dict[str, RemoteItem]]] = [
        lambda: _folder(windmill),
        lambda: _scripts(windmill),
        lambda: _flows(windmill),
        *([lambda: _apps(windmill)] if Kind.app in kinds else []),
        *(lambda name=name: _resource_type(windmill, name) for name in types),
    ]
    with ThreadPoolExecutor(len(readers) + 1) as pool:
        rows = pool.submit(lambda: list(windmill.pages("resources/list", path_start=FOLDER)))
        found = [entry for each in pool.map(lambda read: read(), readers) for entry in each.items()]
        resources = {row["path"]: row for row in rows.result()}
    record = _parse_record(resources.pop(RECORD_PATH, {}).get("value"))
    return Remote({**dict(found), **_resources(resources)}, record)


def edit_versions(windmill: Windmill, kinds: Iterable[Kind]) -> dict[str, str]:
    """Of what is told apart by when it was edited."""
    readers = {Kind.flow: _flows, Kind.app: _apps}
    edited = [readers[kind](windmill) for kind in kinds if kind in readers]
    return {key: item.version for each in edited for key, item in each.items()}


def write_record(windmill: Windmill, record: Record) -> None:
    body = {
        "path": RECORD_PATH,
        "resource_type": RECORD_TYPE,
        "description": "What `mlops sync` last wrote here",
        "value": {key: _plain(entry) for key, entry in sorted(record.items())},
    }
    windmill.post("resources/create", body, update_if_exists="true")


def _plain(entry: Entry) -> dict[str, Any]:
    return {name: value for name, value in asdict(entry).items() if value}


def _parse_record(value: Any) -> Record:
    rows = value if isinstance(value, dict) else {}
    return {
        key: Entry(row.get("prints", {}), row.get("version", ""), row.get("writing"))
        for key, row in rows.items()
        if isinstance(row, dict)
    }


def _folder(windmill: Windmill) -> dict[str, RemoteItem]:
    name = FOLDER.removeprefix("f/")
    if name not in windmill.get("folders/listnames"):
        return {}
    return {f"{Kind.folder}/{name}": RemoteItem("", lambda: fingerprints(Kind.folder, {}))}


def _resource_type(windmill: Windmill, name: str) -> dict[str, RemoteItem]:
    row = windmill.find(f"resources/type/get/{name}")
    return {f"{Kind.resource_type}/{name}": _known(Kind.resource_type, row)} if row else {}


def _resources(rows: Mapping[str, Any]) -> dict[str, RemoteItem]:
    return {f"{Kind.resource}/{path}": _known(Kind.resource, row) for path, row in rows.items()}


def _known(kind: Kind, row: Mapping[str, Any]) -> RemoteItem:
    return RemoteItem("", lambda: fingerprints(kind, row))


def _scripts(windmill: Windmill) -> dict[str, RemoteItem]:
    # Windmill leaves libraries out of the list unless asked.
    rows = windmill.pages("scripts/list", path_start=f"{FOLDER}/", include_without_main="true")
    return {
        f"{Kind.script}/{row['path']}": RemoteItem(
            row["hash"], _reader(windmill, Kind.script, f"scripts/get/p/{row['path']}")
        )
        for row in rows
    }


def _flows(windmill: Windmill) -> dict[str, RemoteItem]:
    rows = windmill.pages("flows/list", path_start=f"{FOLDER}/")
    return {
        f"{Kind.flow}/{row['path']}": RemoteItem(
            str(row["edited_at"]), _reader(windmill, Kind.flow, f"flows/get/{row['path']}")
        )
        for row in rows
    }


def _apps(windmill: Windmill) -> dict[str, RemoteItem]:
    rows = windmill.pages("apps/list", path_start=f"{FOLDER}/")
    return {
        f"{Kind.app}/{row['path']}": RemoteItem(
            str(row["edited_at"]), _reader(windmill, Kind.app, f"apps/get/p/{row['path']}")
        )
        for row in rows
    }


def _reader(windmill: Windmill, kind: Kind, path: str) -> Callable[[], Prints]:
    return lambda: fingerprints(kind, windmill.get(path))

"""What a Windmill holds, read in a few calls, and what we last wrote there."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from windmill.scripts.model.base.url_path import url_part, url_path
from windmill.scripts.model.base.windmill_paths import FOLDER, SYNC_LOCK, SYNC_STATE

from ...items import Item, Kind, fingerprints
from ...record import Record, Remote, RemoteItem, parse_record
from .client import Windmill

LISTED = (Kind.flow, Kind.resource, Kind.app)


def read_remote(windmill: Windmill, items: Sequence[Item]) -> Remote:
    variables = [item.path for item in items if item.kind is Kind.variable]
    schedules = [item.path for item in items if item.kind is Kind.schedule]
    types = [item.path for item in items if item.kind is Kind.resource_type]
    readers: list[Callable[[], dict[str, RemoteItem]]] = [
        lambda: _folder(windmill),
        lambda: _scripts(windmill),
        lambda: _flows(windmill),
        lambda: _resources(windmill),
        lambda: _apps(windmill),
        *(lambda name=name: _resource_type(windmill, name) for name in types),
        *(lambda path=path: _variable(windmill, path) for path in variables),
        *(lambda path=path: _schedule(windmill, path) for path in schedules),
    ]
    with ThreadPoolExecutor(len(readers) + 1) as pool:
        record = pool.submit(lambda: read_record(windmill))
        entries = [
            entry for each in pool.map(lambda read: read(), readers) for entry in each.items()
        ]
        return Remote(dict(entries), record.result())


def read_record(windmill: Windmill) -> Record:
    return parse_record(windmill.find(f"resources/get_value/{SYNC_STATE}"))


def listed_versions(windmill: Windmill) -> dict[str, str]:
    """Of the kinds in LISTED, whose version only a list tells."""
    listed = {**_flows(windmill), **_resources(windmill), **_apps(windmill)}
    return {key: item.version for key, item in listed.items()}


def _folder(windmill: Windmill) -> dict[str, RemoteItem]:
    name = FOLDER.removeprefix("f/")
    if name not in windmill.get("folders/listnames"):
        return {}
    return {f"{Kind.folder}/{name}": RemoteItem("", lambda: fingerprints(Kind.folder, {}))}


def _resource_type(windmill: Windmill, name: str) -> dict[str, RemoteItem]:
    row = windmill.find(f"resources/type/get/{url_part(name)}")
    return {f"{Kind.resource_type}/{name}": _unversioned(Kind.resource_type, row)} if row else {}


def _variable(windmill: Windmill, path: str) -> dict[str, RemoteItem]:
    row = windmill.find(f"variables/get/{url_path(path)}?decrypt_secret=true")
    return {f"{Kind.variable}/{path}": _unversioned(Kind.variable, row)} if row else {}


def _schedule(windmill: Windmill, path: str) -> dict[str, RemoteItem]:
    # Neither an edit nor switching it off changes its `edited_at`.
    row = windmill.find(f"schedules/get/{url_path(path)}")
    return {f"{Kind.schedule}/{path}": _unversioned(Kind.schedule, row)} if row else {}


def _resources(windmill: Windmill) -> dict[str, RemoteItem]:
    # Windmill's list has no values in it.
    rows = windmill.pages("resources/list", path_start=f"{FOLDER}/")
    return {
        f"{Kind.resource}/{row['path']}": _fetched(
            windmill,
            Kind.resource,
            str(row["edited_at"]),
            f"resources/get/{url_path(row['path'])}",
        )
        for row in rows
        if row["path"] not in (SYNC_STATE, SYNC_LOCK)
    }


def _unversioned(kind: Kind, row: Mapping[str, Any]) -> RemoteItem:
    body = None if kind is Kind.variable else lambda: row
    return RemoteItem("", lambda: fingerprints(kind, row), body=body)


def _scripts(windmill: Windmill) -> dict[str, RemoteItem]:
    # Windmill leaves libraries out of the list unless asked.
    rows = windmill.pages("scripts/list", path_start=f"{FOLDER}/", include_without_main="true")
    return {
        f"{Kind.script}/{row['path']}": _fetched(
            windmill,
            Kind.script,
            row["hash"],
            f"scripts/get/p/{url_path(row['path'])}",
            is_library=bool(row.get("no_main_func")) or row.get("auto_kind") == "lib",
        )
        for row in rows
    }


def _flows(windmill: Windmill) -> dict[str, RemoteItem]:
    rows = windmill.pages("flows/list", path_start=f"{FOLDER}/")
    return {
        f"{Kind.flow}/{row['path']}": _fetched(
            windmill,
            Kind.flow,
            str(row["edited_at"]),
            f"flows/get/{url_path(row['path'])}",
        )
        for row in rows
    }


def _apps(windmill: Windmill) -> dict[str, RemoteItem]:
    rows = windmill.pages("apps/list", path_start=f"{FOLDER}/")
    return {
        f"{Kind.app}/{row['path']}": _fetched(
            windmill,
            Kind.app,
            str(row["edited_at"]),
            f"apps/get/p/{url_path(row['path'])}",
        )
        for row in rows
    }


def _fetched(
    windmill: Windmill, kind: Kind, version: str, path: str, *, is_library: bool = False
) -> RemoteItem:
    def body() -> Any:
        return windmill.get(path)

    return RemoteItem(version, lambda: fingerprints(kind, body()), is_library, body)

"""One item of a plan by one call of Windmill's API, and the record of what was written."""

import json
from pathlib import Path

from windmill.scripts.model.base.url_path import url_path
from windmill.scripts.model.base.windmill_paths import SYNC_STATE

from ...actions import Action, Verb
from ...build.bundle import CSS, JS, bundle_folder
from ...errors import NotWritable
from ...items import Item, Kind
from ...record import Record, plain_record
from .client import Windmill

# Windmill leaves resources of this type out of its own sync and export.
RECORD_TYPE = "state"


def write(action: Action, windmill: Windmill) -> str:
    """Returns the version that Windmill gave the item, if it says so. Raises NotWritable."""
    if action.verb is Verb.delete:
        return _delete(action.item, windmill)
    item, is_new = action.item, action.verb is Verb.create
    match item.kind:
        case Kind.script:
            # The parent makes Windmill refuse when somebody edited it after the plan was made.
            parent = {} if is_new else {"parent_hash": action.version}
            return windmill.post("scripts/create", {**item.body, **parent})
        case Kind.flow:
            windmill.post(f"flows/{_verb('create', 'update', item, is_new)}", item.body)
        case Kind.resource:
            windmill.post("resources/create", item.body, update_if_exists="true")
        case Kind.resource_type:
            windmill.post(f"resources/type/{_verb('create', 'update', item, is_new)}", item.body)
        case Kind.app:
            verb = _verb("create_raw", "update_raw", item, is_new)
            windmill.post_form(f"apps/{verb}", app_form(item))
        case Kind.variable:
            windmill.post(f"variables/{_verb('create', 'update', item, is_new)}", item.body)
        case Kind.folder:
            windmill.post("folders/create", item.body)
        case Kind.schedule:
            _write_schedule(action, windmill)
        case _:
            raise NotWritable(item.path, kind=item.kind, home="Windmill")
    return ""


def _verb(create: str, update: str, item: Item, is_new: bool) -> str:
    return create if is_new else f"{update}/{url_path(item.path)}"


def _write_schedule(action: Action, windmill: Windmill) -> None:
    """Windmill's update leaves what is started, and whether it is, as they were."""
    item = action.item
    elsewhere = bool({"script_path", "is_flow"} & set(action.changed))
    if elsewhere:
        windmill.delete(f"schedules/delete/{url_path(item.path)}")
    if elsewhere or action.verb is Verb.create:
        windmill.post("schedules/create", item.body)
        return
    # For how long it rests is for the people there to say.
    resting = {
        "paused_until": windmill.get(f"schedules/get/{url_path(item.path)}").get("paused_until")
    }
    windmill.post(f"schedules/update/{url_path(item.path)}", {**item.body, **resting})
    if "enabled" in action.changed:
        windmill.post(
            f"schedules/setenabled/{url_path(item.path)}", {"enabled": item.body["enabled"]}
        )


def _delete(item: Item, windmill: Windmill) -> str:
    """Scripts and flows are kept in their history, as when a person archives them."""
    match item.kind:
        case Kind.script:
            windmill.post(f"scripts/archive/p/{url_path(item.path)}", None)
        case Kind.flow:
            windmill.post(f"flows/archive/{url_path(item.path)}", {"archived": True})
        case Kind.schedule:
            windmill.delete(f"schedules/delete/{url_path(item.path)}")
        case Kind.app:
            windmill.delete(f"apps/delete/{url_path(item.path)}")
        case Kind.resource:
            windmill.delete(f"resources/delete/{url_path(item.path)}")
        case Kind.variable:
            windmill.delete(f"variables/delete/{url_path(item.path)}")
        case _:
            raise NotWritable(item.path, kind=item.kind, home="Windmill")
    return ""


def app_form(item: Item) -> dict[str, tuple[str, str, str]]:
    """What Windmill's calls for full-code apps take; the bundle is read when it is sent."""
    folder = bundle_folder(Path(item.origin))
    return {
        "app": ("app.json", json.dumps(item.body), "application/json"),
        "js": (JS, (folder / JS).read_text("utf-8"), "text/javascript"),
        "css": (CSS, (folder / CSS).read_text("utf-8"), "text/css"),
    }


def write_record(windmill: Windmill, record: Record) -> None:
    body = {
        "path": SYNC_STATE,
        "resource_type": RECORD_TYPE,
        "description": "What `mlops sync` last wrote here",
        "value": plain_record(record),
    }
    windmill.post("resources/create", body, update_if_exists="true")

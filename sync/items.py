"""What should be in a Windmill and an n8n, as data."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from windmill.scripts.model.base.topology import in_order

FOLDER_KEY = "folder/mlops"
# A workflow's setting; n8n's own word for none.
SETTING = "settings."
ERROR_WORKFLOW, NO_HANDLER = "errorWorkflow", "DEFAULT"
LOCK, LOCKS, MODULES, LABELS, TAG = "lock", "locks", "modules", "labels", "tag"

Prints = Mapping[str, str]


class Home(StrEnum):
    """The instance that a kind of item lives in."""

    windmill = "Windmill"
    n8n = "n8n"


class Kind(StrEnum):
    folder = "folder"
    resource_type = "resource_type"
    resource = "resource"
    script = "script"
    flow = "flow"
    app = "app"
    schedule = "schedule"
    variable = "variable"
    credential = "credential"
    workflow = "workflow"

    @property
    def home(self) -> "Home":
        return Home.n8n if self in (Kind.credential, Kind.workflow) else Home.windmill


_FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.folder: (),
    Kind.resource_type: ("schema", "description"),
    Kind.resource: ("value", "resource_type", "description"),
    Kind.script: (
        *("content", MODULES, "schema", "summary", "description", "language", "kind", LABELS),
        *(LOCK, TAG, "timeout"),
    ),
    Kind.flow: ("value", "schema", "summary", "description", LABELS),
    Kind.app: ("value", "summary"),
    Kind.schedule: (
        *("schedule", "timezone", "cron_version", "enabled", "script_path", "is_flow", "args"),
        *("summary", "description", "no_flow_overlap", "ws_error_handler_muted", TAG),
        # What Git never gives: added there, it is somebody's edit.
        *("retry", "on_failure", "on_recovery", "on_success", "dynamic_skip"),
    ),
    Kind.variable: ("value", "is_secret"),
    Kind.credential: ("name", "type", "seal"),
    Kind.workflow: ("name", "nodes", "connections", "active"),
}


@dataclass(frozen=True)
class Item:
    """One thing to have there; `body` is what its create call takes, `origin` its folder."""

    kind: Kind
    path: str
    body: dict[str, Any]
    needs: frozenset[str] = field(default=frozenset(), compare=False)
    origin: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.path}"

    @cached_property
    def prints(self) -> Prints:
        return fingerprints(self.kind, self.body)


def fingerprints(kind: Kind, body: Mapping[str, Any]) -> Prints:
    """A digest of every field that matters, ours or as Windmill gives it; inline locks apart."""
    fields = {name: body.get(name) for name in _FIELDS[kind]}
    if kind is Kind.workflow:
        # One each: n8n adds some of its own, and what Git adds later is nobody's edit.
        fields |= {f"{SETTING}{name}": value for name, value in body.get("settings", {}).items()}
    prints = {name: _digest(comparable(value or "")) for name, value in fields.items()}
    locks = list(_locks(body.get("value")))
    return {**prints, LOCKS: _digest(locks)} if any(locks) else prints


def changed_fields(before: Prints, after: Prints) -> tuple[str, ...]:
    """Names of what differs; locks are Windmill's own to compute again."""
    names = dict.fromkeys([*before, *after])
    return tuple(n for n in names if n not in (LOCK, LOCKS) and before.get(n) != after.get(n))


def content(prints: Prints) -> Prints:
    """Without the locks of inline code, which Windmill computes again at any time."""
    return {name: value for name, value in prints.items() if name != LOCKS}


def is_still(held: Prints, written: Prints) -> bool:
    """Whether what is there is what was written, as far as that record tells.

    One of before scripts carried modules does not tell of them, and its locks were not kept.
    """
    if not written:
        return not held
    ignored = not_told(written)
    return all(held.get(name) == print for name, print in written.items() if name not in ignored)


def not_told(written: Prints) -> set[str]:
    return {LOCKS} if MODULES in written else {LOCKS, LOCK}


def in_dependency_order(items: Iterable[Item]) -> list[Item]:
    """What is needed comes first; within a cycle the order of `items` decides."""
    by_key = {item.key: item for item in items}
    order = in_order({key: sorted(item.needs) for key, item in by_key.items()})
    return [by_key[key] for key in order]


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _locks(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "rawscript":
            yield value.get(LOCK) or ""
        for item in value.values():
            yield from _locks(item)
    elif isinstance(value, list):
        for item in value:
            yield from _locks(item)


def comparable(value: Any) -> Any:
    """Without locks; 2.0 is 2, as it is to the JavaScript of Windmill's own clients."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("language") == "python3" and value.get(LOCK, "") is None:
        value = {name: item for name, item in value.items() if name != LOCK}
    is_code = value.get("type") == "rawscript"
    return {
        name: comparable(item) for name, item in value.items() if not (is_code and name == LOCK)
    }

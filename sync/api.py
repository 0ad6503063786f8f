"""Sync for other programs: what Git wants, what would change, and changing it."""

from collections.abc import Callable
from pathlib import Path

from windmill.scripts.model.errors import InvalidInput, Problem

from .apps import app_items
from .assets import asset_items
from .errors import Drift, PushFailed, SyncError, WindmillError
from .flow_check import FlowChecker
from .flows import flow_items, load_flows
from .items import FOLDER, Item, Kind, in_dependency_order
from .plan import Action, Plan, Verb, make_plan
from .push import PushResult, execute
from .remote import read_remote
from .scripts import LOCK_FILE, SOURCES, load_scripts, script_items
from .windmill import Windmill

__all__ = [
    "Action",
    "Drift",
    "Item",
    "Kind",
    "Plan",
    "PushFailed",
    "PushResult",
    "SyncError",
    "Verb",
    "Windmill",
    "WindmillError",
    "desired",
    "plan",
    "push",
]


def desired(root: Path) -> list[Item]:
    """Everything Git wants in Windmill, needed before needing. Raises InvalidInput with all
    problems found in scripts, flows, assets and catalog."""
    _refuse_other_folders(root)
    problems: list[Problem] = []
    scripts = load_scripts(root, problems)
    flows = load_flows(root, problems)
    assets = asset_items(root, problems)
    apps = app_items(root, problems)
    problems += FlowChecker(flows, scripts).check_all()
    if problems:
        raise InvalidInput(problems)
    items = [_folder(), *assets, *script_items(scripts), *flow_items(flows, scripts), *apps]
    return in_dependency_order(items)


def plan(items: list[Item], windmill: Windmill) -> Plan:
    return make_plan(items, read_remote(windmill, items))


def push(
    plan: Plan,
    windmill: Windmill,
    on_progress: Callable[[Action, float], None] = lambda action, seconds: None,
    *,
    force: bool = False,
) -> PushResult:
    """Writes exactly the plan. Raises Drift (nothing written; `force` overwrites) and PushFailed
    (says what was written; pushing again finishes)."""
    return execute(plan, windmill, on_progress, force=force)


def _folder() -> Item:
    name = FOLDER.removeprefix("f/")
    return Item(Kind.folder, name, {"name": name})


def _refuse_other_folders(root: Path) -> None:
    missing = [part for part in (SOURCES, LOCK_FILE) if not (root / part).exists()]
    if missing:
        fix = "Run it in the platform's checkout, or name it with --root."
        message = f"is not the platform's root: {missing[0]} is not there"
        raise InvalidInput([Problem(message, "", fix, str(root), code="E-SYNC-007")])

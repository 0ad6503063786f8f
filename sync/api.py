"""Sync for other programs: what Git wants, what would change, and changing it."""

from collections.abc import Callable
from pathlib import Path

from windmill.scripts.model.base.errors import InvalidInput, Problem
from windmill.scripts.model.base.windmill_paths import FOLDER

from .actions import Action, Verb
from .desired.apps import app_items
from .desired.assets import asset_items
from .desired.catalog import checked_catalog
from .desired.flow_check import FlowChecker
from .desired.flows import flow_items, load_flows
from .desired.leaf_workflows import leaf_problems
from .desired.scripts import LOCK_FILE, SOURCES, load_scripts, script_items
from .desired.triggers.schedules import ending_orphans, ends_orphans, schedule_items
from .desired.workflows import n8n_variables, workflow_items
from .diff import diff
from .errors import (
    Drift,
    N8nError,
    PlanOutdated,
    PushFailed,
    PushUnderWay,
    SyncError,
    WindmillError,
)
from .export.export import Exported, export
from .holder import this_holder
from .instances.instance import Instance
from .instances.n8n import N8n
from .instances.n8n_about import key_scopes, missing_scopes, surplus_scopes, version_of
from .instances.windmill.client import Windmill
from .instances.windmill.instance import WindmillInstance
from .instances.windmill.push_lock import one_at_a_time
from .items import Item, Kind, in_dependency_order
from .local_worker import local_tag, on_its_machine
from .n8n_settings import N8nSettings, n8n_settings
from .plan import Plan, make_plan, together
from .plan_file import plan_file, refuse_other
from .pruning import plan_to_prune
from .pull.pull import Pulled, pull
from .push import PushResult, execute

__all__ = [
    "Action",
    "Drift",
    "Exported",
    "Item",
    "Kind",
    "N8n",
    "N8nError",
    "N8nSettings",
    "Plan",
    "PlanOutdated",
    "Pulled",
    "PushFailed",
    "PushResult",
    "PushUnderWay",
    "SyncError",
    "Verb",
    "Windmill",
    "WindmillError",
    "desired",
    "diff",
    "ends_orphans",
    "export",
    "key_scopes",
    "local_tag",
    "missing_scopes",
    "n8n_settings",
    "plan",
    "plan_file",
    "plan_of_pruning",
    "pull",
    "push",
    "refuse_other",
    "surplus_scopes",
    "this_holder",
    "version_of",
]


def desired(
    root: Path,
    settings: N8nSettings | None = None,
    *,
    tag: str = "",
    end_orphans: bool = False,
    unbuilt_apps: bool = False,
) -> list[Item]:
    """Everything Git wants in Windmill, and in n8n where one is set, needed before needing. `tag`:
    of the worker that is the machine of target `local`. `end_orphans`: as the schedule finds
    rented machines that serve nobody, they are ended. Raises InvalidInput with all problems
    found in scripts, flows, workflows, assets and catalog."""
    _refuse_other_folders(root)
    problems: list[Problem] = []
    scripts = load_scripts(root, problems)
    catalog = checked_catalog(root, problems)
    flows = load_flows(root, catalog, problems)
    assets = asset_items(root, catalog, problems)
    workflows = workflow_items(root, settings, problems) if settings else []
    variables = n8n_variables(settings) if settings else []
    apps = app_items(root, problems, unbuilt=unbuilt_apps)
    checker = FlowChecker(flows, scripts)
    problems += checker.check_all()
    schedules = schedule_items(root, checker, problems)
    problems += leaf_problems(root, flows)
    if problems:
        raise InvalidInput(problems)
    schedules = ending_orphans(schedules) if end_orphans else schedules
    steps = script_items(scripts)
    steps = on_its_machine(steps, scripts, tag) if tag else steps
    items = [_folder(), *assets, *variables, *steps, *flow_items(flows, scripts)]
    return in_dependency_order([*items, *apps, *schedules, *workflows])


def plan(items: list[Item], windmill: Windmill, n8n: N8n | None = None) -> Plan:
    """One plan over both; what runs in Windmill comes before what n8n starts there."""
    plans = []
    for instance in _instances(windmill, n8n):
        its = [item for item in items if item.kind.home is instance.home]
        plans.append(make_plan(its, instance.read(its)))
    return together(plans)


def push(
    plan: Plan,
    windmill: Windmill,
    on_progress: Callable[[Action, float], None] = lambda action, seconds: None,
    *,
    force: bool = False,
    n8n: N8n | None = None,
    holder: str = "somebody",
    on_wait: Callable[[str], None] = lambda whom: None,
) -> PushResult:
    """Writes exactly the plan, while nobody else writes: `holder` is what others are told.

    Raises Drift, PushUnderWay and PlanOutdated (nothing written; `force` overwrites drift) and
    PushFailed (says what was written; pushing again finishes)."""
    if plan.drifted and not force:
        raise Drift(plan.drifted)
    if plan.is_empty:
        return _execute(plan, windmill, on_progress, n8n)
    with one_at_a_time(windmill, holder, on_wait):
        _refuse_outdated(plan, windmill, n8n)
        return _execute(plan, windmill, on_progress, n8n)


def _refuse_outdated(plan: Plan, windmill: Windmill, n8n: N8n | None) -> None:
    for instance in _instances(windmill, n8n):
        part = plan.part(instance.home)
        if part.writes and instance.record() != part.read:
            raise PlanOutdated(home=instance.home)


def _execute(
    plan: Plan, windmill: Windmill, on_progress: Callable[[Action, float], None], n8n: N8n | None
) -> PushResult:
    result = PushResult()
    for instance in _instances(windmill, n8n):
        try:
            result += execute(plan.part(instance.home), instance, on_progress)
        except PushFailed as failure:
            raise failure.after(result.written, plan.writes) from failure.__cause__
    return result


def plan_of_pruning(items: list[Item], windmill: Windmill, n8n: N8n | None = None) -> Plan:
    """Deletes what earlier pushes wrote and Git no longer has, or is no longer set up here."""
    plans = []
    for instance in _instances(windmill, n8n):
        its = [item for item in items if item.kind.home is instance.home]
        plans.append(plan_to_prune(its, instance))
    return together(plans)


def _instances(windmill: Windmill, n8n: N8n | None) -> list[Instance]:
    ours: Instance = WindmillInstance(windmill)
    return [ours, n8n] if n8n else [ours]


def _folder() -> Item:
    name = FOLDER.removeprefix("f/")
    return Item(Kind.folder, name, {"name": name})


def _refuse_other_folders(root: Path) -> None:
    missing = [part for part in (SOURCES, LOCK_FILE) if not (root / part).exists()]
    if missing:
        fix = "Run it in the platform's checkout, or name it with --root."
        message = f"is not the platform's root: {missing[0]} is not there"
        raise InvalidInput([Problem(message, "", fix, str(root), code="E-SYNC-007")])

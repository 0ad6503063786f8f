"""Push what this checkout holds into Windmill, through sync/."""

from pathlib import Path
from typing import Any

from cli.home import ROOT
from cli.windmill import WindmillAddress


def make_plan(address: WindmillAddress) -> Any:
    from sync import api

    with api.Windmill(address.url, address.workspace, address.token) as windmill:
        return api.plan(api.desired(ROOT), windmill)


def push(address: WindmillAddress, force: bool = False) -> dict[str, Any]:
    """The plan that was carried out, as data."""
    from sync import api

    with api.Windmill(address.url, address.workspace, address.token) as windmill:
        plan = api.plan(api.desired(ROOT), windmill)
        api.push(plan, windmill, force=force)
    done: dict[str, Any] = plan.as_dict()
    return done


def export(folder: Path, owner: str) -> dict[str, int]:
    """How many files changed."""
    from sync import api

    return api.export(api.desired(ROOT), folder, owner).as_dict()


def push_unless_drifted(address: WindmillAddress) -> dict[str, Any]:
    """What was edited in Windmill itself is somebody's work: it is told, never overwritten."""
    from sync.api import Drift

    try:
        return push(address)
    except Drift as drift:
        paths = [action.item.path for action in drift.actions]
        return {"create": 0, "update": 0, "drifted": paths, "fix": drift.fix}

"""After a failed step: destroy what was created, and tell people.

Gives `error`: the reason, `created`: whether there was anything to destroy, and `destroyed`:
whether it is gone.
"""

# extra_requirements:
# ansible-core
# uv

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .model.base.errors import MlopsError, Reason
from .model.base.step_titles import failed_step
from .model.drawing.deployment import Deployment, State
from .provision.states.shared_state import shared_state
from .store.opened import open_registry
from .store.registry import Registry
from .targets.rental.hiring import give_back_others, is_rented
from .targets.teardown import tear_down
from .worker.instance import asset
from .worker.kept_notifications import tell_of
from .worker.notifications import tell_people

BEFORE_APPLY = ("target", "ask", "answered", "given", "generate", "Approval")
# A refusal is no step's error, so none is named. People are asked before anything is applied.
NOT_ANSWERED_YES = ("SuspendedDisapproved", "SuspendedTimedOut")


def main(error: str = "{}", deployment_id: str | None = None) -> dict[str, Any]:
    """`error`: as JSON."""
    reason = why(json.loads(error))
    print(reason)
    if deployment_id is None:  # validation refused it: nothing was registered, nothing exists
        tell_people("a deployment was refused", str(reason), print)
        return {"error": reason.message, "created": False, "destroyed": False}
    registry = open_registry()
    deployment = registry.require(deployment_id)
    record(registry, deployment, reason)
    if deployment.live_revision:
        touched = touches(deployment, json.loads(error))
        return keep(registry, deployment, reason, touched)
    return destroy(registry, deployment, reason)


def record(registry: Registry, deployment: Deployment, reason: Reason) -> None:
    for line in filter(None, (reason.message, reason.fix)):
        registry.record(deployment.id, "failure", line, "error")


def tell(registry: Registry, deployment: Deployment, reason: Reason, outcome: str) -> None:
    whole = replace(reason, message=f"{deployment.name}: {reason.message}; {outcome}")
    tell_of(registry, deployment.id, f"{deployment.name}: failed", str(whole))


def destroy(registry: Registry, deployment: Deployment, reason: Reason) -> dict[str, Any]:
    try:
        root = registry.root_config(deployment.id)
        shared = shared_state(registry.engine, deployment.id, deployment.run_id)
        tear_down(deployment, root, asset("ansible"), asset("terraform"), shared=shared)
    except Exception as trouble:
        left = f"destroying what was created failed too: {Reason.of(trouble).message}"
        mend = f"run `mlops destroy {deployment.id}`"
        registry.finish(deployment.id, State.failed, f"{reason.message}; {left}")
        registry.record(deployment.id, "failure", mend, "error")
        tell(registry, deployment, reason, f"{left}; {mend}")
        raise
    registry.vacate(deployment.id)
    registry.finish(deployment.id, State.failed, reason.message)
    registry.record(deployment.id, "failure", "what was created is destroyed")
    tell(registry, deployment, reason, "what was created is destroyed")
    return outcome(deployment, reason, destroyed=True)


def touches(deployment: Deployment, error: Mapping[str, Any]) -> bool:
    """Whether an update that failed so may have changed what is live.

    Where a machine is rented, an update has one of its own.
    """
    step = error.get("step_id")
    changed_nothing = step == "apply" and not deployment.changed
    too_early = step in BEFORE_APPLY or error.get("name") in NOT_ANSWERED_YES
    return not (too_early or changed_nothing or is_rented(deployment))


def keep(
    registry: Registry, deployment: Deployment, reason: Reason, touched: bool
) -> dict[str, Any]:
    """A failed update must not take down what people use: it stays, degraded if it was touched.

    What was rented for the update is given back; where that fails too, it stays known.
    """
    try:
        give_back_others(registry, deployment, print)
    except MlopsError as trouble:
        for line in (trouble.message, trouble.fix):
            registry.record(deployment.id, "failure", line, "error")
    if touched:
        registry.finish(deployment.id, State.degraded, reason.message)
    else:
        registry.stay(deployment.id)
    tell(registry, deployment, reason, f"revision {deployment.live_revision} stays")
    return outcome(deployment, reason, destroyed=False)


def outcome(deployment: Deployment, reason: Reason, destroyed: bool) -> dict[str, Any]:
    told = {"error": reason.message, "deployment_id": deployment.id}
    return {**told, "created": True, "destroyed": destroyed}


def why(error: dict[str, Any]) -> Reason:
    reason = Reason.of_job(error)
    return replace(reason, message=failed_step(error.get("step_id") or "", reason.message))

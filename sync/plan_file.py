"""A plan as a file: what was looked at is what is pushed, or nothing is."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from .actions import Action, Verb
from .errors import BadPlanFile, PlanChanged
from .items import Kind
from .plan import Plan

SHOWN = 5
# A plain digest of a short secret could be guessed.
_SECRET = (Kind.variable, Kind.credential)


class _Planned(BaseModel):
    """One write: what is there (`version`), and digests of what is to be there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    verb: Verb
    changed: tuple[str, ...] = ()
    version: str = ""
    prints: dict[str, str] = {}


class PlanFile(BaseModel):
    """`instances`: the addresses that it was made for."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal["mlops-sync-plan/1"] = "mlops-sync-plan/1"
    instances: tuple[str, ...]
    actions: dict[str, _Planned]


def plan_file(plan: Plan, instances: tuple[str, ...]) -> str:
    """JSON without any value, so that it may lie where others read it."""
    actions = {action.item.key: _planned(action) for action in plan.writes}
    return PlanFile(instances=instances, actions=actions).model_dump_json(indent=2) + "\n"


def refuse_other(plan: Plan, instances: tuple[str, ...], text: bytes, shown: str) -> None:
    """Raises BadPlanFile, or PlanChanged where `plan` is not what stands in the file."""
    try:
        told = PlanFile.model_validate_json(text)
    except ValidationError as error:
        raise BadPlanFile(file=shown, why=error.errors()[0]["msg"]) from None
    now = {action.item.key: _planned(action) for action in plan.writes}
    differences = list(_differences(told, now))
    if told.instances != instances:
        differences = [f"it was made for {' and '.join(told.instances)}"]
    if differences:
        more = [f"and {len(differences) - SHOWN} more"] if len(differences) > SHOWN else []
        raise PlanChanged(file=shown, differences="; ".join([*differences[:SHOWN], *more]))


def _planned(action: Action) -> _Planned:
    prints = {} if action.item.kind in _SECRET else dict(action.item.prints)
    return _Planned(
        verb=action.verb,
        changed=action.changed,
        version=action.version,
        prints={} if action.verb is Verb.delete else prints,
    )


def _differences(told: PlanFile, now: dict[str, _Planned]) -> Iterator[str]:
    for key in sorted(told.actions.keys() | now.keys()):
        before, after = told.actions.get(key), now.get(key)
        if before is None:
            yield f"{key} was not in it"
        elif after is None:
            yield f"{key} is as in Git already"
        elif before.prints != after.prints:
            yield f"{key} was changed in Git since"
        elif before != after:
            yield f"{key} was changed there since"

"""Brings what was edited in the instances back into the files that it came from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..items import Kind
from ..plan import Plan
from .flows import pull_flow
from .pulled import Edit, Left, Part, edits_of
from .schedules import pull_schedule
from .scripts import pull_script
from .workflows import pull_workflow

_PULLS: Mapping[Kind, Callable[[Edit], Part]] = {
    Kind.script: pull_script,
    Kind.flow: pull_flow,
    Kind.schedule: pull_schedule,
    Kind.workflow: pull_workflow,
}
_MADE = "Git makes it from other files; change those"


@dataclass(frozen=True)
class Pulled:
    """`files`: their new text by their path in the checkout. Nothing is written yet."""

    files: Mapping[str, str]
    left: tuple[Left, ...]

    def as_dict(self) -> dict[str, Any]:
        left = [
            {"item": each.key, "fields": list(each.fields), "why": each.why} for each in self.left
        ]
        return {"files": sorted(self.files), "left": left}


def pull(plan: Plan, root: Path) -> Pulled:
    """Only what they changed and Git did not; where both did, it is told. Raises InstanceError."""
    files: dict[str, str] = {}
    left: list[Left] = []
    for action in plan.drifted:
        edit = edits_of(action, plan.read.get(action.item.key), root)
        part = Part({}, (edit,)) if isinstance(edit, Left) else _part(edit)
        left += part.left
        for name, text in part.files.items():
            if files.setdefault(name, text) != text:
                why = f"{name} was edited differently in another script that carries it"
                left.append(Left(action.item.key, ("modules",), why))
    return Pulled(files, tuple(left))


def _part(edit: Edit) -> Part:
    pulls = _PULLS.get(edit.action.item.kind)
    return pulls(edit) if pulls else Part({}, tuple(edit.left(edit.fields, _MADE)))

"""What a module of a compiled flow stands for. Ids of the compiler's own begin with a capital."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from gateway.runs.steps import Place
from windmill.scripts.model.compile.ask_target import ID as TARGET
from windmill.scripts.model.compile.compile_steps import APPROVAL, ITEM

Module = Mapping[str, Any]
LOOPS = ("forloopflow", "whileloopflow")
# Of the flow that deploys: most runs ask for no approval, and show none.
IF_ASKED = "Approval"


class Kind(Enum):
    step = auto()
    question = auto()
    flow = auto()
    loop = auto()
    branches = auto()
    branch = auto()


def kind_of(module: Module) -> Kind:
    """Branches that a person wrote are a step of theirs; only the compiler's are looked into."""
    kind = module.get("value", {}).get("type")
    if module["id"].startswith(APPROVAL):
        return Kind.question
    if kind == "flow":
        return Kind.flow
    if kind in LOOPS:
        return Kind.loop
    if is_own(module) and module["id"] != TARGET and kind in ("branchall", "branchone"):
        return Kind.branches if kind == "branchall" else Kind.branch
    return Kind.step


def is_own(module: Module) -> bool:
    """Shown only where it matters; the body of a loop is what the loop is there for."""
    return module["id"][:1].isupper() and not module["id"].startswith(ITEM)


def place_of(module: Module, around: Place) -> Place:
    id = module["id"]
    title = module.get("summary") or id.replace("_", " ").capitalize()
    if id.startswith(ITEM):
        return around.titled(title)
    if id.startswith(APPROVAL):
        return around.below(f"{id.removeprefix(APPROVAL)}:approval", title)
    return around.below(id if id[:1].islower() else id.partition("_")[2] or id.lower(), title)

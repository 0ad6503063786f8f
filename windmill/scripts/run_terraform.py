"""Apply, or destroy, one Terraform module of the catalog's own; its state keeps a name.

Gives `changes`: whether there was anything to change, and the outputs of the module. The log tells
the plan.
"""

from typing import Any

from .model.base.windmill_references import unmarked
from .provision.terraform import Terraform
from .targets.local.standalone import module_root, state_folder
from .worker.cpu_throttler import throttle
from .worker.instance import asset


def main(
    module: str,
    variables: dict,  # type: ignore[type-arg]
    state: str,
    action: str = "apply",
) -> dict[str, Any]:
    throttle()
    modules = asset("terraform")
    terraform = Terraform(state_folder("terraform", state), on_line=print)
    terraform.write(module_root(module, unmarked(variables), modules), modules)
    if action == "destroy":
        terraform.destroy()
        return {"changes": True}
    terraform.init()
    plan = terraform.plan()
    print(*plan.words or ["nothing to change"], sep="\n")
    terraform.apply(plan)
    return {"changes": plan.changes, **terraform.outputs()}

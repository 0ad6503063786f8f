"""Run one Ansible playbook of the catalog's own on the machine of target `local`.

Gives how many tasks were `ok`, `changed` and `skipped`.
"""

# extra_requirements:
# ansible-core
# uv

from typing import Any

from .model.base.windmill_references import unmarked
from .provision.ansible import run_playbook
from .targets.local.standalone import LOCALHOST, state_folder
from .worker.cpu_throttler import throttle
from .worker.instance import asset


def main(playbook: str, variables: dict, state: str) -> dict[str, Any]:  # type: ignore[type-arg]
    throttle()
    result = run_playbook(
        playbook,
        files=asset("ansible"),
        inventory=LOCALHOST,
        extravars=unmarked(variables),
        secrets={},
        workdir=state_folder("ansible", state),
        on_event=lambda event: print(f"{event.state:8} {event.task}"),
    )
    return {"ok": result.ok, "changed": result.changed, "skipped": result.skipped}

"""Which worker of a Windmill is the machine of target `local`, and what it lacks."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cli.clients.windmill import WindmillClient
from cli.platform.checkup import Finding

PINGED_SECONDS = 60
LOCAL = "local"
Told = Mapping[str, Any]
Ask = Callable[[str], Iterator[Finding]]


def local_findings(windmill: WindmillClient, told: Told, ask: Ask) -> Iterator[Finding]:
    """`told`: what a worker of everybody's said; `ask` asks the one of a tag."""
    from sync.api import local_tag

    tag = local_tag(os.environ)
    its_own = [check for check in told["checks"] if check["what"] == LOCAL]
    if told["embedded"]:
        yield from (Finding(**check) for check in its_own)
    elif tag:
        yield from _of_tag(windmill, tag, ask)
    elif its_own:
        found = f"{told['worker']} has MLOPS_LOCAL_ROOT, and others take its jobs too"
        yield Finding(LOCAL, "warning", found, _lines("mlops-local"))
    else:
        yield Finding(LOCAL, "ok", "no worker offers it: MLOPS_LOCAL_TAG is not set")


def _of_tag(windmill: WindmillClient, tag: str, ask: Ask) -> Iterator[Finding]:
    machines = windmill.machines(tag, PINGED_SECONDS)
    if not machines:
        yield Finding(LOCAL, "failed", f"no worker listens to the tag {tag}", _lines(tag))
    elif len(machines) > 1:
        found = f"{len(machines)} machines have the tag {tag}: {', '.join(machines)}"
        fix = "Take it from all but one: a deployment is on the disk and the ports of one machine."
        yield Finding(LOCAL, "failed", found, fix)
    else:
        asked = list(ask(tag))
        yield from (each for each in asked if each.state == "failed")
        yield from _offers(tag, machines[0], asked)


def _offers(tag: str, machine: str, asked: list[Finding]) -> Iterator[Finding]:
    its_own = next((each for each in asked if each.what == LOCAL and each.state != "failed"), None)
    if its_own:
        yield Finding(LOCAL, "ok", f"offered by the tag {tag}, on {machine}: {its_own.found}")
    elif not any(each.state == "failed" for each in asked):
        found = f"the worker of the tag {tag}, on {machine}, has no MLOPS_LOCAL_ROOT"
        yield Finding(LOCAL, "failed", found, _lines(tag))


def _lines(tag: str) -> str:
    return (
        f"In the compose file, one worker of its own: WORKER_TAGS: {tag}, "
        "MLOPS_LOCAL_ROOT: /srv/mlops (a volume), "
        f"WHITELIST_ENVS: MLOPS_LOCAL_ROOT,MLOPS_DATABASE_URL; then MLOPS_LOCAL_TAG={tag} here."
    )

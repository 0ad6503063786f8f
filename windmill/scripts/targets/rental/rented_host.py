"""A rented machine as a host: its image is complete, and it ends with the machine."""

import time
from collections.abc import Mapping

import httpx

from ...model.drawing.deployment import Deployment
from ...provision.ansible import PlaybookResult, TaskEvent
from ...provision.host_configuration import HostConfiguration, OnTask
from ...store.attempts import Attempts
from ...store.opened import open_registry
from ..pods import models_to_pull
from .desks import desk_of
from .errors import NoProviderKey
from .ollama import pull
from .rented_target import PATIENCE_SECONDS
from .settling import release


class RentedHost:
    def __init__(self, name: str) -> None:
        self.name = name

    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        models = models_to_pull(wanted.pipeline)
        with httpx.Client(timeout=60, trust_env=False) as client:
            for model in models:
                pull(
                    client,
                    wanted.deployment.endpoint_url.rstrip("/"),
                    model,
                    patience_seconds=PATIENCE_SECONDS,
                    now=time.monotonic,
                    sleep=time.sleep,
                    say=lambda line: on_task(TaskEvent(line, self.name, "ok")),
                )
        return PlaybookResult(ok=len(models), changed=0, failed=0, skipped=0)

    def clear(self, deployment: Deployment, playbooks: Mapping[str, str]) -> None:
        """Before Terraform forgets what it was: a machine that cannot be ended stays known."""
        give_back_all(self.name, deployment.id)


def give_back_all(target: str, deployment_id: str) -> None:
    """Without a key nobody can be asked, which matters where something is known to be rented.

    Raises NoProviderKey, NotEnded, RentalError.
    """
    registry = open_registry()
    try:
        desk = desk_of(target, registry, print)
    except NoProviderKey:
        if Attempts(registry.engine, registry.clock).open(deployment_id):
            raise
        return
    release(desk, deployment_id)

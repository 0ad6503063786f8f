"""Find rented machines that serve nobody: they cost money. Ends them when told, and only then.

Gives `looked_at`: the providers whose key is stored, `orphans`: each with its machine, its price
and how it is known, `hourly_usd`: what they cost together, and `ended`: which are gone.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from .model.drawing.deployment import Deployment, State
from .store.opened import open_registry
from .targets.rental.desks import desks
from .targets.rental.provider import Desk
from .targets.rental.reconciling import Orphan, end_orphan, orphans
from .worker.instance import run_is_over


def main(end: bool = False, machines: list[str] | None = None) -> dict[str, Any]:
    """`machines`: which of them to end, by the provider's ids; all where none is named."""
    registry = open_registry()
    opened = list(desks(registry, print))
    living = {each.id: _machine_of(each) for each in registry.list()}
    found = [(desk, orphan) for desk in opened for orphan in orphans(desk, living)]
    chosen = [pair for pair in found if end and (not machines or pair[1].machine.id in machines)]
    return {
        "looked_at": [desk.provider.name for desk in opened],
        "orphans": [_told(orphan) for _, orphan in found],
        "hourly_usd": round(sum(orphan.machine.hourly_usd for _, orphan in found), 4),
        "ended": list(_ended(chosen)),
    }


def _machine_of(deployment: Deployment) -> str | None:
    """None while a run is at it."""
    at_work = deployment.state in (State.deploying, State.destroying)
    return None if at_work and not run_is_over(deployment.run_id) else deployment.machine


def _ended(chosen: Sequence[tuple[Desk, Orphan]]) -> Iterator[str]:
    """Raises NotEnded, RentalError; those before it are gone."""
    for desk, orphan in chosen:
        end_orphan(desk, orphan)
        print(f"ended {orphan.machine.id} at {orphan.provider}: {orphan.reason}")
        yield orphan.machine.id


def _told(orphan: Orphan) -> dict[str, Any]:
    return {
        "provider": orphan.provider,
        "machine": orphan.machine.id,
        "name": orphan.machine.name,
        "deployment_id": orphan.deployment_id,
        "hourly_usd": orphan.machine.hourly_usd,
        "reason": orphan.reason,
    }

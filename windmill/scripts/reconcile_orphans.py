"""Find rented machines that serve nobody: they cost money. Ends them when told, and only then.

Gives `looked_at`: the providers that were asked, `not_asked`: those that could not be, with the
reason, `orphans`: each with its machine, its price and how it is known, `hourly_usd`: what they
cost together, `ended`: which are gone, and `lost`: deployments whose machine was taken back or
died.

The schedule of the same name asks it to `watch`: people are told of what two looks in a row find,
and of a provider that two could not ask, once; and no more than that is ended, or called degraded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .model.drawing.deployment import Deployment, State
from .store.opened import open_registry
from .store.registry import Registry
from .targets.rental.desks import desks
from .targets.rental.errors import RentalError
from .targets.rental.provider import Desk
from .targets.rental.reconciling import Lost, Orphan, end_orphan, lost, orphans
from .worker.instance import run_is_over
from .worker.notifications import NotDelivered, deliver
from .worker.sightings import look

MOST_TOLD = 20


def main(
    end: bool = False, machines: list[str] | None = None, watch: bool = False
) -> dict[str, Any]:
    """`machines`: which of them to end, by the provider's ids; all where none is named."""
    registry = open_registry()
    living = {each.id: _machine_of(each) for each in registry.list()}
    not_asked: dict[str, str] = {}
    looked_at: list[str] = []
    found: list[tuple[Desk, Orphan]] = []
    gone: list[Lost] = []
    for desk in desks(registry, print, not_asked):
        try:
            found += [(desk, orphan) for orphan in orphans(desk, living)]
            gone += lost(desk, living)
            looked_at.append(desk.provider.name)
        except RentalError as error:  # what others hold costs money all the same
            not_asked[desk.provider.name] = error.message
    due = _watched(registry, found, gone, not_asked, end) if watch else found
    chosen = [pair for pair in due if end and (not machines or pair[1].machine.id in machines)]
    return {
        "looked_at": looked_at,
        "not_asked": not_asked,
        "orphans": [_told(orphan) for _, orphan in found],
        "hourly_usd": round(sum(orphan.machine.hourly_usd for _, orphan in found), 4),
        "ended": list(_ended(chosen)),
        "lost": [asdict(each) for each in gone],
    }


def _machine_of(deployment: Deployment) -> str | None:
    """None while a run is at it."""
    at_work = deployment.state in (State.deploying, State.destroying)
    return None if at_work and not run_is_over(deployment.run_id) else deployment.machine


def _watched(
    registry: Registry,
    found: Sequence[tuple[Desk, Orphan]],
    gone: Sequence[Lost],
    not_asked: Mapping[str, str],
    end: bool,
) -> Sequence[tuple[Desk, Orphan]]:
    """What the look before found, too; people are told of it, and it is remembered."""
    words = {_key(orphan): _words(orphan) for _, orphan in found}
    words |= {_key_of_lost(each): _words_of_lost(each) for each in gone}
    words |= {name: f"{name} could not be asked: {why}" for name, why in not_asked.items()}
    seen = look(words, lambda news: _tell([words[key] for key in sorted(news)], end))
    for each in gone:
        if _key_of_lost(each) in seen.lasting:
            registry.degrade(each.deployment_id, each.machine_id, _words_of_lost(each))
    return [(desk, orphan) for desk, orphan in found if _key(orphan) in seen.lasting]


def _tell(news: Sequence[str], end: bool) -> bool:
    """False where it is to be tried again at the next look."""
    goes_on = "Machines are ended now." if end else "To end machines: mlops orphans --end"
    more = [f"and {len(news) - MOST_TOLD} more"] if len(news) > MOST_TOLD else []
    text = "\n".join([*news[:MOST_TOLD], *more, goes_on])
    print(text)
    try:
        deliver("Rented machines need a look", text)
    except NotDelivered as error:
        print(error)
        return False
    return True


def _key(orphan: Orphan) -> str:
    return f"{orphan.provider}/{orphan.machine.id}"


def _key_of_lost(each: Lost) -> str:
    return f"{each.provider}/{each.machine_id}/lost"


def _words_of_lost(each: Lost) -> str:
    where = f"{each.machine_id} at {each.provider}, which {each.deployment_id} is on"
    return f"{where}, serves no more: {each.reason}; deploying it again rents another"


def _words(orphan: Orphan) -> str:
    machine = orphan.machine
    price = f"{machine.hourly_usd:.2f} USD an hour"
    return f"{machine.id} at {orphan.provider}, {price}: {orphan.reason}"


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

"""What earlier pushes wrote and Git no longer has, as a plan that deletes it and nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .actions import Action, Verb
from .instances.instance import Instance
from .items import Item, Kind, is_still
from .plan import Plan
from .record import Remote

# Whoever uses something goes before it.
ORDER = (
    Kind.workflow,
    Kind.credential,
    Kind.schedule,
    Kind.app,
    Kind.flow,
    Kind.script,
    Kind.resource,
    Kind.variable,
)


def plan_to_prune(items: Iterable[Item], instance: Instance) -> Plan:
    """Raises the instance's error where it cannot be asked."""
    items = list(items)
    gone = _no_longer_wanted(items, instance.read(items))
    # Some kinds are told only of what is asked for by name.
    remote = instance.read([*items, *gone])
    actions = tuple(_deletions(gone, remote))
    left = {action.item.key for action in actions}
    forgotten = {item.key for item in gone} - left
    record = {key: entry for key, entry in remote.record.items() if key not in forgotten}
    return Plan(actions, record, bool(forgotten), remote.record)


def _no_longer_wanted(items: Sequence[Item], remote: Remote) -> list[Item]:
    wanted = {item.key for item in items}
    pairs = (key.partition("/") for key in sorted(remote.record.keys() - wanted))
    return [Item(Kind(kind), path, {}) for kind, _, path in pairs if kind in ORDER]


def _deletions(gone: Sequence[Item], remote: Remote) -> Iterator[Action]:
    earlier: frozenset[str] = frozenset()
    for kind in ORDER:
        there = [item for item in gone if item.kind is kind and item.key in remote.items]
        for item in there:
            held, entry = remote.items[item.key], remote.record[item.key]
            edited = not (held.is_as_written(entry) or is_still(held.read(), entry.prints))
            waits = replace(item, needs=earlier)
            yield Action(Verb.delete, waits, version=held.version, drifted=edited)
        earlier |= {item.key for item in there}

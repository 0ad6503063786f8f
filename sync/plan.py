"""What a push would do, as data: the same plan is explained and executed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from .actions import Action, Verb
from .items import Home, Item, Kind, Prints, content, is_still, not_told
from .record import Entry, Record, Remote, RemoteItem


@dataclass(frozen=True)
class Plan:
    """Actions in dependency order, and the record to start from.

    `read`: the record as it stood there; `adopts` when that was behind.
    """

    actions: tuple[Action, ...]
    record: Record
    adopts: bool = False
    read: Record = field(default_factory=dict)

    @property
    def writes(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.verb is not Verb.unchanged)

    @property
    def drifted(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.drifted)

    @property
    def orphans(self) -> tuple[str, ...]:
        """What an earlier push wrote and Git no longer has; a push leaves it alone."""
        return tuple(sorted(self.record.keys() - {action.item.key for action in self.actions}))

    @property
    def is_empty(self) -> bool:
        return not self.writes

    def part(self, home: Home) -> "Plan":
        """What of it is one instance's own."""
        kinds = tuple(f"{kind}/" for kind in Kind if kind.home is home)
        actions = tuple(action for action in self.actions if action.item.kind.home is home)
        record, read = (
            {key: entry for key, entry in each.items() if key.startswith(kinds)}
            for each in (self.record, self.read)
        )
        return replace(self, actions=actions, record=record, read=read)

    def count(self, verb: Verb) -> int:
        return sum(action.verb is verb for action in self.actions)

    def explain(self) -> list[str]:
        orphans = [f"- {key}  no longer in Git, left where it is" for key in self.orphans]
        return [*(str(action) for action in self.writes), *orphans, self._summary()]

    def as_dict(self) -> dict[str, Any]:
        return {
            "actions": [action.as_dict() for action in self.writes],
            "orphans": list(self.orphans),
            **{verb.value: self.count(verb) for verb in Verb},
            "drifted": [action.item.path for action in self.drifted],
        }

    def _summary(self) -> str:
        same = self.count(Verb.unchanged)
        if self.is_empty:
            return f"Nothing to do: {same} items are as in Git."
        create, change = self.count(Verb.create), self.count(Verb.update)
        gone = f" {gone} to remove," if (gone := self.count(Verb.delete)) else ""
        drift = f" {len(self.drifted)} of them edited there, not in Git." if self.drifted else ""
        return f"{create} to create, {change} to change,{gone} {same} unchanged.{drift}"


def together(plans: Sequence[Plan]) -> Plan:
    """Plans of several instances as one, to be shown."""
    actions = tuple(action for plan in plans for action in plan.actions)
    record = {key: entry for plan in plans for key, entry in plan.record.items()}
    read = {key: entry for plan in plans for key, entry in plan.read.items()}
    return Plan(actions, record, any(plan.adopts for plan in plans), read)


def make_plan(items: Iterable[Item], remote: Remote) -> Plan:
    """Three-way: what we last wrote, what Git says, what Windmill holds."""
    items = list(items)
    current = _current(items, remote)
    actions = [
        _decide(item, remote.record.get(item.key), remote.items.get(item.key), current)
        for item in items
    ]
    reach = _users({item.key: item.needs for item in items})
    actions = [
        replace(action, used_by=len(reach[action.item.key])) if action.changed else action
        for action in actions
    ]
    actions += _superseded(items, remote)
    record = _seen(actions, remote)
    return Plan(tuple(actions), record, record != remote.record, remote.record)


def _superseded(items: Sequence[Item], remote: Remote) -> Iterator[Action]:
    """Libraries that an earlier push wrote as scripts: scripts carry them as modules now."""
    wanted = frozenset(item.key for item in items)
    for key in sorted(remote.record.keys() & remote.items.keys() - wanted):
        entry, there = remote.record[key], remote.items[key]
        if there.is_library:
            kind, _, path = key.partition("/")
            edited = there.version != entry.version and not is_still(there.read(), entry.prints)
            # It needs all others: until they are written, what is there may still import it.
            gone = Item(Kind(kind), path, {}, wanted)
            yield Action(Verb.delete, gone, version=there.version, drifted=edited)


def _current(items: Sequence[Item], remote: Remote) -> dict[str, Prints]:
    """Prints of what is there; fetched only where the version is not the one we wrote."""
    written: dict[str, Prints] = {}
    edited: list[str] = []
    for key in (item.key for item in items if item.key in remote.items):
        entry, there = remote.record.get(key), remote.items[key]
        if entry and there.is_as_written(entry):
            written[key] = entry.prints
        else:
            edited.append(key)
    with ThreadPoolExecutor(8) as pool:
        fetched = pool.map(lambda key: remote.items[key].read(), edited)
        return {**written, **dict(zip(edited, fetched, strict=True))}


def _users(needs: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    """Everything that needs an item, directly or not: what a change of it reaches."""
    users: dict[str, set[str]] = {key: set() for key in needs}
    for user in needs:
        waiting, seen = [user], {user}
        while waiting:
            for key in needs[waiting.pop()] & needs.keys() - seen:
                seen.add(key)
                users[key].add(user)
                waiting.append(key)
    return users


def _decide(
    item: Item, entry: Entry | None, there: RemoteItem | None, current: dict[str, Prints]
) -> Action:
    if there is None:
        return Action(Verb.create, item)
    held = current[item.key]
    relocked = entry is not None and entry.prints == item.prints
    if held == item.prints or (relocked and content(held) == content(item.prints)):
        return Action(Verb.unchanged, item, version=there.version)
    drifted = _is_edited(held, _ours(item, entry))
    changed = _differing(held, item.prints)
    return Action(Verb.update, item, changed, there.version, drifted, held=there.body)


def _is_edited(held: Prints, ours: Sequence[Prints]) -> bool:
    """Whether a push would undo somebody's work: a field that is neither as we wrote it nor as Git
    has it. What was brought to Git meanwhile is not undone; nor is what nobody can read back."""
    if not held:
        return False
    told = next(written for written in ours if written)
    ignored = not_told(told)
    return any(
        all(held.get(name) != written.get(name) for written in ours if written)
        for name in told.keys() & ours[-1].keys() - ignored
    )


def _ours(item: Item, entry: Entry | None) -> list[Prints]:
    """What we wrote, or may have written when a push was cut short."""
    written = [entry.prints, entry.writing or entry.prints] if entry else []
    return [*written, item.prints]


def _differing(held: Prints, wanted: Prints) -> tuple[str, ...]:
    names = dict.fromkeys([*wanted, *held])
    return tuple(name for name in names if held.get(name) != wanted.get(name))


def _seen(actions: Sequence[Action], remote: Remote) -> Record:
    """The record, brought up to date with items that are already as they should be."""
    same = {
        action.item.key: Entry(action.item.prints, action.version)
        for action in actions
        if action.verb is Verb.unchanged
    }
    kept = {
        key: replace(entry, writing=None)
        for key, entry in remote.record.items()
        if key in remote.items or not key.startswith(f"{Kind.script}/")
    }
    return {**kept, **same}

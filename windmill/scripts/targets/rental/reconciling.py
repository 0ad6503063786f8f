"""What providers hold under this installation's name, against what the registry knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...store.attempts import AttemptState
from .machine_names import MachineName
from .provider import Desk, Machine
from .settling import end, end_machine


@dataclass(frozen=True)
class Orphan:
    """A machine that costs money and serves nobody; `reason` says how that is known."""

    provider: str
    machine: Machine
    deployment_id: str
    reason: str


@dataclass(frozen=True)
class Lost:
    """A machine that a deployment is on and that serves it no more, as its provider says."""

    provider: str
    machine_id: str
    deployment_id: str
    reason: str


def lost(desk: Desk, living: Mapping[str, str | None]) -> Sequence[Lost]:
    """Spot machines are taken back, and any may die. Each is asked for by itself: a listing may lag
    behind. `living` as for `orphans`.
    """
    found = []
    for attempt in desk.books.open():
        its_own = attempt.machine_id and living.get(attempt.deployment_id) == attempt.machine_id
        if not its_own or attempt.provider != desk.provider.name:
            continue
        machine = desk.provider.machine(attempt.machine_id)
        if machine is None or machine.failed:
            why = machine.why if machine else "its provider no longer has it"
            told = desk.provider.name, attempt.machine_id, attempt.deployment_id, why
            found.append(Lost(*told))
    return found


def orphans(desk: Desk, living: Mapping[str, str | None]) -> Sequence[Orphan]:
    """`living`: of each deployment that is not destroyed the machine that it is on, '' without
    one; None where a run is under way, for that one settles it. Machines of other installations
    are not looked at.
    """
    found = []
    machines = desk.provider.machines()
    # Read after what is there was listed: what is rented in between has its entry before it.
    known = {attempt.name: attempt for attempt in desk.books.open()}
    for machine in machines:
        name = MachineName.read(machine.name)
        if name is None or name.installation != desk.installation:
            continue
        attempt = known.get(machine.name)
        if attempt is None:
            reason = "no registry entry asks for it"
        elif name.deployment_id not in living:
            reason = "its deployment is destroyed"
        elif attempt.state == AttemptState.ending:
            reason = "it was asked to end and is still there"
        elif attempt.machine_id not in ("", machine.id):
            reason = f"a second machine of the name; {attempt.machine_id} is the first"
        elif living[name.deployment_id] not in (None, machine.id):
            reason = f"its deployment is on {living[name.deployment_id] or 'no machine'}"
        else:
            continue
        found.append(Orphan(desk.provider.name, machine, name.deployment_id, reason))
    return found


def end_orphan(desk: Desk, orphan: Orphan) -> None:
    """Raises NotEnded, RentalError."""
    attempts = {attempt.name: attempt for attempt in desk.books.open()}
    attempt = attempts.get(orphan.machine.name)
    if attempt is not None and attempt.machine_id in ("", orphan.machine.id):
        end(desk, attempt.model_copy(update={"machine_id": orphan.machine.id}), orphan.reason)
        return
    end_machine(desk, orphan.machine)

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


def orphans(desk: Desk, living: Mapping[str, str | None]) -> Sequence[Orphan]:
    """`living`: of each deployment that is not destroyed the machine that it is on, '' without
    one; None where a run is under way, for that one settles it. Machines of other installations
    are not looked at.
    """
    known = {attempt.name: attempt for attempt in desk.books.open()}
    found = []
    for machine in desk.provider.machines():
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

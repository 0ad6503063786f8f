"""What became of each machine that was asked for: looked up by its name, ended where it must be."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from ...store.attempts import Attempt, AttemptState
from .errors import NotEnded
from .machine_names import MachineName
from .provider import Desk, Machine


def settle(desk: Desk, attempt: Attempt) -> Attempt:
    """Afterwards it is rented or gone. Raises RentalError where the provider cannot say."""
    if attempt.state == AttemptState.intended:
        return settle_unknown(desk, attempt)
    if attempt.state == AttemptState.ending:
        return end(desk, attempt, attempt.reason)
    machine = desk.provider.machine(attempt.machine_id)
    if machine is None:
        return desk.books.gone(attempt.name, "the provider no longer has it")
    return end(desk, attempt, machine.why) if machine.failed else attempt


def settle_unknown(desk: Desk, attempt: Attempt) -> Attempt:
    """After an ambiguous answer: adopts the machine of this name, ends any other of the name."""
    found = _looked_up(desk, attempt.name)
    if not found:
        return desk.books.gone(attempt.name, "it was never made")
    first, *others = sorted(found, key=lambda machine: machine.id)
    for other in others:
        end_machine(desk, other)
    desk.say(f"{attempt.name}: the machine that was asked for is there: {first.id}")
    return desk.books.rented(attempt.name, first.id, first.hourly_usd)


def end(desk: Desk, attempt: Attempt, reason: str) -> Attempt:
    """Asks, sees that it is gone, then forgets. Raises NotEnded, RentalError."""
    desk.books.ending(attempt.name, reason)
    if attempt.machine_id:
        _ended(desk, attempt.machine_id, attempt.hourly_usd)
    for machine in _named(desk, attempt.name):
        end_machine(desk, machine)
    return desk.books.gone(attempt.name)


def release(desk: Desk, deployment_id: str, keep: str = "") -> None:
    """Ends all machines of the deployment but the one of this name, also those in no book."""
    for attempt in desk.books.open(deployment_id):
        if attempt.provider != desk.provider.name or attempt.name == keep:
            continue
        settled = settle(desk, attempt)
        if settled.state != AttemptState.gone:
            end(desk, settled, "it is no longer needed")
    for machine in _of_deployment(desk, deployment_id):
        if machine.name != keep:
            end_machine(desk, machine)


def wait_until(desk: Desk, within: timedelta, look: Callable[[], bool]) -> bool:
    """Whether it came true in time."""
    deadline = desk.now() + within.total_seconds()
    while not look():
        if desk.now() >= deadline:
            return False
        desk.sleep(desk.limits.look_every.total_seconds())
    return True


def _looked_up(desk: Desk, name: str) -> Sequence[Machine]:
    """Over the time that listings may lag behind."""
    found: list[Machine] = []

    def look() -> bool:
        found[:] = _named(desk, name)
        return bool(found)

    wait_until(desk, desk.limits.listing_lag, look)
    return found


def _named(desk: Desk, name: str) -> list[Machine]:
    return [machine for machine in desk.provider.machines() if machine.name == name]


def _of_deployment(desk: Desk, deployment_id: str) -> Iterator[Machine]:
    for machine in desk.provider.machines():
        name = MachineName.read(machine.name)
        if name and (name.installation, name.deployment_id) == (desk.installation, deployment_id):
            yield machine


def end_machine(desk: Desk, machine: Machine) -> None:
    """Asks and sees that it is gone. Raises NotEnded, RentalError."""
    _ended(desk, machine.id, machine.hourly_usd)


def _ended(desk: Desk, machine_id: str, hourly_usd: float) -> None:
    desk.provider.end(machine_id)
    gone = wait_until(desk, desk.limits.end, lambda: desk.provider.machine(machine_id) is None)
    if not gone:
        raise NotEnded(desk.provider.name, f"{machine_id}, {hourly_usd:.2f} USD per hour")
    desk.say(f"{machine_id} at {desk.provider.name} is gone")

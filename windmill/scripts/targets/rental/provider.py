"""What renting needs of a provider, and what it is told while it rents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from pydantic import SecretStr

from ...model.cost.offer import Offer
from ...store.attempts import Attempts
from ..pods import Pod


@dataclass(frozen=True)
class Machine:
    """`hourly_usd`: what it costs as it is now. `failed`: it will not come to run by itself, and
    `why`. `place`: where it stands, '' while that is not told; None where its provider puts it
    nowhere else than ordered."""

    id: str
    name: str
    hourly_usd: float
    running: bool
    failed: bool = False
    why: str = "it failed"
    place: str | None = None


@dataclass(frozen=True)
class Server:
    """What a machine is to run. What is on the volume outlives a restart; the disk does not.

    `key` is what callers of the server must show; the pod says which variable takes it.
    """

    pod: Pod
    gpus: int
    disk_gb: int
    volume_gb: int
    key: SecretStr = field(repr=False)


class Provider(Protocol):
    """Its methods raise RentalErrors and nothing else."""

    @property
    def name(self) -> str: ...

    def machines(self) -> Sequence[Machine]:
        """All of the account, whoever made them; one just made may be missing for a while."""
        ...

    def machine(self, id: str) -> Machine | None:
        """None where it is gone."""
        ...

    def create(self, server: Server, offer: Offer, name: str) -> Machine:
        """Asks once. Raises NotCreated where there is surely no machine, else OutcomeUnknown."""
        ...

    def end(self, id: str) -> None:
        """Asks for its end, which is not its end."""
        ...

    def url(self, id: str, port: int) -> str:
        """Where a port of its container answers for everybody."""
        ...


@dataclass(frozen=True)
class Limits:
    """How long a provider is waited for."""

    listing_lag: timedelta = timedelta(seconds=60)
    start: timedelta = timedelta(minutes=15)
    end: timedelta = timedelta(minutes=5)
    rate_limit: timedelta = timedelta(minutes=2)
    look_every: timedelta = timedelta(seconds=5)


@dataclass(frozen=True)
class Desk:
    """Where machines are rented. `now` counts seconds; `sleep` takes them."""

    provider: Provider
    books: Attempts
    installation: str
    now: Callable[[], float]
    sleep: Callable[[float], None]
    say: Callable[[str], None]
    limits: Limits = field(default_factory=Limits)

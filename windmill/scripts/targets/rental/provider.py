"""What renting needs of a provider, and what it is told while it rents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from ...store.attempts import Attempts


@dataclass(frozen=True)
class Machine:
    """`hourly_usd`: what it costs as it is now. `failed`: it will not come to run by itself."""

    id: str
    name: str
    hourly_usd: float
    running: bool
    failed: bool = False


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

    def end(self, id: str) -> None:
        """Asks for its end, which is not its end."""
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

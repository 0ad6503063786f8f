"""A desk at the strict fake, a registry on disk, a clock that sleeping moves: and numbered faults.

Every commit of ours and every request the provider sees has a number. `faults` says at which
number we are killed before it takes effect, or after.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, event

from tests.fakes.runpod.fake import KEY, FakeRunpod
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.store.attempts import Attempts
from windmill.scripts.store.registry import Registry
from windmill.scripts.targets.pods import Pod
from windmill.scripts.targets.rental.provider import Desk, Machine, Server
from windmill.scripts.targets.rental.renting import Order
from windmill.scripts.targets.runpod.client import RunpodClient
from windmill.scripts.targets.runpod.rentals import RunpodRentals

HERE, ELSEWHERE = "3f9a2c41d0be", "77aa00bb11cc"
SECRET = "canary-of-the-service-key"
CAP = 0.6
L4 = Offer(target=Target.runpod, name="L4", hourly_usd=0.39, machine="NVIDIA L4")
A5000 = Offer(target=Target.runpod, name="A5000", hourly_usd=0.45, machine="NVIDIA RTX A5000")
H100 = Offer(target=Target.runpod, name="H100", hourly_usd=3.99, machine="NVIDIA H100")
PRICES = {offer.machine: offer.hourly_usd for offer in (L4, A5000, H100)}

POD = Pod("vllm/vllm-openai:v0.9.1", "--port 8000", 8000, "/health", {}, "VLLM_API_KEY")
SERVER = Server(POD, gpus=1, disk_gb=40, volume_gb=60, key=SecretStr(SECRET))

Kill = Literal["before", "after"]


class Killed(BaseException):
    """The process is gone: nothing may catch it."""


@dataclass
class Steps:
    """Counts what takes effect outside of us, and ends us at one of them."""

    kills: Mapping[int, Kill] = field(default_factory=dict)
    count: int = 0

    def next(self) -> Kill | None:
        self.count += 1
        return self.kills.get(self.count)


@dataclass
class Numbered(httpx.BaseTransport):
    fake: httpx.BaseTransport
    steps: Steps

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        kill = self.steps.next()
        if kill == "before":
            raise Killed
        answer = self.fake.handle_request(request)
        if kill == "after":
            raise Killed
        return answer


def number_commits(engine: Engine, steps: Steps) -> None:
    """A commit that found nothing to write does not count."""
    pending: list[Kill] = []

    def before(connection: Any) -> None:
        if not connection.info.pop("wrote", False):
            return
        kill = steps.next()
        if kill == "before":
            raise Killed
        if kill == "after":
            pending.append(kill)

    def wrote(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split(None, 1)[0] in ("INSERT", "UPDATE", "DELETE"):
            connection.info["wrote"] = True

    def returned(_raw: Any, _record: Any) -> None:
        if pending:
            pending.clear()
            raise Killed

    event.listen(engine, "commit", before)
    event.listen(engine, "after_cursor_execute", wrote)
    event.listen(engine, "checkin", returned)


A_MILLIONTH = 1e-6
UNTIL_SEEN_HOURS = 1 / 60


@dataclass(frozen=True)
class Bill:
    """What the provider takes: for which names, USD an hour, and USD until now."""

    named: set[str]
    hourly_usd: float
    paid_usd: float


def charged(world: "World", bill: Bill, at_least: bool = False) -> None:
    """I6. `at_least`: while a run is under way, what may be there is counted as well."""
    counted = world.counted()
    machines = [charge.attempt for charge in counted.charges]
    assert len(machines) == len(set(machines)), "I6"
    assert bill.named <= set(machines) if at_least else bill.named == set(machines), "I6"
    assert at_least or abs(counted.hourly_usd - bill.hourly_usd) < A_MILLIONTH, "I6"
    too_much = counted.cost_so_far(world.clock()) - bill.paid_usd
    assert too_much >= -A_MILLIONTH, "I6"
    assert at_least or too_much <= CAP * UNTIL_SEEN_HOURS, "I6"


@cache
def empty_registry() -> bytes:
    """Migrated once: hundreds of worlds begin with it."""
    with TemporaryDirectory() as folder:
        Registry(f"sqlite:///{folder}/registry.db").engine.dispose()
        return Path(folder, "registry.db").read_bytes()


@dataclass
class World:
    """What outlives us: the provider, the database file and the time."""

    folder: Path
    fake: FakeRunpod = field(default_factory=lambda: FakeRunpod(prices=dict(PRICES)))
    seconds: float = 0.0
    paid_usd: float = 0.0
    said: list[str] = field(default_factory=list)
    known: dict[str, Deployment] = field(default_factory=dict)
    over: bool = False  # the runs that are under way

    def __post_init__(self) -> None:
        (self.folder / "registry.db").write_bytes(empty_registry())

    def clock(self) -> datetime:
        return datetime(2026, 11, 26, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        """Machines come to run while somebody waits."""
        self.seconds += seconds
        self.paid_usd += self.fake.hourly * seconds / 3600
        for pod in self.fake.held.values():
            if pod["status"] == "PROVISIONING":
                pod["status"] = "RUNNING"

    def registry(self) -> Registry:
        return Registry(f"sqlite:///{self.folder}/registry.db", self.clock)

    def deployment(self, name: str = "llm") -> Deployment:
        if name not in self.known:
            registry = self.registry()
            drawing = Pipeline(name=name, nodes=(Node(id="a", component="vllm-server"),))
            self.known[name] = registry.begin(drawing, f"job-{name}", name, lambda _: True)
            registry.engine.dispose()
        return self.known[name]

    def desk(self, steps: Steps | None = None, installation: str = HERE) -> Desk:
        steps = steps or Steps()
        registry = self.registry()
        number_commits(registry.engine, steps)
        transport = Numbered(self.fake, steps)
        client = RunpodClient(SecretStr(KEY), sleep=self.sleep, transport=transport)
        return Desk(
            provider=RunpodRentals(client),
            books=Attempts(registry.engine, self.clock),
            installation=installation,
            now=lambda: self.seconds,
            sleep=self.sleep,
            say=self.said.append,
        )

    def order(self, desk: Desk, deployment: Deployment, digest: str = "one") -> Order:
        def create(offer: Offer, name: str) -> Machine:
            return desk.provider.create(SERVER, offer, name)

        return Order(deployment.id, digest, CAP, create)

    def billed(self) -> set[str]:
        return set(self.fake.held)

    def named(self) -> set[str]:
        return {pod["name"] for pod in self.fake.held.values()}

    def bill(self) -> Bill:
        return Bill(self.named(), self.fake.hourly, self.paid_usd)

    def counted(self) -> Deployment:
        """With what our own books say that it costs."""
        registry = self.registry()
        found = registry.require(self.deployment().id)
        registry.engine.dispose()
        return found

    def finish(self, steps: Steps, state: State) -> None:
        registry = self.registry()
        number_commits(registry.engine, steps)
        registry.finish(self.deployment().id, state)
        registry.engine.dispose()

    def written(self) -> Iterator[bytes]:
        for file in self.folder.iterdir():
            yield file.read_bytes()
        yield "\n".join(self.said).encode()

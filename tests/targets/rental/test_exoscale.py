"""The protocol at Exoscale: whatever a request answers, the next run knows what is billed."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.fakes.exoscale.fake import KEY, FakeExoscale, Fault, instance_type
from tests.targets.rental.desk import (
    HERE,
    SECRET,
    SERVER,
    Bill,
    Kill,
    Killed,
    Numbered,
    Steps,
    World,
    charged,
    number_commits,
)
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.store.attempts import Attempts
from windmill.scripts.targets.exoscale.client import ExoscaleClient
from windmill.scripts.targets.exoscale.rentals import HOURLY, NAME, ExoscaleRentals
from windmill.scripts.targets.rental.errors import NothingRented, RentalError
from windmill.scripts.targets.rental.provider import Desk, Machine
from windmill.scripts.targets.rental.reconciling import orphans
from windmill.scripts.targets.rental.renting import Order, rent
from windmill.scripts.targets.rental.settling import release

OFFERS = [
    Offer(
        target=Target.exoscale, name=f"{name} ({zone})", hourly_usd=price, machine=name, pool=zone
    )
    for name, zone, price in (
        ("gpua30.small", "at-vie-2", 0.35),
        ("gpua5000.small", "ch-gva-2", 0.41),
    )
]
FAULTS: tuple[Fault, ...] = (
    "lost_after", "timeout_after", "garbled_after", "unavailable", "leftover", "full", "quota",
    "down", "unsent",
)  # fmt: skip
CAP = 0.6


class Zones:
    """The world of the other tests, with Exoscale in RunPod's place."""

    def __init__(self, folder: Path, lag: int) -> None:
        folder.mkdir()
        self.world = World(folder)
        types = [instance_type(offer.machine) for offer in OFFERS]
        self.fake = FakeExoscale(types=types, listing_lag=lag, now=self.now)

    def now(self) -> float:
        return 1_796_000_000 + self.world.seconds

    def sleep(self, seconds: float) -> None:
        self.world.seconds += seconds
        self.world.paid_usd += self.hourly * seconds / 3600
        for instance in self.fake.held.values():
            if instance["state"] == "starting":
                instance |= {"state": "running", "public-ip": "192.0.2.7"}

    def desk(self, steps: Steps | None = None) -> Desk:
        steps, engine = steps or Steps(), self.world.registry().engine
        number_commits(engine, steps)
        transport = Numbered(self.fake, steps)
        client = ExoscaleClient(SecretStr(KEY), sleep=self.sleep, now=self.now, transport=transport)
        return Desk(
            provider=ExoscaleRentals(client),
            books=Attempts(engine, self.world.clock),
            installation=HERE,
            now=lambda: self.world.seconds,
            sleep=self.sleep,
            say=self.world.said.append,
        )

    def deploy(self, steps: Steps | None = None, digest: str = "one") -> None:
        desk = self.desk(steps)

        def create(chosen: Offer, name: str) -> Machine:
            return desk.provider.create(SERVER, chosen, name)

        kept = rent(desk, Order(self.world.deployment().id, digest, CAP, create), OFFERS)
        release(desk, kept.deployment_id, keep=kept.name)

    def destroy(self, steps: Steps | None = None) -> None:
        release(self.desk(steps), self.world.deployment().id)

    def redeploy(self, steps: Steps | None = None) -> None:
        self.deploy(steps, "two")

    def fail_over(self, steps: Steps | None = None) -> None:
        """The first offer is no longer for this account when it is asked for."""
        self.fake.types[0]["authorized"] = False
        self.deploy(steps)

    def check(self, machines: int) -> None:
        held = self.fake.held.values()
        assert {f"{each['zone']}_{each['id']}" for each in held} == self.known(), "I1"
        names = {each["name"] for each in held}
        assert len(held) == len(names) == machines, "I2"
        assert not any(SECRET.encode() in text for text in self.world.written()), "I3"
        assert self.hourly <= CAP, "I5"
        charged(self.world, self.bill())
        assert not orphans(self.desk(), {self.world.deployment().id: None})

    @property
    def hourly(self) -> float:
        """The vendor tells no prices, so that of the list stands in for its bill."""
        return sum(float(each["labels"][HOURLY]) for each in self.fake.held.values())

    def bill(self) -> Bill:
        names = {each["labels"][NAME] for each in self.fake.held.values()}
        return Bill(names, self.hourly, self.world.paid_usd)

    def known(self) -> set[str]:
        return {attempt.machine_id for attempt in self.desk().books.open()}


@pytest.mark.parametrize(
    ("fault", "lag"),
    [*((fault, 0) for fault in FAULTS), ("timeout_after", 2), ("leftover", 2)],
)
def test_any_request_may_fail_and_the_next_run_mends_it(
    tmp_path: Path, fault: Fault, lag: int
) -> None:
    counted = Zones(tmp_path / "counted", lag)
    counted.deploy()
    count = len(counted.fake.requests)
    assert count > 10
    for number in range(1, count + 1):
        zones = Zones(tmp_path / f"{number}", lag)
        zones.fake.faults = {number: fault}
        try:
            zones.deploy()
        except (RentalError, NothingRented):
            charged(zones.world, zones.bill(), at_least=True)
            zones.deploy()
        zones.check(machines=1)
        zones.destroy()
        assert not zones.fake.held
        assert not zones.known()


ACTS = {
    # what is done, whether something is deployed before, machines afterwards
    "deploy": (Zones.deploy, False, 1),
    "redeploy": (Zones.redeploy, True, 1),
    "destroy": (Zones.destroy, True, 0),
    "failover": (Zones.fail_over, False, 1),
}


@pytest.mark.parametrize("kill", ["before", "after"])
@pytest.mark.parametrize("name", ACTS)
def test_killed_at_any_point_and_run_again(tmp_path: Path, name: str, kill: Kill) -> None:
    act, before, machines = ACTS[name]

    def begun(folder: str) -> Zones:
        zones = Zones(tmp_path / folder, lag=2)
        if before:
            zones.deploy()
        return zones

    counted = Steps()
    act(begun("counted"), counted)
    assert counted.count > 3
    for number in range(1, counted.count + 1):
        zones = begun(f"{number}")
        with pytest.raises(Killed):
            act(zones, Steps({number: kill}))
        charged(zones.world, zones.bill(), at_least=True)
        act(zones)
        zones.check(machines)


def test_its_server_answers_at_its_own_address_and_its_price_outlives_the_registry(
    tmp_path: Path,
) -> None:
    zones = Zones(tmp_path / "one", 0)
    zones.deploy()
    (id,) = zones.known()
    provider = zones.desk().provider
    assert provider.url(id, 8000) == "http://192.0.2.7:8000"
    (machine,) = provider.machines()
    assert (machine.id, machine.hourly_usd) == (id, 0.35)
    assert machine.name.startswith(f"mlops.{HERE}.")


def test_a_price_of_the_list_is_no_machine_and_a_long_name_is_a_host_s(tmp_path: Path) -> None:
    zones = Zones(tmp_path / "one", 0)
    provider = zones.desk().provider
    with pytest.raises(RentalError, match="in no zone"):
        provider.create(SERVER, OFFERS[0].model_copy(update={"pool": ""}), "mlops.x.y.1")
    assert not zones.fake.requests
    name = f"mlops.{HERE}.{'a' * 80}.1"
    provider.create(SERVER, OFFERS[0], name)
    (machine,) = provider.machines()
    assert machine.name == name


def test_a_zone_that_does_not_answer_hides_nothing(tmp_path: Path) -> None:
    zones = Zones(tmp_path / "one", 0)
    zones.deploy()
    provider = zones.desk().provider
    before = len(zones.fake.requests)
    zones.fake.faults = {before + 3 + number: "down" for number in range(9)}
    with pytest.raises(RentalError):
        provider.machines()

"""The protocol at Vast.ai: whatever a request answers, the next run knows what is billed."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.fakes.vastai.fake import KEY, FakeVastai, Fault, offer
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
from windmill.scripts.targets.rental.errors import NothingRented, RentalError
from windmill.scripts.targets.rental.provider import Desk, Machine
from windmill.scripts.targets.rental.renting import Order, rent
from windmill.scripts.targets.rental.settling import release
from windmill.scripts.targets.vastai.client import VastaiClient
from windmill.scripts.targets.vastai.rentals import STOPPED, VastaiRentals

PRICES = {7: 0.41, 8: 0.35}
OFFERS = [
    Offer(target=Target.vastai, name="RTX 4090", hourly_usd=price, machine="RTX 4090", pool=str(id))
    for id, price in sorted(PRICES.items(), key=lambda each: each[1])
]
FAULTS: tuple[Fault, ...] = (
    "lost_after", "timeout_after", "garbled_after", "leftover", "full", "quiet", "down", "unsent",
)  # fmt: skip


class Market:
    """The world of the other tests, with Vast.ai in RunPod's place."""

    def __init__(self, folder: Path, lag: int) -> None:
        folder.mkdir()
        self.world = World(folder)
        offers = {id: offer(id, "RTX 4090", price) for id, price in PRICES.items()}
        self.fake = FakeVastai(offers=offers, listing_lag=lag)

    def sleep(self, seconds: float) -> None:
        self.world.seconds += seconds
        self.world.paid_usd += self.fake.hourly * seconds / 3600
        up = {"actual_status": "running", "public_ipaddr": "192.0.2.7"}
        for instance in self.fake.held.values():
            if instance["actual_status"] is None:
                instance |= {**up, "ports": {"8000/tcp": [{"HostPort": "40123"}]}}

    def desk(self, steps: Steps | None = None) -> Desk:
        steps, engine = steps or Steps(), self.world.registry().engine
        number_commits(engine, steps)
        transport = Numbered(self.fake, steps)
        client = VastaiClient(SecretStr(KEY), sleep=self.sleep, transport=transport)
        return Desk(
            provider=VastaiRentals(client),
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

        kept = rent(desk, Order(self.world.deployment().id, digest, 0.9, create), OFFERS)
        release(desk, kept.deployment_id, keep=kept.name)

    def destroy(self, steps: Steps | None = None) -> None:
        release(self.desk(steps), self.world.deployment().id)

    def redeploy(self, steps: Steps | None = None) -> None:
        self.deploy(steps, "two")

    def fail_over(self, steps: Steps | None = None) -> None:
        """The first offer is gone when it is asked for."""
        self.fake.offers[8]["rented"] = True
        self.deploy(steps)

    def check(self, machines: int) -> None:
        assert {str(id) for id in self.fake.held} == self.known(), "I1"
        labels = {each["label"] for each in self.fake.held.values()}
        assert len(self.fake.held) == len(labels) == machines, "I2"
        assert not any(SECRET.encode() in text for text in self.world.written()), "I3"
        assert self.fake.hourly <= 0.6, "I5"
        charged(self.world, self.bill())

    def bill(self) -> Bill:
        labels = {each["label"] for each in self.fake.held.values()}
        return Bill(labels, self.fake.hourly, self.world.paid_usd)

    def known(self) -> set[str]:
        return {attempt.machine_id for attempt in self.desk().books.open()}


def requests_of_deploying(folder: Path, lag: int) -> int:
    market = Market(folder, lag)
    market.deploy()
    return len(market.fake.requests)


@pytest.mark.parametrize("lag", [0, 2], ids=["listings at once", "listings two behind"])
@pytest.mark.parametrize("fault", FAULTS)
def test_any_request_may_fail_and_the_next_run_mends_it(
    tmp_path: Path, fault: Fault, lag: int
) -> None:
    count = requests_of_deploying(tmp_path / "counted", lag)
    assert count >= 3
    for number in range(1, count + 1):
        market = Market(tmp_path / f"{number}", lag)
        market.fake.faults = {number: fault}
        try:
            market.deploy()
        except (RentalError, NothingRented):
            charged(market.world, market.bill(), at_least=True)
            market.deploy()
        market.check(machines=1)
        market.destroy()
        assert not market.fake.held
        assert not market.known()


ACTS = {
    # what is done, whether something is deployed before, machines afterwards
    "deploy": (Market.deploy, False, 1),
    "redeploy": (Market.redeploy, True, 1),
    "destroy": (Market.destroy, True, 0),
    "failover": (Market.fail_over, False, 1),
}


@pytest.mark.parametrize("kill", ["before", "after"])
@pytest.mark.parametrize("name", ACTS)
def test_killed_at_any_point_and_run_again(tmp_path: Path, name: str, kill: Kill) -> None:
    act, before, machines = ACTS[name]

    def begun(folder: str) -> Market:
        market = Market(tmp_path / folder, lag=2)
        if before:
            market.deploy()
        return market

    counted = Steps()
    act(begun("counted"), counted)
    assert counted.count > 3
    for number in range(1, counted.count + 1):
        market = begun(f"{number}")
        with pytest.raises(Killed):
            act(market, Steps({number: kill}))
        charged(market.world, market.bill(), at_least=True)
        act(market)
        market.check(machines)


def test_where_its_server_answers_is_what_the_host_maps(tmp_path: Path) -> None:
    market = Market(tmp_path / "one", 0)
    market.deploy()
    (id,) = market.known()
    assert market.desk().provider.url(id, 8000) == "http://192.0.2.7:40123"


def test_a_list_price_is_no_machine(tmp_path: Path) -> None:
    listed = OFFERS[0].model_copy(update={"pool": ""})
    market = Market(tmp_path / "one", 0)
    with pytest.raises(RentalError, match="nobody's machine"):
        market.desk().provider.create(SERVER, listed, "mlops.x.y.1")
    assert not market.fake.requests


def test_an_outbid_machine_is_known_and_the_next_deploy_rents_another(tmp_path: Path) -> None:
    market = Market(tmp_path / "one", 0)
    market.deploy()
    (first,) = market.known()
    stopped = {"actual_status": "exited", "intended_status": "stopped", "cur_state": "stopped"}
    market.fake.held[int(first)] |= stopped
    machine = market.desk().provider.machine(first)
    assert machine
    assert (machine.failed, machine.why) == (True, STOPPED)
    market.deploy()
    market.check(machines=1)
    assert market.known() != {first}


def test_what_is_bid_is_what_the_offer_says_the_machine_costs(tmp_path: Path) -> None:
    market = Market(tmp_path / "one", 0)
    bid = {"spot": True, "hourly_usd": 0.21, "machine_usd": 0.2, "disk_usd": 0.01}
    market.desk().provider.create(SERVER, OFFERS[0].model_copy(update=bid), "mlops.x.y.1")
    (instance,) = market.fake.held.values()
    assert instance["dph_total"] == 0.2

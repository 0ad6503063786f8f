"""The client of Exoscale against the strict fake: what each way of failing leaves behind."""

import json
from pathlib import Path

import httpx
import pytest
import yaml
from pydantic import SecretStr

from tests.fakes.exoscale.fake import KEY, FakeExoscale, Fault, id_of
from windmill.scripts.targets.exoscale.api import InstanceOrder
from windmill.scripts.targets.exoscale.client import ExoscaleClient
from windmill.scripts.targets.exoscale.signing import authorization
from windmill.scripts.targets.rental import errors as rental_errors

ZONE = "at-vie-2"
HIDDEN = "value-that-nobody-may-see"
SIGNED = yaml.safe_load((Path(__file__).parent / "exoscale_signatures.yaml").read_text())


def client_of(fake: httpx.BaseTransport, waits: list[float] | None = None) -> ExoscaleClient:
    sleep = (waits if waits is not None else []).append
    return ExoscaleClient(SecretStr(KEY), sleep=sleep, now=lambda: 1_796_000_000, transport=fake)


def fake_of(**told: object) -> FakeExoscale:
    return FakeExoscale(now=lambda: 1_796_000_000, **told)  # type: ignore[arg-type]


def order(client: ExoscaleClient) -> InstanceOrder:
    return InstanceOrder(
        name="mlops-a-1",
        labels={"mlops-machine": "mlops.a.1"},
        instance_type=id_of("type", "gpua5000.small"),
        template=id_of("template", ZONE),
        security_group=client.open_group(ZONE, "mlops-8000", 8000),
        disk=100,
        user_data=SecretStr(HIDDEN),
    )


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: case["what"])
def test_a_request_is_signed_as_the_vendor_s_own_signer_does(case: dict[str, str]) -> None:
    request = httpx.Request(case["method"], case["url"], content=case["body"])
    told = authorization(request, case["key"], case["secret"].encode(), int(case["expires"]))
    assert told == case["authorization"]


def test_an_instance_is_made_as_ordered_in_its_zone_alone_and_gone() -> None:
    fake, waits = fake_of(slow=2), list[float]()
    with client_of(fake, waits) as client:
        made = client.create(ZONE, order(client))
        assert [each.id for each in client.instances(ZONE)] == [made]
        assert client.instances("ch-gva-2") == []
        assert client.instance("ch-gva-2", made) is None
        assert fake.held[made]["disk-size"] == 100
        client.destroy(ZONE, made)
        assert client.instance(ZONE, made) is None
    assert waits
    assert set(waits) == {3.0}, "operations are polled at the vendor's own pace"


def test_a_group_opens_one_port_and_is_made_once() -> None:
    fake = fake_of()
    with client_of(fake) as client:
        first = client.open_group(ZONE, "mlops-8000", 8000)
        assert client.open_group("ch-gva-2", "mlops-8000", 8000) == first
    (group,) = fake.groups.values()
    (rule,) = group["rules"]
    assert (rule["start-port"], rule["end-port"], rule["flow-direction"]) == (8000, 8000, "ingress")


@pytest.mark.parametrize("number", range(1, 7))
@pytest.mark.parametrize("fault", ["lost_after", "timeout_after", "garbled_after", "down"])
def test_a_group_is_whole_after_the_next_try_whatever_was_lost(fault: Fault, number: int) -> None:
    fake = fake_of(faults={number: fault})
    with client_of(fake) as client:
        try:
            client.open_group(ZONE, "mlops-8000", 8000)
        except rental_errors.RentalError:
            client.open_group(ZONE, "mlops-8000", 8000)
    (group,) = fake.groups.values()
    assert group["rules"]


def faulty(fault: Fault, **told: object) -> tuple[FakeExoscale, ExoscaleClient, InstanceOrder]:
    """The next request of the client fails so."""
    fake = fake_of(**told)
    client = client_of(fake)
    wanted = order(client)
    fake.faults = {len(fake.requests) + 1: fault}
    return fake, client, wanted


REFUSED: dict[Fault, type[rental_errors.RentalError]] = {
    "quota": rental_errors.OfferRefused,
    "full": rental_errors.NoCapacity,
    "poor": rental_errors.NoMoney,
    "limited": rental_errors.RateLimited,
    "unsent": rental_errors.NotReached,
    "unavailable": rental_errors.NoCapacity,
    "leftover": rental_errors.OfferRefused,
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refused_create_is_asked_once_and_leaves_nothing(fault: Fault) -> None:
    fake, client, wanted = faulty(fault)
    with client, pytest.raises(REFUSED[fault]) as refused:
        client.create(ZONE, wanted)
    assert isinstance(refused.value, rental_errors.NotCreated)
    assert not fake.held
    assert [method for method, path in fake.requests if path.endswith("/instance")] == ["POST"]


@pytest.mark.parametrize("fault", ["lost_after", "timeout_after", "garbled_after", "down"])
def test_what_may_have_been_made_is_said_and_not_tried_again(fault: Fault) -> None:
    fake, client, wanted = faulty(fault)
    with client, pytest.raises(rental_errors.OutcomeUnknown):
        client.create(ZONE, wanted)
    assert len(fake.held) == (fault != "down")


@pytest.mark.parametrize("fault", ["limited", "poor", "quota", "unsent", "garbled_after"])
def test_a_lost_poll_says_nothing_of_what_was_accepted(fault: Fault) -> None:
    fake, client, wanted = faulty("down", slow=1)
    after = len(fake.requests) + 1
    fake.faults = {after + poll: fault for poll in range(1, 9)}
    with client, pytest.raises(rental_errors.OutcomeUnknown):
        client.create(ZONE, wanted)
    assert fake.held


def test_a_leftover_that_does_not_end_may_cost() -> None:
    _, client, wanted = faulty("leftover", clings=True)
    with client, pytest.raises(rental_errors.OutcomeUnknown, match="still there"):
        client.create(ZONE, wanted)


def test_a_wrong_key_is_told_and_its_secret_is_not() -> None:
    fake = fake_of()
    wrong = KEY[:-1] + "x"
    client = ExoscaleClient(
        SecretStr(wrong), sleep=list[float]().append, now=fake.now, transport=fake
    )
    with client, pytest.raises(rental_errors.KeyRefused) as refused:
        client.instances(ZONE)
    assert wrong.partition(":")[2] not in str(refused.value)


@pytest.mark.parametrize("stored", ["", "EXOabcdefgh", "EXOabcdefgh:", "abc:secret-secret-secret"])
def test_a_key_of_one_part_is_refused_before_anything_is_sent(stored: str) -> None:
    with pytest.raises(rental_errors.KeyRefused, match="EXOkey:secret"):
        ExoscaleClient(SecretStr(stored), sleep=list[float]().append, now=lambda: 0)


def test_what_an_answer_repeats_of_the_order_is_hidden() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"message": f"bad {json.loads(request.content)}"})

    with client_of(fake_of()) as client:
        wanted = order(client)
    answers = client_of(httpx.MockTransport(echo))
    with answers, pytest.raises(rental_errors.OrderRefused) as refused:
        answers.create(ZONE, wanted)
    assert wanted.body()["user-data"] not in str(refused.value)

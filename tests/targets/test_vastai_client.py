"""The client of Vast.ai against the strict fake: what each way of failing leaves behind."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from tests.fakes.vastai.fake import KEY, FakeVastai, Fault, offer
from windmill.scripts.targets.rental import errors as rental_errors
from windmill.scripts.targets.vastai.api import InstanceOrder, OfferSearch
from windmill.scripts.targets.vastai.client import VastaiClient

HIDDEN = "value-that-nobody-may-see"
SEARCH = OfferSearch(gpu_names=("RTX 4090",), gpu_memory=24000, disk=40)
ORDER = InstanceOrder(
    label="mlops-a1",
    image="vllm/vllm-openai:v0.9.1",
    disk=40,
    ports=(8000,),
    env={"VLLM_API_KEY": SecretStr(HIDDEN)},
    args=("--model", "Qwen/Qwen3-8B"),
)


def client_of(fake: httpx.BaseTransport, waits: list[float] | None = None) -> VastaiClient:
    sleep = (waits if waits is not None else []).append
    return VastaiClient(SecretStr(KEY), sleep=sleep, transport=fake)


def test_an_instance_is_rented_as_ordered_found_by_its_label_and_gone() -> None:
    fake = FakeVastai()
    with client_of(fake) as client:
        made = client.rent(8, ORDER)
        assert fake.held[made]["extra_env"] == [["VLLM_API_KEY", HIDDEN], ["-p 8000:8000", "1"]]
        found = client.instance(made)
        assert found is not None
        assert (found.dph_total, found.actual_status, found.never_runs) == (0.35, None, False)
        assert client.instances("mlops-a1") == [found]
        assert client.instances("mlops-a") == []
        client.destroy(made)
        assert client.instance(made) is None
        client.destroy(made)


def test_offers_come_cheapest_first_and_only_those_that_fit() -> None:
    fake = FakeVastai()
    fake.offers[9] = offer(9, "RTX 4090", 0.01, reliability=0.4)
    fake.offers[10] = offer(10, "L40S", 0.02)
    fake.offers[11] = offer(11, "RTX 4090", 0.03, disk_space=20)
    with client_of(fake) as client:
        assert [each.id for each in client.offers(SEARCH)] == [8, 7]
        dearest = SEARCH.model_copy(update={"highest_price": 0.36})
        assert [each.id for each in client.offers(dearest)] == [8]


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [
        ("unsent", "NotReached", 0),
        ("full", "NoCapacity", 0),
        ("poor", "NoMoney", 0),
        ("limited", "RateLimited", 0),
        ("quiet", "OfferRefused", 0),
        ("down", "OutcomeUnknown", 0),
        ("lost_after", "OutcomeUnknown", 1),
        ("timeout_after", "OutcomeUnknown", 1),
        ("garbled_after", "OutcomeUnknown", 1),
    ],
)
def test_a_rent_is_asked_once_and_says_whether_an_instance_may_exist(
    fault: Fault, error: str, made: int
) -> None:
    fake = FakeVastai(faults={1: fault})
    waits: list[float] = []
    with client_of(fake, waits) as client, pytest.raises(rental_errors.RentalError) as caught:
        client.rent(8, ORDER)
    assert type(caught.value).__name__ == error
    assert isinstance(caught.value, rental_errors.NotCreated) == (error != "OutcomeUnknown")
    assert (len(fake.held), len(fake.requests), waits) == (made, 1, [])


def test_what_a_refused_rent_left_is_ended_before_the_refusal_is_told() -> None:
    fake = FakeVastai(faults={1: "leftover", 2: "timeout_after"})
    with client_of(fake) as client, pytest.raises(rental_errors.OfferRefused):
        client.rent(8, ORDER)
    assert fake.held == {}


def test_a_leftover_that_cannot_be_ended_is_named() -> None:
    for fake in (
        FakeVastai(faults={1: "leftover", **dict.fromkeys(range(2, 9), "down")}),
        FakeVastai(faults={1: "leftover"}, clings=True),
    ):
        with client_of(fake) as client, pytest.raises(rental_errors.OutcomeUnknown, match="1001"):
            client.rent(8, ORDER)
        assert list(fake.held) == [1001]


def test_a_leftover_is_seen_whatever_form_the_words_around_it_have() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url.path}")
        told = {"success": False, "error": None, "msg": ["bid", "too low"], "new_contract": 5}
        return httpx.Response(400, json=told) if request.method == "PUT" else httpx.Response(404)

    transport = httpx.MockTransport(answer)
    with client_of(transport) as client, pytest.raises(rental_errors.OrderRefused):
        client.rent(8, ORDER)
    assert "DELETE /api/v0/instances/5/" in seen


def test_an_offer_that_was_taken_meanwhile_leads_to_the_next_one() -> None:
    with client_of(FakeVastai()) as client:
        client.rent(8, ORDER)
        with pytest.raises(rental_errors.NoCapacity):
            client.rent(8, ORDER)
        assert [each.id for each in client.offers(SEARCH)] == [7]


@pytest.mark.parametrize("fault", ["unsent", "down", "timeout_after", "lost_after", "limited"])
def test_a_listing_is_asked_again(fault: Fault) -> None:
    waits: list[float] = []
    with client_of(FakeVastai(faults={1: fault, 2: fault}), waits) as client:
        assert client.instances() == []
    assert waits == ([7, 7] if fault == "limited" else [1, 2])


def test_a_limit_without_a_wait_is_one_of_a_few_seconds() -> None:
    waits: list[float] = []
    with client_of(FakeVastai(faults={1: "limited"}, retry_after=None), waits) as client:
        client.offers(SEARCH)
    assert waits == [5]


@pytest.mark.parametrize(
    ("fault", "retry_after", "told"), [("limited", "3600", 3600), ("quota", "7", 86400)]
)
def test_a_wait_that_is_too_long_is_told_and_not_slept(
    fault: Fault, retry_after: str, told: float
) -> None:
    fake = FakeVastai(faults={1: fault}, retry_after=retry_after)
    waits: list[float] = []
    with client_of(fake, waits) as client, pytest.raises(rental_errors.RateLimited) as caught:
        client.offers(SEARCH)
    assert (caught.value.retry_after, waits, len(fake.requests)) == (told, [], 1)


def test_asking_again_has_an_end() -> None:
    fake = FakeVastai(faults=dict.fromkeys(range(1, 99), "down"))
    with client_of(fake) as client, pytest.raises(rental_errors.ProviderFailed):
        client.instances()
    assert len(fake.requests) == 4


def test_a_listing_goes_on_over_all_pages() -> None:
    fake = FakeVastai(page=2)
    for number in range(20, 25):
        fake.offers[number] = offer(number, "L4", 0.2)
    with client_of(fake) as client:
        made = [client.rent(number, ORDER) for number in range(20, 25)]
        assert [each.id for each in client.instances("mlops-a1")] == made


def test_a_listing_without_an_end_is_left() -> None:
    body = {"success": True, "instances": [], "next_token": "again"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    with client_of(transport) as client, pytest.raises(rental_errors.ProviderFailed, match="end"):
        client.instances()


def test_a_delete_that_does_not_delete_is_seen() -> None:
    fake = FakeVastai(clings=True)
    with client_of(fake) as client:
        made = client.rent(8, ORDER)
        client.destroy(made)
        assert client.instance(made) is not None
    assert fake.hourly == 0.35


def test_a_new_instance_may_be_missing_from_the_listing() -> None:
    with client_of(FakeVastai(listing_lag=2)) as client:
        client.rent(8, ORDER)
        assert [len(client.instances("mlops-a1")) for _ in range(4)] == [0, 0, 1, 1]


def test_a_wrong_key_is_not_asked_about_twice() -> None:
    fake = FakeVastai()
    client = VastaiClient(SecretStr("wrong"), sleep=lambda _: None, transport=fake)
    with client, pytest.raises(rental_errors.KeyRefused):
        client.instances()
    assert len(fake.requests) == 1


def test_a_secret_that_the_provider_repeats_is_not_told() -> None:
    body = {"success": False, "error": "invalid_args", "msg": f"bad {HIDDEN} of {KEY}"}
    transport = httpx.MockTransport(lambda _: httpx.Response(400, json=body))
    with client_of(transport) as client, pytest.raises(rental_errors.OrderRefused) as caught:
        client.rent(8, ORDER)
    shown = f"{caught.value} {vars(caught.value)} {ORDER!r}"
    assert HIDDEN not in shown
    assert KEY not in shown


@pytest.mark.parametrize("status", ["exited", "unknown", "offline"])
def test_a_status_that_never_becomes_running_is_told(status: str) -> None:
    fake = FakeVastai()
    with client_of(fake) as client:
        made = client.rent(8, ORDER)
        fake.held[made]["actual_status"] = status
        found = client.instance(made)
        assert found is not None
        assert found.never_runs


@pytest.mark.parametrize(
    "change",
    [{"surprise": 1}, {"disk": 0}, {"image": ""}, {"onstart": "x" * 4049}, {"label": "x" * 1025}],
)
def test_both_the_model_and_the_fake_refuse_what_the_vendor_refuses(change: dict[str, Any]) -> None:
    assert answer_to(lambda body: body) == 200
    with pytest.raises(ValidationError):
        InstanceOrder.model_validate({**ORDER.model_dump(), **change})
    assert answer_to(lambda body: {**body, **change}) == 400


@pytest.mark.parametrize("name", ["-p 80:80", "A=B", "", "1A"])
def test_a_variable_cannot_become_an_option(name: str) -> None:
    with pytest.raises(ValidationError):
        InstanceOrder.model_validate({**ORDER.model_dump(), "env": {name: "x"}})


def answer_to(changed: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(transport=FakeVastai(), headers=headers) as http:
        address = "https://console.vast.ai/api/v0/asks/8/"
        return http.put(address, json=changed(ORDER.body())).status_code

"""The client of RunPod against the strict fake: what each way of failing leaves behind."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from tests.fakes.runpod.fake import KEY, FakeRunpod, Fault
from windmill.scripts.targets.rental import errors as rental_errors
from windmill.scripts.targets.runpod.api import Gpu, Mounts, PersistentVolume, PodOrder
from windmill.scripts.targets.runpod.client import RunpodClient

HIDDEN = "value-that-nobody-may-see"
ORDER = PodOrder(
    name="mlops-a1",
    image="vllm/vllm-openai:v0.9.1",
    gpu=Gpu(id="NVIDIA L4"),
    data_centers=("US-KS-2",),
    disk=40,
    ports=("8000/http",),
    env={"VLLM_API_KEY": SecretStr(HIDDEN)},
    args="--model Qwen/Qwen3-8B",
    mounts=Mounts(persistent=PersistentVolume(size=50, path="/workspace")),
)


def client_of(fake: httpx.BaseTransport, waits: list[float] | None = None) -> RunpodClient:
    sleep = (waits if waits is not None else []).append
    return RunpodClient(SecretStr(KEY), sleep=sleep, transport=fake)


def test_a_pod_is_made_as_ordered_seen_and_gone() -> None:
    fake = FakeRunpod()
    with client_of(fake) as client:
        pod = client.create(ORDER)
        assert fake.held[pod.id]["env"] == {"VLLM_API_KEY": HIDDEN}
        assert (pod.status, pod.cost) == ("PROVISIONING", 0.39)
        assert client.pods() == [pod]
        assert client.pod(pod.id) == pod
        client.terminate(pod.id)
        assert client.pod(pod.id) is None
        client.terminate(pod.id)


def test_a_price_that_rose_shows_in_the_next_look_and_on_the_pod() -> None:
    fake = FakeRunpod()
    with client_of(fake) as client:
        assert client.gpu_types()[0].price.secure == 0.39
        fake.prices["NVIDIA L4"] = 0.99
        assert client.gpu_types()[0].price.secure == 0.99
        assert client.create(ORDER).cost == 0.99


@pytest.mark.parametrize(
    ("fault", "error", "made"),
    [
        ("unsent", "NotReached", 0),
        ("full", "NoCapacity", 0),
        ("poor", "NoMoney", 0),
        ("limited", "RateLimited", 0),
        ("down", "OutcomeUnknown", 0),
        ("lost_after", "OutcomeUnknown", 1),
        ("timeout_after", "OutcomeUnknown", 1),
        ("garbled_after", "OutcomeUnknown", 1),
    ],
)
def test_a_create_is_asked_once_and_says_whether_a_pod_may_exist(
    fault: Fault, error: str, made: int
) -> None:
    fake = FakeRunpod(faults={1: fault})
    waits: list[float] = []
    with client_of(fake, waits) as client, pytest.raises(rental_errors.RentalError) as caught:
        client.create(ORDER)
    assert type(caught.value).__name__ == error
    assert isinstance(caught.value, rental_errors.NotCreated) == (error != "OutcomeUnknown")
    assert (len(fake.held), len(fake.requests), waits) == (made, 1, [])


@pytest.mark.parametrize("fault", ["unsent", "down", "timeout_after", "lost_after", "limited"])
def test_a_listing_is_asked_again(fault: Fault) -> None:
    fake = FakeRunpod(faults={1: fault, 2: fault})
    waits: list[float] = []
    with client_of(fake, waits) as client:
        assert client.pods() == []
    assert waits == ([7, 7] if fault == "limited" else [1, 2])


def test_a_wait_that_is_too_long_is_told_and_not_slept() -> None:
    fake = FakeRunpod(faults={1: "limited"}, retry_after="3600")
    waits: list[float] = []
    with client_of(fake, waits) as client, pytest.raises(rental_errors.RateLimited) as caught:
        client.pods()
    assert (caught.value.retry_after, waits) == (3600, [])


def test_asking_again_has_an_end() -> None:
    fake = FakeRunpod(faults=dict.fromkeys(range(1, 99), "down"))
    with client_of(fake) as client, pytest.raises(rental_errors.ProviderFailed):
        client.pods()
    assert len(fake.requests) == 4


def test_an_end_that_was_lost_is_asked_for_again() -> None:
    fake = FakeRunpod(faults={2: "timeout_after"})
    with client_of(fake) as client:
        client.terminate(client.create(ORDER).id)
    assert fake.held == {}


def test_a_delete_that_does_not_delete_is_seen() -> None:
    fake = FakeRunpod(clings=True)
    with client_of(fake) as client:
        pod = client.create(ORDER)
        client.terminate(pod.id)
        assert client.pod(pod.id) is not None
        assert fake.hourly == 0.39


def test_a_new_pod_may_be_missing_from_the_listing() -> None:
    with client_of(FakeRunpod(listing_lag=2)) as client:
        client.create(ORDER)
        assert [len(client.pods()) for _ in range(4)] == [0, 0, 1, 1]


def test_a_wrong_key_is_not_asked_about_twice() -> None:
    fake = FakeRunpod()
    client = RunpodClient(SecretStr("wrong"), sleep=lambda _: None, transport=fake)
    with client, pytest.raises(rental_errors.KeyRefused):
        client.pods()
    assert len(fake.requests) == 1


def test_a_secret_that_the_provider_repeats_is_not_told() -> None:
    body = {"title": "x", "status": 422, "detail": f"bad {HIDDEN}", "errors": [f"key {KEY}"]}
    transport = httpx.MockTransport(lambda _: httpx.Response(422, json=body))
    with client_of(transport) as client, pytest.raises(rental_errors.OrderRefused) as caught:
        client.create(ORDER)
    shown = f"{caught.value} {vars(caught.value)} {ORDER!r}"
    assert HIDDEN not in shown
    assert KEY not in shown


@pytest.mark.parametrize("pod_id", ["../account", "a/b", "a?x=1", ""])
def test_an_id_that_leads_elsewhere_is_no_answer(pod_id: str) -> None:
    fake = FakeRunpod()
    with client_of(fake) as client:
        client.create(ORDER)
        next(iter(fake.held.values()))["id"] = pod_id
        with pytest.raises(rental_errors.ProviderFailed, match=r"pods\.0\.id"):
            client.pods()


@pytest.mark.parametrize(
    "change",
    [{"surprise": 1}, {"disk": 0}, {"gpu": {"id": "NVIDIA L4", "n": 1}}, {"cloud": "ALL"}],
)
def test_both_the_model_and_the_fake_refuse_what_the_vendor_refuses(change: dict[str, Any]) -> None:
    assert answer_to(ORDER.model_dump(mode="json")) == 201
    body = {**ORDER.model_dump(mode="json"), **change}
    with pytest.raises(ValidationError):
        PodOrder.model_validate(body)
    assert answer_to(body) == 422


def answer_to(body: dict[str, Any]) -> int:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(transport=FakeRunpod(), headers=headers) as http:
        return http.post("https://api.runpod.io/v2/pods", json=body).status_code

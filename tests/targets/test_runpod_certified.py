"""Our fake of RunPod, held against the vendor's own client and the schemas that it ships."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest

from tests.fakes.runpod.fake import KEY, VALIDATORS, FakeRunpod, Fault
from tests.fakes.served import served
from tests.targets.test_runpod_client import ORDER, client_of
from tests.tools.needs import need
from tests.tools.runpod_client import VendorClient, running_runpod_client

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("runpod_client")]
BODY: dict[str, Any] = ORDER.model_dump(mode="json")
VALUES: list[Any] = [None, True, -1, 0, 1, 9, 10, 1.5, "", "x", [], ["x"], [1], {}]
VALUES += [{"x": "y"}, {"x": 1}]


@contextmanager
def client_at(fake: FakeRunpod, key: str = KEY) -> Iterator[VendorClient]:
    with (
        served(fake) as address,
        running_runpod_client(need("runpod-client"), address, key) as vendor,
    ):
        yield vendor


def test_the_vendors_client_makes_finds_and_ends_pods_as_ours_does() -> None:
    fake = FakeRunpod()
    with client_at(fake) as vendor, client_of(fake) as ours:
        theirs = vendor.call("create-pod", body=BODY).told
        mine = ours.create(ORDER)
        assert {pod["id"] for pod in vendor.call("list-pods").told["pods"]} == {
            theirs["id"],
            mine.id,
        }
        assert vendor.call("get-pod", id=mine.id).told["env"] == BODY["env"]
        assert not vendor.call("delete-pod", id=mine.id).failed
        assert (ours.pod(mine.id), ours.pods()[0].id) == (None, theirs["id"])
        ours.terminate(theirs["id"])
        gone = vendor.call("get-pod", id=theirs["id"])
    assert (gone.failed, gone.told["status"], fake.held) == (True, 404, {})


def test_our_client_sends_what_the_vendors_sends() -> None:
    fake = FakeRunpod()
    with client_at(fake) as vendor, client_of(fake) as ours:
        pods = [vendor.call("create-pod", body=BODY).told["id"], ours.create(ORDER).id]
        vendor.call("list-gpu-types", include=["AVAILABILITY"], product=["POD"])
        ours.gpu_types()
        held = [{**fake.held[pod], "id": None} for pod in pods]
    assert held[0] == held[1]
    assert fake.requests == [
        *[("POST", "/v2/pods")] * 2,
        *[("GET", "/v2/catalog/gpus")] * 2,
    ]


def test_stock_without_a_product_is_refused_and_with_it_priced() -> None:
    with client_at(FakeRunpod(prices={"NVIDIA L4": 0.5})) as vendor:
        refused = vendor.call("list-gpu-types", include=["AVAILABILITY"])
        told = vendor.call("list-gpu-types", include=["AVAILABILITY"], product=["POD"]).told
    assert (refused.failed, refused.told["status"]) == (True, 400)
    assert (told["gpus"][0]["price"]["secure"], told["gpus"][0]["availability"]) == (0.5, "LOW")


@pytest.mark.parametrize(
    ("fault", "status", "hint", "made"),
    [
        ("limited", 429, "7", 0),
        ("full", 400, "shape", 0),
        ("poor", 402, "balance", 0),
        ("down", 503, "retry", 0),
        ("lost_after", 500, "retry", 1),
    ],
)
def test_the_vendors_client_reads_each_refusal_and_asks_no_create_twice(
    fault: Fault, status: int, hint: str, made: int
) -> None:
    fake = FakeRunpod(faults={1: fault})
    with client_at(fake) as vendor:
        answer = vendor.call("create-pod", body=BODY)
    assert answer.failed
    assert answer.told["status"] == status
    assert hint in answer.told["hint"]
    assert (len(fake.requests), len(fake.held)) == (1, made)


def test_a_create_without_an_answer_is_not_asked_again_by_the_vendors_client_either() -> None:
    fake = FakeRunpod(faults={1: "timeout_after"})
    with client_at(fake) as vendor:
        answer = vendor.call("create-pod", body=BODY)
    assert (answer.failed, len(fake.requests), len(fake.held)) == (True, 1, 1)
    assert "fetch failed" in answer.told["message"]


def test_a_wrong_key_is_known_as_one() -> None:
    with client_at(FakeRunpod(), "wrong") as vendor:
        answer = vendor.call("list-pods")
    assert (answer.failed, answer.told["status"]) == (True, 401)
    assert "key" in answer.told["hint"]


def test_the_contract_judges_every_changed_order_as_the_vendors_schema_does() -> None:
    with client_at(FakeRunpod()) as vendor:
        takes = vendor.schemas()["create-pod"]
    theirs = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/$defs/CreatePodRequest", "$defs": takes["$defs"]}
    )
    bodies = [BODY, *changed(BODY)]
    verdicts = [(theirs.is_valid(body), VALIDATORS["create_pod"].is_valid(body)) for body in bodies]
    apart = [body for body, (a, b) in zip(bodies, verdicts, strict=True) if a != b]
    assert apart == []
    assert verdicts[0] == (True, True)
    assert {verdict for verdict, _ in verdicts} == {True, False}


def changed(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each value replaced by each of VALUES or left out; an unknown field in each object."""
    for place in places(body):
        for value in VALUES:
            yield with_value(body, place, value)
        if place != ("gpu",):  # the vendor takes a CPU instead, which we never order
            yield without(body, place)
        if isinstance(within(body, place), dict) and place != ("env",):
            yield with_value(body, (*place, "surprise"), 1)
    yield with_value(body, ("surprise",), 1)


def places(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield (*at, name)
        yield from places(inner, (*at, name))


def within(body: Any, place: tuple[str, ...]) -> Any:
    for name in place:
        body = body[name]
    return body


def with_value(body: dict[str, Any], place: tuple[str, ...], value: Any) -> dict[str, Any]:
    copy = deepcopy(body)
    within(copy, place[:-1])[place[-1]] = value
    return copy


def without(body: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    copy = deepcopy(body)
    del within(copy, place[:-1])[place[-1]]
    return copy

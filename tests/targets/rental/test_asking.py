"""How providers are asked: again where that can help, and never again where it makes something."""

import ast
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel

from windmill.scripts.targets.rental.asking import Asking, retry_after, without_secrets
from windmill.scripts.targets.rental.errors import (
    KeyRefused,
    NotReached,
    OutcomeUnknown,
    ProviderFailed,
    RateLimited,
    RentalError,
)

TARGETS = Path(__file__).parents[3] / "windmill" / "scripts" / "targets"
FINE = httpx.Response(200, json={})
Outcome = httpx.Response | httpx.HTTPError
DOWN, LOST = httpx.ConnectError("refused"), httpx.ReadTimeout("no answer")


def failing(*outcomes: Outcome) -> tuple[Callable[[], httpx.Response], list[Outcome]]:
    """Sends that end so, in order; and what is left of them."""
    left = list(outcomes)

    def send() -> httpx.Response:
        outcome = left.pop(0)
        if isinstance(outcome, httpx.HTTPError):
            raise outcome
        return outcome

    return send, left


def judge(answer: httpx.Response) -> RentalError | None:
    match answer.status_code:
        case 200:
            return None
        case 401:
            return KeyRefused("P", "no")
        case 429:
            return RateLimited("P", "slowly", retry_after(answer, usual=7.0))
    return ProviderFailed("P", str(answer.status_code))


def limited(seconds: str) -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": seconds})


@pytest.mark.parametrize(
    ("outcomes", "waits"),
    [
        ([FINE], []),
        ([DOWN, FINE], [1]),
        ([LOST, httpx.Response(503), DOWN, FINE], [1, 2, 4]),
        ([limited("3"), limited("0.5"), limited("soon"), FINE], [3, 0.5, 7]),
        ([limited("60"), FINE], [60]),
    ],
)
def test_what_may_be_asked_twice_is_asked_until_it_is_answered(
    outcomes: list[Outcome], waits: list[float]
) -> None:
    waited: list[float] = []
    send, left = failing(*outcomes)
    assert Asking("P", waited.append).patiently(send, judge) is FINE
    assert (waited, left) == (waits, [])


@pytest.mark.parametrize(
    ("outcomes", "error", "asked"),
    [
        ([DOWN] * 9, NotReached, 4),
        ([LOST] * 9, ProviderFailed, 4),
        ([limited("1")] * 9, RateLimited, 4),
        ([limited("61"), FINE], RateLimited, 1),
        ([httpx.Response(401), FINE], KeyRefused, 1),
    ],
)
def test_it_is_given_up_where_asking_again_cannot_help_or_did_not(
    outcomes: list[Outcome], error: type[RentalError], asked: int
) -> None:
    send, left = failing(*outcomes)
    with pytest.raises(error):
        Asking("P", lambda _: None).patiently(send, judge)
    assert len(outcomes) - len(left) == asked


@pytest.mark.parametrize(("outcome", "error"), [(DOWN, NotReached), (LOST, OutcomeUnknown)])
def test_what_makes_something_is_asked_once(outcome: Outcome, error: type[RentalError]) -> None:
    waited: list[float] = []
    send, left = failing(outcome, FINE)
    with pytest.raises(error):
        Asking("P", waited.append).once(send)
    assert (waited, left) == ([], [FINE])


@pytest.mark.parametrize("text", ["", "-1", "inf", "nan", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_is_none_is_the_usual_one(text: str) -> None:
    assert retry_after(limited(text), usual=5.0) == 5.0


def test_what_a_provider_repeats_of_a_secret_is_not_told() -> None:
    said = without_secrets("key s3cret is wrong", httpx.Response(401), ["", "s3cret"])
    assert said == "key *** is wrong (status 401)"


def test_of_an_answer_that_does_not_fit_its_places_are_told_and_not_its_values() -> None:
    class Told(BaseModel):
        cost: float

    answer = httpx.Response(200, json={"cost": "s3cret"})
    with pytest.raises(ProviderFailed, match=r"does not fit, at cost\n"):
        Asking("P", lambda _: None).read(answer, Told)


@pytest.mark.parametrize("client", sorted(TARGETS.glob("*/client.py")), ids=lambda p: p.parent.name)
def test_no_client_sends_but_through_this(client: Path) -> None:
    """Each request stands in a `lambda` that it is given."""
    tree = ast.parse(client.read_text("utf-8"))
    given = {
        id(node)
        for each in ast.walk(tree)
        if isinstance(each, ast.Lambda)
        for node in ast.walk(each)
    }
    sends = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._http"
    ]
    outside = {node.attr for node in sends if id(node) not in given}
    assert (outside, len(sends) - len(outside)) == ({"close"}, 2)

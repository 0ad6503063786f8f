"""n8n says "published" before it listens: a push waits until it does."""

import httpx
import pytest

from sync.errors import N8nError
from sync.instances.n8n_webhooks import OPENS_WITHIN_SECONDS, await_webhooks, is_open, paths_of

WORKFLOW = {
    "name": "Hook",
    "nodes": [
        {"name": "In", "type": "n8n-nodes-base.webhook", "parameters": {"path": "in"}},
        {"name": "Form", "type": "n8n-nodes-base.formTrigger",
         "parameters": {"options": {"path": "form"}}},
        {"name": "Off", "type": "n8n-nodes-base.webhook", "parameters": {"path": "off"},
         "disabled": True},
        {"name": "Id", "type": "n8n-nodes-base.webhook", "parameters": {"path": "of/:id"}},
        {"name": "Set", "type": "n8n-nodes-base.set", "parameters": {"path": "set"}},
    ],
}  # fmt: skip


class Clock:
    def __init__(self, opens_at: float) -> None:
        self.now = 0.0
        self.opens_at = opens_at
        self.published: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def settle(self) -> None:
        def is_there(_path: str) -> bool:
            return self.now >= self.opens_at

        await_webhooks(is_there, WORKFLOW, lambda: self.published.append(self.now), self.sleep)


def test_only_what_a_request_reaches_by_its_name_is_waited_for() -> None:
    assert list(paths_of(WORKFLOW)) == ["in", "form"]


def test_a_webhook_that_comes_soon_is_waited_for_and_not_published_again() -> None:
    clock = Clock(opens_at=3)
    clock.settle()
    assert 3 <= clock.now < 6
    assert clock.published == []


def test_a_webhook_that_was_dropped_is_published_again() -> None:
    clock = Clock(opens_at=50)
    clock.settle()
    assert len(clock.published) == 2


def test_a_webhook_that_never_comes_is_an_error_that_names_it() -> None:
    clock = Clock(opens_at=float("inf"))
    with pytest.raises(N8nError, match=r"published 'Hook' .*\(/webhook/in\)"):
        clock.settle()
    assert clock.now >= OPENS_WITHIN_SECONDS


@pytest.mark.parametrize(
    ("methods", "expected"),
    [("OPTIONS, POST", True), ("OPTIONS", False), (None, True)],
    ids=["listens", "does not", "served elsewhere"],
)
def test_whether_it_listens_is_asked_without_starting_anything(
    methods: str | None, expected: bool
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.raw_path) == ("OPTIONS", b"/n8n/webhook/a%20b/c")
        told = {"Access-Control-Allow-Methods": methods} if methods else {}
        return httpx.Response(204, headers=told)

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        assert is_open(http, "http://n8n/n8n", "a b/c") is expected


def test_an_n8n_that_does_not_answer_does_not_listen() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with httpx.Client(transport=httpx.MockTransport(refuse)) as http:
        assert not is_open(http, "http://n8n", "in")

"""docker-compose.yml really started: a stack that works without anything to click, and goes on."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from cli.actions.connecting import FIRST_LOGIN
from tests.n8n.signing import signed
from tests.stack.started.compose_program import is_built
from tests.stack.started.stack import Started, started_stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800), pytest.mark.xdist_group("stack")]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    if not is_built():
        pytest.skip("no Docker Compose is built on this machine: make test-stack")
    with started_stack(tmp_path_factory.mktemp("stack")) as stack:
        stack.up()
        yield stack


def gateway(stack: Started) -> httpx.Client:
    http = stack.http("gateway", 8000)
    http.headers["Authorization"] = f"Bearer {stack.secret('MLOPS_API_KEY')}"
    return http


def until(ask: Callable[[], Any], fine: Callable[[Any], bool], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if fine(answer := ask()):
                return answer
        except httpx.TransportError as error:
            answer = error
        assert time.monotonic() < deadline, answer
        time.sleep(0.5)


def test_the_catalog_is_there_and_all_is_healthy(stack: Started) -> None:
    with gateway(stack) as http:
        assert "rag-chatbot" in http.get("/catalog").text
        assert http.get("/health").json()["status"] == "healthy"
    assert stack.inspect("bootstrap")["State"]["ExitCode"] == 0


def test_the_first_login_opens_nothing_and_ours_does(stack: Started) -> None:
    own = stack.secret("WINDMILL_ADMIN_PASSWORD")
    with stack.http("windmill-server", 8000, "jobs") as http:
        for password, opens in ((FIRST_LOGIN[1], False), (own, True)):
            body = {"email": FIRST_LOGIN[0], "password": password}
            assert http.post("/api/auth/login", json=body).is_success == opens


def test_prometheus_reads_what_is_there(stack: Started) -> None:
    def health(http: httpx.Client) -> dict[str, str]:
        targets = http.get("/api/v1/targets").json()["data"]["activeTargets"]
        return {each["scrapeUrl"].split("/")[2].split(":")[0]: each["health"] for each in targets}

    with stack.http("prometheus", 9090) as http:
        # The gateway starts last of all, so that it was asked once before it could answer.
        both = {"n8n": "up", "gateway": "up"}
        until(lambda: health(http), lambda told: told | both == told)


def test_an_alert_arrives_in_the_chat(stack: Started) -> None:
    alert = {"labels": {"alertname": "GpuForgotten", "severity": "critical"},
             "annotations": {"summary": "a GPU that nobody uses"}}  # fmt: skip
    with stack.http("alertmanager", 9093) as http:
        http.post("/api/v2/alerts", json=[alert]).raise_for_status()
    until(lambda: stack.compose("logs", "chat"), lambda said: "a GPU that nobody uses" in said)


def test_a_signed_event_starts_a_run_once_and_an_unsigned_one_none(stack: Started) -> None:
    """The stand-in's jobs reach no packages, so the run itself is not judged here."""
    body = json.dumps({"pipeline": "embeddings-api", "name": "by-event", "target": "ssh"}).encode()
    sent = signed(stack.secret("WEBHOOK_SECRET"), body)
    with stack.http("n8n-webhook", 5678) as http, gateway(stack) as asked:
        refused = http.post("/webhook/mlops-deploy", content=body)
        assert refused.status_code in (400, 401)
        first, again = (
            http.post("/webhook/mlops-deploy", content=body, headers=sent) for _ in range(2)
        )
        assert (first.status_code, again.status_code) == (202, 401), first.text
        assert asked.get(f"/pipelines/{first.json()['id']}/status").is_success


def test_secrets_of_one_are_not_told_to_another(stack: Started) -> None:
    owner = {
        "POSTGRES_PASSWORD": {"postgres"},
        "WINDMILL_ADMIN_PASSWORD": {"bootstrap"},
        "N8N_OWNER_PASSWORD": {"bootstrap"},
    }
    for name, allowed in owner.items():
        value = stack.secret(name)
        for service in ("postgres", "windmill-server", "n8n", "bootstrap", "gateway"):
            told = " ".join(stack.inspect(service)["Config"]["Env"])
            assert (value in told) == (service in allowed), f"{service}: {name}"


def test_the_gateway_has_its_own_keys_and_not_n8n_s(stack: Started) -> None:
    held = stack.engine.docker("exec", "mlops-gateway-1", "find", "/run/mlops", "-type", "f")
    assert {name.rpartition("/")[2] for name in held.split()} == {
        f"windmill_{role}_key" for role in ("viewer", "builder", "operator")
    }


def test_started_again_it_changes_nothing_and_keeps_its_keys(stack: Started) -> None:
    before = stack.inspect("gateway")["Id"]
    stack.up()
    assert stack.inspect("gateway")["Id"] == before
    said = stack.compose("logs", "bootstrap")
    assert "0 created, 0 changed" in said
    assert said.count("key in /run/mlops, kept") == 1
    with gateway(stack) as http:
        assert http.get("/catalog").is_success


@pytest.mark.parametrize("service", ["gateway", "windmill-server", "redis", "postgres"])
def test_whatever_dies_comes_back(stack: Started, service: str) -> None:
    with gateway(stack) as http:
        stack.die(service)
        until(lambda: http.get("/catalog"), lambda answer: answer.is_success)
        until(lambda: http.get("/health").json()["status"], lambda status: status == "healthy")
    until(
        lambda: stack.inspect(service)["State"]["Health"]["Status"],
        lambda state: state == "healthy",
    )

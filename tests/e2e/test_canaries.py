"""No secret's value stands where it has no business: every place is searched for every secret."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.canaries import Canaries, Found
from tests.e2e.harness import READABLE, Platform
from windmill.scripts.model.base.derived_secrets import derived_secret

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]

LLM_KEY = "sk-canary-of-a-provider-6f1d90"
NAME = "canaries"
PROVIDER = f"http://{READABLE}:9/v1"


@pytest.fixture(scope="module")
def live(platform: Platform) -> Iterator[dict[str, Any]]:
    with platform.gateway() as gateway:
        body = {"base_url": PROVIDER, "key": LLM_KEY}
        stored = gateway.put("/llm-keys/canary", json=body)
    assert stored.is_success, stored.text
    backends = json.dumps([{"base_url": PROVIDER, "model": "gone", "key": "canary"}])
    given = ("--name", NAME, "--target", "local", "--set", f"backends={backends}")
    yield platform.json("deploy", "llm-gateway", *given)
    platform.run("destroy", NAME, "--yes")
    platform.run("llm-key", "canary", "--remove", "--yes")


@pytest.fixture(scope="module")
def canaries(platform: Platform, live: dict[str, Any]) -> Canaries:
    own, id = platform.secrets["secret_key"], live["deployment_id"]
    derived = {each: derived_secret(own, each, id) for each in ("litellm", "model-server")}
    deployment = platform.key(NAME)
    return Canaries({**platform.secrets, **derived, "deployment": deployment, "llm": LLM_KEY})


OF_WINDMILL = {f"windmill{rank}_token" for rank in ("", "_viewer", "_builder", "_operator")}
OF_THE_PLATFORM = {
    *("secret_key", "gateway_api_key", "webhook_secret", "registry_key", "metrics_token"),
    *OF_WINDMILL,
}
HELD = {
    "secrets.json": OF_THE_PLATFORM,
    "engine/token": OF_WINDMILL,
    "monitoring/private/metrics-token": {"metrics_token"},
    "host/supervisor/programs/api.json": {"deployment", "litellm"},
    "host/supervisor/programs/litellm.json": {"litellm", "llm", "model-server"},
    "host/supervisor/programs/model-server.json": {"model-server"},
}
GIVEN = {
    "-m gateway": OF_THE_PLATFORM - {"windmill_token"},
    "-m engine": {"registry_key"},
    "zygote.run()": {"registry_key"},
    "-m serving": {"deployment", "litellm"},
    "start_proxy.py": {"litellm", "llm", "model-server"},
    "model_server.py": {"model-server"},
}


def by_place(found: set[Found], places: dict[str, set[str]]) -> dict[str, set[str]]:
    """Under the name of the known place, or else where it was found."""
    held: dict[str, set[str]] = {}
    for each in found:
        place = next((known for known in places if known in each.where), each.where)
        held.setdefault(place, set()).add(each.secret)
    return held


def test_of_all_that_is_written_only_the_files_for_secrets_hold_any(
    platform: Platform, canaries: Canaries
) -> None:
    """Terraform's state, generated files, logs, both databases: everything below the home."""
    found = canaries.in_files(platform.home)
    assert by_place(found, HELD) == HELD
    for each in found:
        assert (platform.home / each.where).stat().st_mode & 0o077 == 0, each


def test_no_command_line_has_one_and_a_process_is_given_its_own_alone(
    platform: Platform, canaries: Canaries
) -> None:
    assert canaries.in_command_lines() == set()
    assert by_place(canaries.in_environments(platform.home), GIVEN) == GIVEN


COMMANDS = [
    ["ls"],
    ["status", NAME],
    ["logs", NAME],
    *(["logs", NAME, "--runtime", "--process", p] for p in ("api", "litellm", "model-server")),
    ["rollback", NAME, "--list"],
    ["llm-key"],
    ["doctor"],
    ["audit"],
    ["access", "keys"],
    ["sync", "status"],
    ["sync", "plan"],
    ["deploy", "llm-gateway", "--name", "never", "--target", "local", "--set", "backends=[1]"],
    ["status", "nobody"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_no_command_shows_one(
    command: list[str], form: tuple[str, ...], platform: Platform, canaries: Canaries
) -> None:
    debugging = Platform(platform.home, {**platform.environment, "MLOPS_DEBUG": "1"})
    done = debugging.run(*command, *form, fine=(0, 1, 2))
    assert done.stdout or done.stderr
    shown = (done.stdout + done.stderr).encode()
    assert list(canaries.in_bytes(shown, " ".join(command))) == []


def test_no_export_has_one(platform: Platform, canaries: Canaries, tmp_path: Path) -> None:
    platform.run("sync", "export", str(tmp_path))
    assert any(tmp_path.rglob("*.yaml"))
    assert canaries.in_files(tmp_path) == set()


def test_what_programs_are_told_has_none(platform: Platform, canaries: Canaries) -> None:
    id = platform.json("status", NAME)["deployment_id"]
    told = ("/pipelines", f"/pipelines/{id}/status", f"/pipelines/{id}/logs", "/audit", "/metrics")
    with platform.gateway() as gateway:
        answers = [gateway.get(path) for path in (*told, "/llm-keys", "/openapi.json")]
    with platform.windmill() as windmill:
        jobs = windmill.get("/jobs/list", params={"per_page": 1000})
        answers += [jobs, *(windmill.get(f"/jobs_u/get/{job['id']}") for job in jobs.json())]
        answers += [windmill.get(f"/{kind}/list") for kind in ("variables", "resources")]
    for answer in answers:
        assert list(canaries.in_bytes(answer.content, str(answer.url))) == []

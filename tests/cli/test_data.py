"""What is kept of a person or a deployment, from the command line."""

import uuid

import pytest

from tests.cli.conftest import Mlops
from tests.gateway.stack import Stack
from windmill.scripts.model.drawing.deployment import State


@pytest.mark.slow
def test_what_is_kept_of_a_person_is_told_and_deleted(platform: Mlops) -> None:
    name = f"ann-{uuid.uuid4().hex[:6]}"
    assert platform("access", "keys", "add", name, "--role", "viewer").code == 0
    told = platform("data", "export", name).json
    assert [each["name"] for each in told["keys"]] == [name]
    asked = platform("data", "delete", name)
    assert asked.code != 0, "in a pipe nobody can answer"
    assert f"{name}: 1 keys, 0 sessions" in asked.err
    assert platform("data", "export", name).json["keys"], "nothing was deleted"
    deleted = platform("data", "delete", name, "--yes", "--json").json
    assert deleted["pseudonym"].startswith("person-")
    assert platform("data", "export", name).json == {"keys": [], "sessions": [], "audit": []}
    assert platform("audit", "verify").code == 0


@pytest.mark.slow
def test_the_past_of_a_deployment_is_deleted_once_it_is_destroyed(
    platform: Mlops, stack: Stack
) -> None:
    made = stack.register(str(uuid.uuid4()), f"rag-{uuid.uuid4().hex[:6]}", State.live)
    refused = platform("data", "delete", "--deployment", made.name, "--yes")
    assert refused.code == 1
    assert f"mlops destroy {made.name}" in refused.err
    stack.finish(made.id, State.destroyed)
    done = platform("data", "delete", "--deployment", made.name, "--yes", "--json")
    assert done.json == {"id": made.id, "rows": 4, "jobs": 0}
    assert platform("data", "export", "--deployment", made.name).code == 1


@pytest.mark.parametrize("words", [(), ("ann", "--deployment", "rag")])
def test_it_is_a_person_or_a_deployment(words: tuple[str, ...], mlops: Mlops) -> None:
    said = mlops("data", "export", *words)
    assert said.code == 1
    assert "a person or --deployment" in said.err


@pytest.mark.parametrize("days", ["0", "soon", "-3", "1.5"])
def test_a_retention_that_is_no_number_of_days_starts_nothing(
    days: str, mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_RETENTION_DAYS", days)
    said = mlops("up")
    assert said.code == 1
    assert f"MLOPS_RETENTION_DAYS={days}" in said.err

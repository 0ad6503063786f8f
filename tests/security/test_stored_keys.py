"""A stored key is sent to the address that it was stored for, however another one is written."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from windmill.scripts.model.base.errors import (
    InvalidInput,
    KeyElsewhere,
    KeyWithoutAddress,
    UnknownLlmKey,
)
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.llm_keys import StoredKey
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.provision.errors import AddressRefused
from windmill.scripts.provision.llms.litellm_models import check_backends
from windmill.scripts.provision.llms.llm_keys import backend_secrets

CASES: dict[str, list[Any]] = yaml.safe_load(
    Path(__file__).with_name("stored_keys.yaml").read_text()
)
SECRET = "sk-canary-9d2f"


def stored(base_url: str) -> StoredKey:
    return StoredKey.model_validate({"base_url": base_url, "key": SECRET})


def gateway(**backend: str) -> Pipeline:
    config = {"model": "chat", "backends": [{"model": "big", **backend}]}
    node = {"id": "model", "component": "llm-gateway", "config": config}
    return Pipeline.model_validate({"name": "x", "nodes": [node]})


def secrets(pipeline: Pipeline, kept: str, *ours: Deployment, allowed: str = "") -> dict[str, str]:
    return backend_secrets(pipeline, ours, lambda name: kept, allowed)


@pytest.mark.parametrize("case", CASES["fits"], ids=str)
def test_one_address_may_be_written_in_many_ways(case: dict[str, str]) -> None:
    asked = stored(case["asked"]).base_url
    assert stored(case["stored"]).for_address("k", asked) == SECRET


@pytest.mark.parametrize("case", CASES["elsewhere"], ids=str)
def test_another_address_is_not_sent_the_key(case: dict[str, str]) -> None:
    with pytest.raises(KeyElsewhere) as refused:
        stored(case["stored"]).for_address("k", stored(case["asked"]).base_url)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("address", CASES["invalid"], ids=repr)
def test_what_programs_read_in_different_ways_is_no_address(address: str) -> None:
    with pytest.raises(ValidationError):
        stored(address)
    problem = check_backends(gateway(base_url=address))[0]
    assert problem.field == "backends[0].base_url"
    with pytest.raises(InvalidInput):
        secrets(gateway(base_url=address, key="k"), stored("https://1.1.1.1").text())


def test_a_backend_gets_the_key_of_its_address_and_no_other() -> None:
    kept = stored("https://1.1.1.1/v1").text()
    asked = gateway(base_url="https://1.1.1.1/v1", key="k")
    assert secrets(asked, kept) == {"LLM_KEY_K": SECRET}
    with pytest.raises(KeyElsewhere, match=r"https://1\.0\.0\.1/v1"):
        secrets(gateway(base_url="https://1.0.0.1/v1", key="k"), kept)
    assert secrets(gateway(base_url="https://1.0.0.1/v1"), kept) == {}


@pytest.mark.parametrize("old", [SECRET, "", "12", f'"{SECRET}"', f'{{"key": "{SECRET}"}}'])
def test_a_key_stored_before_it_had_an_address_is_not_sent_and_the_command_is_named(
    old: str,
) -> None:
    with pytest.raises(KeyWithoutAddress) as refused:
        secrets(gateway(base_url="https://1.1.1.1/v1", key="big_one"), old)
    assert "mlops llm-key big_one --base-url" in refused.value.fix
    assert SECRET not in repr(refused.value) + str(refused.value.__cause__)


def test_a_key_that_nobody_stored_is_told() -> None:
    def stored(name: str) -> str:
        raise UnknownLlmKey(key=name)

    with pytest.raises(UnknownLlmKey, match="'k'"):
        backend_secrets(gateway(base_url="https://1.1.1.1/v1", key="k"), [], stored, "")


INNER = ["127.0.0.1:8000", "10.0.0.5", "192.168.1.1", "169.254.169.254", "[::1]", "2130706433"]


@pytest.mark.parametrize("host", INNER)
def test_what_lies_inside_is_no_backend_unless_the_operator_says_so(host: str) -> None:
    with pytest.raises(AddressRefused):
        secrets(gateway(base_url=f"http://{host}/v1"), "")


def test_the_operator_opens_a_network_but_never_the_cloud_s_own_addresses() -> None:
    inner = gateway(base_url="http://10.0.0.5:8000/v1")
    assert secrets(inner, "", allowed="10.0.0.0/8") == {}
    with pytest.raises(AddressRefused):
        secrets(gateway(base_url="http://169.254.169.254/v1"), "", allowed="0.0.0.0/0")


def deployment(port: int, state: State) -> Deployment:
    now = datetime.now(UTC)
    url = f"http://127.0.0.1:{port}"
    return Deployment(
        id="d", name="d", state=state, endpoint_url=url, created_at=now, updated_at=now
    )


@pytest.mark.parametrize(
    ("state", "url", "fine"),
    [
        (State.live, "http://127.0.0.1:20100/v1", True),
        (State.degraded, "http://127.0.0.1:20100/v1", True),
        (State.failed, "http://127.0.0.1:20100/v1", False),
        (State.destroyed, "http://127.0.0.1:20100/v1", False),
        (State.live, "http://127.0.0.1:2010/v1", False),
        (State.live, "http://127.0.0.1:20101/v1", False),
    ],
)
def test_a_deployment_of_ours_that_answers_may_be_a_backend(
    state: State, url: str, fine: bool
) -> None:
    asked, ours = gateway(base_url=url), deployment(20100, state)
    if fine:
        assert secrets(asked, "", ours) == {}
    else:
        with pytest.raises(AddressRefused):
            secrets(asked, "", ours)


def test_a_stored_key_shows_itself_to_nobody_who_prints_it() -> None:
    kept = stored("https://llm.example/v1")
    assert SECRET not in f"{kept!r} {kept} {kept.model_dump_json()}"
    assert StoredKey.read("k", kept.text()) == kept

"""What LiteLLM is told of a pipeline's models, and which of our own addresses it may call."""

from datetime import UTC, datetime
from typing import Any

import pytest

from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.provision.errors import NotToBeReached
from windmill.scripts.provision.llms.litellm_models import (
    allowed_of,
    litellm_settings,
    named_endpoints,
    refuse_others,
)

EMBEDDED = {"model": "hosted_vllm/smollm2", "api_base": "http://127.0.0.1:9/v1", "api_key": "none"}
BIG = {"base_url": "https://llm.example/v1", "model": "big", "key": "big_one"}
OPEN = {"base_url": "http://10.0.0.5:8000/v1", "model": "qwen"}


def pipeline(component: str = "llm-gateway", **config: Any) -> Pipeline:
    node = {"id": "model", "component": component, "config": config}
    return Pipeline.model_validate({"name": "x", "nodes": [node]})


def deployed(name: str, url: str) -> Deployment:
    now = datetime.now(UTC)
    return Deployment(
        id=name, name=name, state=State.live, endpoint_url=url, created_at=now, updated_at=now
    )


def gateway(**config: Any) -> Pipeline:
    return pipeline(model="chat", backends=[BIG, OPEN], **config)


@pytest.mark.parametrize(
    ("embedded", "order"),
    [
        ("last", ["openai/big", "openai/qwen", "hosted_vllm/smollm2"]),
        ("first", ["hosted_vllm/smollm2", "openai/big", "openai/qwen"]),
    ],
)
def test_models_are_asked_in_the_order_that_was_set(embedded: str, order: list[str]) -> None:
    proxy = litellm_settings(gateway(embedded=embedded), EMBEDDED)

    assert [model["litellm_params"]["model"] for model in proxy["models"]] == order
    assert [model["model_name"] for model in proxy["models"]] == ["chat", "chat-1", "chat-2"]
    assert proxy["fallbacks"] == [{"chat": ["chat-1", "chat-2"]}]


def test_a_key_stays_a_name_in_what_is_written() -> None:
    proxy = litellm_settings(gateway(), EMBEDDED)
    assert [model["litellm_params"]["api_key"] for model in proxy["models"]] == [
        "os.environ/LLM_KEY_BIG_ONE", "none", "none",
    ]  # fmt: skip
    assert proxy["key_variables"] == ["LLM_KEY_BIG_ONE"]


def test_one_of_our_own_deployments_is_sent_its_key_and_nobody_else_is() -> None:
    own = "http://10.0.0.5:800"
    ours = {"base_url": f"{own}/v1", "model": "qwen"}
    chosen = pipeline(model="chat", backends=[ours, BIG, OPEN], embedded="last")
    proxy = litellm_settings(chosen, EMBEDDED, [own])
    assert [model["litellm_params"]["api_key"] for model in proxy["models"]] == [
        "os.environ/ENDPOINT_KEY_10_0_0_5_800", "os.environ/LLM_KEY_BIG_ONE", "none", "none",
    ]  # fmt: skip
    assert proxy["key_variables"] == ["ENDPOINT_KEY_10_0_0_5_800", "LLM_KEY_BIG_ONE"]


@pytest.mark.parametrize("component", ["llm-gateway", "evaluation"])
@pytest.mark.parametrize("below", ["", "/", "/chat", "/v1?x=1"])
def test_of_another_s_deployment_no_key_is_lent(component: str, below: str) -> None:
    mine, other = deployed("mine", "http://10.0.0.5:800"), deployed("other", "http://10.0.0.5:801")
    naming_other = pipeline(component, base_url=f"http://10.0.0.5:801{below}")
    with pytest.raises(NotToBeReached, match=r"http://10\.0\.0\.5:801 is a deployment"):
        refuse_others(naming_other, [mine, other], {"mine"})
    refuse_others(naming_other, [mine, other], {"mine", "other"})
    refuse_others(naming_other, [mine, other], None)
    assert list(allowed_of([mine, other], {"mine"})) == [mine]
    assert list(allowed_of([mine, other], None)) == [mine, other]
    assert named_endpoints(naming_other, allowed_of([mine, other], {"mine"})) == []


def test_a_pipeline_without_a_gateway_adds_no_model() -> None:
    proxy = litellm_settings(pipeline("llm-chat", model="smollm2"), EMBEDDED)
    assert proxy == {"models": [], "fallbacks": [], "key_variables": []}


def test_only_deployments_that_the_pipeline_names_may_be_called() -> None:
    ours = [deployed(f"d{port}", f"http://127.0.0.1:{port}") for port in (20100, 2010, 20101)]
    named = pipeline("evaluation", endpoint="http://127.0.0.1:20100/chat", other=[{"x": 1}])
    assert named_endpoints(named, ours) == ours[:1]

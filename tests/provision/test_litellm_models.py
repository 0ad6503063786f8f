"""What LiteLLM is told of a pipeline's models, and which of our own addresses it may call."""

from datetime import UTC, datetime
from typing import Any

import pytest

from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.provision.litellm_models import keys_of, litellm_settings, named_endpoints

EMBEDDED = {"model": "hosted_vllm/smollm2", "api_base": "http://127.0.0.1:9/v1", "api_key": "none"}
BIG = {"base_url": "https://llm.example/v1", "model": "big", "key": "big_one"}
OPEN = {"base_url": "http://10.0.0.5:8000/v1", "model": "qwen"}


def pipeline(component: str = "llm-gateway", **config: Any) -> Pipeline:
    node = {"id": "model", "component": component, "config": config}
    return Pipeline.model_validate({"name": "x", "nodes": [node]})


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
    assert keys_of(gateway()) == {"big_one"}


def test_one_of_our_own_deployments_is_sent_its_key_and_nobody_else_is() -> None:
    own = "http://10.0.0.5:8000"
    like = {"base_url": f"{own}0/v1", "model": "qwen"}
    chosen = pipeline(model="chat", backends=[OPEN, BIG, like], embedded="last")
    proxy = litellm_settings(chosen, EMBEDDED, [own])
    assert [model["litellm_params"]["api_key"] for model in proxy["models"]] == [
        "os.environ/ENDPOINT_KEY_10_0_0_5_8000", "os.environ/LLM_KEY_BIG_ONE", "none", "none",
    ]  # fmt: skip
    assert proxy["key_variables"] == ["ENDPOINT_KEY_10_0_0_5_8000", "LLM_KEY_BIG_ONE"]


def test_a_pipeline_without_a_gateway_adds_no_model() -> None:
    proxy = litellm_settings(pipeline("llm-chat", model="smollm2"), EMBEDDED)
    assert proxy == {"models": [], "fallbacks": [], "key_variables": []}


def test_only_deployments_that_the_pipeline_names_may_be_called() -> None:
    now = datetime.now(UTC)
    ours = [
        Deployment(
            id=f"d{port}",
            name="d",
            state=State.live,
            endpoint_url=f"http://127.0.0.1:{port}",
            created_at=now,
            updated_at=now,
        )
        for port in (20100, 2010, 20101)
    ]
    named = pipeline("evaluation", endpoint="http://127.0.0.1:20100/chat", other=[{"x": 1}])
    assert named_endpoints(named, ours) == ours[:1]

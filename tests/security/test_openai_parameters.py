"""LiteLLM obeys parameters that name whom to call and with what: none of them reaches it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from serving.api.openai import CompletionRequest
from serving.api.routes.embeddings import EmbeddingsRequest
from serving.errors import ParameterRefused

Doc = dict[str, Any]
CASES: dict[str, list[Doc]] = yaml.safe_load(
    Path(__file__).with_name("openai_bodies.yaml").read_text()
)
PLAIN: Doc = {"model": "chat", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["names"])
def test_a_parameter_that_is_not_openais_own_is_refused_by_name(case: Doc) -> None:
    with pytest.raises(ParameterRefused) as refused:
        CompletionRequest.model_validate(PLAIN | case["add"])
    assert case["names"] in refused.value.message
    assert "Leave it out" in refused.value.fix


@pytest.mark.parametrize("case", CASES["invalid"], ids=lambda case: case["names"])
def test_a_value_that_would_be_fetched_or_cost_without_end_is_refused(case: Doc) -> None:
    with pytest.raises(ValidationError) as refused:
        CompletionRequest.model_validate(PLAIN | case["add"])
    told = {".".join(map(str, problem["loc"])) for problem in refused.value.errors()}
    assert any(case["names"] in where for where in told), told


@pytest.mark.parametrize("more", CASES["taken"], ids=lambda more: ",".join(more))
def test_what_openais_clients_send_goes_on_as_it_was_said(more: Doc) -> None:
    asked = PLAIN | more
    assert CompletionRequest.model_validate(asked).passed_on() == asked


def test_what_a_server_answered_may_be_sent_back() -> None:
    answered: Doc = {
        "role": "assistant", "content": "Hi.", "refusal": None, "annotations": [], "audio": None,
        "function_call": None, "reasoning_content": "Greet.", "provider_specific_fields": {"x": 1},
    }  # fmt: skip
    given = CompletionRequest.model_validate({"messages": [*PLAIN["messages"], answered]})
    assert given.passed_on()["messages"][1] == {
        "role": "assistant", "content": "Hi.", "refusal": None, "reasoning_content": "Greet.",
    }  # fmt: skip


def test_embeddings_take_openais_parameters_only() -> None:
    EmbeddingsRequest.model_validate({"input": "x", "model": "any", "user": "u"})
    with pytest.raises(ParameterRefused, match="api_base"):
        EmbeddingsRequest.model_validate({"input": "x", "api_base": "http://127.0.0.1:1"})

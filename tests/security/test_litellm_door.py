"""A deployment's LiteLLM does what its pipeline needs: no administration, nothing for web pages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.tools.litellm import KEY, Proxy, running_proxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("litellm")]
CASES = yaml.safe_load(Path(__file__).with_name("litellm_requests.yaml").read_text())
SAYS = {"model": "openai/x", "api_key": "none", "mock_response": "made up"}
CONFIGURATION = {
    "model_list": [{"model_name": "chat", "litellm_params": SAYS}],
    "litellm_settings": {"callbacks": ["prometheus"], "require_auth_for_metrics_endpoint": False},
    "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("door")
    (folder / "config.yaml").write_text(json.dumps(CONFIGURATION))
    with running_proxy(folder, folder / "config.yaml", {}) as proxy:
        yield proxy


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["ask"])
def test_nothing_is_open_but_what_a_pipeline_asks(proxy: Proxy, case: dict[str, Any]) -> None:
    method, _, path = case["ask"].partition(" ")
    headers = {"Authorization": f"Bearer {KEY}"} | case.get("headers", {})
    answer = httpx.request(method, f"{proxy.url}{path}", headers=headers, timeout=60)
    assert answer.status_code == case["status"], answer.text
    assert "access-control-allow-origin" not in answer.headers


def test_a_question_is_answered_to_who_has_the_key(proxy: Proxy) -> None:
    assert proxy.ask("chat").json()["choices"][0]["message"]["content"] == "made up"
    assert proxy.ask("chat", key="sk-another").status_code in {400, 401}

from pathlib import Path
from typing import Any

import pytest

from sync.api import desired
from tests.sync.conftest import Write
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.drawing.component import Component
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.model.drawing.validation import check_pipeline

ROOT = Path(__file__).resolve().parents[2]
TALK = """\
kind: pipeline
name: talk
graph:
  nodes:
    - {id: chat, type: model, component: llm-chat}
    - {id: api, type: deployment, component: api-endpoint}
  edges:
    - {source: chat, target: api}
"""
DEPLOYMENT = """\
summary: x
value: {modules: [{id: a, value: {type: identity}}]}
schema:
  type: object
  properties:
    {pipeline: {}, declared_inputs: {}, inputs: {}, target: {}, target_settings: {},
     max_hourly_usd: {}, approve: {}, name: {}}
"""


def asset(root: Path, name: str) -> Any:
    path = f"f/mlops/assets/{name}"
    item = next(item for item in desired(root) if item.path == path)
    assert item.body["resource_type"] == "mlops_files"
    return item.body["value"]


def test_files_travel_under_the_names_their_users_expect(checkout: Write) -> None:
    root = checkout(
        {
            "terraform/modules/local/main.tf": "# tf",
            "ansible/deploy.yml": "# play",
            "serving/api/page.html": "<p>",
        }
    )
    assert asset(root, "terraform") == {"local/main.tf": "# tf"}
    assert asset(root, "ansible") == {"deploy.yml": "# play"}
    assert asset(root, "serving") == {"serving/api/page.html": "<p>"}


def test_caches_states_and_hidden_files_stay_at_home(checkout: Write) -> None:
    root = checkout(
        {
            "terraform/modules/local/.terraform/x": "",
            "terraform/modules/local/terraform.tfstate": "{}",
            "serving/__pycache__/a.pyc": "",
            "serving/.secret": "",
        }
    )
    assert asset(root, "terraform") == {}
    assert asset(root, "serving") == {}


def test_a_link_out_of_the_checkout_is_refused(checkout: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    root = checkout({"serving/a.py": "A = 1\n"})
    (root / "serving/b.py").symlink_to(tmp_path / "secret")
    with pytest.raises(InvalidInput, match=r"serving/b\.py  E-SYNC-009"):
        desired(root)


def test_locks_are_sent_as_they_stand() -> None:
    lock = (ROOT / "requirements/litellm.lock").read_text("utf-8")
    assert asset(ROOT, "locks")["litellm"] == lock


def test_components_travel_as_objects() -> None:
    assert asset(ROOT, "components")["llm-chat"]["kind"] == "component"


def test_a_component_in_a_subfolder_travels_and_pipelines_with_it_can_be_deployed(
    checkout: Write,
) -> None:
    shipped = ROOT / "catalog/components"
    root = checkout(
        {
            "catalog/components/text/chat/llm-chat.yaml": (shipped / "llm-chat.yaml").read_text(),
            "catalog/components/api-endpoint.yaml": (shipped / "api-endpoint.yaml").read_text(),
            "catalog/pipelines/team/talk.yaml": TALK,
            "windmill/flows/ml_pipeline_deployment.flow/flow.yaml": DEPLOYMENT,
        }
    )
    sent = asset(root, "components")
    components = {name: Component.model_validate(data) for name, data in sent.items()}
    assert set(components) == {"llm-chat", "api-endpoint"}
    assert set(asset(root, "pipelines")) == {"talk"}
    flow = next(item for item in desired(root) if item.path == "f/mlops/catalog/pipelines/talk")
    transforms = flow.body["value"]["modules"][0]["value"]["input_transforms"]
    drawn = Pipeline.model_validate(transforms["pipeline"]["value"])
    assert check_pipeline(drawn, components, values={}) == []

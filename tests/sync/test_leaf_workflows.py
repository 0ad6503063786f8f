"""An n8n workflow that a flow runs can be called, or the flow is refused before it is pushed."""

import json
from typing import Any

import pytest

from sync.api import desired
from tests.sync.conftest import Write
from windmill.scripts.model.base.errors import InvalidInput

ASKED = {"httpMethod": "POST", "path": "mlops-books", "authentication": "headerAuth"}
SCRIPT = "def main(workflow: str, payload: dict): ...\n"
RUNS = """\
summary: x
value:
  modules:
    - id: books
      value:
        type: script
        path: f/mlops/run_n8n_workflow
        input_transforms:
          workflow: {type: static, value: books}
          payload: {type: static, value: {}}
"""


def files(workflow: str | None) -> dict[str, str]:
    given = {
        "windmill/scripts/run_n8n_workflow.py": SCRIPT,
        "windmill/flows/x.flow/flow.yaml": RUNS,
    }
    return given if workflow is None else {**given, "n8n/workflows/books.json": workflow}


def workflow(**changes: Any) -> str:
    node: dict[str, Any] = {"type": "n8n-nodes-base.webhook", "parameters": {**ASKED, **changes}}
    if changes.get("disabled"):
        node["disabled"] = True
    return json.dumps({"name": "Books", "nodes": [node], "connections": {}, "settings": {}})


def test_a_workflow_with_a_webhook_of_its_name_can_be_run(checkout: Write) -> None:
    assert desired(checkout(files(workflow())))


@pytest.mark.parametrize(
    "uncallable",
    [
        None,
        "no json",
        "[]",
        workflow(path="books"),
        workflow(httpMethod="GET"),
        workflow(authentication="none"),
        workflow(disabled=True),
    ],
    ids=["missing", "no JSON", "a list", "path", "GET", "open to all", "disabled"],
)
def test_one_that_cannot_be_called_is_refused_with_what_it_needs(
    checkout: Write, uncallable: str | None
) -> None:
    with pytest.raises(InvalidInput) as refused:
        desired(checkout(files(uncallable)))
    told = str(refused.value)
    assert "E-SYNC-012  n8n workflow 'books' cannot be run as a step" in told
    assert "n8n/workflows/books.json needs a webhook node: POST, path mlops-books" in told


def test_a_workflow_that_only_the_run_names_is_left_to_the_run(checkout: Write) -> None:
    found = files(None)
    flow = "windmill/flows/x.flow/flow.yaml"
    asked = "{type: javascript, expr: \"'books'\"}"
    found[flow] = found[flow].replace("{type: static, value: books}", asked)
    assert desired(checkout(found))


def test_a_step_that_names_no_workflow_is_told_of_once(checkout: Write) -> None:
    found = files(None)
    flow = "windmill/flows/x.flow/flow.yaml"
    found[flow] = found[flow].replace("          workflow: {type: static, value: books}\n", "")
    with pytest.raises(InvalidInput) as refused:
        desired(checkout(found))
    assert [problem.code for problem in refused.value.problems] == ["E-FLOW-010"]

"""A step that hangs is ended: three of them hold no worker for good."""

from pathlib import Path

import httpx
import pytest

from sync.desired.scripts import TIMEOUTS, load_scripts, script_items
from sync.items import Item
from tests.gateway.stack import running_engine
from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.catalog.catalog import Catalog, read_entry
from windmill.scripts.model.compile.compile_catalog import compile_catalog
from windmill.scripts.provision.endpoint import PATIENCE_SECONDS
from windmill.scripts.run_n8n_workflow import TIMEOUT_SECONDS

ROOT = Path(__file__).parents[2]
LONGEST = 4 * 3600


@pytest.fixture(scope="module")
def steps() -> dict[str, Item]:
    problems: list[Problem] = []
    items = script_items(load_scripts(ROOT, problems))
    assert not problems
    return {item.path.rpartition("/")[2]: item for item in items}


def test_every_step_has_an_end(steps: dict[str, Item]) -> None:
    assert all(0 < item.body["timeout"] <= LONGEST for item in steps.values())
    assert TIMEOUTS.keys() - {"default"} <= steps.keys()


def test_a_step_has_more_time_than_its_own_patience(steps: dict[str, Item]) -> None:
    assert steps["run_n8n_workflow"].body["timeout"] > TIMEOUT_SECONDS
    assert steps["call_endpoint"].body["timeout"] > PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("run", "said", "seconds"),
    [
        ("f/team/train", "", 3600),
        ("f/team/train", "timeout: 2d", 172800),
        ("notify", "", None),
        ("notify", "timeout: 90s", 90),
    ],
)
def test_a_leaf_has_an_end_wherever_it_is_used(run: str, said: str, seconds: int | None) -> None:
    text = f"kind: playbook\nname: leaf\nversion: 1.0.0\nsummary: x\nrun: {{script: {run}}}\n{said}"
    leaf, source = read_entry(text, "catalog/playbooks/leaf.yaml")
    text = "kind: pipeline\nname: top\nversion: 1.0.0\nsummary: x\n"
    text += "steps: [{id: a, use: playbooks/leaf}]"
    top, other = read_entry(text, "catalog/pipelines/top.yaml")
    entries = {leaf.key: leaf, top.key: top}
    catalog = Catalog({}, entries, {leaf.key: source, top.key: other})
    for _, flow in compile_catalog(catalog):
        (module,) = flow["value"]["modules"]
        assert module.get("timeout") == seconds


HANGS = "import time\n\ndef main():\n    time.sleep(3600)\n"


@pytest.mark.slow
def test_three_that_hang_leave_the_workers_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t")
    with (
        running_engine(tmp_path) as url,
        httpx.Client(
            base_url=f"{url}/api/w/mlops", headers={"Authorization": "Bearer t"}, timeout=60
        ) as http,
    ):
        script = {"language": "python3", "lock": "", "schema": {}, "summary": "", "description": ""}
        for path, code, timeout in (("hangs", HANGS, 2), ("works", "def main(): return 1", None)):
            body = {**script, "path": f"f/mlops/{path}", "content": code, "timeout": timeout}
            http.post("/scripts/create", json=body).raise_for_status()
        step = {
            "id": "a",
            "value": {"type": "script", "path": "f/mlops/hangs", "input_transforms": {}},
        }
        flow = {"value": {"modules": [step]}, "args": {}}
        for _ in range(3):
            http.post("/jobs/run/preview_flow", json=flow).raise_for_status()
        assert http.post("/jobs/run_wait_result/p/f/mlops/works", json={}).json() == 1
        told = http.post("/jobs/run_wait_result/preview_flow", json=flow).text
        assert "due to timeout" in told

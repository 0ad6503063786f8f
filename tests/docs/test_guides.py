"""Every guide, followed to the letter by a reader who types what it says."""

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter

from gateway.http.webhook_signature import Event, verify
from gateway.runs.requests import CatalogDeploy, DeployRequest
from sync.api import Windmill, desired, n8n_settings, plan, push
from sync.desired.workflows import workflow_items
from tests.docs.checkout import GUIDES, files_of, follow, followed, run_tests_named_by
from tests.docs.pages import PAGES, ROOT, blocks
from tests.engine.conftest import EngineProcess
from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.check.check_catalog import load_catalog

pytestmark = pytest.mark.slow
N8N = {
    "N8N_API_URL": "http://127.0.0.1:5678",
    "N8N_API_KEY": "key",
    "GATEWAY_URL": "http://127.0.0.1:8000",
    "MLOPS_API_KEY": "a-key-of-the-gateway",
}


@pytest.mark.parametrize("guide", ["add-a-component.md", "add-a-provider.md"])
def test_the_test_of_a_guide_passes(guide: str, tmp_path: Path) -> None:
    follow(guide, tmp_path)


def test_a_column_of_one_s_own_reaches_every_registry(tmp_path: Path) -> None:
    checkout = followed("change-the-registry.md", tmp_path)
    (column,) = [
        each.text for each in blocks(GUIDES / "change-the-registry.md", "python") if not each.file
    ]
    tables = checkout / "windmill/scripts/store/tables.py"
    before_it = "    state: Mapped[str]\n"
    tables.write_text(tables.read_text("utf-8").replace(before_it, before_it + column), "utf-8")
    run_tests_named_by("change-the-registry.md", checkout)


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any("catalog/" in block.file for block in files_of(page))],
    ids=lambda page: page.stem,
)
def test_catalog_entries_of_a_page_are_sound_together_with_ours(page: Path, tmp_path: Path) -> None:
    entries = [block for block in files_of(page) if block.file.startswith("catalog/")]
    for file in (ROOT / "catalog").rglob("*.yaml"):
        write(tmp_path / file.relative_to(ROOT), file.read_text("utf-8"))
    for block in entries:
        write(tmp_path / block.file, block.text)
    catalog = load_catalog(tmp_path / "catalog")
    assert {Path(block.file).stem for block in entries} <= {
        key.rpartition("/")[2] for key in [*catalog.entries, *catalog.components]
    }


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.fixture
def windmill(tmp_path: Path) -> Iterator[tuple[Windmill, EngineProcess]]:
    engine = EngineProcess(tmp_path / "engine", tmp_path / "cache")
    started = engine.start()
    assert started
    with Windmill(started.url, started.workspace, started.token) as client:
        yield client, engine
    engine.stop()


def test_a_step_of_one_s_own_is_planned_pushed_and_run(
    windmill: tuple[Windmill, EngineProcess], tmp_path: Path
) -> None:
    client, engine = windmill
    push(plan(desired(ROOT), client), client)
    planned = plan(desired(followed("add-a-step.md", tmp_path)), client)
    told = [line.partition("#")[2] for line in guide_lines("add-a-step.md", "mlops sync plan")]
    assert sorted(re.findall(r"\+ (\w+ [\w/]+)", told[0])) == sorted(
        f"{action.item.kind} {action.item.path}" for action in planned.writes
    )
    push(planned, client)

    (call,) = guide_lines("add-a-step.md", "curl")
    path = re.search(r"/api/w/mlops(/\S+)", call)
    assert path
    assert engine.windmill
    answer = engine.windmill.http.post(path[1], json={"needed_gb": 0.001})
    assert answer.json()["free_gb"] > 0
    refused = engine.windmill.http.post(path[1], json={"needed_gb": 1e9})
    assert "1000000000 GB are needed" in refused.text


def guide_lines(guide: str, beginning: str) -> list[str]:
    found = [
        line
        for block in blocks(GUIDES / guide, "sh")
        for line in block.text.splitlines()
        if line.startswith(beginning)
    ]
    assert found
    return found


def test_a_workflow_of_one_s_own_is_meant_for_n8n(tmp_path: Path) -> None:
    settings = n8n_settings(N8N)
    assert settings
    root = followed("add-a-workflow.md", tmp_path)
    before = {item.key for item in workflow_items(ROOT, settings, [])}
    problems: list[Problem] = []
    after = {item.key: item for item in workflow_items(root, settings, problems)}
    assert problems == []
    assert after.keys() - before == {"workflow/nightly_deploy"}
    workflow = after["workflow/nightly_deploy"]
    assert workflow.needs == {"credential/mlops-gateway", "workflow/error_handler"}
    (_, deploy) = workflow.body["nodes"]
    assert deploy["parameters"]["url"] == "http://127.0.0.1:8000/pipelines/deploy"
    sent = json.loads(deploy["parameters"]["jsonBody"].removeprefix("="))
    assert (sent["pipeline"], sent["target"]) == ("rag-chatbot", "local")


def test_the_values_a_workflow_may_leave_open_are_all_named() -> None:
    settings = n8n_settings(N8N)
    assert settings
    text = (GUIDES / "add-a-workflow.md").read_text("utf-8")
    assert set(re.findall(r"`\$\{(\w+)\}`", text)) == set(settings.placeholders)


def test_the_event_that_a_guide_signs_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Event] = []

    def post(url: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        sent.append(Event.received(headers, content))
        return httpx.Response(202, json={})

    secret = f"whsec_{base64.b64encode(bytes(32)).decode()}"
    monkeypatch.setattr(httpx, "post", post)
    for name, value in {"DOCUMENTS": "/d", "WEBHOOK_SECRET": secret, "WEBHOOK_URL": "-"}.items():
        monkeypatch.setenv(name, value)
    (script,) = (f for f in files_of(GUIDES / "use-n8n.md") if f.file.endswith(".py"))
    exec(compile(script.text, script.file, "exec"), {})
    verify(sent[0], secret, time.time())
    body = TypeAdapter(DeployRequest).validate_json(sent[0].body)
    assert isinstance(body, CatalogDeploy)
    assert (body.pipeline, body.inputs) == ("rag-chatbot", {"documents": "/d"})


def test_no_yaml_of_the_documentation_is_left_unchecked() -> None:
    found = [block for page in PAGES for block in blocks(page, "yaml", "yml")]
    assert [block.place for block in found if not block.file] == []

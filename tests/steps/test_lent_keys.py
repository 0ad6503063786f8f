"""Whoever may work with single deployments is lent the keys of these, by whatever step."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tests.gateway.stack import COMPONENTS
from windmill.scripts import configure_host, validate_pipeline
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.base.windmill_paths import ONLY_WITH
from windmill.scripts.model.drawing.component import Component
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.model.drawing.pipeline import Pipeline
from windmill.scripts.provision.errors import NotToBeReached
from windmill.scripts.store.registry import Registry
from windmill.scripts.worker import instance

OTHER = "http://127.0.0.1:9001"
MINE = {
    "name": "mine",
    "nodes": [
        {
            "id": "evaluation",
            "component": "evaluation",
            "config": {"endpoint": "${inputs.endpoint}", "questions": "/srv/q.jsonl"},
        },
        {"id": "api", "component": "api-endpoint"},
    ],
    "edges": [{"source": "evaluation", "target": "api"}],
}
SETTLED = json.loads(json.dumps(MINE).replace("${inputs.endpoint}", f"{OTHER}/chat"))
Only = Callable[[frozenset[str] | None], None]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    url = f"sqlite:///{tmp_path}/registry.db"
    for name, value in {"DATABASE_URL": url, "MLOPS_EMBEDDED": "1", "WM_JOB_ID": "job"}.items():
        monkeypatch.setenv(name, value)
    known = [yaml.safe_load(file.read_text()) for file in COMPONENTS.glob("*.yaml")]
    components = {each["name"]: Component.model_validate(each) for each in known}
    for step in (configure_host, validate_pipeline):
        monkeypatch.setattr(step, "components", lambda: components)
    monkeypatch.setattr(configure_host, "platform_key", lambda: "k")
    monkeypatch.setattr(configure_host, "asset", lambda name: {})
    monkeypatch.setattr(configure_host, "throttle", lambda: None)
    monkeypatch.setattr(validate_pipeline, "meta_pipeline_of", lambda root: "")
    registry = Registry(url)
    live(
        registry,
        "other",
        {"name": "other", "nodes": [{"id": "x", "component": "documents"}]},
        OTHER,
    )
    return registry


def live(registry: Registry, id_: str, drawing: dict[str, Any], url: str) -> None:
    registry.begin(Pipeline.model_validate(drawing), id_, id_, lambda _: True, "")
    (found,) = [each for each in registry.list() if each.name == drawing["name"]]
    registry.assign_target(found.id, Target.local, {"api": int(url.rsplit(":", 1)[1])})
    registry.publish(found.id, {"api": url})
    registry.finish(found.id, State.live)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Only:
    """What the run at the root was given."""

    def given(names: frozenset[str] | None) -> None:
        args = {} if names is None else {ONLY_WITH: sorted(names)}
        monkeypatch.setattr(instance, "_job", lambda _: {"args": args})

    return given


def test_a_drawing_that_names_another_is_refused_before_anything_is_made(
    registry: Registry, only: Only, tmp_path: Path
) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"question": "Who?", "expected": "Ann"}\n')
    # Put together of pieces: what counts is what comes of it.
    mine = json.loads(json.dumps(MINE).replace("/srv/q.jsonl", str(questions)))
    asked = {"pipeline": mine, "target": "local", "inputs": {"endpoint": f"{OTHER}/chat"}}
    request = json.dumps({**asked, "declared_inputs": {"endpoint": {}}})
    only(frozenset({"mine"}))
    with pytest.raises(NotToBeReached):
        validate_pipeline.main(request)
    assert [each.name for each in registry.list()] == ["other"]
    for names in (None, frozenset({"mine", "other"})):
        only(names)
        assert validate_pipeline.main(request)["name"] == "mine"


def test_the_host_is_handed_no_key_that_is_not_lent(
    registry: Registry, only: Only, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(registry, "mine", SETTLED, "http://127.0.0.1:9002")
    (mine,) = [each for each in registry.list() if each.name == "mine"]
    wanted: list[Any] = []

    def prepare(host: Any, on_task: Any) -> Any:
        wanted.append(host)
        return SimpleNamespace(ok=0, changed=0, skipped=0)

    monkeypatch.setattr(configure_host, "host_of", lambda _: SimpleNamespace(prepare=prepare))
    for names in (frozenset({"mine"}), None):
        only(names)
        configure_host.main(mine.id)
    assert [list(host.endpoint_keys) for host in wanted] == [[], [OTHER]]
